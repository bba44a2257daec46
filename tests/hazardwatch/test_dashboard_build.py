"""How the screens are built: only when something has changed, with whatever Node there is."""

import shutil
from pathlib import Path

import pytest

from hazardwatch import dashboard

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="no Node in PATH: install Node 20.19 or newer, then these tests run"
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A dashboard of one empty page whose tools are shell commands: how it is built is the question."""
    scripts = '"types": "true", "build": "mkdir -p dist && cp index.html dist/ && date +%s%N > dist/when"'
    (tmp_path / "package.json").write_text(f'{{"private": true, "scripts": {{{scripts}}}}}')
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {"": {}}}')
    for name in ("index.html", "tsconfig.json", "vite.config.ts"):
        (tmp_path / name).write_text("<p>page</p>")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.ts").write_text("export {};\n")
    (tmp_path / "public").mkdir()
    return tmp_path


@needs_node
def test_screens_are_built_once_and_again_after_a_change(sources: Path) -> None:
    assert dashboard.build(sources, quiet=True)
    first = (sources / "dist" / "when").read_text()
    assert not dashboard.build(sources, quiet=True)
    assert (sources / "dist" / "when").read_text() == first
    (sources / "src" / "main.ts").write_text("export const changed = true;\n")
    assert dashboard.build(sources, quiet=True)
    assert (sources / "dist" / "when").read_text() != first


@needs_node
def test_built_files_have_a_compressed_copy(sources: Path) -> None:
    dashboard.build(sources, quiet=True)
    assert (sources / "dist" / "index.html.gz").exists()


@needs_node
def test_failing_build_says_what_the_tool_said(sources: Path) -> None:
    scripts = '"types": "true", "build": "echo main.ts: no such module; exit 3"'
    (sources / "package.json").write_text(f'{{"private": true, "scripts": {{{scripts}}}}}')
    with pytest.raises(dashboard.BuildFailed, match=r"(?s)ended with 3.*no such module"):
        dashboard.build(sources, quiet=True)
    assert not (sources / "dist" / ".built").exists()


def test_node_that_is_too_old_or_missing_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    for folder, version in ((tmp_path / "old", "v18.2.0"), (own, "v24.1.0")):
        folder.mkdir()
        for name in ("node", "npm"):
            program = folder / name
            program.write_text(f"#!/bin/sh\necho {version}\n")
            program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "old"))
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(own))
    assert dashboard.find_node().split(":") == [str(own), str(tmp_path / "old")]
    monkeypatch.setenv("PATH", str(own))
    assert dashboard.find_node() == str(own)
