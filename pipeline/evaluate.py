"""How right a report is, measured against a truth.

The truth is a JSON object with ``envelopes`` (a list, or a mapping by envelope name), each holding what is known of it:
``expected_findings``, ``tolerated_findings``, ``pages``, ``documents`` with ``fields`` and ``seals``. Parts that a
truth does not know may be missing: nothing is scored there. The report is CONTRACT's ``report.json``.

What counts:

* a **discrepancy** is found if the report holds a finding of that code, document and field at that envelope; findings
  of severity ``info`` are never false, tolerated ones neither;
* a **seal** is found if a seal of the report lies on the same page with an IoU of at least 0.5; its text is read
  exactly if it is the same but for brackets, width and spaces; it is attributed if its role is the truth's;
* a **field** is right if its value is the truth's; wrong at a confidence of 0.9 or more is *silently* wrong;
* a **figure of a statement** is right if it stands in a row of the truth's item (the same one of several), in the
  column of the truth's period, with the truth's value in yuan;
* a **page** is sorted right if one of the documents it stands in is of the truth's type, or, of a page without a
  document, if its kind is right.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import BadInput
from pipeline.model import Box
from pipeline.reliability import Told, table
from pipeline.values.issuers import same_issuer

__all__ = ["Discrepancies", "Fields", "Miss", "Pages", "Score", "Seals", "evaluate"]

SEAL_IOU = 0.5  # the measure of a seal found
SILENT_CONFIDENCE = 0.9  # a wrong value at or above this would be trusted unseen
ANY = "*"  # of a tolerated finding: whatever stands there
MISSES_SHOWN = 60  # lines of Score.text(); all are kept in the model
PROOFS = {"legal_person_proof", "business_licence"}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Miss(_Frozen):
    """One thing that is not right: where, what sort, and the two sides."""

    envelope: str
    what: str
    expected: str
    found: str


class Discrepancies(_Frozen):
    """Findings by code: ``found + missed`` were planted, ``false`` were not (``false_errors``: of severity error)."""

    found: dict[str, int] = {}
    missed: dict[str, int] = {}
    false: dict[str, int] = {}
    false_errors: dict[str, int] = {}


class Seals(_Frozen):
    """``scored``: seals whose text the truth knows; ``placed``: those whose role it knows."""

    truth: int = 0
    found: int = 0
    false: int = 0
    scored: int = 0
    exact: int = 0
    placed: int = 0
    attributed: int = 0


class Fields(_Frozen):
    """Values by outcome."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    silently_wrong: int = 0
    wrong_by_name: dict[str, int] = {}


class Pages(_Frozen):
    """Pages by outcome; ``turned`` counts rotations that are right."""

    truth: int = 0
    sorted: int = 0
    turned: int = 0
    turns_known: int = 0


