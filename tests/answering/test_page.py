"""The answering page and its form, against the running service."""

from collections.abc import Iterator

import pytest

from api.bilingual import SIGN, both
from tests.answering.running import HOUR, Phone, running_phone


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    with running_phone(tmp_path_factory.mktemp("answering") / "data") as running:
        yield running


@pytest.fixture
def phone(service: Phone) -> Phone:
    """One service for all tests, with a new alarm for each."""
    service.raise_alarm()
    return service


def test_looking_changes_nothing_however_it_is_done(phone: Phone) -> None:
    path = phone.link()
    before = phone.rows()
    for agent in ("Mozilla/5.0", "WeChat link preview", "facebookexternalhit/1.1", "DingTalkBot"):
        shown = phone.browser.get(path, headers={"User-Agent": agent})
        assert shown.status_code == 200
        assert "液位高高" in shown.text
    assert phone.browser.head(path).status_code == 200
    assert phone.alarm_now()["acknowledged"] is None
    assert phone.rows() == before


def test_the_page_says_what_where_value_and_what_to_do(phone: Phone) -> None:
    page = phone.browser.get(phone.link()).text
    for words in (
        "液位高高",
        "一号储罐",
        "96.5 %",
        "停止进料",
        "未确认，仍在报警",
        "紧急",
        "张伟",
        "确认收到",
    ):
        assert words in page
    english = phone.browser.get(phone.link() + "?lang=en").text
    assert "Acknowledge: I take it on" in english
    assert "Stop the feed." in english
    assert "停止进料" not in english
    assert "The tank may overflow." not in page
    assert '<html lang="en">' in english


def test_a_doubtful_value_is_told_in_the_readers_language(phone: Phone) -> None:
    phone.raise_alarm(quality="uncertain_over_range")
    page, english = (phone.browser.get(phone.link() + f"?lang={one}").text for one in ("zh", "en"))
    assert "96.5 %（超量程）" in page
    assert "96.5 % (over its range)" in english
    assert SIGN not in page + english


def test_what_to_do_stands_between_the_button_and_the_comment(phone: Phone) -> None:
    page = phone.browser.get(phone.link()).text
    places = [page.index(words) for words in ('value="acknowledge"', "停止进料", 'name="comment"')]
    assert places == sorted(places)
    assert page.count("停止进料") == 1


def test_an_acknowledgement_reaches_the_alarm_with_name_and_way(phone: Phone) -> None:
    path = phone.link()
    answered = phone.answer(path, comment="马上到")
    assert (answered.status_code, answered.headers["location"]) == (303, f"{path}?lang=zh")
    alarm = phone.alarm_now()
    assert alarm["acknowledged"]["by"] == "张伟"
    way = "receiver:zhang-wei feishu"
    assert alarm["acknowledged"]["comment"] == both(f"[链接 {way}] 马上到", f"[link {way}] 马上到")
    page = phone.browser.get(path).text
    assert "您已答复" in page
    assert "<form" not in page
    [answer] = phone.desk.supervisor.get("/answers", params={"subject": alarm["id"]}).json()["answers"]
    assert (answer["receiver"], answer["choice"], answer["comment"]) == ("zhang-wei", "acknowledge", "马上到")
    audit = phone.desk.supervisor.get("/audit", params={"subject": alarm["id"]}).text
    assert "answer-acknowledge" in audit
    assert "receiver:zhang-wei" in audit


def test_a_double_submit_answers_once(phone: Phone) -> None:
    path = phone.link()
    fields = {"choice": "acknowledge", "nonce": phone.nonce(path)}
    assert [phone.browser.post(path, data=fields).status_code for _ in range(2)] == [303, 303]
    answers = phone.desk.supervisor.get("/answers", params={"subject": phone.alarm["id"]}).json()["answers"]
    assert len(answers) == 1


def test_who_comes_second_reads_who_was_first(phone: Phone) -> None:
    first, second = phone.link("zhang-wei"), phone.link("li-na")
    stale = phone.nonce(second)
    phone.answer(first)
    late = phone.browser.post(second, data={"choice": "acknowledge", "nonce": stale})
    assert late.status_code == 409
    assert "已有人确认" in late.text
    assert "张伟" in late.text
    assert phone.alarm_now()["acknowledged"]["by"] == "张伟"


def test_a_form_without_the_pages_nonce_is_refused(phone: Phone) -> None:
    path = phone.link()
    for nonce in ("", "guessed"):
        refused = phone.browser.post(path, data={"choice": "acknowledge", "nonce": nonce})
        assert refused.status_code == 409
        assert "请再按一次" in refused.text
    assert phone.alarm_now()["acknowledged"] is None


