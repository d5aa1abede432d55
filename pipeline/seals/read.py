"""Seals read without any record: name, straight text and code, with rival readings and a lattice.

Two rounds for a whole page. First every seal's likeliest strips of its name. Where its signs stand says how the seal is
turned, better than the ink alone can: the second round reads the straight text and the code that way and, of a name
that is not clear, the same ring cut and stretched in other ways. All strips are then voted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.model import SealReading
from pipeline.seals.glyphs import cell, glyph_judge, weighed
from pipeline.seals.inside import Row, code_strip, coded, star_turn, straight_rows, turn_of
from pipeline.seals.prepare import ARC_MARGIN, STRIP_HEIGHT, Job, Ringed, Strip, name_strip, prepared, variants
from pipeline.seals.priors import begun, settled
from pipeline.seals.unwrap import Arc, Ring, places_on, rim_cover
from pipeline.seals.vote import (
    END_GAP,
    WHOLE_NAMES,
    Reading,
    Slot,
    Witness,
    candidates,
    cleaned,
    consensus,
    reading_of,
    rewound,
    with_ends,
    without_ends,
    witness_of,
)
from pipeline.seals.wording import special_wording, usual_line, with_usual_end
from pipeline.values.script import without_slips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.reading.engine import Recogniser, Recognition
    from pipeline.seals.find import FoundSeal
    from pipeline.seals.reader import Readers

    Image = NDArray[np.uint8]
    Ink = NDArray[np.float32]
    Lattice = tuple[tuple[tuple[str, float], ...], ...]

__all__ = ["read_seals"]

SOUND_RIM = 0.95  # share of a rim's angles with ink on a seal that is not worn
CLEAR_MEAN, CLEAR_LEAST = 0.97, 0.80  # mean and least probability a character over which one reading is enough
FEW = 2  # strips of an unclear name that are read before the others
AGREED_MEAN, AGREED_LEAST = 0.95, 0.75  # mean and least probability a character over which those few are enough
SHORT = 0.6  # of what fewer are worth
LEAST_TURNED = 3  # signs that tell a pitch
SOME_SIGN = 0.25  # probability from which a strip shows that some sign stands there
MIN_NAME = 4  # characters: no organisation's name is shorter, DOMAIN §6.5
CODE_DIGITS = 13  # 印章编码, DOMAIN §6.1
END_SLACK = 0.6  # of the pitch from the last sign's centre to the end of the name
BEYOND = 1.6  # of the pitch that the second round looks beyond the signs that were read
STAR_TRUST = math.radians(24)  # between star and name, up to which the star says how a seal is turned: it loses no end
CODE_SURE, CODE_LEAST = 0.92, 0.6  # mean and least probability a digit: a wrong code is worse than none
STRAIGHT_SURE = 0.45  # mean probability under which straight text is noise, whatever it says
STRAIGHT_CLEAR = 0.85  # the same for text that is no usual wording
LEAST_WORDING = 3  # signs of such text
LEAST_WITNESSED, WITNESSED = 2, 0.4  # signs of a straight line, and share of them, that print's reader must see too
OPINION_STEPS = 200  # of the table between a strip and its ring
LEAST_PITCH = 4.0  # px: what stands nearer are no characters
STRAY = 0.8  # probability under which a Latin sign amid Chinese ones is a tip of the star


@dataclass(frozen=True, slots=True)
class _Again:
    """What of a ring seal goes to the engine in the second round; ``inked``: where the ink lets the name run."""

    view: Ringed
    inked: Arc
    strips: tuple[Strip, ...] = ()
    code: tuple[Image, ...] = ()
    rows: tuple[Row, ...] = ()


def read_seals(image: Image, found: Sequence[FoundSeal], readers: Readers, *, page: int) -> tuple[SealReading, ...]:
    """Read the seals of one page.

    :param image: the upright page (H, W, 3), BGR
    :param found: the seals found on it, in fractions and pixels of that picture
    :param readers: of their lines: :func:`pipeline.seals.reader.seal_readers`
    :param page: the page's number within its envelope
    :returns: one reading a found seal, in the same order; ``legible`` is 0 where no character could be read
    """
    jobs = [prepared(image, seal) for seal in found]
    first = _recognised(readers.rubber, [job.crops for job in jobs])
    seen = [_witnesses(job, read) for job, read in zip(jobs, first, strict=True)]
    again = [_again(job, own) if job.views else None for job, own in zip(jobs, seen, strict=True)]
    names = _named(readers.rubber, again, seen)
    lines = [[row.image for row in more.rows] if more else [] for more in again]
    inside = [[*more.code, *rows] if more else [] for more, rows in zip(again, lines, strict=True)]
    inner = _recognised(readers.rubber, inside, lattice=False)
    plain = _recognised(readers.plain, lines, lattice=False)
    inner = [_witnessed(own, other) for own, other in zip(inner, plain, strict=True)]
    return tuple(
        _ring_reading(seal, own, more, strips, lines, page) if more else _boxed_reading(seal, job, read, page)
        for seal, job, read, own, more, strips, lines in zip(found, jobs, first, seen, again, names, inner, strict=True)
    )


def _named(
    reader: Recogniser, again: Sequence[_Again | None], seen: Sequence[Sequence[Witness]]
) -> list[list[Recognition]]:
    """The second round's strips of each name: a few of them first, the others where those leave it open."""
    strips = [[s.image for s in more.strips] if more else [] for more in again]
    few = _recognised(reader, [own[:FEW] for own in strips])
    open_ = [not more or not _enough(more, own, read) for more, own, read in zip(again, seen, few, strict=True)]
    rest = _recognised(reader, [own[FEW:] if left else [] for own, left in zip(strips, open_, strict=True)])
    return [[*one, *more] for one, more in zip(few, rest, strict=True)]