class Score(_Frozen):
    """The whole measure; :meth:`text` prints it."""

    envelopes: int
    lost: tuple[str, ...]
    discrepancies: Discrepancies
    seals: Seals
    form_fields: Fields
    other_fields: Fields
    statement_figures: Fields = Fields()
    pages: Pages
    clean: int
    kept_clean: int
    clean_with_errors: int
    clean_warnings: int
    misses: tuple[Miss, ...] = ()
    told: tuple[Told, ...] = Field(default=(), exclude=True)  # every value with its confidence, for reliability

    @property
    def recall(self) -> float:
        """Share of planted discrepancies found, 0 to 1; 1 where none was planted."""
        found, missed = sum(self.discrepancies.found.values()), sum(self.discrepancies.missed.values())
        return _ratio(found, found + missed)

    def text(self) -> str:
        """A table for a terminal."""
        d, s, p = self.discrepancies, self.seals, self.pages
        planted = sum(d.found.values()) + sum(d.missed.values())
        rows = [
            f"envelopes          {self.envelopes:5d}   lost {len(self.lost)}"
            + (f": {', '.join(self.lost)}" if self.lost else ""),
            f"discrepancies      {_share(sum(d.found.values()), planted)} found",
            f"false findings     {sum(d.false.values()):5d}   of these errors {sum(d.false_errors.values())}",
            f"clean envelopes    {_share(self.kept_clean, self.clean)} kept clean; "
            f"with errors {self.clean_with_errors}, warnings in all {self.clean_warnings}",
            f"pages sorted       {_share(p.sorted, p.truth)}",
            f"pages upright      {_share(p.turned, p.turns_known)}",
            f"seals found        {_share(s.found, s.truth)}   false {s.false}",
            f"seals read exactly {_share(s.exact, s.scored)}",
            f"seals attributed   {_share(s.attributed, s.placed)}",
            _field_row("form fields right ", self.form_fields),
            _field_row("other fields right", self.other_fields),
            *([_field_row("statement figures ", self.statement_figures)] if _count(self.statement_figures) else []),
            "",
            f"{'code':24} found missed  false errors",
        ]
        for code in sorted({*d.found, *d.missed, *d.false}):
            counts = (d.found.get(code, 0), d.missed.get(code, 0), d.false.get(code, 0), d.false_errors.get(code, 0))
            rows.append(f"{code:24} {counts[0]:5d} {counts[1]:6d} {counts[2]:6d} {counts[3]:6d}")
        if self.misses:
            rows += ["", "what is not right:"]
            rows += [
                f"  {m.envelope}  {m.what}: expected {m.expected or '-'}, found {m.found or '-'}"
                for m in self.misses[:MISSES_SHOWN]
            ]
            if len(self.misses) > MISSES_SHOWN:
                rows.append(f"  … and {len(self.misses) - MISSES_SHOWN} more")
        if self.told:
            rows += ["", "what a confidence is worth:", table(self.told)]
        return "\n".join(rows)


def evaluate(truth: Path, report: Path) -> Score:
    """Scores a report.

    :param truth: a truth file, or a folder that holds ``truth.json``
    :param report: a ``report.json``, or the folder that holds it
    :raises BadInput: a file that is missing, no JSON, or of another form
    """
    truths = _envelopes(truth, "truth.json")
    reports = {_name(e): e for e in _envelopes(report, "report.json")}
    tally = _Tally()
    for known in truths:
        tally.add(known, _match(_name(known), reports))
    return tally.score(len(truths))


# --------------------------------------------------------------------------------------------------------- reading


def _envelopes(path: Path, name: str) -> list[dict[str, Any]]:
    """The list of envelopes, whatever holds it."""
    file = path / name if path.is_dir() else path
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"{file} does not exist") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{file} cannot be read as JSON: {error}") from error
    held = data.get("envelopes") if isinstance(data, dict) else data
    if isinstance(held, dict):
        held = [{"envelope": key, **body} if isinstance(body, dict) else body for key, body in held.items()]
    if not isinstance(held, list) or not all(isinstance(e, dict) for e in held):
        raise BadInput(f"{file} holds no list of envelopes")
    if not all(_name(e) for e in held):
        raise BadInput(f"{file} holds an envelope without a name (“envelope”)")
    return held


def _name(envelope: Mapping[str, Any]) -> str:
    return str(envelope.get("envelope") or envelope.get("file") or "")


def _match(name: str, reports: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """By the full name, else by the last part of a path, else without its extension."""
    if name in reports:
        return reports[name]
    last = PurePosixPath(name).name
    for other, body in reports.items():
        if PurePosixPath(other).name == last or PurePosixPath(other).stem == PurePosixPath(last).stem:
            return body
    return None


def _list(envelope: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    held = envelope.get(key) or []
    if not isinstance(held, list) or not all(isinstance(x, dict) for x in held):
        raise BadInput(f"{_name(envelope) or 'an envelope'}: “{key}” is no list of objects")
    return held


# --------------------------------------------------------------------------------------------------------- comparing


def _plain(text: object) -> str:
    """Without brackets' form, width, spaces and middle dots."""
    folded = unicodedata.normalize("NFKC", str(text or ""))
    for sign in "〔[【":
        folded = folded.replace(sign, "(")
    for sign in "〕]】":
        folded = folded.replace(sign, ")")
    return "".join(c for c in folded if not c.isspace() and c not in "·•.").upper()


def _same_value(a: Any, b: Any) -> bool:
    """Equal as values: numbers as numbers, lists as sets, text but for width, brackets and spaces."""
    if isinstance(a, list | tuple) or isinstance(b, list | tuple):
        left, right = (x if isinstance(x, list | tuple) else [x] for x in (a, b))
        return sorted(map(_plain, left)) == sorted(map(_plain, right))
    if isinstance(a, bool) or isinstance(b, bool):
        return str(a).lower() == str(b).lower()
    if a is None or b is None:
        return a in (None, "") and b in (None, "")
    numbers = (_number(a), _number(b))
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] == numbers[1]
    return _text(a) == _text(b)


def _same_issuer(a: Any, b: Any) -> bool:
    """Several issue together (科技厅, 财政厅, 税务局): a truth that names one of them, or all, is met."""
    left, right = ("、".join(map(str, x)) if isinstance(x, list | tuple) else str(x or "") for x in (a, b))
    return same_issuer(left, right)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, int | float):
        return Decimal(str(value))
    text = str(value).replace(",", "")
    if len(text) > 1 and text[0] == "0" and text[1].isdigit():
        return None  # a code with leading zeros is no amount
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _text(value: Any) -> str:
    folded = _plain(value)
    return folded.replace("-", "") if folded[:1].isdigit() else folded


