"""What is wrong with an installation, and what to do about it: ``flask doctor``. It changes nothing.

Rooms add checks of their own with ``check``. Each says one thing in a sentence for the person who runs the county's
server; nothing personal stands in it.
"""

import shutil
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import func, select

from core import rotation
from core.audit import guards, verification
from core.calendar import local_date
from core.database import NOT_UNICODE, db, holds_unicode, keyring
from core.encryption import DecryptionError
from core.heartbeats import NIGHT, SCHEDULER, last_beat
from core.jobs import BackgroundJob
from core.settings import Settings
from core.working_days import load_calendar

CLOCK_MAY_DIFFER = timedelta(seconds=30)
SCHEDULER_SILENT = timedelta(minutes=5)
NIGHT_SILENT = timedelta(hours=30)
JOB_WAITS = timedelta(minutes=10)
LEAST_FREE_BYTES = 2 * 1024**3
LEAST_FREE_SHARE = 0.1
CERTIFICATE_LEFT = timedelta(days=21)
CONNECT_SECONDS = 5.0
NEXT_YEAR_KNOWN_BY = (12, 10)
"""The State Council publishes a year's days off in November or early December of the year before."""


class Health(StrEnum):
    """How it stands with one thing."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """How it stands with one thing, and what to do where it does not stand well."""

    about: str
    health: Health
    sentence: str


Check = Callable[[Settings, datetime], Iterable[Finding]]
_checks: list[Check] = []


def check(found: Check) -> Check:
    """Register a check (decorator). It reads, and never raises for what is wrong."""
    if found not in _checks:
        _checks.append(found)
    return found


def examine(settings: Settings, *, at: datetime) -> list[Finding]:
    """All findings, in the order of the checks. Where the tables are not those of this version, the others would only
    stumble: then these alone are told."""
    migrations = list(_migrations())
    if any(finding.health == Health.BAD for finding in migrations):
        return [*_environment(settings), *migrations]
    found = [*_environment(settings), *migrations]
    for one in _checks:
        found += one(settings, at)
    return found


def _environment(settings: Settings) -> Iterable[Finding]:
    if settings.is_production:
        yield Finding("设置", Health.GOOD, "生产环境，设置齐全。")
    else:
        yield Finding(
            "设置", Health.DOUBTFUL, "演示环境：密钥是公开的。正式使用请设 YKT_ENV=production，并照提示补齐设置。"
        )


def _migrations() -> Iterable[Finding]:
    if not holds_unicode(db.session.connection()):
        yield Finding("数据库", Health.BAD, NOT_UNICODE)
    folder = Path(current_app.root_path) / "migrations"
    wanted = set(ScriptDirectory(str(folder)).get_heads())
    present = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    if present == wanted:
        yield Finding("数据库", Health.GOOD, "表结构是这个版本的。")
    else:
        yield Finding("数据库", Health.BAD, "表结构不是这个版本的：请先备份，再运行 flask db upgrade。")


@check
def keys(_settings: Settings, _at: datetime) -> Iterable[Finding]:
    """Whether what is stored can be read: one value of each table and key."""
    unreadable = []
    for found in rotation.encrypted_tables():
        column = found.columns[0]
        sample = select(found.raw(column)).where(column.is_not(None)).order_by(found.key.desc()).limit(1)
        value = db.session.scalar(sample)
        try:
            if value is not None:
                keyring().decrypt_bytes(bytes(value), column.type.context)  # type: ignore[attr-defined] # the types that encrypted_tables looks for
        except DecryptionError:
            unreadable.append(found.table.name)
    if unreadable:
        names = "、".join(unreadable)
        yield Finding("密钥", Health.BAD, f"用现在的密钥读不出已有的数据（{names}）：请恢复原来的密钥。")
    else:
        yield Finding("密钥", Health.GOOD, "已有的数据都能用现在的密钥读出。")


@check
def clocks(_settings: Settings, at: datetime) -> Iterable[Finding]:
    """Whether this machine and the database's agree on the time: due days and codes live by it."""
    if db.engine.dialect.name != "postgresql":
        return
    theirs = db.session.scalar(select(func.clock_timestamp()))
    ours = datetime.now(UTC)
    if theirs is not None and abs(theirs - ours) > CLOCK_MAY_DIFFER:
        seconds = int(abs(theirs - ours).total_seconds())
        yield Finding("时钟", Health.BAD, f"本机与数据库的时钟相差 {seconds} 秒：请两台都开启自动对时（NTP）。")
    else:
        yield Finding("时钟", Health.GOOD, "本机与数据库的时钟一致。")


@check
def calendar(_settings: Settings, at: datetime) -> Iterable[Finding]:
    """Whether the days off that deadlines need are known."""
    today = local_date(at)
    known = load_calendar()
    next_year = date(today.year + 1, 1, 1)
    if known.is_provisional(today):
        what_to_do = "请运行 flask calendar import；程序里还没有的，在“工作日历”里补录。"
        yield Finding("工作日历", Health.BAD, f"没有 {today.year} 年的放假安排，期限是估算的：{what_to_do}")
    elif (today.month, today.day) >= NEXT_YEAR_KNOWN_BY and known.is_provisional(next_year):
        yield Finding("工作日历", Health.DOUBTFUL, f"还没有 {today.year + 1} 年的放假安排：国务院公布以后请升级系统。")
    else:
        yield Finding("工作日历", Health.GOOD, f"{today.year} 年的放假安排已有。")


