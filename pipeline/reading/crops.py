"""Crops of single fields, made easy for tesseract: dark on white, one height, no rules, no seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Box

    Image = NDArray[np.uint8]
    Grey = NDArray[np.uint8]

__all__ = ["faded", "field_cut", "field_row", "without_colour"]

GROWN = 0.12  # of the box's height, above and below: detection boxes may cut strokes
INK = 60  # levels darker than paper
LIFT = 0.7  # of the spread between channels that coloured ink is lightened by: dark red becomes paper too
COLOUR_TEXT = 0.3  # share of ink that must stay when colour goes: else the text itself is coloured


def field_cut(image: Image, box: Box) -> Image:
    """One field's place on the page with a little around it, BGR; empty where the box lies beyond the page."""
    page_height, page_width = image.shape[:2]
    grow = GROWN * box.height * page_height
    x0, x1 = round(box.x0 * page_width - grow), round(box.x1 * page_width + grow)
    y0, y1 = round(box.y0 * page_height - grow), round(box.y1 * page_height + grow)
    return image[max(0, y0) : max(1, y1), max(0, x0) : max(1, x1)].copy()


def field_row(cut: Image, height: int) -> Grey:
    """A field's place made a row for tesseract, ``height`` px high."""
    if cut.size == 0:
        return np.full((height, height), 255, np.uint8)
    grey = _flat(without_colour(cut))
    grey = _without_rules(grey)
    share = height / grey.shape[0]
    width = max(8, round(grey.shape[1] * share))
    done: Grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_CUBIC if share > 1 else cv2.INTER_AREA)
    return done


def without_colour(crop: Image) -> Grey:
    """Grey in which coloured ink (a seal's) is gone, unless the text itself is coloured."""
    brightest: Grey = crop.max(axis=2)
    grey: Grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    paper = int(np.percentile(grey, 90))
    ink, kept = int((grey < paper - INK).sum()), int((brightest < paper - INK).sum())
    return brightest if kept >= COLOUR_TEXT * ink else grey


def faded(crop: Image) -> Image:
    """The crop with coloured ink lifted to paper white and black ink left as it is; BGR, all channels equal."""
    blue, green, red = cv2.split(crop)
    brightest, darkest = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    lifted = cv2.addWeighted(brightest, 1 + LIFT, darkest, -LIFT, 0)
    return cv2.merge([lifted, lifted, lifted])  # type: ignore[no-any-return]


def _flat(grey: Grey) -> Grey:
    """Paper made white, ink stretched to black."""
    low, high = np.percentile(grey, (1, 85))
    span = max(40.0, float(high) - float(low))
    done: Grey = np.clip((grey.astype(np.float32) - low) * (255.0 / span), 0, 255).astype(np.uint8)
    return done


def _without_rules(grey: Grey) -> Grey:
    """The cell's own border lines painted over: tesseract reads them as 1, | and -."""
    height, width = grey.shape
    dark = (grey < 128).astype(np.uint8)
    if width >= 3 * height:
        across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, max(24, round(0.5 * width))), np.uint8))
        across[round(0.2 * height) : round(0.8 * height)] = 0  # what runs through the middle is a dash
        grey = np.where(cv2.dilate(across, np.ones((3, 3), np.uint8)) > 0, 255, grey).astype(np.uint8)
    rim = max(2, round(0.25 * height))
    down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((max(8, round(0.92 * height)), 1), np.uint8))
    down[:, rim:-rim] = 0
    return np.where(cv2.dilate(down, np.ones((3, 3), np.uint8)) > 0, 255, grey).astype(np.uint8)
