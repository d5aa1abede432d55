"""Mail (电子邮件): a message of a text and an HTML part, by SMTP; encrypted, the server's certificate checked."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from pipeline.errors import BadSetting, TellTrouble
from pipeline.settings import TellSettings
from pipeline.telling.digest import BEIJING, Digest, clean
from pipeline.telling.shapes import as_html, as_text

__all__ = ["check_mail", "message_of", "send_mail", "trusted"]

PORTS = {"tls": 465, "starttls": 587, "none": 25}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PASSING = range(400, 500)  # what an SMTP server says when it may take later what it does not take now


def check_mail(settings: TellSettings) -> None:
    """Whether mail can be sent with these settings.

    :raises BadSetting: something is missing, or a password would go over the wire for all to read
    """
    if not settings.mail_to:
        raise BadSetting("YANZHANG_TELL__SMTP_HOST is set and no receiver: set YANZHANG_TELL__MAIL_TO=a@b.cn,c@d.cn")
    if "@" not in _sender(settings):
        raise BadSetting("no sender is named for the digest: set YANZHANG_TELL__MAIL_FROM to an address of yours")
    plain = settings.smtp_security == "none" and settings.smtp_host not in LOOPBACK
    if plain and settings.smtp_password.get_secret_value():
        raise BadSetting(
            "YANZHANG_TELL__SMTP_SECURITY=none would send the password for all to read: use starttls or tls"
        )


def message_of(digest: Digest, settings: TellSettings) -> EmailMessage:
    """The message; the same one, with the same id, for each try."""
    sender = _sender(settings)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = digest.subject
    message["From"] = sender
    message["To"] = ", ".join(settings.mail_to)
    message["Date"] = format_datetime(datetime.now(BEIJING))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence answers it
    if digest.kind == "alarm":
        message["Importance"] = "high"
    message.set_content(as_text(digest), cte="base64")
    message.add_alternative(as_html(digest), subtype="html", cte="base64")
    return message


def send_mail(message: EmailMessage, settings: TellSettings) -> tuple[str, ...]:
    """Send it; a sentence for each receiver whom the server refused, if it took the others.

    :raises TellTrouble: the server does not answer, is not who it says it is, does not let us in or takes it for nobody
    """
    with _told_as_trouble(settings), _connected(settings) as server:
        if password := settings.smtp_password.get_secret_value():
            server.login(settings.smtp_user or _sender(settings), password)
        refused = server.send_message(message, _sender(settings), settings.mail_to)
    return tuple(f"mail: the server refused {_hidden(who)} ({_said(*answer)})" for who, answer in refused.items())


def trusted(settings: TellSettings) -> ssl.SSLContext:
    """Who is believed to be who he says: the system's authorities, or one's own.

    :raises BadSetting: the file of one's own cannot be used
    """
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadSetting(
            f"YANZHANG_TELL__CA_FILE={settings.ca_file} holds no certificates that can be read: name a PEM file"
        ) from error


@contextmanager
def _connected(settings: TellSettings) -> Iterator[smtplib.SMTP]:
    host, port = settings.smtp_host, settings.smtp_port or PORTS[settings.smtp_security]
    if settings.smtp_security == "tls":
        with smtplib.SMTP_SSL(host, port, timeout=settings.seconds, context=trusted(settings)) as server:
            yield server
        return
    with smtplib.SMTP(host, port, timeout=settings.seconds) as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=trusted(settings))
        yield server


@contextmanager
def _told_as_trouble(settings: TellSettings) -> Iterator[None]:
    where = f"the mail server {settings.smtp_host}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise TellTrouble(
            f"mail: {where} shows a certificate that cannot be believed ({error.verify_message}): set "
            "YANZHANG_TELL__CA_FILE if it is of an authority of your own"
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        raise TellTrouble(
            f"mail: {where} does not let us in ({_said(error.smtp_code, error.smtp_error)}): look at "
            "YANZHANG_TELL__SMTP_USER and YANZHANG_TELL__SMTP_PASSWORD",
            passing=error.smtp_code in _PASSING,
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise TellTrouble(
            f"mail: {where} offers no STARTTLS or no login: look at YANZHANG_TELL__SMTP_SECURITY and __SMTP_PORT"
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        answers = tuple(error.recipients.values())
        raise TellTrouble(
            f"mail: {where} refused every receiver ({_said(*answers[0])}): look at YANZHANG_TELL__MAIL_TO",
            passing=all(code in _PASSING for code, _ in answers),
        ) from error
    except smtplib.SMTPResponseException as error:
        raise TellTrouble(
            f"mail: {where} did not take it ({_said(error.smtp_code, error.smtp_error)})",
            passing=error.smtp_code in _PASSING,
        ) from error
    except (OSError, smtplib.SMTPException, EOFError) as error:
        said = clean(str(getattr(error, "strerror", None) or str(error) or type(error).__name__), 120)
        raise TellTrouble(f"mail: {where} does not answer as it should ({said})", passing=True) from error


def _sender(settings: TellSettings) -> str:
    return settings.mail_from or settings.smtp_user


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return clean(f"{code} {text}", 160)


def _hidden(address: str) -> str:
    return f"***@{address.rpartition('@')[2]}"
