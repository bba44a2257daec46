"""The rule of `tests/conftest.py` about skipped tests, shown on tests of its own."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
SKIPPING = """
import pytest

@pytest.fixture(scope="session")
def broker():
    pytest.skip("broker is missing: apt-get install broker")

def test_in_fixture(broker): ...
def test_in_body(): pytest.skip("part is missing")
@pytest.mark.skipif(True, reason="no browser")
def test_by_mark(): ...
@pytest.mark.xfail
def test_known_failure(): raise AssertionError
def test_sound(): ...
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text())
    return pytester


def test_skips_fail_under_ci(run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    run.makepyfile(SKIPPING)
    result = run.runpytest("-p", "no:asyncio")
    outcomes = result.parseoutcomes()
    assert outcomes.pop("errors", 0) + outcomes.pop("failed", 0) == 3
    assert outcomes == {"passed": 1, "xfailed": 1}
    result.stdout.fnmatch_lines(["*broker is missing: apt-get install broker*"])


def test_module_skipped_while_collecting_fails_under_ci(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    run.makepyfile("import pytest\npytest.importorskip('no_such_module_anywhere')\ndef test_x(): ...")
    result = run.runpytest("-p", "no:asyncio")
    assert result.ret != pytest.ExitCode.OK
    assert result.parseoutcomes() == {"errors": 1}


def test_skips_stay_skips_on_a_developers_machine(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    run.makepyfile(SKIPPING)
    run.runpytest("-p", "no:asyncio").assert_outcomes(skipped=3, passed=1, xfailed=1)
