"""The screens as an app on a phone: Chromium's own verdict of manifest, icons and service worker."""

import json
from typing import Any

import pytest

from tests.dashboard.browsing import PHONE
from tests.dashboard.conftest import OpenAs

IN_PRIVATE = "in-incognito"
"""Said of every page of a browser without a profile, as tests have it; it says nothing of the page."""


@pytest.fixture
def installable(open_as: OpenAs) -> dict[str, Any]:
    """What Chromium says of the page for people on call: its manifest, and what is wrong with it."""
    screen = open_as("on_call", "on-call", size=PHONE)
    screen.becomes_live()
    page = screen.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    link = page.context.new_cdp_session(page)
    found: dict[str, Any] = link.send("Page.getAppManifest")
    errors = link.send("Page.getInstallabilityErrors")["installabilityErrors"]
    return found | {"wrong": [each["errorId"] for each in errors if each["errorId"] != IN_PRIVATE]}


def test_chromium_would_install_the_on_call_page(installable: dict[str, Any]) -> None:
    assert installable["wrong"] == []


def test_manifest_is_read_without_a_complaint_and_leads_to_ones_own_duty(installable: dict[str, Any]) -> None:
    assert installable["errors"] == []
    manifest = json.loads(installable["data"])
    assert manifest["display"] == "standalone"
    assert "/app/on-call" in [shortcut["url"] for shortcut in manifest["shortcuts"]]
