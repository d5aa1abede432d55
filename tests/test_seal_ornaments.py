"""Print that is taken for a seal, and seals that must not be taken for print."""

from __future__ import annotations

import pytest

from pipeline.model import Box, SealReading, Shape, TextCandidate
from pipeline.seals.ornaments import is_ornament


def seen(
    text: str, shape: Shape, box: Box, *, legible: float = 0.0, diameter_mm: float | None = None, cut: bool = False
) -> SealReading:
    candidates = (TextCandidate(text=text, score=legible),) if text else ()
    return SealReading(
        page=1, box=box, shape=shape, legible=legible, candidates=candidates, diameter_mm=diameter_mm, cut=cut
    )


BORDER, INSIDE = Box(0.02, 0.47, 0.07, 0.56), Box(0.6, 0.5, 0.75, 0.57)
HEAD = Box(0.46, 0.1, 0.53, 0.2)


@pytest.mark.parametrize(
    "print_",
    [
        seen("", "rectangle", BORDER),
        seen("W", "square", Box(0.24, 0.95, 0.28, 0.98), legible=0.2),
        seen("", "round", HEAD, diameter_mm=19.3),
        seen("237118687752371186877544122046804412204680", "rectangle", INSIDE, legible=0.8),
        seen("全国统一发票监制章国家税务总局天津市税务局", "oval", INSIDE, legible=0.9),
        seen("全国统发票监制", "oval", INSIDE, legible=0.5),
        seen("AGEMENTSYSTEM·CERTIFICATIONOF", "round", INSIDE, legible=0.7),
        seen("JQUALTTYSYSTLM", "round", INSIDE, legible=0.2),
        seen("ACCREDIYED", "round", INSIDE, legible=0.2),
        seen("MANAGEMENTISO", "round", INSIDE, legible=0.2),
        seen("ACCREDITED管理体系IAF", "round", INSIDE, legible=0.8),
        seen("江苏南京2023.10.24.19收寄", "round", INSIDE, legible=0.8),
        seen("北京邮政中关村支局2023 05 06", "round", INSIDE, legible=0.8),
    ],
)
def test_print_is_no_seal(print_: SealReading) -> None:
    assert is_ornament(print_)


@pytest.mark.parametrize(
    "seal",
    [
        seen("", "rectangle", INSIDE),
        seen("孔令舟印", "square", BORDER, legible=0.9),
        seen("中国注册会计师许佳510102170127", "rectangle", INSIDE, legible=0.9),
        seen("", "round", HEAD, diameter_mm=40.0),
        seen("延长壳牌石油有限公司发票专用章", "oval", HEAD, legible=0.9),
        seen("国家税务总局天津市税务局发票专用章", "oval", INSIDE, legible=0.9),
        seen("", "round", HEAD),
        seen("SYSTEMCERTIFICATION华信国际认证有限公司", "round", INSIDE, legible=0.7),
        seen("", "round", INSIDE, diameter_mm=19.0),
        seen("SHANGHAIYUNHAIMANAGEMENTCOLIMITED", "round", INSIDE, legible=0.6),
        seen("YUNHAI", "round", INSIDE, legible=0.2),
        seen("", "round", INSIDE, legible=0.2),
        seen("投递2023.10.24京城速递有限公司", "round", INSIDE, legible=0.8),
        seen("2023.10.24收文专用章", "round", INSIDE, legible=0.8),
        seen("已收讫2023.10.24", "round", INSIDE, legible=0.8),
        seen("", "rectangle", BORDER, cut=True),
    ],
)
def test_a_seal_that_cannot_be_read_does_not_vanish(seal: SealReading) -> None:
    assert not is_ornament(seal)
