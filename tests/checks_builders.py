"""Small real models for the tests of the rules: a clean application of each track, and ways to change one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.checks import Case, judge
from pipeline.model import (
    Box,
    Certificate,
    Document,
    DocumentType,
    Field,
    Finding,
    Outcome,
    Page,
    Quality,
    Record,
    Row,
    Seal,
    SealPlace,
    SealReading,
    Statement,
    StatementColumn,
    Submission,
)
from pipeline.programmes import load

PROGRAMME = load("cciip-2023")
NAME = "杭州智云软件有限公司"
CODE = "91110108MA01EBFH9B"
OTHER_CODE = "914403001922038216"
ADDRESS = "浙江省杭州市余杭区文一西路969号3幢5层"
BUREAU = "杭州市余杭区商务局"
FIRM = "天健会计师事务所（特殊普通合伙）"
BOX = Box(0.3, 0.2, 0.6, 0.23)
PLACE_A = Box(0.1, 0.7, 0.45, 0.9)
PLACE_B = Box(0.55, 0.7, 0.9, 0.9)
SEAL_A = Box(0.2, 0.73, 0.38, 0.86)
SEAL_B = Box(0.63, 0.73, 0.81, 0.86)


def field(name: str, value: Any, **changes: Any) -> Field:
    base: dict[str, Any] = {
        "name": name,
        "value": value,
        "raw": str(value) if value is not None else "",
        "page": 1,
        "box": BOX,
        "confidence": 0.98,
    }
    return Field(**(base | changes))


def money(name: str, wan: str, **changes: Any) -> Field:
    """A figure printed in 万元."""
    yuan = f"{Decimal(wan) * 10_000:.2f}"
    return field(name, yuan, **({"raw": wan, "unit": "万元"} | changes))


def seal(text: str, role: str, box: Box = SEAL_A, page: int = 1, **changes: Any) -> Seal:
    reading = SealReading(page=page, box=box, legible=0.95)
    base: dict[str, Any] = {
        "page": page,
        "box": box,
        "shape": "round",
        "colour": "red",
        "kind": "official",
        "text": text,
        "role": role,
        "owner": text,
        "confidence": 0.95,
        "rests_on": "free",
        "reading": reading,
    }
    return Seal(**(base | changes))


def faint(text: str, role: str, box: Box = SEAL_A, page: int = 1) -> Seal:
    reading = SealReading(page=page, box=box, legible=0.1, faint=True)
    return seal(text, role, box, page, owner=None, confidence=0.2, rests_on="none", reading=reading)


def record(**changes: Any) -> Record:
    base: dict[str, Any] = {
        "application_no": "CCIIP2023S00001",
        "track": "supplier",
        "name": NAME,
        "uscc": CODE,
        "address": ADDRESS,
        "headquarters": "浙江省杭州市",
        "delivery_location": "浙江省杭州市",
        "established": date(2010, 5, 6),
        "legal_representative": "王小明",
        "contact": "李丽",
        "mobile": "13800138000",
        "email": "lili@zhiyun.cn",
        "registered_capital": Decimal("5000"),
        "operating_revenue": Decimal("12345.67"),
        "outsourcing_revenue": Decimal("8000.50"),
        "offshore_revenue": Decimal("3000.00"),
        "staff": 600,
        "outsourcing_staff": 400,
        "degree_staff": 550,
        "industry": "信息服务业",
        "functions": ("云计算", "IT解决方案"),
        "certificates": (
            Certificate(kind="iso9001", number="03410Q10286R0S"),
            Certificate(kind="software_copyright", number="2020SR0123456"),
        ),
    }
    return Record(**(base | changes))


def form_fields(**changes: Any) -> tuple[Field, ...]:
    fields = {
        "application_no": field("application_no", "CCIIP2023S00001"),
        "name": field("name", NAME),
        "uscc": field("uscc", CODE),
        "address": field("address", ADDRESS),
        "headquarters": field("headquarters", "浙江省杭州市"),
        "delivery_location": field("delivery_location", "浙江省杭州市"),
        "established": field("established", "2010-05-06"),
        "legal_representative": field("legal_representative", "王小明"),
        "contact": field("contact", "李丽"),
        "mobile": field("mobile", "13800138000"),
        "email": field("email", "lili@zhiyun.cn"),
        "registered_capital": money("registered_capital", "5000"),
        "operating_revenue": money("operating_revenue", "12345.67"),
        "outsourcing_revenue": money("outsourcing_revenue", "8000.50"),
        "offshore_revenue": money("offshore_revenue", "3000.00"),
        "staff": field("staff", 600),
        "outsourcing_staff": field("outsourcing_staff", 400),
        "degree_staff": field("degree_staff", 550),
        "industry": field("industry", "信息服务业"),
        "functions": field("functions", ("云计算", "IT解决方案")),
    }
    return tuple(one for one in (fields | changes).values() if one is not None)


def places(page: int = 1) -> tuple[SealPlace, ...]:
    return (
        SealPlace(role="applicant", page=page, box=PLACE_A, label="申报单位（盖章）"),
        SealPlace(role="commerce_department", page=page, box=PLACE_B, label="商务主管部门（盖章）"),
    )


def form(fields: tuple[Field, ...] | None = None, **changes: Any) -> Document:
    base: dict[str, Any] = {
        "type": DocumentType.INFORMATION_FORM,
        "pages": (1,),
        "confidence": 0.99,
        "subject": NAME,
        "fields": form_fields() if fields is None else fields,
        "seals": (seal(NAME, "applicant", SEAL_A), seal(BUREAU, "commerce_department", SEAL_B)),
        "places": places(),
    }
    return Document(**(base | changes))


def row(item: str, *values: str | None, confidence: float = 0.98) -> Row:
    amounts = tuple(None if value is None else Decimal(value) for value in values)
    return Row(
        item=item,
        page=3,
        values=amounts,
        boxes=tuple(None if value is None else BOX for value in values),
        confidence=tuple(None if value is None else confidence for value in values),
    )


def balance_sheet(**changes: Any) -> Statement:
    rows = (
        row("流动资产合计", "60.00", "50.00"),
        row("非流动资产合计", "40.00", "30.00"),
        row("资产总计", "100.00", "80.00"),
        row("流动负债合计", "20.00", "20.00"),
        row("非流动负债合计", "10.00", "5.00"),
        row("负债合计", "30.00", "25.00"),
        row("所有者权益（或股东权益）合计", "70.00", "55.00"),
        row("负债和所有者权益（或股东权益）总计", "100.00", "80.00"),
    )
    columns = (
        StatementColumn(label="期末余额", period="2022-12-31"),
        StatementColumn(label="上年年末余额", period="2021-12-31"),
    )
    base: dict[str, Any] = {
        "kind": "balance_sheet",
        "consolidated": True,
        "unit": "元",
        "pages": (3,),
        "columns": columns,
        "rows": rows,
    }
    return Statement(**(base | changes))


def audit_fields(**changes: Any) -> tuple[Field, ...]:
    fields = {
        "company_name": field("company_name", NAME, page=2),
        "audit_firm": field("audit_firm", FIRM, page=2),
        "period": field("period", 2022, page=2),
        "opinion": field("opinion", "standard", page=2),
        "consolidated": field("consolidated", True, page=2),
        "operating_revenue": field("operating_revenue", "123456712.34", raw="123,456,712.34", unit="元", page=3),
    }
    return tuple(one for one in (fields | changes).values() if one is not None)


def audit(fields: tuple[Field, ...] | None = None, **changes: Any) -> Document:
    base: dict[str, Any] = {
        "index": 1,
        "type": DocumentType.AUDIT_REPORT,
        "pages": (2, 3),
        "confidence": 0.99,
        "subject": NAME,
        "fields": audit_fields() if fields is None else fields,
        "statements": (balance_sheet(),),
        "seals": (
            seal(FIRM, "audit_firm", SEAL_B, 2),
            seal("张三", "cpa", Box(0.1, 0.5, 0.2, 0.55), 2, kind="personal", shape="square"),
            seal("李四", "cpa", Box(0.1, 0.6, 0.2, 0.65), 2, kind="personal", shape="square"),
        ),
    }
    return Document(**(base | changes))


def iso(number: str = "03410Q10286R0S", holder: str = NAME, **changes: Any) -> Document:
    base: dict[str, Any] = {
        "index": 2,
        "type": DocumentType.ISO_CERTIFICATE,
        "pages": (4,),
        "confidence": 0.99,
        "subject": holder,
        "fields": (
            field("certificate_no", number, page=4),
            field("holder", holder, page=4),
            field("kind", "iso9001", page=4),
            field("valid_until", "2025-06-30", page=4),
        ),
    }
    return Document(**(base | changes))


def copyright_(number: str = "2020SR0123456", holder: str = NAME, **changes: Any) -> Document:
    base: dict[str, Any] = {
        "index": 3,
        "type": DocumentType.SOFTWARE_COPYRIGHT,
        "pages": (5,),
        "confidence": 0.99,
        "subject": holder,
        "fields": (field("certificate_no", number, page=5), field("holder", holder, page=5)),
    }
    return Document(**(base | changes))


def page(number: int, **changes: Any) -> Page:
    base: dict[str, Any] = {
        "number": number,
        "file": "env.pdf",
        "index": number - 1,
        "sha256": "0" * 64,
        "width": 1654,
        "height": 2339,
        "quality": Quality(dpi=200, colour="colour"),
    }
    return Page(**(base | changes))


def submission(*documents: Document, pages: int = 8, **changes: Any) -> Submission:
    numbered = tuple(one.model_copy(update={"index": i}) for i, one in enumerate(documents))
    base: dict[str, Any] = {
        "envelope": "env-0001.pdf",
        "sha256": "1" * 64,
        "pages": tuple(page(n) for n in range(1, pages + 1)),
        "documents": numbered,
    }
    return Submission(**(base | changes))


def supplier(
    *,
    form_: Document | None = None,
    audit_: Document | None = None,
    others: tuple[Document, ...] | None = None,
    record_: Record | None = None,
    **changes: Any,
) -> Case:
    """A clean supplier's application but for what is given."""
    papers = (form_ or form(), audit_ or audit(), *((iso(), copyright_()) if others is None else others))
    case = Case(
        programme=PROGRAMME,
        submissions=(submission(*papers),),
        track="supplier",
        record=record_ or record(),
        matched_by=("application_no", "name"),
        received_on=date(2023, 9, 20),
    )
    return replace(case, **changes)


