"""E-mail addresses (电子邮箱) as a reader gives them: look-alike signs put right where that is plain, else doubted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice, product

from pipeline.values.numbers import email, email_as_read

__all__ = ["EmailReading", "email_reading"]

SURE = 0.98  # an address in which nothing looks like anything else
DOUBT = 0.85  # one in which something does: below what is trusted unseen
STRANGE = 0.7  # one whose domain ends as none does
MOST = 64  # readings tried

# Domains that mailboxes of Chinese firms are mostly at, besides their own.
_PROVIDERS = (
    "qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net 188.com sina.com sina.cn vip.sina.com sohu.com "
    "139.com 189.cn wo.cn 21cn.com aliyun.com alibaba-inc.com tom.com 263.net gmail.com outlook.com hotmail.com "
    "live.com live.cn msn.com yahoo.com yahoo.com.cn yahoo.cn icloud.com me.com"
)
PROVIDERS = frozenset(_PROVIDERS.split())
_SUFFIXES = (
    "com cn net org edu gov mil int info biz cc io me tv co hk tw mo jp kr us uk de fr eu asia top vip xyz site online "
    "store tech shop club ltd wang ren cloud link ink pro mobi name ai dev app sg in au ca ru email group company work "
    "art fun world today life live center run ch it es nl se fi no dk be at pl cz my th vn id ph nz br mx za ae il "
    "tel travel jobs museum aero coop example test"
)
SUFFIXES = frozenset(_SUFFIXES.split())
_ALIKE = {"0": "0o", "o": "o0", "1": "1l", "l": "l1", "i": "il1", "q": "qg", "g": "gq", "5": "5s", "s": "s5"}
_BROAD = (("rn", "m"), ("vv", "w"), ("cl", "d"))


_NOUGHT = re.compile(r"(?<=[.。])\s*c\s*0\s*m(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EmailReading:
    """The likeliest address, what else it may be, how sure, and why not."""

    address: str
    trust: float
    alternatives: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def email_reading(text: str) -> EmailReading | None:
    """The address in a text."""
    mended = _NOUGHT.sub("com", text)
    if mended != text and (found := email_reading(mended)) is not None:
        return replace(
            found, trust=min(found.trust, DOUBT), reasons=tuple(dict.fromkeys((*found.reasons, "lookalikes")))
        )
    read = email(text)
    if read is None:
        return None
    cased = email_as_read(text) or read
    likelier = _letters(cased)
    user, _, domain = likelier.rpartition("@")
    known = _known_domain(domain)
    likelier = f"{user}@{known or domain}"
    rivals = tuple(sorted((_rivals(likelier) | _rivals(read) | {read}) - {likelier}))
    if known is None and domain.rpartition(".")[2] not in SUFFIXES:
        return EmailReading(likelier, STRANGE, rivals, ("lookalikes", "unknown_suffix"))
    if likelier != read:
        return EmailReading(likelier, DOUBT, rivals, ("lookalikes", f"repaired:{read}"))
    if _doubtful(user, domain):
        return EmailReading(likelier, DOUBT, rivals, ("lookalikes",))
    return EmailReading(likelier, SURE, rivals)


def _letters(cased: str) -> str:
    """A lone digit amid letters is far more often the letter; so is a capital I or O amid small ones, which 1, l, 0, o
    are drawn like; o amid digits is a nought."""
    if sum(c.islower() for c in cased) > 2 * sum(c.isupper() for c in cased):
        cased = re.sub(r"(?<=[0-9])[IO](?=[0-9])", lambda m: "1" if m[0] == "I" else "0", cased)
        cased = re.sub(r"(?<=[a-z])I", "l", cased)
    address = cased.lower()
    address = re.sub(r"(?<![0-9a-z])1(?=[a-z]{2})|(?<=[a-z])1(?=[a-z])", "l", address)
    address = re.sub(r"(?<=[0-9])o(?=[0-9])", "0", address)
    return re.sub(r"(?<=[a-z])0(?=[a-z])", "o", address)


def _known_domain(domain: str) -> str | None:
    """A provider's domain, or one that ends as domains do, that a domain alone can stand for; itself first."""
    if domain in PROVIDERS:
        return domain
    near = {other for other in _readings(domain) if other in PROVIDERS}
    if len(near) == 1:
        return near.pop()
    head, _, suffix = domain.rpartition(".")
    if suffix in SUFFIXES or not head:
        return None
    near = {other for other in _readings(suffix) if other in SUFFIXES}
    return f"{head}.{near.pop()}" if len(near) == 1 else None


def _readings(text: str) -> set[str]:
    """What a text may be of which any sign may be another that looks like it."""
    found = set(map("".join, islice(product(*(_ALIKE.get(c, c) for c in text)), MOST)))
    return found | {text.replace(a, b) for a, b in _BROAD if a in text}


def _rivals(address: str) -> set[str]:
    swaps = (("1", "l"), ("l", "1"), ("0", "o"))
    user, _, domain = address.rpartition("@")
    one = {address.replace(a, b) for a, b in swaps}
    return {f"{other.rpartition('@')[0]}@{domain}" if domain in PROVIDERS else other for other in one} | {
        f"{user[: m.start()]}{'1' if m[0] == 'l' else 'l'}{user[m.end() :]}@{domain}" for m in re.finditer("[1l]", user)
    } - {address}


def _doubtful(user: str, domain: str) -> bool:
    """Whether signs stand side by side, or where a word gives way to a number, of which the one may be the other."""
    if domain in PROVIDERS:
        domain = ""
    beside = r"l1|1l|o0|0o|(?<=[0-9])l|l(?=[0-9])|(?<=[a-z])1(?![0-9a-z])"
    return bool(re.search(beside, user) or re.search(beside, domain.rpartition(".")[0]))
