"""Whether there is a back-up to go back to, for ``flask doctor``."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from backups.operations import BACKUP
from core.doctor import Finding, Health, check
from core.heartbeats import last_beat
from core.settings import Settings

OLD = timedelta(hours=26)
"""One a day, and two hours for it to take longer than yesterday's."""


@check
def backups(settings: Settings, at: datetime) -> Iterable[Finding]:
    """How old the last back-up is. The demo county has nothing to lose."""
    if not settings.is_production:
        return
    last = last_beat(BACKUP)
    if last is None:
        yield Finding("备份", Health.BAD, "还没有做过备份：请每天运行 flask backup create（见 docs/operations.md）。")
    elif last < at - OLD:
        hours = int((at - last).total_seconds() // 3600)
        yield Finding("备份", Health.BAD, f"最近一次备份是 {hours} 小时以前：每天应有一份，请看定时任务为什么没有做。")
    else:
        yield Finding("备份", Health.GOOD, "一天之内有备份。")