# --------------------------------------------------------------------------------------------------------- statements

_ORDINAL = re.compile(r"^(?:[一二三四五六七八九十]{1,3}[、.]|[(][一二三四五六七八九十\d]{1,2}[)]|\d{1,2}[、.])")
_SIGN = re.compile(r"^(?:加|减|其中)[:：]")
_REMARK = re.compile(r"[(][^()]*(?:号填列|损失以|亏损以)[^()]*[)]$")


class StatementCell(_Frozen):
    """A figure of a report's statement, as the report's JSON has it."""

    value: str | None
    confidence: float
    reasons: tuple[str, ...] = ()


def figures_of(
    truth: Mapping[str, Any], seen: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Any, StatementCell | None]]:
    """(label, value, the report's cell in that row and column) for every figure of a truth's statement.

    A truth may hold 合并 and 母公司 columns of one table together; a report has them as two statements.
    """
    met: Counter[str] = Counter()
    rows = {merged: _rows_by_item(truth, seen, merged=merged) for merged in (True, False)}
    for row in _list(truth, "rows"):
        item = _item(row.get("item"))
        for column, value in enumerate(row.get("values") or []):
            if value is None:
                continue
            same = rows[_is_merged(truth, column)].get(item, [])
            found = same[min(met[item], len(same) - 1)] if same else None
            label = f"{truth.get('kind')}.{row.get('item')}[{column}]"
            yield label, value, _cell(truth, column, *found) if found else None
        met[item] += 1


_Rows = dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]


def _rows_by_item(truth: Mapping[str, Any], seen: Sequence[Mapping[str, Any]], *, merged: bool) -> _Rows:
    rows: _Rows = {}
    for statement in seen:
        if statement.get("kind") == truth.get("kind") and bool(statement.get("consolidated")) == merged:
            for row in _list(statement, "rows"):
                rows.setdefault(_item(row.get("item")), []).append((statement, row))
    return rows


def _is_merged(truth: Mapping[str, Any], column: int) -> bool:
    """Whether a column is the group's: the whole statement is, and the column does not say 母公司."""
    columns = _list(truth, "columns")
    label = str(columns[column].get("label") or "") if column < len(columns) else ""
    return bool(truth.get("consolidated")) and "母公司" not in label


def _item(text: object) -> str:
    """An item without what printers put before and behind it: numbers, 加, 减, 其中, how losses are filled in."""
    plain = unicodedata.normalize("NFKC", "".join(str(text or "").split()))
    before = ""
    while before != plain:
        before, plain = plain, _REMARK.sub("", _SIGN.sub("", _ORDINAL.sub("", plain)))
    return _plain(plain)


def _cell(
    truth: Mapping[str, Any], column: int, statement: Mapping[str, Any], row: Mapping[str, Any]
) -> StatementCell | None:
    at = _column(truth, column, statement)
    values = row.get("values") or []
    if at is None or at >= len(values):
        return None
    confidences, reasons = row.get("confidence") or [], row.get("reasons") or []
    confidence = float(confidences[at] or 0) if at < len(confidences) else 0.0
    return StatementCell(
        value=values[at], confidence=confidence, reasons=tuple(reasons[at]) if at < len(reasons) else ()
    )


