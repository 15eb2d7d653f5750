"""How long the ground floor's tables are kept."""

from datetime import timedelta

from core import retention, upload_leftovers
from core.jobs import BackgroundJob
from core.msgid import N_
from core.retention import Rule, forget

_LOGS = N_("网络安全法第二十一条：日志至少留六个月")
_SHORTEST = N_("个人信息保护法第十九条：不超过实现目的所必要的最短时间")
_NOBODY = N_("没有个人信息，程序运行要用")

retention.declare(
    Rule(
        "audit",
        ("audit_entries", "audit_seals"),
        N_("审计日志和封存链"),
        N_("在库至少六个月，以后由人归档为文件（flask audit archive），归档文件长期保存"),
        N_("记录之日"),
        _LOGS,
    ),
    Rule(
        "audit",
        ("audit_archives", "audit_verifications"),
        N_("归档的登记和每夜核对的链尾"),
        N_("长期保存"),
        N_("记录之日"),
        N_("没有它们就看不出日志被截断过；没有个人信息"),
    ),
    Rule(
        "core",
        ("background_jobs",),
        N_("后台任务的记录，只有内部编号"),
        N_("90 天，每夜删除"),
        N_("任务结束"),
        N_("只为查明后台任务为什么没有办成"),
        forget(BackgroundJob, BackgroundJob.__table__.c.finished_at, timedelta(days=90)),
    ),
    Rule(
        "core",
        ("rate_counters",),
        N_("防止乱试的计数，只有带密钥的摘要"),
        N_("计数的时段一过就删，每小时一次"),
        N_("时段结束"),
        _SHORTEST,
        "purge_rate_counters",
    ),
    Rule(
        "core",
        ("uploads",),
        N_("上传文件的登记和检查结果"),
        N_("没有保存的 30 天，每夜连同文件删除；保存了的与它生成的业务记录一样久"),
        N_("上传之日"),
        N_("没有保存的文件里可能有一个乡镇的号码，谁也不再需要；保存了的是会计档案的依据"),
        upload_leftovers.NIGHT,
    ),
    Rule(
        "core",
        ("stored_files",),
        N_("文件原件（加密）"),
        N_("与用到它的业务记录一样久；没有保存的上传 30 天，每夜删除"),
        N_("上传之日"),
        N_("花名册、银行文件、证明材料是会计凭证的附件（会计档案管理办法：30 年）"),
        upload_leftovers.NIGHT,
    ),
    Rule(
        "core",
        ("workflow_steps",),
        N_("办理步骤：谁在什么时候、为什么"),
        N_("与它所属的业务记录一样久"),
        N_("办理之日"),
        N_("审批的证据，会计凭证的一部分（会计档案管理办法：30 年）"),
    ),
    Rule(
        "core",
        ("calendar_days", "heartbeats"),
        N_("工作日历；各项定时任务上次运行的时间"),
        N_("长期保存"),
        N_("录入之日"),
        _NOBODY,
    ),
)