def proof(name: str, code: str | None = CODE, seals: tuple[Seal, ...] = (), **changes: Any) -> Document:
    fields = (field("name", name, page=2), *((field("uscc", code, page=2),) if code else ()))
    base: dict[str, Any] = {
        "type": DocumentType.LEGAL_PERSON_PROOF,
        "pages": (2,),
        "confidence": 0.98,
        "subject": name,
        "fields": fields,
        "seals": seals,
    }
    return Document(**(base | changes))


def statement(subject: str = "", seals: tuple[Seal, ...] = (), **changes: Any) -> Document:
    base: dict[str, Any] = {
        "type": DocumentType.SUPPORTING_STATEMENT,
        "pages": (3,),
        "confidence": 0.95,
        "subject": subject,
        "seals": seals,
    }
    return Document(**(base | changes))


PARK = "杭州未来软件园"
OPERATOR = "杭州未来软件园发展有限公司"


def park(
    *,
    track: str = "park",
    name: str = PARK,
    owner: str = OPERATOR,
    form_: Document | None = None,
    proof_: Document | None = None,
    statement_: Document | None = None,
    documents: tuple[Document, ...] | None = None,
    record_: Record | None = None,
    **changes: Any,
) -> Case:
    """A clean park's (or training institution's) application; the seals are its legal person's."""
    fields = tuple(
        one
        for one in form_fields(name=field("name", name))
        if one.name in ("application_no", "name", "uscc", "address")
    )
    seals = (seal(owner, "applicant", SEAL_A), seal(BUREAU, "commerce_department", SEAL_B))
    papers = documents or (
        form_ or form(fields, seals=seals, subject=name),
        proof_ or proof(owner, seals=(seal(owner, "applicant", SEAL_A, 2),)),
        statement_ or statement(seals=(seal(owner, "applicant", SEAL_A, 3),)),
    )
    declared = record_ or Record(
        application_no="CCIIP2023S00001",
        track=track,
        name=name,
        uscc=CODE,
        address=ADDRESS,  # type: ignore[arg-type]
    )
    case = Case(
        programme=PROGRAMME,
        submissions=(submission(*papers),),
        track=track,  # type: ignore[arg-type]
        record=declared,
        received_on=date(2023, 9, 20),
    )
    return replace(case, **changes)


def findings(case: Case) -> tuple[Finding, ...]:
    return tuple(one for check in judge(case) for one in check.findings)


def brief(case: Case) -> list[tuple[str, str, str | None, str | None]]:
    """(code, severity, document, field) of all findings."""
    return [(one.code.value, one.severity.value, one.document, one.field) for one in findings(case)]


def only(case: Case) -> Finding:
    """The one finding there is."""
    found = findings(case)
    assert len(found) == 1, [(one.code.value, one.field, one.message.en) for one in found]
    return found[0]


def outcome(case: Case, rule: str) -> Outcome:
    return next(check.outcome for check in judge(case) if check.rule == rule)


def changed(document: Document, change: Callable[[Field], Field], *names: str) -> Document:
    """The document with those fields changed."""
    fields = tuple(change(one) if one.name in names else one for one in document.fields)
    return document.model_copy(update={"fields": fields})
