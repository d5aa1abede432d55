"""The mail room's cover sheets: a QR code with the application number and the day of receipt."""

from __future__ import annotations

from datetime import date

import cv2

from pipeline.intake.split import make_cover_payload
from samples.paper import Paper

__all__ = ["cover_sheet"]

PROGRAMME = "cciip-2023"


def cover_sheet(application_no: str, name: str, received: str) -> Paper:
    """A cover sheet for one envelope; ``received``: ISO date."""
    payload = make_cover_payload(PROGRAMME, application_no, received_on=date.fromisoformat(received))
    modules = cv2.QRCodeEncoder.create().encode(payload)
    rows, columns = modules.shape
    dark = [(x, y) for y in range(rows) for x in range(columns) if modules[y, x] == 0]
    context = {
        "title": "信封封面",
        "name": name,
        "number": application_no,
        "received": received,
        "size": columns,
        "cells": dark,
    }
    return Paper("cover", "cover.html", {"t": context})
