"""Why a case is not taken on, as figures count it. What the reporter reads are the words beside it, which may name
people and are counted by nobody."""

from core.msgid import N_

DECLINE_REASONS = {
    "not_our_duty": N_("不属于职责范围"),
    "answered_before": N_("已经答复过的同一件事"),
    "in_other_procedure": N_("正在复议、诉讼或仲裁"),
    "unclear": N_("内容不清，无法核实"),
    "not_this_county": N_("不是本县的事"),
    "other": N_("其他"),
}
UNSTATED = "unstated"
"""Cases that were declined before a reason had to be chosen."""
UNSTATED_NAME = N_("没有注明")
