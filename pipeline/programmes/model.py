"""What a programme (one year's call) asks for: frozen data, read from its TOML file; nothing here judges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.model import DocumentType, SealRole, Severity, Track

__all__ = [
    "CertificateKind",
    "Criteria",
    "DocumentRule",
    "FunctionClass",
    "FunctionGroup",
    "Industry",
    "Policies",
    "Programme",
    "SealRule",
    "SignatureRule",
    "Slot",
    "TrackRules",
]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SealRule(_Data):
    """A seal that must stand on a document: whose, how many of them, on what ground."""

    role: SealRole
    basis: str
    count: int = 1
    severity: Severity = Severity.ERROR


class SignatureRule(_Data):
    """A signature (签字) asked for where the document has a place for it."""

    role: SealRole
    basis: str
    severity: Severity = Severity.WARNING


class DocumentRule(_Data):
    """A document of a track. ``key`` names it in rule ids, ``also`` are types that prove the same.

    ``topics``: what a supporting statement should speak of, for its extractor.
    """

    key: str
    type: DocumentType
    title: str
    title_en: str
    basis: str
    required: bool = False
    severity: Severity = Severity.ERROR
    also: tuple[DocumentType, ...] = ()
    seals: tuple[SealRule, ...] = ()
    signatures: tuple[SignatureRule, ...] = ()
    topics: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[DocumentType, ...]:
        """Every type that satisfies this rule, its own first."""
        return (self.type, *self.also)


class Slot(_Data):
    """A line of a cover sheet's checklist (材料清单): a document, or the place of all ``certificates`` declared.

    ``separate``: it begins a pile of its own, before which a separator sheet can lie.
    """

    title: str
    title_en: str
    note: str = ""
    type: DocumentType | None = None
    certificates: bool = False
    separate: bool = True


class CertificateKind(_Data):
    """A kind of certificate as declared online: what people call it, and which document it is."""

    title: str
    type: DocumentType


class TrackRules(_Data):
    """服务外包供应商, 园区, or 培训机构及院校: its documents, required ones first; the slots of its cover sheet."""

    title: str
    title_en: str
    form_titles: tuple[str, ...]
    documents: tuple[DocumentRule, ...]
    name_may_be_brand: bool = False
    slots: tuple[Slot, ...] = ()

    def rule_for(self, type_: DocumentType) -> DocumentRule | None:
        """The rule about documents of that type, or None where the track asks nothing of them."""
        return next((rule for rule in self.documents if type_ in rule.types), None)


class Criteria(_Data):
    """推介标准 (letter 一(一)): all bounds inclusive, amounts in yuan. Only for ``tracks``."""

    tracks: tuple[Track, ...]
    outsourcing_revenue: Decimal
    outsourcing_staff: int
    revenue_per_head: Decimal
    outsourcing_revenue_basis: str
    outsourcing_staff_basis: str
    revenue_per_head_basis: str
    location_basis: str


class Policies(_Data):
    """How the letter's open points are read (DOMAIN §1.4); each a named choice of the programme file."""

    deadline_basis: str
    deadline_included: bool
    deadline_counts: Literal["dispatch", "receipt"]
    approval_is_seal: bool
    commerce_region: Literal["own_or_above", "any"]
    commerce_elsewhere: Severity
    per_head_staff: Literal["outsourcing_staff", "staff"]
    small_company_route: Literal["replaces_staff", "replaces_staff_and_revenue"]
    outsourcing_within_audited: bool
    functions_several: bool
    parent_required: bool
    hong_kong_macau_taiwan: Literal["unclear", "inside", "outside"]
    opinion_required: Literal["standard", "any"]
    report_code_required: bool


class Industry(_Data):
    """One of the eight industries of 表格 1 with the letter's definition."""

    name: str
    definition: str


class FunctionGroup(_Data):
    """A group of 表格 2, e.g. 软件研发外包, with its leaves."""

    name: str
    leaves: tuple[str, ...]


class FunctionClass(_Data):
    """ITO, BPO or KPO with its groups."""

    code: str
    name: str
    groups: tuple[FunctionGroup, ...]


class Programme(_Data):
    """One call. ``rules_version`` changes with the programme file and with the rules' own code."""

    id: str
    title: str
    title_en: str
    issuer: str
    letter: str
    rules_version: str
    deadline: date
    period: int
    policies: Policies
    criteria: Criteria
    tracks: Mapping[Track, TrackRules]
    industry_definitions: tuple[Industry, ...]
    categories: tuple[str, ...]
    function_groups: tuple[FunctionClass, ...]
    certificate_kinds: Mapping[str, CertificateKind] = MappingProxyType({})

    @property
    def thresholds(self) -> Criteria:
        """推介标准 with its figures: the same as ``criteria``."""
        return self.criteria

    @property
    def industries(self) -> tuple[str, ...]:
        """Names of the eight industries of 表格 1."""
        return tuple(industry.name for industry in self.industry_definitions)

    @property
    def functions(self) -> tuple[str, ...]:
        """The 40 leaves of 功能领域, in the letter's order."""
        return tuple(leaf for cls in self.function_groups for group in cls.groups for leaf in group.leaves)

    def group_of(self, leaf: str) -> tuple[str, str] | None:
        """Class code and group name of a leaf, e.g. ``("KPO", "技术服务外包")``."""
        for cls in self.function_groups:
            for group in cls.groups:
                if leaf in group.leaves:
                    return cls.code, group.name
        return None
