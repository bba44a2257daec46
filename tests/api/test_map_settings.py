"""The ground of the map: no server is asked unless the site names one, and then that one alone."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.headers import content_policy
from api.settings import ApiSettings
from tests.api.serving import Api, running_api

TIANDITU = (
    "https://t0.tianditu.gov.cn/DataServer?T=vec_w&x={x}&y={y}&l={z}&tk=abc123 "
    "https://t0.tianditu.gov.cn/DataServer?T=cva_w&x={x}&y={y}&l={z}&tk=abc123"
)
OWN = "http://maps.example.org:8080/tiles/{z}/{x}/{y}.png"


def settings(folder: Path, url: str, attribution: str = "© 某单位") -> ApiSettings:
    return ApiSettings(data_folder=folder, map_tiles_url=url, map_attribution=attribution)


def directive(policy: str, name: str) -> set[str]:
    (found,) = [part.split() for part in policy.split(";") if part.split()[:1] == [name]]
    return set(found[1:])


def test_without_tiles_the_policy_lets_the_browser_ask_nobody_else(api: Api) -> None:
    answer = api.person.get("/map-settings")
    assert answer.json() == {"tiles": [], "attribution": "", "max_zoom": 18}
    policy = answer.headers["Content-Security-Policy"]
    assert directive(policy, "connect-src") == {"'self'"}
    assert directive(policy, "worker-src") == {"'self'"}


def test_tiles_open_the_policy_for_their_server_and_nothing_more(tmp_path: Path) -> None:
    with running_api(
        tmp_path / "data", map_tiles_url=f"{TIANDITU} {OWN}", map_attribution="© 天地图"
    ) as served:
        answer = served.person.get("/map-settings")
    told = answer.json()
    assert told["tiles"] == [*TIANDITU.split(), OWN]
    assert told["attribution"] == "© 天地图"
    policy = answer.headers["Content-Security-Policy"]
    servers = {"https://t0.tianditu.gov.cn", "http://maps.example.org:8080"}
    assert directive(policy, "connect-src") == {"'self'"} | servers
    assert directive(policy, "img-src") == {"'self'", "data:", "blob:"} | servers
    assert directive(policy, "script-src") == {"'self'"}


def test_map_settings_are_told_to_nobody_without_a_key(api: Api) -> None:
    assert api.nobody.get("/map-settings").status_code == 401


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://tiles.example.org/{z}/{x}.png", "no {y}"),
        ("ftp://tiles.example.org/{z}/{x}/{y}.png", "no address"),
        ("https://tiles.example.org;script-src/{z}/{x}/{y}.png", "no address"),
        ("https://user:secret@tiles.example.org/{z}/{x}/{y}.png", "no address"),
        ("https://*.example.org/{z}/{x}/{y}.png", "no address"),
        ("https://tiles.example.org,evil.example/{z}/{x}/{y}.png", "no address"),
    ],
)
def test_unusable_tile_address_is_refused_by_name(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        settings(tmp_path, url)


def test_tiles_without_attribution_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="map_attribution"):
        settings(tmp_path, OWN, attribution=" ")


def test_policy_of_no_server_names_no_server() -> None:
    assert "http" not in content_policy()