@check
def background(_settings: Settings, at: datetime) -> Iterable[Finding]:
    """Whether somebody does the work in the background, and each night's."""
    last = last_beat(SCHEDULER)
    if last is None or last < at - SCHEDULER_SILENT:
        since = "从来没有运行过" if last is None else f"{_minutes(at - last)} 分钟没有动静"
        yield Finding("后台", Health.BAD, f"后台程序{since}：请启动 flask worker（不带 --no-periodic 的要有一个）。")
    else:
        yield Finding("后台", Health.GOOD, "后台程序在运行。")
    night = last_beat(NIGHT)
    if night is not None and night < at - NIGHT_SILENT:
        yield Finding("夜间督办", Health.BAD, "昨夜的督办没有做完：请看后台的日志，再运行 flask sweep。")
    oldest = db.session.scalar(select(func.min(BackgroundJob.created_at)).where(BackgroundJob.state == "queued"))
    if oldest is not None and oldest < at - JOB_WAITS:
        yield Finding("排队", Health.BAD, f"有任务排了 {_minutes(at - oldest)} 分钟还没有办：后台程序停了或者不够用。")
    else:
        yield Finding("排队", Health.GOOD, "没有积压的任务。")


@check
def audit_log(settings: Settings, at: datetime) -> Iterable[Finding]:
    """Whether the audit log is whole, was verified a short while ago, and cannot be rewritten by the application."""
    last = verification.latest(verification.State.WHOLE, verification.State.BROKEN)
    if last is not None and last.state == verification.State.BROKEN:
        sentence = "封存链断开：有记录被改动、删除或调换。请保护好现场和备份，与先前抄下的链尾核对。"
        yield Finding("审计日志", Health.BAD, sentence)
    elif last is None or last.begun_at < at - NIGHT_SILENT:
        sentence = "最近一天没有核对过：请看后台是否在运行，或者运行 flask audit verify。"
        yield Finding("审计日志", Health.DOUBTFUL, sentence)
    else:
        yield Finding("审计日志", Health.GOOD, f"封存链完整，{local_date(last.begun_at)} 核对。")
    if settings.is_production and guards.is_protected() is False:
        sentence = "程序的数据库角色能改写审计日志：请由表的所有者运行 flask audit protect --role，程序改用那个角色。"
        yield Finding("审计日志", Health.DOUBTFUL, sentence)


@check
def disk(settings: Settings, _at: datetime) -> Iterable[Finding]:
    """Whether there is room for what comes. The disk of a PostgreSQL is not to be seen from here: only how much lies on
    it, and no more is claimed."""
    usage = shutil.disk_usage(settings.instance.resolve())
    free, whose, elsewhere = usage.free / 1024**3, "数据", ""
    if db.engine.dialect.name == "postgresql":
        size = (db.session.scalar(select(func.pg_database_size(func.current_database()))) or 0) / 1024**3
        whose = "临时文件"
        elsewhere = f"数据库（{size:.1f} GB）的磁盘从这里看不见，请在数据库那台机器上看（df -h）。"
    if usage.free < LEAST_FREE_BYTES or usage.free < usage.total * LEAST_FREE_SHARE:
        yield Finding("磁盘", Health.BAD, f"{whose}所在的磁盘只剩 {free:.1f} GB：请清理或扩容。{elsewhere}")
    else:
        yield Finding("磁盘", Health.GOOD, f"{whose}所在的磁盘还有 {free:.0f} GB。{elsewhere}")


@check
def certificate(settings: Settings, at: datetime) -> Iterable[Finding]:
    """Whether villagers' phones will trust the address for some weeks more."""
    address = urlsplit(settings.base_url)
    if address.scheme != "https":
        return
    try:
        ends = certificate_ends(str(address.hostname), address.port or 443)
    except ssl.SSLCertVerificationError:
        yield Finding("证书", Health.BAD, f"{settings.base_url} 的证书无效或已过期：群众的手机会打不开，请换证书。")
    except OSError:
        yield Finding(
            "证书", Health.DOUBTFUL, f"从这台机器连不上 {settings.base_url}，没有查成证书。请在别处打开看看。"
        )
    else:
        days = (ends - at).days
        short = ends < at + CERTIFICATE_LEFT
        sentence = f"{settings.base_url} 的证书还有 {days} 天到期" + ("：请尽快续期。" if short else "。")
        yield Finding("证书", Health.DOUBTFUL if short else Health.GOOD, sentence)


def certificate_ends(host: str, port: int) -> datetime:
    """When the certificate of an address ends, in UTC. Raises OSError (SSLCertVerificationError for one that is not
    valid)."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        told = secured.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
