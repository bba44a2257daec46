# Two commands do everything: `make demo` and `make test`. `make help` lists the rest.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
# The first Python that is new enough and can make an environment; another one: make PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c '$(SUITABLE)' 2>/dev/null && echo $$p && break; done)

.PHONY: help setup peers dashboard demo test lint docs bench clean
.DEFAULT_GOAL := demo

help:
	@echo "make demo    gateway, alert service and a simulated plant, with a page to look at; SITE=park: six enterprises"
	@echo "make test    all tests; PYTEST_ARGS='tests/api -k live' for some of them"
	@echo "make dashboard  build the screens into dashboard/dist"
	@echo "make lint    ruff, mypy, import contracts; the screens: types, eslint, prettier, unit tests"
	@echo "make docs    make the pages in docs/ anew that come from the code"
	@echo "make bench   measure the way of a sample"
	@echo "make setup   only install, into $(VENV)"
	@echo "make peers   install also what  hazardwatch evaluate --peers  compares with"
	@echo "make clean   take away $(VENV) and what was built"

$(STAMP): pyproject.toml requirements.lock
	@if [ ! -x $(BIN)/python ]; then \
		if [ -z "$(PYTHON)" ]; then \
			echo "hazardwatch needs Python 3.11 or newer with the venv module."; \
			echo "Debian, Ubuntu: apt-get install python3 python3-venv; or  make PYTHON=/path/to/python3.11"; \
			exit 1; \
		fi; \
		"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; \
	fi
	@$(BIN)/python -c '$(SUITABLE)' || { \
		echo "$(VENV) is of a Python older than 3.11: rm -rf $(VENV), then  make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing into $(VENV); the first time takes some minutes ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@touch $(STAMP)

setup: $(STAMP)

peers: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[peers]'

dashboard: $(STAMP)
	@$(BIN)/python -m hazardwatch.dashboard

demo: dashboard
	@$(BIN)/hazardwatch demo $(SITE)

# A file of tests stays in one process, and folders stay together, because their tests may share an installation.
test: dashboard
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: dashboard
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m hazardwatch.dashboard check

docs: $(STAMP)
	@$(BIN)/python -m hazardwatch.reference docs

bench: $(STAMP)
	@$(BIN)/hazardwatch bench

clean:
	rm -rf $(VENV) build dist *.egg-info
