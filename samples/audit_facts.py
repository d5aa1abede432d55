"""What an audit report is to say, who signs and seals it: drawn for one company (DOMAIN §3)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from samples.fake import CITIES, day, person, seal_code, uscc
from samples.paper import Autograph, Stamp
from samples.seal_art import SealSpec

__all__ = ["AuditFacts", "draw_audit"]

ALL_PARTS = ("cover", "contents", "opinion", "balance_sheet", "income_statement", "cash_flow", "notes", "firm_licence")
FIRM_NAMES = ("中诚衡信", "华瑞德勤源", "天正恒明", "立达中审", "国信瑞诚", "永衡中联", "正和天健源", "众和信德")


@dataclass(frozen=True)
class AuditFacts:
    """What an audit report says. Revenue and the like in yuan. ``faults``: cells printed wrong, by row key."""

    company: str
    signers: tuple[str, str, str]
    revenue: Decimal
    outsourcing: Decimal
    offshore: Decimal
    capital: Decimal
    year: int
    unit: str
    style: str
    consolidated: bool
    opinion: str
    firm: str
    firm_city: str
    firm_uscc: str
    report_no: str
    report_code: str
    report_date: date
    cpas: tuple[tuple[str, str], tuple[str, str]]
    look: int
    parts: tuple[str, ...] = ALL_PARTS
    faults: Mapping[str, Decimal] = field(default_factory=dict)
    stamps: tuple[Stamp, ...] = ()
    autographs: tuple[Autograph, ...] = ()
    parent: bool = False  # the parent company's own statements beside the consolidated ones
    riding: SealSpec | None = None
    riding_break: bool = False

    def without(self, *parts: str) -> AuditFacts:
        """The same report with these parts missing."""
        return replace(self, parts=tuple(p for p in self.parts if p not in parts))


def draw_audit(
    rng: random.Random,
    *,
    company: str,
    legal: str,
    revenue: Decimal,
    outsourcing: Decimal,
    offshore: Decimal,
    capital: Decimal,
    unit: str,
    consolidated: bool,
    style: str,
    company_seal: SealSpec | None,
) -> AuditFacts:
    """A sound report for 2022 by a firm of two partners, sealed and signed by all who must."""
    city = rng.choice(CITIES)
    firm_form = rng.choice(("（特殊普通合伙）", "（特殊普通合伙）", "（普通合伙）", "有限公司"))
    short = rng.choice(FIRM_NAMES)
    firm = f"{short}会计师事务所{firm_form}"
    licence = f"{city.code[:4]}{rng.randint(1, 300):04d}"
    cpas = tuple((person(rng), licence + f"{rng.randint(1, 99):04d}") for _ in range(2))
    number = rng.randint(101, 9899)
    report_no = rng.choice(
        (f"{short}审字[2023]第{number:05d}号", f"{short}审字（2023）第{number:06d}号", f"{short}审〔2023〕{number}号")
    )
    alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    facts = AuditFacts(
        company=company,
        signers=(legal, person(rng), person(rng)),
        revenue=revenue,
        outsourcing=outsourcing,
        offshore=offshore,
        capital=capital,
        year=2022,
        unit=unit,
        style=style,
        consolidated=consolidated,
        opinion="standard",
        firm=firm,
        firm_city=city.city.removesuffix("市"),
        firm_uscc=uscc(rng, "91", city.code),
        report_no=report_no,
        report_code=rng.choice(("", f"{city.short}23{''.join(rng.choices(alphabet, k=8))}")),
        report_date=day(rng, date(2023, 3, 1), date(2023, 6, 25)),
        cpas=(cpas[0], cpas[1]),
        look=rng.getrandbits(32),
    )
    stamps = [
        Stamp(
            "seal-firm",
            SealSpec(
                firm,
                diameter_mm=rng.choice((40, 42)),
                code=seal_code(rng, city.code),
                rotation=rng.uniform(-25, 25),
                wear=rng.uniform(0, 0.3),
            ),
            "audit_firm",
            "official",
            firm,
        ),
        *(
            Stamp(
                f"seal-cpa-{i + 1}",
                SealSpec(
                    f"中国注册会计师\n{name}\n{number}",
                    shape="rectangle",
                    diameter_mm=34,
                    height_mm=17,
                    star=False,
                    rotation=rng.uniform(-6, 6),
                ),
                "cpa",
                "personal",
                f"中国注册会计师{name}{number}",
            )
            for i, (name, number) in enumerate(cpas)
        ),
        Stamp(
            "seal-registry",
            SealSpec(f"{city.city}市场监督管理局", diameter_mm=42, rotation=rng.uniform(-4, 4)),
            "issuer",
            "registration",
            f"{city.city}市场监督管理局",
            printed=True,
        ),
    ]
    finance = f"{city.province}财政厅" if city.province.endswith("省") else f"{city.province}财政局"
    permit = SealSpec(finance, diameter_mm=42, rotation=rng.uniform(-4, 4))
    stamps.append(Stamp("seal-permit", permit, "issuer", "official", finance, printed=True))
    if company_seal is not None:
        stamps += [
            Stamp(
                f"seal-company-{i}",
                replace(company_seal, rotation=rng.uniform(-30, 30)),
                "applicant",
                "official",
                company,
                seed=i,
            )
            for i in range(rng.choice((1, 3)))
        ]
    signs = tuple(Autograph(f"sign-cpa-{i + 1}", name, rng.getrandbits(16)) for i, (name, _) in enumerate(cpas))
    parts = (*ALL_PARTS, *(p for p in ("equity_changes", "firm_permit") if rng.random() < 0.35 and style != "small"))
    riding = stamps[0].spec if rng.random() < 0.3 else None
    return replace(
        facts,
        stamps=tuple(stamps),
        autographs=signs,
        riding=riding,
        parts=parts,
        parent=consolidated and rng.random() < 0.25,
    )
