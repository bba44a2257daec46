"""A gateway without a site waits if it never ran; the alert service is a first start if nobody is there."""

from pathlib import Path

from api.auth.keys import add_operator
from api.settings import ApiSettings
from api.setup.code import SetupCode
from api.setup.first_start import is_first_start
from api.setup.site_draft import draft_site, write_site
from gateway.settings import GatewaySettings
from gateway.waiting import SiteWait, has_to_wait
from hazardwatch.starting import FIRST_WAIT_S, LONGEST_WAIT_S, SETTLED_S, Life, after_end, wait_before
from tests.setup.wishes import wish


def gateway_settings(folder: Path) -> GatewaySettings:
    return GatewaySettings(data_folder=folder / "data", site=folder / "site")


def api_settings(folder: Path) -> ApiSettings:
    return ApiSettings(data_folder=folder / "data", site=folder / "site")


def test_gateway_takes_the_site_once_it_is_whole(tmp_path: Path) -> None:
    settings = gateway_settings(tmp_path)
    wait = SiteWait(settings)
    assert has_to_wait(settings)
    assert wait.look() is None
    assert str(settings.site) in wait.reason
    settings.site.mkdir()
    draft = draft_site(wish())
    (settings.site / "rules.yaml").write_text(draft.texts["rules.yaml"])
    assert wait.look() is None
    assert "no register" in wait.reason
    (settings.site / "register.yaml").write_text(draft.texts["register.yaml"])
    site = wait.look()
    assert site is not None
    assert [point.id for point in site.points] == ["E001/TK101.LT01"]


def test_gateway_that_has_run_before_does_not_wait(tmp_path: Path) -> None:
    settings = gateway_settings(tmp_path)
    settings.data_folder.mkdir()
    settings.journal_file.touch()
    assert not has_to_wait(settings)


def test_empty_folders_are_a_first_start(tmp_path: Path) -> None:
    assert is_first_start(api_settings(tmp_path))


def test_service_with_a_site_is_no_first_start(tmp_path: Path) -> None:
    write_site(draft_site(wish()), tmp_path / "site")
    assert not is_first_start(api_settings(tmp_path))


def test_service_with_an_operator_has_lost_its_site(tmp_path: Path) -> None:
    settings = api_settings(tmp_path)
    add_operator(settings.operators_file, "张伟")
    assert not is_first_start(settings)


def test_first_start_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    settings = api_settings(tmp_path)
    SetupCode(settings.data_folder, lambda: 0).ensure()
    add_operator(settings.operators_file, "张伟")
    assert is_first_start(settings)


def test_process_that_keeps_ending_is_started_less_and_less_often() -> None:
    waits = [wait_before(failures) for failures in range(1, 10)]
    assert waits[0] == FIRST_WAIT_S
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S


def test_process_that_ran_long_is_started_again_soon() -> None:
    assert after_end(Life(began_s=100.0, failures=7), now_s=100.0 + SETTLED_S) == 1
    assert after_end(Life(began_s=100.0, failures=7), now_s=101.0) == 8
