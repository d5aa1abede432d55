"""推荐名单: a commerce department's list of those whom it recommends, ruled, set in columns, or numbered line by line.

Each row is a field ``listed``: (name, application number, code), empty where the list has no such column. It is told
apart from an applicant's own identity on purpose: a list of twenty names belongs to none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors._certificate_names import is_organisation
from extractors._fields import field_of, tidy
from extractors._prose import SignOff, headline, seal_place, sign_off, signer_name
from extractors._wording import squeeze
from pipeline.lists import LACKS_ROWS, LIST, ROW
from pipeline.model import Box, Document, DocumentType, Field, Line, PageScore, ReadPage, SealPlace
from pipeline.programmes import Programme
from pipeline.tables.grid import Cell, join_lines, rows_of, sheet_of
from pipeline.values.dates import parse_date
from pipeline.values.regions import is_commerce_department

__all__ = ["TYPES", "extract", "score"]

TYPES = frozenset({DocumentType.COVER_LETTER})

_TITLE = re.compile(
    r"(?:推荐|推介|申报|参评|报送|参加|上报).{0,40}(?:名单|名录|汇总表|一览表|统计表|情况表)(?:[(（].{0,12}[)）])?$|"
    r"^(?:附件?\d?[:：]?)?(?:企业|单位|推荐)名单$"
)
_NOT_MINE = re.compile(
    r"证书|专利|著作权|人员|职工|员工|客户|产品|课程|教师|设备|附属|子公司|关联方|材料(?:清单|目录)|专家"
)
_NAMES = re.compile(
    r"^(?:被?推荐|推介|申报|申请|参评|参选)?(?:企业|单位|公司|机构|园区|院校|学校|[(（/、及和或])*(?:全称|名称|单位|企业)(?:[(（].{0,10}[)）])?$|^名称$"
)
_NOT_NAMES = re.compile(r"主管|推荐(?:单位|部门|机构)(?:名称)?$|联系|开户|审计|事务所")
_NUMBERS = re.compile(r"(?:申报|申请|系统|受理)(?:编号|号|序号)|^编号$")
_CODES = re.compile(r"信用代码|机构代码")
_SERIAL = re.compile(r"^[(（]?(\d{1,3})[)）.、．]?$")
_COUNTED = re.compile(r"^[(（]?(\d{1,3})\s?[)）.、．:：]\s?(\S.{3,60})$")
_NOBODY = re.compile(r"^(?:合计|总计|以下空白|无|空白|备注|/|-+)")
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9_\-]{5,40}")
_CODE = re.compile(r"[0-9A-Z]{18}")
LEAST_COUNTED = 2  # lines that make a list of numbered lines
SHARED = 0.5  # of the narrower one's width: a cell stands under its heading
ODD_NAME = 0.8  # trust in a name that ends as no organisation's does
FIRST_ROWS = 3  # rows that a page without a title needs to be the next one of a list


@dataclass(frozen=True, slots=True)
class _Row:
    name: tuple[Line, ...]
    number: tuple[Line, ...] = ()
    code: tuple[Line, ...] = ()
    serial: int | None = None


def score(page: ReadPage) -> PageScore | None:
    """A title that says so, with rows of organisations; or rows that go on counting where another page ended."""
    title = headline(page, _TITLE, _NOT_MINE)
    if title is None and not _may_go_on(page):
        return None
    rows = _rows(page)
    organisations = sum(is_organisation(_name(row)) for row in rows)
    if title is not None and organisations and 2 * organisations >= len(rows):
        subject = signer_name(sign_off([page]), [page])
        return PageScore(type=DocumentType.COVER_LETTER, score=97, opens=True, subject=subject)
    going_on = [row.serial for row in rows if row.serial is not None]
    if title is None and organisations >= FIRST_ROWS and going_on and min(going_on) > 1:
        return PageScore(type=DocumentType.COVER_LETTER, score=30, opens=False)
    return None


def _may_go_on(page: ReadPage) -> bool:
    """Whether numbers that count on stand at the left, so that it is worth looking for rows."""
    serials = [m for line in page.lines if line.box.x0 < 0.3 and (m := _SERIAL.match(squeeze(line.text)[0]))]
    return len(serials) >= FIRST_ROWS and min(int(m[1]) for m in serials) > 1


def extract(pages: Sequence[ReadPage], programme: Programme, type: DocumentType) -> Document:
    """``title``, ``issued_on``, ``department`` (who signed) and a field ``listed`` a row."""
    signed = sign_off(pages)
    fields: list[Field] = []
    for page in pages:
        found = headline(page, _TITLE, _NOT_MINE)
        if found is not None:
            fields.append(field_of("title", found[0], (found[1],), page, trust=0.9))
            break
    subject = signer_name(signed, pages)
    if signed is not None and signed.signer is not None and subject:
        fields.append(field_of("department", subject, (signed.signer,), signed.page, trust=0.95))
    if signed is not None and signed.dated is not None and (day := parse_date(signed.dated.text)):
        fields.append(field_of("issued_on", day.isoformat(), (signed.dated,), signed.page, trust=0.95))
    rows = [_field(row, page) for page in pages for row in _rows(page)]
    return Document(
        type=DocumentType.COVER_LETTER,
        pages=tuple(page.page.number for page in pages),
        confidence=0.95 if rows else 0.7,
        subject=subject if is_commerce_department(subject) else "",
        fields=(*fields, *rows),
        parts=(LIST,),
        places=(_place(signed),) if signed is not None else (),
        remarks=(LACKS_ROWS,) if _lacks_rows([row for page in pages for row in _rows(page)]) else (),
    )


def _place(signed: SignOff) -> SealPlace:
    """Whose seal belongs there: a list is the department's, or its association's."""
    place = seal_place(signed.page, signed.box, signed.name)
    return place.model_copy(update={"role": "commerce_department"}) if is_commerce_department(signed.name) else place


def _lacks_rows(rows: Sequence[_Row]) -> bool:
    """Whether the list counts further than rows were read; a number alone is easily overlooked, and tells nothing."""
    return max((row.serial for row in rows if row.serial is not None), default=0) > len(rows)


def _field(row: _Row, page: ReadPage) -> Field:
    name = _name(row)
    number = _first(_NUMBER, row.number)
    code = _first(_CODE, row.code)
    trust = 0.98 if is_organisation(name) else ODD_NAME
    return field_of(ROW, (name, number, code), row.name, page, raw=join_lines(row.name), trust=trust)


def _name(row: _Row) -> str:
    text = tidy(join_lines(row.name))
    counted = _COUNTED.match(text)
    return tidy(counted[2]) if counted else text


def _first(pattern: re.Pattern[str], lines: Sequence[Line]) -> str:
    match = pattern.search(squeeze(join_lines(lines))[0].upper())
    return match[0] if match else ""


# ------------------------------------------------------------------------------------------------------------ rows


def _rows(page: ReadPage) -> list[_Row]:
    cells = sheet_of(page).cells
    ruled = [row for head in _heads(cells) for row in _under(head, cells)]
    if ruled:
        return ruled
    return _in_columns(page) or _counted(page)


def _heads(cells: Sequence[Cell]) -> list[Cell]:
    """The heading over the names of each ruled table; of several (企业名称, 推荐单位) the one that says names."""
    found: dict[int, Cell] = {}
    for cell in cells:
        text = squeeze(cell.text)[0]
        if cell.ruled and _NAMES.match(text) and not _NOT_NAMES.search(text):
            before = found.get(cell.table)
            if before is None or ("名称" in text and "名称" not in before.text and cell.box.y0 <= before.box.y1):
                found[cell.table] = cell
    return list(found.values()) or _headless(cells)


def _headless(cells: Sequence[Cell]) -> list[Cell]:
    """Of a table that goes on on a next page without its heading: the column of organisations, by its first cell."""
    named = [c for c in cells if c.ruled and is_organisation(tidy(c.text))]
    for cell in named:
        same = [c for c in named if c.table == cell.table and _shares(c.box, cell.box)]
        if len(same) >= FIRST_ROWS:
            top = cell.box
            return [Cell(box=Box(top.x0, max(0.0, top.y0 - 0.001), top.x1, top.y0), page=cell.page, table=cell.table)]
    return []


def _under(head: Cell, cells: Sequence[Cell]) -> Iterator[_Row]:
    own = [c for c in cells if c.table == head.table and c is not head]
    beside = [c for c in own if _level(c.box, head.box)] if head.text else []
    numbers = next((c for c in beside if _NUMBERS.search(squeeze(c.text)[0])), None)
    codes = next((c for c in beside if _CODES.search(squeeze(c.text)[0])), None)
    for cell in own:
        if cell.box.cy <= head.box.cy or not _shares(cell.box, head.box) or not _may_be_name(cell.text):
            continue
        row = [c for c in own if c is not cell and _level(c.box, cell.box)]

        def lines(column: Cell | None, row: list[Cell] = row) -> tuple[Line, ...]:
            return next((c.lines for c in row if column is not None and _shares(c.box, column.box)), ())

        serials = [int(m[1]) for c in row if c.box.cx < cell.box.x0 and (m := _SERIAL.match(squeeze(c.text)[0]))]
        yield _Row(cell.lines, lines(numbers), lines(codes), serials[0] if serials else None)


def _may_be_name(text: str) -> bool:
    plain = squeeze(text)[0]
    return len(plain) >= 3 and bool(re.search(r"[\u3400-\u9fffA-Za-z]{2}", plain)) and not _NOBODY.match(plain)


def _shares(a: Box, b: Box) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) >= SHARED * min(a.width, b.width)


def _level(a: Box, b: Box) -> bool:
    return min(a.y1, b.y1) - max(a.y0, b.y0) >= SHARED * min(a.height, b.height)


def _in_columns(page: ReadPage) -> list[_Row]:
    """Rows of a list without rules, under a row of headings; a name goes on in the next row if that has no number."""
    rows = rows_of(page.lines)
    for place, row in enumerate(rows):
        heads = [line for line in row if _NAMES.match(squeeze(line.text)[0]) and not _NOT_NAMES.search(line.text)]
        serial = next((line for line in row if squeeze(line.text)[0] in ("序号", "编号", "号")), None)
        if len(row) < 2 or len(heads) != 1 or serial is None:
            continue
        found: list[_Row] = []
        for below in rows[place + 1 :]:
            by_head = {id(head): _lines_under(head, row, below) for head in row}
            names = by_head[id(heads[0])]
            number = next((m for line in by_head[id(serial)] if (m := _SERIAL.match(squeeze(line.text)[0]))), None)
            if number is not None and names and _may_be_name(join_lines(names)):
                numbers = next((by_head[id(h)] for h in row if h is not serial and _NUMBERS.search(h.text)), ())
                codes = next((by_head[id(h)] for h in row if _CODES.search(h.text)), ())
                found.append(_Row(names, numbers, codes, int(number[1])))
            elif found and names and len(names) == len(below) and not is_organisation(_name(found[-1])):
                last = found[-1]
                found[-1] = _Row((*last.name, *names), last.number, last.code, last.serial)
        return found
    return []


def _lines_under(head: Line, heads: Sequence[Line], row: Sequence[Line]) -> tuple[Line, ...]:
    """Lines of a row that stand nearer to this heading than to any other."""
    return tuple(line for line in row if min(heads, key=lambda h: _apart(h.box, line.box)) is head)


def _apart(head: Box, line: Box) -> float:
    """How far a line lies from the column that a heading is over: names are wider than what is over them."""
    shared = min(head.x1, line.x1) - max(head.x0, line.x0)
    return -shared if shared > 0 else abs(head.cx - line.cx)


def _counted(page: ReadPage) -> list[_Row]:
    """1. 甲有限公司, 2. 乙学院 …: lines that begin with a number and are an organisation's name."""
    found = []
    for row in rows_of(page.lines):
        line = row[0]
        match = _COUNTED.match(line.text.strip())
        if match and is_organisation(tidy(match[2])) and len(row) <= 2:
            found.append(_Row((line,), row[1:], row[1:], int(match[1])))
    return found if len(found) >= LEAST_COUNTED else []
