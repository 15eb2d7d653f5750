"""What somebody may say by SMS about the phone itself: 不是我. The number is the network's word; whoever forges it
stops notices until the township has asked, and the lookup shows all the same."""

from core.plain_text import plain_without_spaces
from core.web import settings
from registry.operations import report_by_sms
from sms.inbound import Said, inbound_word

_MARKS = "。，！？、；：.,!?;:~～…“”\"'"


@inbound_word("不是我", "打错了")
def not_me(said: Said) -> str:
    """The phone belongs to none of those who have it on record: nothing about them goes there until their township has
    settled it. Who that is, is not said. More words after it may be about something else (不是我的钱)."""
    if plain_without_spaces(said.text).strip(_MARKS) not in _NO_MORE:
        return f"如果短信发错了人，请只回复“不是我”。其他事情请拨打{settings().hotline}。"
    if not report_by_sms(said.phone, at=said.at):
        return f"这个手机号没有登记在补贴名册里，不用处理。有疑问请拨打{settings().hotline}。"
    return "已记下，乡镇核实以前不再向这个号码发补贴通知。如果您就是登记的本人，请带身份证到村委会说明。"


_NO_MORE = frozenset({"", "本人", "的", "的号码", "的手机", "的手机号", "的电话", "了", "吧", "啊"})
