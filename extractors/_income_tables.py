"""Tables that part revenue by business (服务外包业务收入明细表): sheets of a special audit, no form, no statement."""

from __future__ import annotations

import re

from pipeline.model import ReadPage
from pipeline.values.flat import flat

__all__ = ["is_income_table"]

UPPER = 0.35  # of the page: its title stands there
_TITLE = re.compile(r".{0,24}收入.{0,14}(?:明细|情况|汇总|统计|构成|审定|分类|分析|鉴证|审核)表(?:[(（].{0,12}[)）])?")


def is_income_table(page: ReadPage) -> bool:
    """Whether a line titles the page as a table of revenue."""
    return any(line.box.cy < UPPER and _TITLE.fullmatch(flat(line.text)) for line in page.lines)
