# Gateway, alert service and command line in one image: docker compose up --build
FROM python:3.11.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/hazardwatch
WORKDIR /source
# The dependencies change rarely: a layer of their own, from the project's description alone.
COPY pyproject.toml requirements.lock ./
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
      > requirements.txt \
 && /opt/hazardwatch/bin/pip install --constraint requirements.lock --requirement requirements.txt
COPY . .
RUN /opt/hazardwatch/bin/pip install --no-deps .

# Node is needed for building the screens and for nothing else: a stage of its own, which leaves only them.
FROM build AS screens
RUN /opt/hazardwatch/bin/python -m hazardwatch.dashboard

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/hazardwatch hazardwatch \
 && install -d -o hazardwatch -g hazardwatch -m 0700 /var/lib/hazardwatch /run/hazardwatch /run/plant
COPY --from=build /opt/hazardwatch /opt/hazardwatch
COPY --from=screens /source/dashboard/dist /opt/hazardwatch/screens
# Compiled detectors are kept below the home folder, which is a volume.
ENV PATH=/opt/hazardwatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/var/lib/hazardwatch/cache \
    HAZARDWATCH_GATEWAY_DATA_FOLDER=/var/lib/hazardwatch/data \
    HAZARDWATCH_API_DATA_FOLDER=/var/lib/hazardwatch/data \
    HAZARDWATCH_API_DASHBOARD=/opt/hazardwatch/screens \
    HAZARDWATCH_GATEWAY_SITE=/site \
    HAZARDWATCH_API_SITE=/site
USER 10001
WORKDIR /var/lib/hazardwatch
ENTRYPOINT ["hazardwatch"]
CMD ["--help"]
