"""Certificates of every kind of CONTRACT, as their issuers print them (DOMAIN §7)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from samples.fake import City, brand, company_name, day, patent_no, person, seal_code
from samples.forms import chinese_date
from samples.paper import Look, Paper, Stamp, Value
from samples.seal_art import SealSpec

__all__ = ["CertificateFacts", "certificate_paper", "draw_certificate", "record_entry"]

DEADLINE = date(2023, 9, 28)
TYPES = {
    "iso9001": "iso_certificate",
    "iso20000": "iso_certificate",
    "iso27001": "iso_certificate",
    "cmmi": "cmmi_certificate",
    "hi_tech": "hi_tech_certificate",
    "advanced_tech": "advanced_tech_certificate",
    "software_copyright": "software_copyright",
    "patent": "patent_certificate",
}
ISO = {
    "iso9001": ("质量管理体系认证证书", "GB/T 19001-2016/ISO 9001:2015", "Q", "质量管理体系"),
    "iso20000": ("信息技术服务管理体系认证证书", "ISO/IEC 20000-1:2018", "IT", "信息技术服务管理体系"),
    "iso27001": ("信息安全管理体系认证证书", "GB/T 22080-2016/ISO/IEC 27001:2013", "IS", "信息安全管理体系"),
}
SOFTWARE = ("业务流程管理", "数据分析", "客户服务", "人力资源外包", "智能质检")
SETTINGS = ("基于云计算的", "面向服务外包的", "用于数据中心的", "多源")
INVENTIONS = ("数据处理", "任务调度", "图像识别", "日志分析")
STAMP_PLACES = ("right:34mm;top:88mm", "left:46mm;bottom:66mm", "right:50mm;top:60mm", "left:62mm;bottom:34mm")
BODIES = ("中鉴方正认证有限公司", "北京恒信质联认证中心有限公司", "华夏远标认证集团有限公司", "上海嘉正认证有限公司")
LOGOS = (
    "M10 70 L55 10 L100 70 Z",
    "M10 40 A45 30 0 1 1 100 40 A45 30 0 1 1 10 40 M30 40 L50 60 L85 20",
    "M15 15 H95 V65 H15 Z M15 40 H95",
)


@dataclass(frozen=True)
class CertificateFacts:
    """One certificate: what it says on paper, and what was declared of it."""

    kind: str
    number: str
    name: str
    holder: str
    english: str
    issuer: str
    issued_on: date
    valid_until: date | None
    city: City
    uscc: str
    address: str
    look: int
    copy: Look = "colour_copy"
    stamp: SealSpec | None = None  # 复印件加盖公章

    @property
    def type(self) -> str:
        """The document type of CONTRACT."""
        return TYPES[self.kind]


def draw_certificate(
    rng: random.Random, kind: str, *, holder: str, english: str, city: City, uscc: str, address: str
) -> CertificateFacts:
    """A valid certificate of that kind, held by ``holder`` and in force well beyond the deadline."""
    issued = day(rng, date(2021, 3, 1), date(2023, 3, 31))
    until: date | None = issued + timedelta(days=3 * 365)
    name, issuer = "", ""
    if kind in ISO:
        code = ISO[kind][2]
        serial = f"{rng.randint(1, 39999):05d}R{rng.randint(0, 3)}{rng.choice('SM')}"
        number = f"{rng.randint(11, 420):03d}{issued.year % 100}{code}{serial}"
        name, issuer = ISO[kind][0], rng.choice(BODIES)
    elif kind == "cmmi":
        number, name = f"{rng.randint(40000, 69999)}", f"CMMI-DEV V2.0 Maturity Level {rng.choice((3, 3, 4, 5))}"
        issuer = rng.choice(("Northlake Appraisals Inc.", "Process Path Consulting Ltd.", "Sunrise Quality Partners"))
    elif kind == "hi_tech":
        number = f"GR{issued.year}{city.code[:2]}{rng.randint(1, 9999):06d}"
        name, issuer = "高新技术企业证书", f"{city.province.removesuffix('省').removesuffix('市')}科学技术厅（局）"
        issuer = _authorities(city)[0]
    elif kind == "advanced_tech":
        number = f"JF{issued.year}{city.code[:4]}{rng.randint(1, 999):04d}"
        name, issuer = "技术先进型服务企业证书", _authorities(city)[0]
    elif kind == "software_copyright":
        issued, until = day(rng, date(2018, 1, 1), date(2023, 5, 31)), None
        number = f"{issued.year}SR{rng.randint(1, 1899999):07d}"
        name, issuer = (
            f"{brand(rng)}{rng.choice(SOFTWARE)}{rng.choice(('平台', '系统', '软件'))}V{rng.randint(1, 4)}.0",
            "中华人民共和国国家版权局",
        )
    else:
        sort = rng.choice((1, 1, 2))
        applied = rng.randint(2016, 2020)
        issued, until = day(rng, date(applied + 2, 1, 1), date(applied + 2, 12, 28)), None
        number = patent_no(rng, sort, applied)
        name, issuer = (
            f"一种{rng.choice(SETTINGS)}{rng.choice(INVENTIONS)}{'方法及系统' if sort == 1 else '装置'}",
            "国家知识产权局",
        )
    return CertificateFacts(
        kind, number, name, holder, english, issuer, issued, until, city, uscc, address, rng.getrandbits(32)
    )


def record_entry(facts: CertificateFacts) -> dict[str, str | None]:
    """As the online record declares it."""
    until = facts.valid_until.isoformat() if facts.valid_until else None
    return {
        "kind": facts.kind,
        "number": facts.number,
        "name": facts.name,
        "issuer": facts.issuer,
        "valid_until": until,
    }


def form_entry(facts: CertificateFacts) -> dict[str, str]:
    """As the form's own table of certificates lists it."""
    until = facts.valid_until.isoformat() if facts.valid_until else ""
    return {"title": facts.name, "number": facts.number, "issuer": facts.issuer, "valid_until": until}