def _column(truth: Mapping[str, Any], column: int, statement: Mapping[str, Any]) -> int | None:
    """The report's column of the truth's period; of the same label where the truth gives none; else the same place."""
    wanted, columns = _list(truth, "columns"), _list(statement, "columns")
    if column >= len(wanted):
        return column
    for key in ("period", "label"):
        mine = wanted[column].get(key)
        merged = _is_merged(truth, column)
        nth = sum(w.get(key) == mine and _is_merged(truth, i) == merged for i, w in enumerate(wanted[:column]))
        same: list[int] = [i for i, c in enumerate(columns) if mine and _plain(c.get(key)) == _plain(mine)]
        if len(same) > nth:
            return int(same[nth])
    dated = any(c.get("period") for c in columns)
    return None if dated else column


class _Tally:
    """Adds up envelopes; mutable inside :func:`evaluate` only."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.misses: list[Miss] = []
        self.codes: dict[str, Counter[str]] = {k: Counter() for k in ("found", "missed", "false", "false_errors")}
        self.seals: Counter[str] = Counter()
        self.form: Counter[str] = Counter()
        self.other: Counter[str] = Counter()
        self.form_names: Counter[str] = Counter()
        self.other_names: Counter[str] = Counter()
        self.figures: Counter[str] = Counter()
        self.figure_names: Counter[str] = Counter()
        self.told: list[Told] = []
        self.pages: Counter[str] = Counter()
        self.clean: Counter[str] = Counter()

    def add(self, truth: Mapping[str, Any], report: Mapping[str, Any] | None) -> None:
        name = _name(truth)
        if report is None:
            self.lost.append(name)
        body: Mapping[str, Any] = report or {}
        self._findings(name, truth, body)
        self._pages(name, truth, body)
        self._seals(name, truth, body)
        self._fields(name, truth, body)

    def miss(self, envelope: str, what: str, expected: object, found: object) -> None:
        self.misses.append(Miss(envelope=envelope, what=what, expected=str(expected or ""), found=str(found or "")))

    # ----------------------------------------------------------------------------------------------- findings

    def _findings(self, name: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> None:
        if "expected_findings" not in truth:
            return
        expected, tolerated = _list(truth, "expected_findings"), _list(truth, "tolerated_findings")
        open_ = _list(report, "findings")
        for wanted in expected:
            hit = next((f for f in open_ if _fits(wanted, f)), None)
            code = str(wanted.get("code"))
            if hit is None:
                self.codes["missed"][code] += 1
                self.miss(name, "missed", _label(wanted), "")
                continue
            self.codes["found"][code] += 1
            open_ = [f for f in open_ if f is not hit]
        false = [f for f in open_ if f.get("severity") != "info" and not any(_fits(t, f) for t in tolerated)]
        for finding in false:
            code, error = str(finding.get("code")), finding.get("severity") == "error"
            self.codes["false"][code] += 1
            self.codes["false_errors"][code] += error
            values = f"{_label(finding)} ({finding.get('expected')} / {finding.get('found')})"
            self.miss(name, "false error" if error else "false warning", "", values)
        serious = [w for w in expected if w.get("severity") != "info" and w.get("code") != "UNKNOWN_DOCUMENT"]
        if truth.get("verdict", "clean" if not serious else "findings") == "clean":
            errors = sum(f.get("severity") == "error" for f in false)
            self.clean += Counter(
                all=1, kept=int(bool(report) and not false), errors=int(errors > 0), warnings=len(false) - errors
            )

    # ----------------------------------------------------------------------------------------------- pages

    def _pages(self, name: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> None:
        types: dict[int, set[str]] = {}
        for document in _list(report, "documents"):
            for page in document.get("pages") or []:
                types.setdefault(int(page), set()).add(str(document.get("type")))
        seen = {int(p.get("page", 0)): p for p in _list(report, "pages")}
        for page in _list(truth, "pages"):
            number = int(page.get("page", 0))
            wanted, kind = page.get("document_type"), page.get("kind", "content")
            got = types.get(number, set())
            right = bool(wanted and wanted in got) or (not wanted and seen.get(number, {}).get("kind") == kind)
            if kind == "content" and wanted == "other" and not got and number in seen:
                right = True
            self.pages += Counter(truth=1, sorted=int(right))
            if not right:
                self.miss(
                    name, f"page {number}", wanted or kind, ", ".join(sorted(got)) or seen.get(number, {}).get("kind")
                )
            if "rotation" in page and kind == "content":
                turned = seen.get(number, {}).get("rotation") == page["rotation"]
                self.pages += Counter(turns_known=1, turned=int(turned))
                if not turned:
                    self.miss(name, f"page {number} rotation", page["rotation"], seen.get(number, {}).get("rotation"))

    # ----------------------------------------------------------------------------------------------- seals

    def _seals(self, name: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> None:
        known = [s for d in _list(truth, "documents") for s in d.get("seals") or []]
        if not known and not any("seals" in d for d in _list(truth, "documents")):
            return
        seen = _distinct([s for d in _list(report, "documents") for s in d.get("seals") or []])
        pairs = _paired(known, seen)
        self.seals += Counter(truth=len(known), found=len(pairs), false=len(seen) - len(pairs))
        for i, seal in enumerate(known):
            label = f"page {seal.get('page')} seal"
            got = seen[pairs[i]] if i in pairs else None
            if got is None:
                self.miss(name, label, seal.get("text"), "")
            self._seal(name, label, seal, got or {})

    def _seal(self, name: str, label: str, seal: Mapping[str, Any], got: Mapping[str, Any]) -> None:
        if seal.get("text"):
            exact = _plain(seal["text"]) == _plain(got.get("text"))
            self.seals += Counter(scored=1, exact=int(exact))
            if got and not exact:
                self.miss(name, f"{label} text", seal["text"], got.get("text"))
        if seal.get("role"):
            right = seal["role"] == got.get("role")
            self.seals += Counter(placed=1, attributed=int(right))
            if got and not right:
                self.miss(name, f"{label} role", f"{seal['role']} {seal.get('text')}", got.get("role"))

    # ----------------------------------------------------------------------------------------------- fields

    def _fields(self, name: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> None:
        documents = _list(report, "documents")
        taken: set[int] = set()
        for known in _list(truth, "documents"):
            values = known.get("fields") or {}
            statements = _list(known, "statements")
            if not values and not statements:
                continue
            chosen = _document_for(known, documents, taken)
            if chosen is not None:
                taken.add(chosen)
            self._statements(name, statements, _list(documents[chosen], "statements") if chosen is not None else [])
            fields = documents[chosen].get("fields") or [] if chosen is not None else []
            form = known.get("type") == "information_form"
            for field, value in values.items():
                self._field(name, f"{known.get('type')}.{field}", field, value, fields, form=form)

    def _field(
        self, name: str, label: str, field: str, value: Any, fields: Sequence[Mapping[str, Any]], *, form: bool
    ) -> None:
        tally, names = (self.form, self.form_names) if form else (self.other, self.other_names)
        named = [f for f in fields if f.get("name") == field and f.get("value") is not None]
        if not named:
            tally["missing"] += 1
            self.miss(name, f"{label} missing", value, "")
            return
        best = max(named, key=lambda f: float(f.get("confidence") or 0))
        right = _same_value(value, best["value"]) or (field == "issuer" and _same_issuer(value, best["value"]))
        self._tell(field, best.get("confidence"), right=right, reasons=best.get("reasons"))
        if right:
            tally["right"] += 1
            return
        silent = float(best.get("confidence") or 0) >= SILENT_CONFIDENCE
        tally["wrong"] += 1
        tally["silently_wrong"] += silent
        names[field] += 1
        self.miss(name, f"{label}{' SILENTLY' if silent else ''} wrong", value, best["value"])

    def _tell(self, name: str, confidence: Any, *, right: bool, reasons: Any = None) -> None:
        why = tuple(map(str, reasons or ()))
        self.told.append(Told(name=name, confidence=float(confidence or 0), right=right, reasons=why))

    # ----------------------------------------------------------------------------------------------- statements

    def _statements(self, name: str, known: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]) -> None:
        for truth in known:
            for label, value, cell in figures_of(truth, seen):
                self._figure(name, label, value, cell)

    def _figure(self, name: str, label: str, value: Any, cell: StatementCell | None) -> None:
        if cell is None or cell.value is None:
            self.figures["missing"] += 1
            self.miss(name, f"{label} missing", value, "")
            return
        right = _same_value(value, cell.value)
        self._tell(f"statement.{label}", cell.confidence, right=right, reasons=cell.reasons)
        if right:
            self.figures["right"] += 1
            return
        silent = cell.confidence >= SILENT_CONFIDENCE
        self.figures += Counter(wrong=1, silently_wrong=int(silent))
        self.figure_names[label] += 1
        self.miss(name, f"{label}{' SILENTLY' if silent else ''} wrong", value, cell.value)

    def score(self, envelopes: int) -> Score:
        def outcome(tally: Counter[str], names: Counter[str]) -> Fields:
            counts = {k: tally[k] for k in ("right", "wrong", "missing", "silently_wrong")}
            return Fields(**counts, wrong_by_name=dict(names))

        return Score(
            envelopes=envelopes,
            lost=tuple(self.lost),
            discrepancies=Discrepancies(**{k: {c: n for c, n in v.items() if n} for k, v in self.codes.items()}),
            seals=Seals(**{k: self.seals[k] for k in Seals.model_fields}),
            form_fields=outcome(self.form, self.form_names),
            other_fields=outcome(self.other, self.other_names),
            statement_figures=outcome(self.figures, self.figure_names),
            told=tuple(self.told),
            pages=Pages(**{k: self.pages[k] for k in Pages.model_fields}),
            clean=self.clean["all"],
            kept_clean=self.clean["kept"],
            clean_with_errors=self.clean["errors"],
            clean_warnings=self.clean["warnings"],
            misses=tuple(self.misses),
        )


def _fits(wanted: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    """Same code, document and field; ``*`` or a part the truth leaves out of a tolerated finding fits all."""
    if wanted.get("code") != finding.get("code"):
        return False
    return _part_fits(wanted.get("document"), finding.get("document")) and _part_fits(
        wanted.get("field"), finding.get("field")
    )


def _part_fits(wanted: Any, got: Any) -> bool:
    if wanted in (None, "", ANY):
        return True
    return wanted == got or {wanted, got} == PROOFS


def _label(finding: Mapping[str, Any]) -> str:
    return " ".join(str(finding[k]) for k in ("code", "document", "field") if finding.get(k))


def _distinct(seals: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A page that belongs to two documents lists its seals twice: once is enough."""
    out: list[Mapping[str, Any]] = []
    for seal in seals:
        if not any(s.get("page") == seal.get("page") and _iou(s, seal) > 0.95 for s in out):
            out.append(seal)
    return out