def _enough(again: _Again, first: Sequence[Witness], read: Sequence[Recognition]) -> bool:
    """Whether the strips so far show a whole name, each sign likely, with no room left at its ends."""
    second = [_witness(again.view.ring, strip, found) for strip, found in zip(again.strips, read, strict=False)]
    slots = consensus([*first, *second])
    name = reading_of(slots)
    sure = name.score >= AGREED_MEAN and min(name.scores, default=0.0) >= AGREED_LEAST
    return sure and len(name.text) >= MIN_NAME and _completeness(slots, again.inked, explained=False) == 1.0


def _witnessed(inner: Sequence[Recognition], plain: Sequence[Recognition]) -> list[Recognition]:
    """The lines inside a seal; a straight one counts as read only if the reader of print sees a part of it as well.

    Of two that see the same the surer one is heard.
    Who learnt to read ruined lines sees 合同专用章 in the rest of a star, and that would make it another seal.
    """
    codes = len(inner) - len(plain)
    rows = (
        own if _sees(other, own) and own.confidence >= other.confidence else other
        for own, other in zip(inner[codes:], plain, strict=True)
    )
    return [*inner[:codes], *rows]


def _sees(witness: Recognition, told: Recognition) -> bool:
    blocks = SequenceMatcher(None, witness.text, told.text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= max(LEAST_WITNESSED, WITNESSED * len(told.text))


def _recognised(
    reader: Recogniser, groups: Sequence[Sequence[Image]], *, lattice: bool = True
) -> list[list[Recognition]]:
    """All crops in one call, handed back group by group."""
    crops = [cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR) for group in groups for crop in group]
    results = iter(reader.recognise(crops, lattice=lattice) if crops else [])
    return [[next(results) for _ in group] for group in groups]


# --------------------------------------------------------------------------------------------------- second look


def _witnesses(job: Job, read: Sequence[Recognition]) -> tuple[Witness, ...]:
    """What each view's strip shows; a strip that was cut within the name, with its two parts joined."""
    return tuple(
        rewound(_witness(view.ring, strip, found))
        for view, strip, found in zip(job.views, job.strips, read, strict=False)
    )


def _witness(ring: Ring, strip: Strip, found: Recognition) -> Witness:
    """A strip's reading laid on the ring."""
    reading = cleaned(found)
    places = places_on(ring, strip.band, strip.arc, np.array(reading.places))
    steps = (np.arange(len(found.lattice)) + 0.5) / max(1, len(found.lattice))
    return witness_of(found, reading, places.tolist(), places_on(ring, strip.band, strip.arc, steps).tolist())


