"""How long the tables of complaints are kept. The years of each category are the county's to set (pages.deletion)."""

from datetime import timedelta

from complaints.models import Opening
from core import retention
from core.msgid import N_
from core.retention import Rule, forget

NIGHT = "complaints.retention"
_YEARS = N_("按类别 3 至 10 年（财政局、纪委监委可以改），公告 30 天后每夜删除；有留存的不删")
_ENDED = N_("办结之日")
_PETITIONS = N_("信访工作条例、纪检监察机关处理检举控告工作规则没有统一年限，由县里设定；个人信息保护法第十九条")

retention.declare(
    Rule(
        "complaints",
        (
            *("complaint_attachments", "complaint_draft_answers", "complaint_holds", "complaint_links"),
            *("complaint_recusals", "complaint_routing_objections"),
        ),
        N_("附件、答复草稿、留存、并案、回避、分派异议"),
        _YEARS,
        _ENDED,
        _PETITIONS,
        NIGHT,
    ),
    Rule(
        "complaints",
        (
            *("complaints", "complaint_entries", "complaint_clocks", "complaint_extensions", "complaint_escalations"),
            *("complaint_reviews", "complaint_ratings", "complaint_takeovers"),
        ),
        N_("投诉举报的内容、反映人、经过和答复；统计用的类别、日期、单位留下"),
        _YEARS,
        _ENDED,
        _PETITIONS,
        NIGHT,
    ),
    Rule(
        "complaints",
        ("complaint_openings",),
        N_("谁刚打开过一件投诉"),
        N_("一天，每夜删除"),
        N_("打开之时"),
        N_("只为提醒同时办理的同事，十分钟以后就没有用了"),
        forget(Opening, Opening.__table__.c.at, timedelta(days=1)),
    ),
    Rule(
        "complaints",
        ("complaint_interests",),
        N_("经办人员登记的利害关系"),
        N_("长期保存"),
        N_("登记之日"),
        N_("以前的案件为什么由别人办，要说得清（信访工作条例的回避规定）"),
    ),
    Rule(
        "complaints",
        ("complaint_saved_views",),
        N_("经办人员自己保存的查询条件，没有号码"),
        N_("直到本人删除"),
        N_("保存之日"),
        N_("只有筛选条件，没有群众的信息"),
    ),
    Rule(
        "complaints",
        (
            *("complaint_approval_settings", "complaint_followed_calendars", "complaint_retention_settings"),
            *("complaint_routing_rules", "complaint_routing_versions", "complaint_wordings"),
        ),
        N_("分派规则、审核和保存期设定、常用语"),
        N_("长期保存"),
        N_("设定之日"),
        N_("以前的案件为什么这样办，要说得清；没有个人信息"),
    ),
    Rule(
        "complaints",
        ("complaint_drawn_periods", "complaint_drawn_for_officials"),
        N_("每个时段的投诉举报统计数字"),
        N_("长期保存"),
        N_("时段结束后的当夜"),
        N_("只有件数；统计过的数字以后不再变"),
    ),
)
