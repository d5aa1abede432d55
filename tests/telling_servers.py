"""Servers on loopback for who is told: mail servers that encrypt, let in and refuse; robots of WeCom and DingTalk."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import free_port

USER, PASSWORD = "robot@yanzhang.example", "geheim-42"
SECRET = "SEC0123456789abcdef"


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own making for loopback, and the file that has it believed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return context, public


@dataclass
class MailServer:
    """What a mail server got: messages, for whom; ``refuses`` receivers; first answers with ``faults`` to DATA."""

    port: int = 0
    refuses: Sequence[str] = ()
    faults: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)
    receivers: list[list[str]] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)  # the Message-ID of each try
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.tries.append(str(message["Message-ID"]))
        if self.faults:
            return self.faults.pop(0)
        self.messages.append(message)  # type: ignore[arg-type]
        self.receivers.append(envelope.rcpt_tos)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


def _let_in(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, who: Any) -> AuthResult:
    good = isinstance(who, LoginPassword) and (who.login, who.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **how: Any
) -> Iterator[MailServer]:
    """A mail server that asks for a login where it encrypts."""
    seen = MailServer(port=free_port(), **how)
    encrypts = starttls or tls
    login = {"authenticator": _let_in, "auth_required": True, "auth_require_tls": starttls is not None}
    controller = Controller(
        seen,
        hostname="127.0.0.1",
        port=seen.port,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        **(login if encrypts else {}),  # type: ignore[arg-type]
    )
    controller.start()
    try:
        yield seen
    finally:
        controller.stop()


@dataclass
class Robot:
    """A server that is posted to: what it got, and what it answers (status, body), the last one for good."""

    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, b'{"errcode":0,"errmsg":"ok"}')])
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    judge: Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None] | None = None
    seconds: float = 0  # before each sign of an answer
    address: str = ""


def _answers_of(robot: Robot) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            robot.got.append(message)
            robot.paths.append(self.path)
            status, body = robot.answers.pop(0) if len(robot.answers) > 1 else robot.answers[0]
            if robot.judge is not None and (verdict := robot.judge(self.path, message)) is not None:
                status, body = 200, json.dumps(verdict).encode()
            self.send_response(status)
            if status in {301, 302, 307, 308}:
                self.send_header("Location", body.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # who has heard enough goes
                for sign in body if robot.seconds else ():
                    time.sleep(robot.seconds)
                    self.wfile.write(bytes([sign]))
                    self.wfile.flush()
                self.wfile.write(b"" if robot.seconds else body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def robot(tls: ssl.SSLContext | None = None, **how: Any) -> Iterator[Robot]:
    """A server that robots' messages are posted to."""
    seen = Robot(**how)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answers_of(seen))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    seen.address = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()


def wecom(path: str, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What WeCom answers to a message: its key, its form, its size."""
    if parse_qs(urlsplit(path).query).get("key") != ["the-key"]:
        return {"errcode": 93000, "errmsg": "invalid webhook url"}
    form = str(message.get("msgtype"))
    content = message.get(form, {}).get("content")
    if form not in {"markdown", "text"} or not isinstance(content, str):
        return {"errcode": 40008, "errmsg": "invalid message type"}
    if len(content.encode()) > (most := 4096 if form == "markdown" else 2048):
        return {"errcode": 40058, "errmsg": f"{form}.content exceed max length {most}"}
    return None


def dingtalk(path: str, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What DingTalk answers: its token, the signature of a time that is not an hour off, its form."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    if asked.get("access_token") != "the-token":
        return {"errcode": 300001, "errmsg": "token is not exist"}
    stamp = asked.get("timestamp", "0")
    sign = base64.b64encode(hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest())
    if asked.get("sign") != sign.decode() or abs(time.time() * 1000 - int(stamp)) > 3_600_000:
        return {"errcode": 310000, "errmsg": "sign not match"}
    form = message.get("markdown", {})
    if message.get("msgtype") != "markdown" or not form.get("title") or not form.get("text"):
        return {"errcode": 40035, "errmsg": "form"}
    return None
