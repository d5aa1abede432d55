"""Telling people, against real servers: mail with STARTTLS, TLS and login; WeCom, DingTalk and plain webhooks."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.errors import BadInput, BadSetting, TellTrouble
from pipeline.model import FindingCode, Severity, Text
from pipeline.model.nights import Night, NightFinding
from pipeline.settings import Settings, TellSettings
from pipeline.store import Store, nights
from pipeline.store.nights import KeptNight
from pipeline.telling import tell as telling
from pipeline.telling.digest import Digest, of_night, of_test
from pipeline.telling.mail import message_of
from pipeline.telling.shapes import as_html, as_json, as_text, defused, dingtalk_markdown, wecom_markdown, wecom_text
from pipeline.telling.tell import Told, channels, digest_of, overdue, tell
from tests.telling_servers import PASSWORD, SECRET, USER, MailServer, certificate, dingtalk, mail_server, robot, wecom

MOMENT = datetime(2023, 9, 21, 18, 10, 5, tzinfo=UTC)  # 02:10 of the 22nd in Beijing
MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PAUSE", 0.01)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return certificate(tmp_path_factory.mktemp("certificate"))


def by_mail(server: MailServer, ca: Path | None = None, **more: Any) -> TellSettings:
    values = {
        "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_user": USER, "smtp_password": PASSWORD,
        "mail_to": "wang@hz.example, li@hz.example", "ca_file": ca, "seconds": 10,
    }  # fmt: skip
    return TellSettings.model_validate({**values, **more})


def finding(number: int, **more: Any) -> NightFinding:
    values = {
        "application_no": f"CCIIP2023S{number:05}",
        "envelope": f"env-{number:04}.pdf",
        "id": str(number),
        "code": FindingCode.MISSING_SEAL,
        "severity": Severity.ERROR,
        "message": Text(zh="法定代表人 张三", en="legal representative Zhang San"),
    }
    return NightFinding.model_validate({**values, **more})


def a_night(**more: Any) -> KeptNight:
    ended = MOMENT + timedelta(minutes=3, seconds=12)
    values = {"started_at": MOMENT, "finished_at": ended, "applications": 403, "envelopes": 398, "not_received": 5}
    night = Night.model_validate({**values, **more})
    return KeptNight(
        id=7, started_at=MOMENT, finished_at=ended, host="h", pid=1, problem="", alive=False, night=night
    )  # fmt: skip


BUSY = a_night(
    new_count=3, resolved_count=1, changed=4, unchanged=394, failed=1, without_record=2,
    new=(finding(1), finding(1, id="b"), finding(2, code=FindingCode.FIGURE_MISMATCH, department="杭州市商务局")),
    resolved=(finding(3, code=FindingCode.LATE_SUBMISSION),),
    stuck=("张三 13812345678.pdf: it asks for a password",),
    alarms=("the source postgresql://reader:pw@db/x is down since 138 1234 5678 called",),
)  # fmt: skip


def shapes(digest: Digest) -> dict[str, str]:
    return {
        "subject": digest.subject,
        "text": as_text(digest),
        "html": as_html(digest),
        "wecom": wecom_markdown(digest),
        "wecom_text": wecom_text(digest),
        "dingtalk": dingtalk_markdown(digest),
        "json": str(as_json(digest)),
    }


BUSY_DIGEST = of_night(BUSY)

# ------------------------------------------------------------------------------------------------------ what is told


def test_a_busy_night_in_words() -> None:
    digest = of_night(BUSY, link="https://desk.example/report.html")
    assert digest.subject == "[验章]【告警】 09-22 夜间复核：新增问题 3 项，已解决 1 项"
    assert digest.head.zh == "夜间复核已于 09-22 02:13 完成，用时 3 分 12 秒。新增问题 3 项，已解决 1 项。"
    text = as_text(digest)
    for part in (
        "未收到 not received: 5",
        "- 2 × 缺少印章 Missing seal",
        "- 1 × 杭州市商务局",
        "- CCIIP2023S00001 env-0001.pdf 缺少印章（错误） ×2 Missing seal (error) ×2",
        "【已解决：逐项】",
        "***.pdf: it asks for a password",
        "https://desk.example/report.html",
    ):
        assert part in text


def test_personal_data_and_passwords_leave_in_no_form() -> None:
    for said in shapes(of_night(BUSY)).values():
        for secret in ("13812345678", "138 1234 5678", "张三", "Zhang San", "pw@"):
            assert secret not in said


def test_a_silent_night_and_a_dead_job_look_different(tmp_path: Path) -> None:
    silent = of_night(a_night(unchanged=398))
    assert silent.subject == "[验章] 09-22 夜间复核：今夜无变化"
    assert "nothing changed" in as_text(silent)
    assert silent.tone == "good"
    store = Store(tmp_path / "home")
    alarm = overdue(store, Settings(home=tmp_path / "home"))
    assert alarm is not None
    assert "【告警】" in alarm.subject
    changed = of_night(a_night(changed=2))
    assert "2 封有变化，问题无增减" in changed.subject


def test_a_night_that_ended_early_is_no_digest() -> None:
    broken = KeptNight(
        id=8, started_at=MOMENT, finished_at=None, host="h", pid=1, problem="the disk is full: make room",
        alive=False, night=Night(started_at=MOMENT),
    )  # fmt: skip
    digest = of_night(broken)
    assert (digest.kind, digest.matter) == ("alarm", "night:8")
    assert "没有完成" in digest.subject
    assert "the disk is full: make room" in as_text(digest)


def test_every_form_keeps_its_size() -> None:
    many = tuple(
        finding(n, envelope="材" * 300 + str(n), code=list(FindingCode)[n % 26], department=f"{n}" + "商" * 200)
        for n in range(500)
    )
    said = tuple(f"{n} " + "很" * 3000 for n in range(100))
    digest = of_night(
        a_night(new_count=9000, resolved_count=500, new=many, resolved=many, stuck=said, alarms=said),
        link="https://desk.example/" + "x" * 900,
    )
    assert len(wecom_markdown(digest).encode()) <= 4096
    assert len(dingtalk_markdown(digest).encode()) <= 12_000
    assert len(wecom_text(digest).encode()) <= 2048
    assert "desk.example" in wecom_markdown(digest)
    long_link = wecom_text(of_night(BUSY, link="https://desk.example/" + "报" * 900))
    assert "desk.example" not in long_link
    assert "缺少印章" in long_link
    assert "余见报告" in wecom_markdown(digest)
    settings = TellSettings(smtp_host="h", mail_from="a@b.example", mail_to=("c@d.example",))
    assert len(message_of(digest, settings).as_bytes()) < 500_000
    assert "另有 8,960 项" in as_text(digest)
    assert "新增问题 9,000 项" in as_text(digest)


@pytest.mark.parametrize(
    "hostile",
    [
        "<@all>", "@all", "@13812345678", "[click](http://evil.example)", "![x](http://evil.example/p.png)", "# big",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "http://evil.example", "www.evil.example", "`x`",
        '<font color="warning">', "&lt;@all&gt;", "\n# new line", "\r\nBcc: evil@evil.example", "**x**",
    ],
)  # fmt: skip
def test_hostile_text_is_shown_and_obeyed_nowhere(hostile: str) -> None:
    digest = of_night(
        a_night(
            new_count=1, new=(finding(1, envelope=f"{hostile}.pdf", application_no=hostile, department=hostile),),
            stuck=(hostile,), alarms=(hostile,),
        )
    )  # fmt: skip
    plain = of_night(a_night(new_count=1, new=(finding(1),), stuck=("x",), alarms=("x",)))
    forms, harmless = shapes(digest), shapes(plain)
    for name in ("wecom", "wecom_text", "dingtalk"):
        for sign in ("<@", "@", "](", "http:", "www.", "<script", "<img", "`", "&lt;"):
            assert forms[name].count(sign) == harmless[name].count(sign), (name, sign)
        assert len(re.findall(r"(?m)^#", forms[name])) == len(re.findall(r"(?m)^#", harmless[name]))
    assert elements(forms["html"]) == elements(harmless["html"]) | elements(as_html(BUSY_DIGEST))
    settings = TellSettings(smtp_host="h", mail_from="a@b.example", mail_to=("c@d.example",))
    message = message_of(digest, settings)
    assert message["Bcc"] is None
    assert message["To"] == "c@d.example"


def elements(page: str) -> set[tuple[str, tuple[str, ...], str | None]]:
    """Every kind of element of a page: its name, its attributes, where it leads."""
    found: set[tuple[str, tuple[str, ...], str | None]] = set()

    class Looking(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            found.add((tag, tuple(name for name, _ in attributes), dict(attributes).get("href")))

    Looking().feed(page)
    return found


texts = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"(a|张三|手机|@)?1[3-9][0-9]{9}(@qq\.com|\.pdf)?", fullmatch=True),
    st.from_regex(r"[a-z]{3,9}@[a-z]{2,8}\.(com|cn)", fullmatch=True),
    st.sampled_from(["<@all>", "[a](http://b.cn)", "postgresql://u:secret-42@h/db"]),
)


@given(st.lists(st.tuples(texts, texts, texts), max_size=4), st.lists(texts, max_size=3))
def test_whatever_others_wrote_nothing_of_persons_leaves(named: list[tuple[str, str, str]], said: list[str]) -> None:
    new = tuple(finding(n, application_no=a, envelope=e, department=d) for n, (a, e, d) in enumerate(named))
    kept = a_night(new_count=len(new), new=new, stuck=tuple(said), alarms=tuple(said))
    plain = of_night(kept)
    for name, form in shapes(plain).items():
        assert not MOBILE.search(form)
        assert "secret-42" not in form
        if name != "html":
            assert not re.search(r"[a-z]{3,9}@[a-z]{2,8}\.(com|cn)", form)
    assert "@" not in wecom_markdown(plain)
    assert "](" not in dingtalk_markdown(plain)


def test_names_of_files_are_no_links_and_stay_names() -> None:
    assert defused("env-0001.pdf") == "env-0001.pdf"
    assert defused("evil.example") == "evil．example"
    assert defused("a.pdf.example") == "a．pdf．example"


# -------------------------------------------------------------------------------------------------------------- mail


def send(settings: TellSettings, digest: Digest | None = None, store: Store | None = None) -> Told:
    return tell(store, digest or of_night(BUSY, link=settings.report_url), channels(settings))


def test_a_mail_by_starttls_with_login(secure: tuple[ssl.SSLContext, Path]) -> None:
    with mail_server(starttls=secure[0]) as server:
        told = send(by_mail(server, secure[1], report_url="https://desk.example/r.html"))
    assert told == Told(sent=("mail",))
    [message] = server.messages
    assert message["Subject"] == of_night(BUSY).subject
    assert message["From"] == USER
    assert message["To"] == "wang@hz.example, li@hz.example"
    assert server.receivers == [["wang@hz.example", "li@hz.example"]]
    assert server.encrypted == [True]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in message.iter_parts())  # type: ignore[attr-defined]
    assert text.replace("\r\n", "\n") == as_text(of_night(BUSY, link="https://desk.example/r.html"))
    assert 'href="https://desk.example/r.html"' in html
    assert max(map(len, message.as_bytes().splitlines())) < 998


def test_a_mail_by_tls_from_the_first_byte(secure: tuple[ssl.SSLContext, Path]) -> None:
    with mail_server(tls=secure[0]) as server:
        told = send(by_mail(server, secure[1], smtp_security="tls"))
    assert told == Told(sent=("mail",))
    assert len(server.messages) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(secure: tuple[ssl.SSLContext, Path], security: str) -> None:
    with mail_server(**{security: secure[0]}) as server:
        told = send(by_mail(server, None, smtp_security=security))
    assert told.failed == ("mail",)
    assert "YANZHANG_TELL__CA_FILE" in told.problems[0]
    assert server.tries == []


def test_no_mail_goes_in_the_clear_where_it_should_not(secure: tuple[ssl.SSLContext, Path]) -> None:
    with mail_server() as server:
        told = send(by_mail(server, secure[1]))
        assert "offers no STARTTLS" in told.problems[0]
        assert server.tries == []
        told = send(by_mail(server, smtp_security="none", smtp_password=""))
        assert told == Told(sent=("mail",))
    with pytest.raises(BadSetting, match="for all to read"):
        channels(TellSettings(
            smtp_host="mail.example", smtp_security="none", smtp_password="x", smtp_user=USER, mail_to=("a@b.example",),
        ))  # fmt: skip


def test_a_wrong_password_is_said_without_it(secure: tuple[ssl.SSLContext, Path]) -> None:
    with mail_server(starttls=secure[0]) as server:
        told = send(by_mail(server, secure[1], smtp_password="not-it-77"))
    assert told.failed == ("mail",)
    assert "does not let us in" in told.problems[0]
    assert "not-it-77" not in told.problems[0]


def test_receivers_who_are_refused(secure: tuple[ssl.SSLContext, Path]) -> None:
    with mail_server(starttls=secure[0], refuses=["li@hz.example"]) as server:
        told = send(by_mail(server, secure[1]))
        assert told.sent == ("mail",)
        assert told.problems == ("mail: the server refused ***@hz.example (550 no such mailbox)",)
        assert server.receivers == [["wang@hz.example"]]
        told = send(by_mail(server, secure[1], mail_to="li@hz.example"))
    assert told.failed == ("mail",)
    assert "refused every receiver" in told.problems[0]
    assert len(server.messages) == 1


def test_what_a_server_cannot_take_now_is_sent_once_more(secure: tuple[ssl.SSLContext, Path]) -> None:
    with mail_server(starttls=secure[0], faults=["451 try later", "421 busy"]) as server:
        assert send(by_mail(server, secure[1])) == Told(sent=("mail",))
    assert len(server.tries) == 3
    assert len(set(server.tries)) == 1  # the very same message
    with mail_server(starttls=secure[0], faults=["554 spam"]) as server:
        told = send(by_mail(server, secure[1]))
    assert told.failed == ("mail",)
    assert "554 spam" in told.problems[0]
    assert len(server.tries) == 1


def test_a_server_that_is_down_or_slow_costs_its_time_only() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        server = MailServer(port=nobody.getsockname()[1])
        told = send(by_mail(server, seconds=2))
    assert told.failed == ("mail",)
    assert "does not answer" in told.problems[0]
    with dripping() as port:
        told = send(by_mail(MailServer(port=port), seconds=0.3))
    assert told.failed == ("mail",)
    assert "within 0.3 s" in told.problems[0]


class dripping:
    """A server that says a sign now and then and never comes to an end: no read of it takes long."""

    def __enter__(self) -> int:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._socket.getsockname()[1])

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        with connection:
            while not self._stop.wait(0.05):
                try:
                    connection.sendall(b"2")
                except OSError:
                    return

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._socket.close()


@pytest.mark.parametrize("address", ["a@b.cn\nBcc: c@d.cn", "a@b.example\r\n", "a b@c.example", "<a@b.cn>", "a"])
def test_addresses_that_would_be_headers_are_no_settings(address: str) -> None:
    with pytest.raises(ValidationError):
        TellSettings(mail_from=address)
    with pytest.raises(ValidationError):
        TellSettings(mail_to=(address,))


# ------------------------------------------------------------------------------------------------------------ robots


def test_wecom_takes_it(secure: tuple[ssl.SSLContext, Path]) -> None:
    with robot(tls=secure[0], judge=wecom) as server:
        address = f"{server.address}/cgi-bin/webhook/send?key=the-key"
        told = send(TellSettings(wecom_url=address, ca_file=secure[1]))
    assert told == Told(sent=("wecom",))
    [message] = server.got
    assert message["markdown"]["content"] == wecom_markdown(of_night(BUSY))
    with robot(judge=wecom) as server:
        told = send(TellSettings(wecom_url=f"{server.address}/send?key=the-key", wecom_form="text"))
    assert told == Told(sent=("wecom",))
    assert server.got == [{"msgtype": "text", "text": {"content": wecom_text(of_night(BUSY))}}]


def test_dingtalk_takes_what_is_signed() -> None:
    with robot(judge=dingtalk) as server:
        address = f"{server.address}/robot/send?access_token=the-token"
        assert send(TellSettings(dingtalk_url=address, dingtalk_secret=SECRET)) == Told(sent=("dingtalk",))
        told = send(TellSettings(dingtalk_url=address, dingtalk_secret="SECanother"))
        assert told.failed == ("dingtalk",)
        assert "YANZHANG_TELL__DINGTALK_SECRET" in told.problems[0]
        told = send(
            TellSettings(dingtalk_url=f"{server.address}/robot/send?access_token=other-31", dingtalk_secret=SECRET)
        )
        assert "300001" in told.problems[0]
        assert "other-31" not in told.problems[0]
    assert server.got[0]["markdown"]["title"] == of_night(BUSY).subject
    assert server.got[0]["at"] == {"isAtAll": False}
    assert len(server.got) == 3  # what is wrong stays wrong: nothing was tried twice


def test_a_wrong_key_is_said_and_not_shown() -> None:
    with robot(judge=wecom) as server:
        told = send(TellSettings(wecom_url=f"{server.address}/send?key=not-the-key-99"))
    assert told.failed == ("wecom",)
    assert "93000" in told.problems[0]
    assert "not-the-key-99" not in str(told)
    assert len(server.got) == 1


@pytest.mark.parametrize(
    ("answers", "tries", "sent"),
    [
        ([(200, b'{"errcode":-1,"errmsg":"busy"}'), (200, b'{"errcode":0}')], 2, True),
        ([(200, b'{"errcode":45009,"errmsg":"too many"}')], 1, False),
        ([(200, b'{"errcode":130101,"errmsg":"send too fast"}')], 1, False),
        ([(502, b""), (200, b'{"errcode":0}')], 2, True),
        ([(429, b""), (429, b""), (200, b'{"errcode":0}')], 3, True),
        ([(404, b"")], 1, False),
        ([(200, b"<html>a page</html>")], 1, False),
        ([(200, b"[" * 60000)], 1, False),
        ([(200, b'{"errcode":"1e9999"}')], 1, False),
        ([(200, b"x" * 10_000_000)], 1, False),
    ],
)
def test_answers_of_robots(answers: list[tuple[int, bytes]], tries: int, sent: bool) -> None:
    with robot(answers=answers) as server:
        told = send(TellSettings(wecom_url=f"{server.address}/send?key=the-key"))
    assert (len(server.got), bool(told.sent)) == (tries, sent)
    assert bool(told.failed) != sent


def test_what_a_robot_says_is_no_order_and_no_leak() -> None:
    answer = b'{"errcode":1,"errmsg":"\\u001b[31m call 13812345678 key=the-key"}'
    with robot(answers=[(200, answer)]) as server:
        told = send(TellSettings(wecom_url=f"{server.address}/send?key=the-key"))
    assert "\x1b" not in told.problems[0]
    assert "13812345678" not in told.problems[0]


def test_a_plain_webhook_gets_json_and_is_not_followed_elsewhere() -> None:
    with robot() as elsewhere, robot(answers=[(307, b"")]) as server:
        server.answers = [(307, elsewhere.address.encode())]
        told = send(TellSettings(webhook_url=f"{server.address}/services/T1/secret-path"))
        assert told.failed == ("webhook",)
        assert "secret-path" not in str(told)
        assert elsewhere.got == []
        server.answers = [(204, b"")]
        assert send(TellSettings(webhook_url=f"{server.address}/services/T1/secret-path")) == Told(sent=("webhook",))
    assert server.got[-1]["schema"] == "yanzhang.night/1"
    assert server.got[-1]["matter"] == "night:7"


def test_a_robot_that_is_slow_or_nobody_vouches_for(secure: tuple[ssl.SSLContext, Path]) -> None:
    with robot(seconds=0.05, answers=[(200, b'{"errcode":0}' + b" " * 200)]) as server:
        told = send(TellSettings(wecom_url=f"{server.address}/send?key=the-key", seconds=0.3))
    assert "within 0.3 s" in told.problems[0]
    with robot(tls=secure[0]) as server:
        told = send(TellSettings(wecom_url=f"{server.address}/send?key=the-key-5", seconds=5))
    assert "certificate" in told.problems[0]
    assert "the-key-5" not in str(told)
    assert server.got == []


@pytest.mark.parametrize("address", ["http://qyapi.example/?key=abc-77", "ftp://x", "no address", "https://", "//x"])
def test_only_encrypted_addresses_are_posted_to(address: str) -> None:
    with pytest.raises(BadSetting) as told:
        channels(TellSettings(wecom_url=address))
    assert "abc-77" not in str(told.value)


def test_channels_that_are_set_by_half() -> None:
    assert channels(TellSettings()) == ()
    with pytest.raises(BadSetting, match="MAIL_TO"):
        channels(TellSettings(smtp_host="h"))
    with pytest.raises(BadSetting, match="MAIL_FROM"):
        channels(TellSettings(smtp_host="h", mail_to=("a@b.example",)))
    with pytest.raises(BadSetting, match="SMTP_HOST"):
        channels(TellSettings(mail_to=("a@b.example",)))


# --------------------------------------------------------------------------------------------- once, and all the same


def test_each_channel_is_told_once_and_one_that_failed_is_told_later(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    nights.finish(store, nights.begin(store), BUSY.night)
    settings = Settings(home=tmp_path / "home")
    with robot(judge=wecom) as good, robot(answers=[(500, b""), (500, b""), (500, b""), (204, b"")]) as bad:
        tell_settings = TellSettings(wecom_url=f"{good.address}/send?key=the-key", webhook_url=f"{bad.address}/x")
        first = tell(store, digest_of(store, settings), channels(tell_settings))
        assert (first.sent, first.failed) == (("wecom",), ("webhook",))
        second = tell(store, digest_of(store, settings), channels(tell_settings))
        assert (second.sent, second.before, second.failed) == (("webhook",), ("wecom",), ())
        third = tell(store, digest_of(store, settings), channels(tell_settings))
        assert third == Told(before=("wecom", "webhook"))
        assert tell(store, digest_of(store, settings), channels(tell_settings), again=True).sent == ("wecom", "webhook")
    assert (len(good.got), len(bad.got)) == (2, 5)


def test_who_stops_telling_leaves_it_to_the_next(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")

    def stopped(_: Digest) -> telling.Send:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell(store, of_night(BUSY), [telling.Channel("mail", 5, stopped)])
    assert tell(store, of_night(BUSY), [telling.Channel("mail", 5, lambda _: tuple)]).sent == ("mail",)


def test_the_last_night_that_ended_is_told(tmp_path: Path) -> None:
    store, settings = Store(tmp_path / "home"), Settings(home=tmp_path / "home")
    with pytest.raises(BadInput, match="no night"):
        digest_of(store, settings)
    first = nights.begin(store)
    nights.finish(store, first, BUSY.night)
    running = nights.begin(store)
    assert digest_of(store, settings).matter == f"night:{first}"  # one that runs is told of when it has ended
    nights.failed(store, running, "the disk is full")
    assert digest_of(store, settings).kind == "alarm"
    assert digest_of(store, settings, first).kind == "digest"
    with pytest.raises(BadInput, match="number 99"):
        digest_of(store, settings, 99)


# --------------------------------------------------------------------------------------------------- the morning look


def test_nights_that_finished_in_time_are_no_alarm(tmp_path: Path) -> None:
    store, settings = Store(tmp_path / "home"), Settings(home=tmp_path / "home")
    number = nights.begin(store)
    nights.finish(store, number, BUSY.night.model_copy(update={"finished_at": datetime.now(UTC)}))
    assert overdue(store, settings) is None
    nights.begin(store)  # the next one is at work
    assert overdue(store, settings) is None


def test_nights_that_are_late_broken_or_never_were_are_an_alarm(tmp_path: Path) -> None:
    store, settings = Store(tmp_path / "home"), Settings(home=tmp_path / "home")
    now = datetime.now(UTC)
    never = overdue(store, settings, now=now)
    assert never is not None
    assert "从未完成过" in as_text(never)
    done = nights.begin(store)
    nights.finish(store, done, BUSY.night.model_copy(update={"finished_at": now - timedelta(hours=20)}))
    assert overdue(store, settings, now=now) is None
    late = overdue(store, settings, now=now, hours=19)
    assert late is not None
    assert "此后没有任何一次开始" in as_text(late)
    broken = nights.begin(store)
    assert overdue(store, settings, now=now) is None  # it runs
    nights.failed(store, broken, "the source db.example is down")
    alarm = overdue(store, settings, now=now)
    assert alarm is not None
    assert "the source db.example is down" in as_text(alarm)
    assert alarm.matter.startswith("alarm:20")
    assert telling.since_last(store, nights.begin(store))[0].count("the source db.example is down") == 1


def test_a_fault_of_a_channel_is_a_sentence_whatever_it_is() -> None:
    with pytest.raises(TellTrouble):
        telling._within(0.05, "mail", lambda: threading.Event().wait(1) and ())  # type: ignore[arg-type]


def test_a_fault_of_ours_costs_its_channel_only() -> None:
    def faulty() -> tuple[str, ...]:
        raise ValueError("13812345678")

    good: list[str] = []
    to = [
        telling.Channel("mail", 5, lambda _: faulty),
        telling.Channel("wecom", 5, lambda digest: lambda: good.append(digest.matter) or ()),  # type: ignore[func-returns-value]
    ]
    told = tell(None, of_night(BUSY), to)
    assert (told.sent, told.failed, good) == (("wecom",), ("mail",), ["night:7"])
    assert told.problems == ("mail could not be told: a fault of the program (ValueError)",)


def test_the_form_of_a_test_message() -> None:
    assert "测试" in of_test(MOMENT).subject
