"""How banks write their statements. Profiles are data: a new manner is a new entry, not new code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import UserError
from core.msgid import N_


@dataclass(frozen=True)
class StatementProfile:
    """One manner. ``columns``: field → wordings of its header. ``amount`` instead of ``debit`` and ``credit`` is one
    column with a sign (paid out is negative). ``opening``, ``closing``, ``count``, ``account``, ``period``: the labels
    whose next cell holds the value; without an opening the first line's balance tells it."""

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    opening: tuple[str, ...] = ("期初余额", "上期余额", "承前余额", "起始余额", "上月余额")
    closing: tuple[str, ...] = ("期末余额", "本期余额", "结束余额", "账户余额", "本月余额")
    count: tuple[str, ...] = ("笔数", "总笔数", "交易笔数", "合计笔数")
    account: tuple[str, ...] = ("账号", "账户", "卡号", "账户号码", "本方账号")
    period: tuple[str, ...] = ("期间", "对账期间", "起止日期", "查询期间", "账期")
    total: tuple[str, ...] = field(default=("合计", "总计", "本页小计", "小计"))


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
PROFILES: Mapping[str, StatementProfile] = {profile.name: profile for profile in (SAMPLE, SIGNED)}


def profile_of(name: str) -> StatementProfile:
    """The profile of that name. Raises UserError naming those there are."""
    profile = PROFILES.get(name)
    if profile is None:
        raise UserError("没有名为“%(name)s”的对账单格式。可用的格式：%(known)s。", name=name, known="、".join(PROFILES))
    return profile
