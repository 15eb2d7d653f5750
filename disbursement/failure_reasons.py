"""Why a bank could not pay, in the words of the villager, and what to do now (policy §6). Plain data."""

from dataclasses import dataclass

from core.msgid import N_
from core.plain_text import plain_without_spaces


@dataclass(frozen=True)
class FailureReason:
    """A reason as banks write it (``text``, and other ways of writing it), what it means, and the next step.

    ``meaning`` (without a full stop, at most 20 characters) and ``next_step`` (a sentence, at most 35) are message ids
    and stand in SMS templates, whose variables are limited. ``remedy`` says the same to the clerk in a word.
    """

    text: str
    meaning: str
    next_step: str
    other_texts: tuple[str, ...] = ()
    remedy: str = N_("核对卡号和户名")


_NEW_CARD = N_("请带身份证到银行网点办好卡，再到村委会登记新卡号。")
_ACTIVATE = N_("请带身份证和社保卡到银行网点激活，再告诉村委会。")
_CHECK_CARD = N_("请带社保卡到村委会，核对登记的卡号。")

FAILURE_REASONS = (
    FailureReason(
        N_("账号户名不符"),
        N_("登记的姓名与银行卡上的姓名不一致"),
        N_("请带身份证和社保卡到村委会，核对姓名和卡号。"),
        ("户名不符", "账户户名不符", "账号与户名不符", "户名错误"),
        N_("核对户名"),
    ),
    FailureReason(
        N_("无此账户"),
        N_("银行查不到登记的卡号"),
        _CHECK_CARD,
        ("账户不存在", "账号不存在", "无此账号"),
        N_("核对卡号"),
    ),
    FailureReason(
        N_("无效卡号"),
        N_("登记的卡号有误"),
        _CHECK_CARD,
        ("卡号无效", "卡号错误", "账号错误", "无效账号"),
        N_("核对卡号"),
    ),
    FailureReason(
        N_("账户已销户"), N_("登记的银行卡已经注销"), _NEW_CARD, ("已销户", "账户销户", "卡已注销"), N_("换新卡")
    ),
    FailureReason(N_("已清户"), N_("登记的银行账户已经清户"), _NEW_CARD, ("账户已清户",), N_("换新卡")),
    FailureReason(
        N_("账户已冻结"),
        N_("登记的银行卡被冻结"),
        N_("请带身份证到银行网点查问冻结原因，解冻后告诉村委会。"),
        ("账户冻结", "已冻结"),
        N_("到银行解冻"),
    ),
    FailureReason(
        N_("账户被临时锁定"),
        N_("登记的银行卡被临时锁定"),
        N_("请带身份证和社保卡到银行网点解锁，再告诉村委会。"),
        ("账户锁定", "临时锁定"),
        N_("到银行解锁"),
    ),
    FailureReason(
        N_("已挂失卡"), N_("登记的银行卡已经挂失"), _NEW_CARD, ("卡已挂失", "账户已挂失", "挂失"), N_("换新卡")
    ),
    FailureReason(
        N_("账户状态错误"),
        N_("登记的银行卡状态不正常"),
        N_("请带身份证和社保卡到银行网点查问，办好后告诉村委会。"),
        ("账户状态异常", "账户状态不正常"),
        N_("到银行查问"),
    ),
    FailureReason(
        N_("金融账户未激活"), N_("社保卡的银行功能还没有激活"), _ACTIVATE, ("未激活", "账户未激活"), N_("到银行激活")
    ),
    FailureReason(
        N_("非活期账号"),
        N_("登记的账号不是活期账户，收不了补贴"),
        N_("请到村委会改登记社保卡的卡号。"),
        ("非活期账户", "非活期"),
        N_("改用社保卡"),
    ),
    FailureReason(
        N_("长期不动户"),
        N_("登记的银行卡很久没有用过，已被停用"),
        _ACTIVATE,
        ("长期不动", "睡眠户", "久悬户"),
        N_("到银行激活"),
    ),
    FailureReason(
        N_("身份证号不符"),
        N_("登记的身份证号与银行的记录不一致"),
        N_("请带身份证到银行网点更新信息，再告诉村委会。"),
        ("证件号码不符", "证件号不符", "身份证不符"),
        N_("到银行更新证件"),
    ),
)
UNNAMED_REASON = FailureReason("", N_("银行没有付成功"), N_("请带身份证和社保卡到村委会查问，村委会会帮您核对。"))

_BY_TEXT = {text: reason for reason in FAILURE_REASONS for text in (reason.text, *reason.other_texts)}
_LONGEST_TEXT = 60


def canonical_reason(bank_text: str) -> str:
    """The reason as policy §6 writes it where the bank's words are known, else the bank's own, shortened.

    The whole text is compared first, then its longest known part (「9999:账户已销户」).
    """
    text = plain_without_spaces(bank_text)
    if text in _BY_TEXT:
        return _BY_TEXT[text].text
    parts = [known for known in _BY_TEXT if known in text]
    return _BY_TEXT[max(parts, key=len)].text if parts else text[:_LONGEST_TEXT]


def is_known(reason: str) -> bool:
    """Whether this is one of the reasons of policy §6, in their own words."""
    return reason in _BY_TEXT and _BY_TEXT[reason].text == reason


def explain(reason: str) -> FailureReason:
    """What a reason (as ``canonical_reason`` gives it) means and what to do; in general words where unknown."""
    return _BY_TEXT.get(reason, UNNAMED_REASON)
