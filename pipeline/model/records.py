"""Declarations: what was declared online (网上申报)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pipeline.model.frozen import Frozen

__all__ = ["Certificate", "Record", "Track"]

Track = Literal["supplier", "park", "training"]


class Certificate(Frozen):
    """A certificate as declared.

    kind: iso9001 iso20000 iso27001 cmmi hi_tech advanced_tech software_copyright patent other.
    """

    kind: str
    number: str = ""
    name: str = ""
    issuer: str = ""
    valid_until: date | None = None


class Record(Frozen):
    """One application as declared online. Money is in 万元, as CONTRACT's records have it; None or empty: unknown."""

    application_no: str
    track: Track
    name: str = ""
    previous_names: tuple[str, ...] = ()
    uscc: str = ""
    address: str = ""
    headquarters: str = ""
    delivery_location: str = ""
    established: date | None = None
    legal_representative: str = ""
    contact: str = ""
    mobile: str = ""
    email: str = ""
    registered_capital: Decimal | None = None
    operating_revenue: Decimal | None = None
    outsourcing_revenue: Decimal | None = None
    offshore_revenue: Decimal | None = None
    staff: int | None = None
    outsourcing_staff: int | None = None
    degree_staff: int | None = None
    industry: str = ""
    functions: tuple[str, ...] = ()
    commerce_department: str = ""
    certificates: tuple[Certificate, ...] = ()
    submitted_at: datetime | None = None