def _second_opinion(view: Ringed, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Another network's opinion on each place of the ring, whatever the strips saw there."""
    if len(slots) < MIN_NAME:
        return slots
    reach = END_SLACK * float(np.median(np.diff([slot.at for slot in slots])))
    strip = name_strip(replace(view, arc=Arc(slots[0].at - reach, slots[-1].at + reach, 1.0)), view.ink, 1.0)
    shares = np.linspace(0.0, 1.0, OPINION_STEPS)
    places = places_on(view.ring, strip.band, strip.arc, shares)
    middles = np.interp([slot.at for slot in slots], places, shares) * strip.image.shape[1]
    pitch = float(np.median(np.diff(middles)))
    if pitch < LEAST_PITCH:
        return slots
    cells = [cell(strip.image, x, pitch) for x in middles.tolist()]
    told = weighed([dict(slot.signs) for slot in slots], cells, glyph_judge())
    return tuple(replace(slot, signs=signs or slot.signs) for slot, signs in zip(slots, told, strict=True))


def _again(job: Job, seen: Sequence[Witness]) -> _Again:
    """What is to be read of a ring seal, now that its name's first strips were."""
    best = max(range(len(seen)), key=lambda i: _sense(seen[i].reading))
    view, reading = job.views[best], seen[best].reading
    slots = consensus([seen[best]])
    # A strip that was cut within the name did not see its ends: whether a sign is missing there is open.
    joined = bool(slots) and slots[-1].at > view.arc.end + ARC_MARGIN
    inked = Arc(view.arc.start, view.arc.start + 4 * math.pi, 0.0) if joined else view.arc
    clear = not joined and _clear(reading) and _completeness(slots, inked, explained=False) == 1.0
    strips: tuple[Strip, ...] = ()
    if len(slots) >= LEAST_TURNED:
        pitch = float(np.median(np.diff([slot.at for slot in slots])))
        places = seen[best].reading.places
        ends = [at for at, score in zip(places, reading.scores, strict=True) if score >= SOME_SIGN] or places
        near = _limited(Arc(min(ends) - BEYOND * pitch, max(ends) + BEYOND * pitch, view.arc.sure))
        if not clear:
            strips = variants(replace(view, arc=near))
        arc = Arc(slots[0].at - END_SLACK * pitch, slots[-1].at + END_SLACK * pitch, view.arc.sure)
        view = replace(view, arc=arc, turn=_turn(view, arc))
    elif not clear:
        strips = variants(view)
    digits = coded(view.ink, view.ring, view.turn)
    code = code_strip(view.ink, view.ring, view.turn, height=STRIP_HEIGHT) if digits else None
    rows = straight_rows(view.ink, view.ring, view.band, view.arc, view.turn, coded=digits)
    return _Again(view, inked, strips, () if code is None else (code,), tuple(rows))


def _limited(arc: Arc) -> Arc:
    """No more than once round."""
    over = max(0.0, arc.span + 2 * ARC_MARGIN - 2 * math.pi) / 2
    return Arc(arc.start + over, arc.end - over, arc.sure)


def _turn(view: Ringed, arc: Arc) -> float:
    """How a seal is turned: as its name is, or as the star that is near it: a name may have lost its ends."""
    by_name = turn_of(view.ring, arc)
    star = star_turn(view.ink, view.ring, by_name)
    return star if star is not None and abs(star - by_name) <= STAR_TRUST else by_name


def _clear(reading: Reading) -> bool:
    return (
        len(reading.text) >= MIN_NAME and reading.score >= CLEAR_MEAN and min(reading.scores, default=0) >= CLEAR_LEAST
    )


def _sense(reading: Reading) -> float:
    """How much a ring's reading makes sense: sure, of a name's length, ending as names do."""
    return reading.evidence + 0.5 * reading.text.endswith(WHOLE_NAMES)


# ------------------------------------------------------------------------------------------------------- judging


def _ring_reading(
    seal: FoundSeal,
    first: Sequence[Witness],
    again: _Again,
    strips: Sequence[Recognition],
    inner: Sequence[Recognition],
    page: int,
) -> SealReading:
    view = again.view
    second = [_witness(view.ring, strip, found) for strip, found in zip(again.strips, strips, strict=False)]
    witnesses = [*first, *second]
    own = consensus(witnesses)
    start = math.inf if begun(reading_of(own).text) else again.inked.start
    slots = with_ends(own, witnesses, start, again.inked.end)
    slots = without_ends(settled(_second_opinion(view, slots)), own)
    best = reading_of(slots)
    nearest = max(witnesses, key=lambda w: (w.reading.text == best.text, w.reading.score))
    codes, rows = inner[: len(again.code)], inner[len(again.code) :]
    grey = seal.colour == "grey"  # as print is: only what seals say counts
    lines = [_straight(line, usual=grey or row.crosses) for row, line in zip(again.rows, rows, strict=True)]
    straight = tuple(line for line in lines if line)
    explained = any(re.search(r"[一-鿿]", row) for row in straight)
    # What is missing from the rim is missing from the name too: an engine may be sure of half a character.
    cover = rim_cover(view.ink, view.ring)
    if view.other is not None:  # a rim is taken for print where print crosses it
        cover = max(cover, rim_cover(view.other, view.ring))
    whole = _completeness(slots, again.inked, explained) * min(1.0, cover / SOUND_RIM) ** 2
    return SealReading(
        page=page,
        box=seal.box,
        shape=seal.shape,
        colour=seal.colour,
        found=seal.found,
        legible=round(_legible(best) * whole, 3),
        faint=seal.faint,
        cut=seal.cut,
        rotation=round(-math.degrees(view.turn) % 360, 1),
        diameter_mm=seal.diameter_mm,
        candidates=candidates(best, [witness.reading for witness in witnesses]),
        straight=straight,
        code=_code(codes[0]) if codes else None,
        lattice=nearest.lattice,
    )


def _legible(best: Reading) -> float:
    """How far a name can be trusted: the mean probability, pulled down by its worst characters; 0 without a name."""
    if len(best.text) < 2:
        return 0.0
    worst = sorted(best.scores)[: max(1, len(best.scores) // 4)]
    return round(min(1.0, 0.6 * best.score + 0.4 * sum(worst) / len(worst)), 3)


def _completeness(slots: Sequence[Slot], inked: Arc, explained: bool) -> float:
    """Share of a ring's characters that were read: engravers set them evenly, a wide gap is a character missed.

    ``inked``: the arc along which there is ink; ``explained``: what lies beyond the name is straight text.
    """
    seen = [slot.at for slot in slots if slot.signs]
    if len(seen) < MIN_NAME:
        return SHORT
    missed = len(slots) - len(seen)
    if not explained:
        pitch = float(np.median(np.diff(seen)))
        missed += sum(1 for room in (seen[0] - inked.start, inked.end - seen[-1]) if room > END_GAP * pitch)
    return len(seen) / (len(seen) + 1.5 * missed)


def _straight(found: Recognition, *, usual: bool) -> str:
    """A straight line's text, "" where it is noise: sure enough, and more than a speck.

    ``usual``: only the wording of seals counts, and codes; anything else may be print.
    """
    chinese = bool(re.search(r"[一-鿿]", found.text))
    kept = [
        (without_slips(sign), score)
        for sign, score in zip(found.text, found.scores, strict=False)
        if sign.strip() and (score >= STRAY or not sign.isascii() or not chinese)
    ]
    text = "".join(sign for sign, _ in kept)
    if known := usual_line(text, [score for _, score in kept]):
        return known
    if special_wording(text) or not chinese:
        return text if found.confidence >= STRAIGHT_SURE and len(text) >= 2 else ""
    plain = not usual and not re.search(r"[，。、：；]", text)
    return text if plain and found.confidence >= STRAIGHT_CLEAR and len(text) >= LEAST_WORDING else ""


def _code(found: Recognition) -> str | None:
    """The 13 digits of the lower arc, or None where not just that many can be read."""
    digits = re.sub(r"\D", "", found.text.translate(str.maketrans("OoIlBSZ", "0011852")))
    sure = found.confidence >= CODE_SURE and min(found.scores, default=0.0) >= CODE_LEAST
    return digits if len(digits) == CODE_DIGITS and sure else None


# ------------------------------------------------------------------------------------------------- boxed readings

NAME_ENDS = ("印", "章", "之印", "印章", "专用章", "公司")  # what a boxed seal's text ends with, read the right way
USUAL_WORDS = re.compile(
    "公司|有限|财务|专用|科技|会计|注册|合同|之印|中国|市|省|原件|核[对验]|相符|复印|无效|已审|收讫|现金"
)  # in a boxed seal read the right way
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)


def _boxed_reading(seal: FoundSeal, job: Job, first: Sequence[Recognition], page: int) -> SealReading:
    ways: list[tuple[Reading, tuple[str, ...], Lattice]] = []
    for part in sorted({way for _, way in job.boxed}):
        read = [r for (_, way), r in zip(job.boxed, first, strict=True) if way == part and r.text.strip()]
        if read:
            lines = [cleaned(r) for r in read]
            scores = tuple(s for line in lines for s in line.scores)
            joined = Reading(with_usual_end("".join(line.text for line in lines), scores), scores)
            ways.append((joined, tuple(line.text for line in lines), _chained([r.lattice for r in read])))
    ways.sort(key=lambda way: -_boxed_sense(way[0]))
    best, rows, lattice = ways[0] if ways else (Reading("", ()), (), ())
    return SealReading(
        page=page,
        box=seal.box,
        shape=seal.shape,
        colour=seal.colour,
        found=seal.found,
        legible=_legible(best),
        faint=seal.faint,
        cut=seal.cut,
        rotation=round(-seal.angle % 360, 1),
        diameter_mm=seal.diameter_mm,
        candidates=candidates(best, [way[0] for way in ways]),
        straight=rows if len(rows) > 1 else (),
        lattice=lattice,
    )


def _boxed_sense(reading: Reading) -> float:
    """How much a reading of a boxed seal makes sense: sure, and ending or beginning as such seals do."""
    ends = 0.3 * reading.text.endswith(NAME_ENDS)
    starts = 0.1 * (reading.text[:1] in SURNAMES)
    words = 0.15 * len(USUAL_WORDS.findall(reading.text))
    return reading.score + ends + starts + words


def _chained(lattices: Sequence[Lattice]) -> Lattice:
    """The lattices of several rows as one, a sure blank between them."""
    blank = ((("", 1.0),),)
    return tuple(step for lattice in lattices for step in (*lattice, *blank))
