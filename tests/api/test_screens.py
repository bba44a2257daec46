"""The built screens as files: what a browser is given under which address, and what it never gets."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.screens import Screens
from tests.api.serving import running_api

PAGE, SCRIPT = "<!doctype html><title>page</title>", "export {}\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(PAGE)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "main-1a2b.js").write_text(SCRIPT)
    (folder / "assets" / "main-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (folder.parent / "secret.txt").write_text("not for browsers")
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def browser(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_api(tmp_path_factory.mktemp("screens") / "data", dashboard=built) as api:
        yield api.nobody


def test_root_leads_to_the_screens(browser: httpx.Client) -> None:
    answer = browser.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/app/")


@pytest.mark.parametrize("address", ["/app/", "/app/alarms", "/app/unit/E001/H01/TK101", "/app/alarm/a%2Fb"])
def test_every_page_is_the_one_file_and_is_asked_for_anew(browser: httpx.Client, address: str) -> None:
    answer = browser.get(address)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_asset_comes_compressed_and_is_kept_for_ever(browser: httpx.Client) -> None:
    answer = browser.get("/app/assets/main-1a2b.js")
    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    plain = browser.get("/app/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert (plain.text, "content-encoding" in plain.headers) == (SCRIPT, False)


def test_missing_asset_is_no_page(browser: httpx.Client) -> None:
    answer = browser.get("/app/assets/main-old.js")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("not-found")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "..%2Fsecret.txt",
        "%2e%2e/secret.txt",
        "assets/../../secret.txt",
        "/etc/passwd",
        "link.txt",
        "%00",
        "a" * 5000,
    ],
)
def test_no_way_leads_out_of_the_folder(built: Path, browser: httpx.Client, name: str) -> None:
    answer = browser.get(f"/app/{name}")
    assert answer.status_code in (200, 404)
    assert "not for browsers" not in answer.text
    assert "root:" not in answer.text
    found = Screens(built).find(name, "")
    assert found is None or found.path.is_relative_to(built)


def test_icon_is_there_for_browsers_that_ask_by_themselves(browser: httpx.Client) -> None:
    assert browser.get("/favicon.ico").headers["content-type"].startswith("image/svg+xml")


def test_screens_that_are_not_built_say_what_to_do(tmp_path: Path) -> None:
    with running_api(tmp_path / "data", dashboard=tmp_path / "nowhere") as api:
        answer = api.nobody.get("/app/")
        assert answer.status_code == 503
        assert "make dashboard" in answer.json()["detail"]
        assert api.nobody.get("/favicon.ico").status_code == 204
