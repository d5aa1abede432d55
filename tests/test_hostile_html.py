"""The page that a hostile report makes, opened in a real browser: nothing runs, everything stands there as text."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from poisoned import poisoned_records, poisoned_report

from pipeline.report.html_report import write_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
RUN = "document.documentElement.setAttribute('data-pwned','1')"
PAYLOADS = {
    "script": f"<script>{RUN}</script>",
    "attribute": f'" onload="{RUN}" autofocus onfocus="{RUN}" x=\'"',
    "single": f"' onmouseover='{RUN}' style='color:red'",
    "link": f'<a href="javascript:{RUN}">x</a>javascript:{RUN}',
    "end of script": f"</script></style></title></textarea><script>{RUN}</script><!--",
    "picture": f'<img src=x onerror="{RUN}"><svg/onload={RUN}><iframe srcdoc="<script>parent.{RUN}</script>">',
    "template": "{{ 7*7 }}{% for x in ().__class__.__mro__ %}{{ x }}{% endfor %}{# x #}${7*7}",
    "entities": f"&lt;script&gt;{RUN}&lt;/script&gt;&#x3c;img src=x onerror={RUN}&#62;&amp;amp;&quot;",
    "meta": '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/"><base href="http://127.0.0.1:9/">',
    "turned": "甲\u202e公司\u2066乙\u2069\u200b\u200f丙\u2028丁\x00\x1b[31m\x9b2J\ud800",
    "style": "</style><style>*{display:none}</style>@import 'http://127.0.0.1:9/x.css'",
    "newlines": "a\r\n\r\n<script>x</script>\n<b>",
}
# What our own page is made of; no stranger's text may add to it.
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "div", "span", "h1", "h2", "h3", "h4", "p", "time",
    "button", "section", "b", "nav", "input", "select", "option", "label", "aside", "ol", "ul", "li", "a", "i", "small",
    "main", "article", "code", "dl", "dt", "dd", "figure", "img", "figcaption", "details", "summary", "table", "tbody",
    "thead", "tr", "th", "td", "br", "dialog", "script",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "data-lang", "charset", "name", "content", "http-equiv", "class", "aria-hidden", "datetime", "type", "id",
    "title", "aria-label", "autocomplete", "data-zh", "data-en", "placeholder", "data-severity", "aria-pressed",
    "value", "data-card", "href", "data-words", "data-worst", "tabindex", "data-code", "src", "alt", "decoding",
    "hidden",
}  # fmt: skip


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.scripts = 0
        self.metas: list[dict[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {str(value) for name, value in attrs if name in ("href", "src", "srcset", "action")}
        self.scripts += tag == "script"
        if tag == "meta":
            self.metas.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(text: str, folder: Path) -> tuple[str, Seen]:
    write_html(poisoned_report(text), poisoned_records(text), folder / "report.html")
    written = (folder / "report.html").read_text(encoding="utf-8")
    seen = Seen()
    seen.feed(written)
    return written, seen


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_strangers_adds_an_element_an_attribute_or_an_address(payload: str, tmp_path: Path) -> None:
    written, seen = page(PAYLOADS[payload], tmp_path)
    assert seen.tags <= TAGS and seen.attributes <= ATTRIBUTES
    assert seen.scripts == 1
    assert all(address.startswith(("#e", "data:image/jpeg;base64,")) for address in seen.addresses)
    assert "49" not in re.findall(r"\b49\b", "".join(seen.text)) or payload != "template"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", written)


def test_the_page_lets_nothing_foreign_in(tmp_path: Path) -> None:
    _, seen = page("x", tmp_path)
    policies = [m["content"] for m in seen.metas if (m.get("http-equiv") or "").lower() == "content-security-policy"]
    assert len(policies) == 1
    rules = dict(part.strip().partition(" ")[::2] for part in (policies[0] or "").split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    # Our own script and styles, by their hashes: any other does not run, wherever it stands.
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", rules["script-src"])
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", rules["style-src"])
    assert {"name": "referrer", "content": "no-referrer"} in seen.metas


def chromium(tmp_path: Path, file: Path, *more: str) -> str:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--virtual-time-budget=2000", f"--user-data-dir={tmp_path / 'profile'}", *more, file.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout


@pytest.mark.slow
def test_nothing_runs_in_a_browser_and_all_of_it_can_be_read(tmp_path: Path) -> None:
    from pipeline.values.printable import printable

    text = " ".join(PAYLOADS.values())
    page(text, tmp_path)
    dom = chromium(tmp_path, tmp_path / "report.html", "--dump-dom")
    assert "data-pwned" not in re.sub(r"<script>.*?</script>", "", dom.split("<body")[0])
    assert not re.search(r"<html[^>]*data-pwned", dom)
    seen = Seen()
    seen.feed(dom)
    assert seen.tags <= TAGS and seen.scripts == 1
    told = re.sub(r"\s+", " ", "".join(seen.text))
    wanted = re.sub(r"\s+", " ", printable(text, lines=True))
    assert told.count(wanted) > 30


@pytest.mark.slow
def test_our_own_script_runs_under_the_policy_and_a_planted_one_would_not(tmp_path: Path) -> None:
    written, _ = page("x", tmp_path)
    head = "<script>document.addEventListener('DOMContentLoaded', () => 0)</script>"
    planted = tmp_path / "planted.html"
    attack = f'<script>{RUN}</script><img src=x onerror="{RUN}"><b onclick=1 style="color:red">x</b>'
    planted.write_text(written.replace("</main>", f"{head}{attack}</main>"))
    assert not re.search(r"<html[^>]*data-pwned", chromium(tmp_path, planted, "--dump-dom"))
    # Our own script, on loading, shows the language that was written the last time.
    script = re.search(r"<script>(.*?)</script>", written, re.DOTALL)
    assert script is not None
    other = (
        script[1]
        .replace('let language = "zh";', 'let language = "en";')
        .replace('language = localStorage.getItem("yanzhang.lang") || "zh";', "")
    )
    assert other != script[1]
    changed = tmp_path / "changed.html"
    changed.write_text(written.replace(script[1], other))  # not ours any more: its hash is another
    assert 'data-lang="zh"' in chromium(tmp_path, changed, "--dump-dom")
    ours = tmp_path / "ours.html"
    digest = base64.b64encode(hashlib.sha256(other.encode()).digest()).decode()
    ours.write_text(re.sub(r"script-src '[^']*'", f"script-src 'sha256-{digest}'", written).replace(script[1], other))
    assert 'data-lang="en"' in chromium(tmp_path, ours, "--dump-dom")