def certificate_paper(facts: CertificateFacts) -> Paper:
    """The document with its truth."""
    rng = random.Random(facts.look)
    draw = {
        "cmmi": _cmmi,
        "hi_tech": _hi_tech,
        "advanced_tech": _advanced,
        "software_copyright": _copyright,
        "patent": _patent,
    }
    context, stamps = draw.get(facts.kind, _iso)(facts, rng)
    if facts.stamp is not None:
        stamps = (*stamps, Stamp("seal-applicant", facts.stamp, "applicant", "official", facts.stamp.name, seed=3))
    fields: dict[str, Value] = {
        "certificate_no": facts.number,
        "holder": facts.holder,
        "issuer": facts.issuer,
        "issued_on": facts.issued_on.isoformat(),
        "kind": facts.kind,
    }
    if facts.valid_until is not None:
        fields["valid_until"] = facts.valid_until.isoformat()
    return Paper(facts.type, "certificate.html", {"c": context}, fields, tuple(stamps), look=facts.copy)


# ---------------------------------------------------------------------------------------------------- the kinds


def _sheet(rng: random.Random, pages: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "land": False,
        "font": rng.choice(("Noto Serif CJK SC", "AR PL UMing CN", "Noto Sans CJK SC", "LXGW WenKai")),
        "frame": rng.choice(("", "blue", "green", "red")),
        "tint": rng.choice(("", "", "#fffdf4", "#f6fafc")),
        "ink": "#222",
        "title_size": "24pt",
        "spacing": ".2em",
        "title_font": "inherit",
        "size": "12pt",
        "label_width": "34mm",
        "colon": "：",
        "english": False,
        "number_align": rng.choice(("c", "r", "c")),
        "stamp_at": rng.choice(STAMP_PLACES),
    }
    blank = {
        "head": "",
        "logo": "",
        "emblem": False,
        "title": "",
        "subtitle": "",
        "number": "",
        "lines": (),
        "seals": (),
        "seal_left": "40%",
        "seal_bottom": "30mm",
        "qr": (),
    }
    return {**base, "pages": [{**blank, **p} for p in pages], **more}


def _line(text: str, kind: str = "kv", label: str = "") -> dict[str, str]:
    return {"text": text, "kind": kind, "label": label}


def _qr(rng: random.Random) -> list[tuple[int, int]]:
    """A pattern like a QR code that no reader takes for one."""
    return [(x, y) for x in range(21) for y in range(21) if rng.random() < 0.45]


def _issuer_stamp(
    rng: random.Random, mark: str, name: str, *, centre: str = "", kind: str = "official", size: float = 42
) -> Stamp:
    spec = SealSpec(name, diameter_mm=size, centre_text=centre, rotation=rng.uniform(-8, 8), wear=rng.uniform(0, 0.15))
    return Stamp(mark, spec, "issuer", kind, name + centre.replace("\n", ""), printed=True)


def _authorities(city: City) -> tuple[str, ...]:
    """Who signs a 高新技术企业证书 there: 科技, 财政, 税务."""
    p = city.province
    if p.endswith("市"):
        return (f"{p}科学技术委员会", f"{p}财政局", f"国家税务总局{p}税务局")
    return (f"{p}科学技术厅", f"{p}财政厅", f"国家税务总局{p}税务局")


