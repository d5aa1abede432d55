"""A commerce department's parcel (包裹): its 推荐名单, and the envelopes of those that it lists."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from samples.fake import day
from samples.forms import chinese_date
from samples.paper import Paper, Stamp
from samples.proofs import FONTS
from samples.seal_art import SealSpec

__all__ = ["recommendation_list"]

LOOKS = ("numbers", "codes", "names")


def recommendation_list(
    rng: random.Random, *, department: str, listed: Sequence[Mapping[str, str]], look: str = "numbers"
) -> Paper:
    """The list, sealed by the department; ``listed``: records (name, application_no, uscc) in the list's order.

    :param look: which columns stand beside the names: application numbers, codes, or none
    """
    heads = {
        "numbers": ("序号", "企业名称", "申报编号", "备注"),
        "codes": ("序号", "单位名称", "统一社会信用代码", "联系人"),
        "names": ("序号", "申报单位名称", "所在区县"),
    }[look]
    rows = [heads]
    for place, one in enumerate(listed, start=1):
        told = {
            "numbers": (one["application_no"], ""),
            "codes": (one["uscc"], "王老师"),
            "names": (department[:3],),
        }[look]
        rows.append((str(place), one["name"], *told))
    context = {
        "font": rng.choice(FONTS),
        "red_head": "",
        "title": "2023年中国数字服务暨服务外包领军企业推荐名单",
        "title_size": "16pt",
        "byline": "",
        "leading": "1.7",
        "to": "",
        "sections": [{"title": "", "texts": (), "table": tuple(rows)}],
        "signer": department,
        "stamp_word": "",
        "date": chinese_date(day(rng, date(2023, 9, 5), date(2023, 9, 18))),
    }
    seal = SealSpec(department, diameter_mm=42, rotation=rng.uniform(-15, 15), wear=rng.uniform(0, 0.15))
    stamp = Stamp("seal-applicant", seal, "commerce_department", "official", department, seed=7)
    return Paper("cover_letter", "letter.html", {"t": context}, {}, (replace(stamp, dx=rng.uniform(-5, 5)),))
