"""How banks write their statements: data, not code. A profile that a person has entered is a row of statement_profiles;
those of the house stand here and need no row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.msgid import N_

COLUMNS = {
    "day": N_("日期"),
    "debit": N_("支出（借方）"),
    "credit": N_("收入（贷方）"),
    "amount": N_("金额一列，支出为负"),
    "balance": N_("余额"),
    "name": N_("对方户名"),
    "card": N_("对方账号"),
    "summary": N_("摘要"),
    "serial": N_("流水号"),
    "reference": N_("我方流水号"),
}
"""What may stand in the columns of a statement."""
LABELS = {
    "account": N_("账号"),
    "opening": N_("期初余额"),
    "closing": N_("期末余额"),
    "count": N_("笔数"),
    "period": N_("期间"),
    "begin": N_("起始日期"),
    "end": N_("截止日期"),
    "total": N_("合计行"),
}
"""What may stand above and below its table."""


@dataclass(frozen=True)
class StatementProfile:
    """One manner. ``columns``: key of COLUMNS → wordings of its header. ``amount`` instead of ``debit`` and ``credit``
    is one column with a sign (paid out is negative). The others are the keys of LABELS: the labels whose next cell
    holds the value, ``begin`` and ``end`` being the period's two days, where they stand apart; ``total`` begins a line
    that is no transaction. Without an opening the first line's balance tells it. ``version`` 0 is the house's own."""

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    opening: tuple[str, ...] = ("期初余额", "上期余额", "承前余额", "起始余额", "上月余额")
    closing: tuple[str, ...] = ("期末余额", "本期余额", "结束余额", "账户余额", "本月余额")
    count: tuple[str, ...] = ("笔数", "总笔数", "交易笔数", "合计笔数")
    account: tuple[str, ...] = ("账号", "账户", "卡号", "账户号码", "本方账号")
    period: tuple[str, ...] = ("期间", "对账期间", "起止日期", "查询期间", "账期")
    begin: tuple[str, ...] = ("起始日期", "开始日期", "查询起始日期", "起始日")
    end: tuple[str, ...] = ("截止日期", "终止日期", "结束日期", "查询终止日期", "终止日")
    total: tuple[str, ...] = ("合计", "总计", "本页小计", "小计")
    bank: str = ""
    version: int = 0

    def content(self) -> dict[str, Any]:
        """All but name, title, bank and version, as JSON."""
        labels = {key: list(getattr(self, key)) for key in LABELS}
        return {"columns": {key: list(words) for key, words in self.columns.items()}, **labels}


def profile_from(content: Mapping[str, Any], *, name: str, title: str, bank: str, version: int) -> StatementProfile:
    """The profile that ``StatementProfile.content`` was made from."""
    columns = {key: tuple(words) for key, words in content["columns"].items()}
    labels = {key: tuple(content[key]) for key in LABELS}
    return StatementProfile(name, title, columns, bank=bank, version=version, **labels)


_COMMON: Mapping[str, tuple[str, ...]] = {
    "day": ("交易日期", "记账日期", "日期", "入账日期", "发生日期"),
    "balance": ("余额", "账户余额", "账面余额", "当前余额"),
    "name": ("对方户名", "对方名称", "对方账户名称", "户名", "收/付款人名称", "对方单位名称"),
    "card": ("对方账号", "对方账户", "对方卡号", "收/付款人账号", "对方账户号码"),
    "summary": ("摘要", "用途", "附言", "交易摘要", "备注"),
    "serial": ("流水号", "交易流水号", "凭证号", "交易序号", "柜员流水号"),
    "reference": ("代发流水号", "我方流水号", "客户流水号", "业务参考号"),
}
SAMPLE = StatementProfile(
    "sample",
    N_("借贷两列（CSV 或 Excel）"),
    {
        **_COMMON,
        "debit": ("借方发生额", "借方金额", "支出", "支出金额", "付款金额", "借方"),
        "credit": ("贷方发生额", "贷方金额", "收入", "收入金额", "收款金额", "贷方"),
    },
)
SIGNED = StatementProfile(
    "signed",
    N_("金额一列，支出为负（CSV 或 Excel）"),
    {**_COMMON, "amount": ("发生额", "交易金额", "金额", "收支金额")},
)
BUILT_IN: Mapping[str, StatementProfile] = {profile.name: profile for profile in (SAMPLE, SIGNED)}
