"""What findings are called for people, by their code (问题类别)."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.model import FindingCode, Text

__all__ = ["CODE_NAMES"]

CODE_NAMES: Mapping[FindingCode, Text] = {
    FindingCode.MISSING_DOCUMENT: Text(zh="缺少材料", en="Missing document"),
    FindingCode.INCOMPLETE_DOCUMENT: Text(zh="材料不完整", en="Incomplete document"),
    FindingCode.MISSING_SEAL: Text(zh="缺少印章", en="Missing seal"),
    FindingCode.SEAL_OWNER_MISMATCH: Text(zh="印章不符", en="Wrong seal"),
    FindingCode.UNREADABLE_SEAL: Text(zh="印章看不清", en="Unreadable seal"),
    FindingCode.SUSPECT_SEAL: Text(zh="印章存疑", en="Seal to be looked at"),
    FindingCode.MISSING_SIGNATURE: Text(zh="缺少签字", en="Missing signature"),
    FindingCode.FIGURE_MISMATCH: Text(zh="数字不一致", en="Figure differs"),
    FindingCode.IDENTITY_MISMATCH: Text(zh="主体信息不一致", en="Identity differs"),
    FindingCode.TEXT_MISMATCH: Text(zh="文字不一致", en="Text differs"),
    FindingCode.CERTIFICATE_MISMATCH: Text(zh="证书不一致", en="Certificate differs"),
    FindingCode.EXPIRED_CERTIFICATE: Text(zh="证书过期", en="Expired certificate"),
    FindingCode.WRONG_PERIOD: Text(zh="报告年度不对", en="Wrong period"),
    FindingCode.AUDIT_OPINION: Text(zh="审计意见", en="Audit opinion"),
    FindingCode.NOT_CONSOLIDATED: Text(zh="非合并报表", en="Not consolidated"),
    FindingCode.ARITHMETIC_MISMATCH: Text(zh="勾稽不平", en="Sums do not agree"),
    FindingCode.BELOW_THRESHOLD: Text(zh="未达标准", en="Below the threshold"),
    FindingCode.LATE_SUBMISSION: Text(zh="逾期", en="Late"),
    FindingCode.INVALID_IDENTIFIER: Text(zh="代码校验不通过", en="Invalid identifier"),
    FindingCode.FOREIGN_DOCUMENT: Text(zh="他人材料", en="Somebody else's document"),
    FindingCode.DUPLICATE_ENVELOPE: Text(zh="重复信封", en="Duplicate envelope"),
    FindingCode.NO_ONLINE_RECORD: Text(zh="无网上记录", en="No online record"),
    FindingCode.UNKNOWN_DOCUMENT: Text(zh="未识别材料", en="Unknown document"),
    FindingCode.UNREADABLE_PAGE: Text(zh="页面无法读取", en="Unreadable page"),
    FindingCode.LOW_SCAN_QUALITY: Text(zh="扫描质量低", en="Low scan quality"),
    FindingCode.LOW_CONFIDENCE: Text(zh="读数存疑", en="Unsure reading"),
}