def _iso(f: CertificateFacts, rng: random.Random) -> tuple[dict[str, Any], tuple[Stamp, ...]]:
    title, standard, _, system = ISO[f.kind]
    style = rng.randint(0, 3)
    numbered = rng.choice(("证书编号：", "证书号：", "注册号：")) + f.number
    scope = rng.choice(
        (
            "计算机应用软件的设计、开发及技术服务",
            "信息技术外包（ITO）与业务流程外包（BPO）服务",
            "数据处理、客户服务及系统运维服务",
        )
    )
    first = _line(chinese_date(f.issued_on, style), label="初次发证日期" if rng.random() < 0.3 else "颁证日期")
    assert f.valid_until is not None
    lines = [
        _line("兹证明", "mid"),
        _line(f.holder, "big"),
        _line(f.uscc, label="统一社会信用代码"),
        _line(f.address, label="注册地址"),
        _line(f"建立的{system}符合标准", "mid"),
        _line(standard, "big"),
        _line(f"覆盖范围：{scope}", "mid"),
        first,
        _line(chinese_date(f.valid_until, style), label=rng.choice(("有效期至", "证书有效期至"))),
        _line(
            "获证组织必须定期接受监督审核并经审核合格此证书方继续有效，证书信息可在国家认证认可监督管理委员会网站（www.cnca.gov.cn）查询",
            "tiny",
        ),
    ]
    page = {
        "title": title,
        "number": numbered,
        "lines": lines,
        "logo": rng.choice(LOGOS),
        "qr": _qr(rng),
        "seals": [{"label": f.issuer, "mark": "seal-issuer", "date": ""}],
    }
    return _sheet(rng, [page], title_size="21pt"), (_issuer_stamp(rng, "seal-issuer", f.issuer),)


def _cmmi(f: CertificateFacts, rng: random.Random) -> tuple[dict[str, Any], tuple[Stamp, ...]]:
    assert f.valid_until is not None
    lines = [
        _line("This is to certify that the organizational unit of", "mid"),
        _line(f.english, "big"),
        _line(f.holder, "big"),
        _line("has been appraised at", "mid"),
        _line(f.name, "big"),
        _line(f.number, label="Appraisal #"),
        _line(f.issued_on.isoformat(), label="Appraisal End Date"),
        _line(f.valid_until.isoformat(), label="Expiration Date"),
        _line(f"{brand(rng)}", label="Lead Appraiser"),
        _line(f.issuer, label="Partner"),
    ]
    page = {
        "title": "CERTIFICATE OF APPRAISAL",
        "subtitle": "Capability Maturity Model Integration (CMMI)",
        "lines": lines,
        "logo": rng.choice(LOGOS),
    }
    return _sheet(
        rng, [page], land=True, ink="#1d3f72", spacing=".06em", english=True, label_width="60mm", colon=":"
    ), ()


def _hi_tech(f: CertificateFacts, rng: random.Random) -> tuple[dict[str, Any], tuple[Stamp, ...]]:
    lines = [
        _line(f.holder, label="企业名称"),
        _line(f.number, label="证书编号"),
        _line(chinese_date(f.issued_on), label="发证时间"),
        _line("三年", label="有 效 期"),
    ]
    names = _authorities(f.city)
    seals = [{"label": "批准机关：" if i == 0 else "", "mark": f"seal-issuer-{i}", "date": ""} for i in range(3)]
    page = {
        "title": "高新技术企业证书",
        "lines": lines,
        "emblem": False,
        "seals": seals,
        "seal_left": "8mm",
        "seal_bottom": "42mm",
    }
    context = _sheet(rng, [page], land=True, title_size="30pt", size="15pt", frame="red", spacing=".3em", ink="#a11")
    return context, tuple(_issuer_stamp(rng, f"seal-issuer-{i}", n) for i, n in enumerate(names))


def _advanced(f: CertificateFacts, rng: random.Random) -> tuple[dict[str, Any], tuple[Stamp, ...]]:
    assert f.valid_until is not None
    p = f.city.province
    names = (_authorities(f.city)[0], f"{p}商务{'厅' if p.endswith('省') else '委员会'}", _authorities(f.city)[2])
    lines = [
        _line(f.holder, label="企业名称"),
        _line(f.number, label="证书编号"),
        _line(chinese_date(f.issued_on), label="发证日期"),
        _line(chinese_date(f.valid_until), label="有效期至"),
    ]
    seals = [{"label": "批准机关：" if i == 0 else "", "mark": f"seal-issuer-{i}", "date": ""} for i in range(3)]
    page = {
        "title": "技术先进型服务企业证书",
        "lines": lines,
        "seals": seals,
        "seal_left": "8mm",
        "seal_bottom": "42mm",
    }
    context = _sheet(rng, [page], land=True, title_size="26pt", size="15pt", frame="blue", ink="#123")
    return context, tuple(_issuer_stamp(rng, f"seal-issuer-{i}", n) for i, n in enumerate(names))