def test_the_form_of_another_site_is_refused(phone: Phone) -> None:
    path = phone.link()
    fields = {"choice": "acknowledge", "nonce": phone.nonce(path)}
    refused = phone.browser.post(path, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 409
    assert phone.alarm_now()["acknowledged"] is None


def test_who_cannot_come_hurries_the_ladder_and_may_still_acknowledge(phone: Phone) -> None:
    path = phone.link()
    told = phone.told()
    assert phone.answer(path, "cannot_come", comment="在外地").status_code == 303
    assert phone.told() > told
    page = phone.browser.get(path).text
    assert "已答复：不能到场" in page
    assert 'value="cannot_come"' not in page
    assert phone.alarm_now()["acknowledged"] is None
    assert phone.answer(path).status_code == 303
    assert phone.alarm_now()["acknowledged"]["by"] == "张伟"


def test_an_alarm_is_handed_over_to_a_colleague_of_the_rota_only(phone: Phone) -> None:
    path = phone.link()
    assert 'value="li-na">李娜</option>' in phone.browser.get(path).text
    assert phone.answer(path, "hand_over", colleague="stranger").status_code == 409
    assert phone.answer(path, "hand_over", colleague="").status_code == 409
    before = len(phone.rows())
    assert phone.answer(path, "hand_over", colleague="li-na").status_code == 303
    assert "已转交 → 李娜" in phone.browser.get(path).text
    assert [row["receiver"] for row in phone.rows()[before:]] == ["li-na"]
    assert phone.alarm_now()["acknowledged"] is None


def test_who_shares_no_rota_is_not_offered_a_colleague(phone: Phone) -> None:
    assert 'value="hand_over"' not in phone.browser.get(phone.link("wang-fang")).text


def test_an_expired_link_says_so_and_takes_nothing(phone: Phone) -> None:
    path = phone.link()
    nonce = phone.nonce(path)
    phone.clock[0] += 2 * HOUR
    shown = phone.browser.get(path)
    assert (shown.status_code, "链接已过期" in shown.text, "<form" in shown.text) == (410, True, False)
    assert phone.browser.post(path, data={"choice": "acknowledge", "nonce": nonce}).status_code == 410
    assert phone.alarm_now()["acknowledged"] is None


def test_a_revoked_link_takes_nothing(phone: Phone) -> None:
    path = phone.link()
    [link] = phone.desk.supervisor.get("/answers", params={"subject": phone.alarm["id"]}).json()["links"]
    assert phone.desk.zhang.delete(f"/answer-links/{link['id']}").status_code == 403
    assert phone.desk.supervisor.delete(f"/answer-links/{link['id']}").status_code == 204
    assert phone.desk.supervisor.delete(f"/answer-links/{link['id']}").status_code == 404
    assert phone.answer(path).status_code == 410
    assert phone.alarm_now()["acknowledged"] is None


def test_the_link_of_a_removed_receiver_takes_nothing(phone: Phone) -> None:
    path = phone.link("nobody-any-more")
    assert phone.browser.get(path).status_code == 410


def test_guesses_are_slowed_down_but_a_known_link_still_works(phone: Phone) -> None:
    path = phone.link()
    answers = [phone.browser.get(f"/answer/guess-{number}").status_code for number in range(25)]
    assert answers[:20] == [404] * 20
    assert set(answers[20:]) == {429}
    assert phone.browser.get(path).status_code == 200
    assert phone.desk.api.metric("hazardwatch_api_answers_refused_total", why="slowed") == 5


def test_the_page_may_send_its_form_to_itself_and_nothing_else(phone: Phone) -> None:
    headers = phone.browser.get(phone.link()).headers
    policy = headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert headers["cache-control"] == "no-store"
    assert "form-action 'none'" in phone.browser.get("/health").headers["content-security-policy"]


def test_what_others_wrote_is_shown_as_text(phone: Phone) -> None:
    path = phone.link()
    phone.answer(path, "cannot_come", comment="<script>alert(1)</script>")
    assert "<script" not in phone.browser.get(path).text


def test_a_form_that_is_not_ours_is_refused_politely(phone: Phone) -> None:
    path = phone.link()
    for body in (b"", b"\xff\xfe", b"choice=everything", b"choice", b"a=1&" * 100):
        refused = phone.browser.post(path, content=body)
        assert refused.status_code == 409
        assert 'role="alert"' in refused.text