def _paired(known: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Truth index -> report index, best overlaps first, each once."""
    overlaps = [
        (_iou(a, b), i, j) for i, a in enumerate(known) for j, b in enumerate(seen) if a.get("page") == b.get("page")
    ]
    pairs: dict[int, int] = {}
    for iou, i, j in sorted(overlaps, reverse=True):
        if iou >= SEAL_IOU and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _iou(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    try:
        return Box(*map(float, a["box"])).iou(Box(*map(float, b["box"])))
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("a seal without a box of four numbers") from error


def _document_for(known: Mapping[str, Any], documents: Sequence[Mapping[str, Any]], taken: set[int]) -> int | None:
    """The report's document of the same type that shares most pages; failing that, any that shares pages."""
    pages = set(known.get("pages") or [])

    def rank(i: int) -> tuple[bool, int]:
        same = _part_fits(known.get("type"), documents[i].get("type"))
        return same, len(pages & set(documents[i].get("pages") or []))

    candidates = [i for i in range(len(documents)) if i not in taken and (rank(i)[1] or (not pages and rank(i)[0]))]
    return max(candidates, key=rank, default=None)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _count(f: Fields) -> int:
    return f.right + f.wrong + f.missing


def _share(part: int, whole: int) -> str:
    return f"{part:5d} of {whole:<5d} {100 * _ratio(part, whole):6.2f} %"


def _field_row(label: str, f: Fields) -> str:
    total = f.right + f.wrong + f.missing
    silent = f"{f.silently_wrong} ({100 * f.silently_wrong / max(1, total):.2f} %)"
    return f"{label} {_share(f.right, total)}   wrong {f.wrong}, missing {f.missing}, silently wrong {silent}"