def _copyright(f: CertificateFacts, rng: random.Random) -> tuple[dict[str, Any], tuple[Stamp, ...]]:
    done = f.issued_on - timedelta(days=rng.randint(60, 200))
    software, version = f.name[:-4], f.name[-4:]
    lines = [
        _line(f"{software}\n{version}", label="软件名称"),
        _line(f.holder, label="著作权人"),
        _line(chinese_date(done), label="开发完成日期"),
        _line(rng.choice(("未发表", chinese_date(done + timedelta(days=20)))), label="首次发表日期"),
        _line("原始取得", label="权利取得方式"),
        _line("全部权利", label="权利范围"),
        _line(f.number, label="登 记 号"),
        _line(
            "根据《计算机软件保护条例》和《计算机软件著作权登记办法》的规定，经中国版权保护中心审核，对以上事项予以登记。",
            "text",
        ),
    ]
    page = {
        "head": "中华人民共和国国家版权局",
        "title": "计算机软件著作权登记证书",
        "number": f"证书号：软著登字第{rng.randint(2000000, 11999999)}号",
        "lines": lines,
        "qr": _qr(rng),
        "seals": [{"label": "", "mark": "seal-issuer", "date": chinese_date(f.issued_on, 4)}],
    }
    stamp = _issuer_stamp(
        rng,
        "seal-issuer",
        "中华人民共和国国家版权局",
        centre="计算机软件著作权\n登记专用章",
        kind="registration",
        size=45,
    )
    return _sheet(rng, [page], title_size="22pt", size="13pt", frame="green"), (stamp,)


def _patent(f: CertificateFacts, rng: random.Random) -> tuple[dict[str, Any], tuple[Stamp, ...]]:
    kind = {"1": "发明", "2": "实用新型", "3": "外观设计"}[f.number[6]]
    applied = date(int(f.number[2:6]), rng.randint(1, 12), rng.randint(1, 28))
    spaced = f"ZL {f.number[2:6]} {f.number[6]} {f.number[7:]}" if rng.random() < 0.7 else f.number
    grant = f"CN {rng.randint(106000000, 214999999)} {'B' if kind == '发明' else 'U'}"
    term = "二十年" if kind == "发明" else "十年"
    lines = [
        _line(f.name, label=f"{kind}名称" if kind != "外观设计" else "外观设计名称"),
        _line("；".join(person(rng) for _ in range(3)), label="发 明 人"),
        _line(spaced, label="专 利 号"),
        _line(chinese_date(applied, 4), label="专利申请日"),
        _line(f.holder, label="专利权人"),
        _line(f.address, label="地　　址"),
        _line(chinese_date(f.issued_on, 4), label="授权公告日"),
        _line(grant, label="授权公告号"),
        _line(
            f"国家知识产权局依照中华人民共和国专利法进行审查，决定授予专利权，颁发{kind}专利证书并在专利登记簿上予以登记。专利权自授权公告之日起生效。专利权期限为{term}，自申请日起算。",
            "text",
        ),
        _line(
            "专利证书记载专利权登记时的法律状况。专利权的转移、质押、无效、终止、恢复和专利权人的姓名或名称、国籍、地址变更等事项记载在专利登记簿上。",
            "text",
        ),
    ]
    page = {
        "number": f"证书号第{rng.randint(3000000, 18999999)}号",
        "title": f"{kind}专利证书",
        "lines": lines,
        "qr": _qr(rng),
        "seals": [{"label": "局长　申某某", "mark": "seal-issuer", "date": chinese_date(f.issued_on, 4)}],
        "seal_left": "50%",
        "seal_bottom": "24mm",
    }
    pages = [page]
    if rng.random() < 0.35:
        annex = [
            _line(chinese_date(applied, 4), label="申请日"),
            _line(f.holder, label="申请日时申请人"),
            _line("；".join(person(rng) for _ in range(3)), label="申请日时发明人"),
        ]
        pages.append({"lines": annex, "title": "", "head": f"{kind}专利证书 {spaced}"})
    stamp = _issuer_stamp(rng, "seal-issuer", "国家知识产权局", size=45)
    return _sheet(rng, pages, title_size="28pt", size="11.5pt", frame=rng.choice(("plain", "red"))), (stamp,)


def foreign_certificate(rng: random.Random, kind: str, city: City, uscc: str, address: str) -> CertificateFacts:
    """A certificate of somebody else altogether."""
    holder = company_name(rng, city)
    facts = draw_certificate(
        rng, kind, holder=holder, english="Otherwise Data Co., Ltd.", city=city, uscc=uscc, address=address
    )
    stamp = (
        SealSpec(holder, code=seal_code(rng, city.code), rotation=rng.uniform(-20, 20)) if rng.random() < 0.5 else None
    )
    return replace(facts, stamp=stamp)
