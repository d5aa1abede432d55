"""A digest in the form that a channel takes: text, HTML, Markdown for groups, JSON; each within its channel's size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined, Template

from pipeline.telling.digest import Digest, Line, Section

__all__ = ["as_html", "as_json", "as_text", "defused", "dingtalk_markdown", "is_link", "wecom_markdown", "wecom_text"]

WECOM_BYTES, WECOM_TEXT_BYTES = 4096, 2048  # of markdown and text, in UTF-8: what is longer is refused as a whole
DINGTALK_BYTES = 12_000  # its documents name 20,000; a group reads less
SCHEMA = "yanzhang.night/1"

# A group's Markdown knows no way to quote a sign: what would be markup, a mention (<@user>, @all, @mobile) or an entity
# becomes its likeness of full width.
_MARKUP = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "<>[]`*_#~|!@&\\(){}"})
_SCHEME = re.compile(r":(?=//)")
# A client makes a link of whatever looks like a name of a host; names of files are none.
_HOST = re.compile(
    r"\.(?=[A-Za-z]{2,})(?!(?:pdf|tiff?|jpe?g|png|webp|bmp|gif|xlsx|csv|jsonl?|html?)(?![A-Za-z0-9.]))", re.IGNORECASE
)


def defused(text: str) -> str:
    """Others' text in a group's Markdown: it is shown, and is no markup, no link and no mention."""
    return _HOST.sub("．", _SCHEME.sub("：", text.translate(_MARKUP)))


def is_link(address: str) -> bool:
    """Whether the report's place can be opened from a message."""
    return bool(re.match(r"https?://[^\s]+$", address))


def as_text(digest: Digest) -> str:
    """Plain text, Chinese first."""
    return "\n".join(_text_lines(digest)) + "\n"


def _text_lines(digest: Digest) -> Iterator[str]:
    yield digest.head.zh
    yield digest.head.en
    if digest.facts:
        yield ""
        yield from (f"{f.name.zh} {f.name.en}: {f.value}" for f in digest.facts)
    for section in digest.sections:
        yield ""
        yield f"【{section.title.zh}】{section.title.en}"
        yield from (f"- {_plain(line)}" for line in section.lines)
        if section.more:
            yield f"- {_more(section)}"
    if digest.link:
        yield ""
        yield f"报告 Report: {digest.link}"
    yield ""
    yield FOOT


FOOT = "由验章（yanzhang）自动发出；手机、邮箱、证件号与可辨认的人名已隐去。Sent by yanzhang; personal data is masked."


def as_html(digest: Digest) -> str:
    """A simple page for a mail: no picture, no script, nothing that is fetched."""
    return _template().render(digest=digest, foot=FOOT, link=digest.link if is_link(digest.link) else "", more=_more)


@lru_cache(1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(resources.files(__package__ or "").joinpath("mail.html").read_text("utf-8"))


def wecom_markdown(digest: Digest) -> str:
    """Markdown of WeCom (企业微信), within its limit."""
    return _within(_markdown_blocks(digest, wecom=True), WECOM_BYTES)


def wecom_text(digest: Digest) -> str:
    """Plain text of WeCom, within its smaller limit: it also shows where a group is read in WeChat (微信插件)."""
    lines = [digest.subject, digest.head.zh, digest.head.en]
    if digest.facts:
        lines.append("，".join(f"{f.name.zh} {f.value}" for f in digest.facts))
    for section in digest.sections:
        lines.append(f"【{section.title.zh}】{section.title.en}")
        lines += [f"- {defused(_plain(line))}" for line in section.lines]
        lines += [f"- {_more(section)}"] if section.more else []
    return _within((lines, [f"报告 report：{digest.link}"] if digest.link else []), WECOM_TEXT_BYTES)


def dingtalk_markdown(digest: Digest) -> str:
    """Markdown of DingTalk (钉钉): a break of line there needs an empty one."""
    return _within(_markdown_blocks(digest, wecom=False), DINGTALK_BYTES, gap="\n\n")


def _markdown_blocks(digest: Digest, *, wecom: bool) -> tuple[list[str], list[str]]:
    """Lines that may be left out at their end, and lines that stand after them whatever is left out."""
    lines = [f"### {digest.subject}", _coloured(digest.head.zh, digest.tone, wecom), f"> {digest.head.en}"]
    if digest.facts:
        lines.append(" · ".join(f"{f.name.zh} **{f.value}**" for f in digest.facts))
    for section in digest.sections:
        lines.append(f"**{section.title.zh}** {section.title.en}")
        lines += [f"- {defused(_plain(line))}" for line in section.lines]
        lines += [f"- {_more(section)}"] if section.more else []
    tail = []
    if is_link(digest.link):
        tail.append(f"[打开报告 report]({quote(digest.link, safe=':/?#=&%~+,;$-._')})")
    elif digest.link:
        tail.append(f"报告 report：{defused(digest.link)}")
    return lines, tail


def _coloured(text: str, tone: str, wecom: bool) -> str:
    if not wecom or tone == "plain":
        return text
    return f'<font color="{"warning" if tone == "bad" else "info"}">{text}</font>'


def _within(blocks: tuple[list[str], list[str]], size: int, gap: str = "\n") -> str:
    lines, tail = blocks
    if len(gap.join(tail).encode()) > size // 2:
        tail = []  # half a link leads nowhere
    cut = ["- …（余见报告 the rest is in the report）"]
    whole = gap.join((*lines, *tail))
    if len(whole.encode()) <= size:
        return whole
    while len(lines) > 2 and len(gap.join((*lines, *cut, *tail)).encode()) > size:
        lines = lines[:-1]
    # Lines are short; one that is not is cut within a sign of ours at worst.
    return gap.join((*lines, *cut, *tail)).encode()[:size].decode(errors="ignore")


def as_json(digest: Digest) -> dict[str, Any]:
    """The same as data, for whoever reads it by program."""
    return {
        "schema": SCHEMA,
        "kind": digest.kind,
        "matter": digest.matter,
        "subject": digest.subject,
        "head": digest.head.model_dump(),
        "facts": [{"name": f.name.model_dump(), "value": f.value} for f in digest.facts],
        "sections": [
            {
                "title": s.title.model_dump(),
                "lines": [
                    {"what": one.what, **({"says": one.says.model_dump()} if one.says else {})} for one in s.lines
                ],
                "more": s.more,
            }
            for s in digest.sections
        ],
        "report": digest.link,
    }


def _plain(line: Line) -> str:
    return f"{line.what} {line.says.zh} {line.says.en}" if line.says else line.what


def _more(section: Section) -> str:
    return f"另有 {section.more:,} 项，见报告 and {section.more:,} more, in the report"
