"""The part of the settings that says by whom messages are sent, and how many at most."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

GATEWAYS = frozenset({"simulated", "twilio", "aliyun", "none"})
"""``none``: nothing is sent; messages wait until they are not worth sending any more."""


class Reader(Protocol):
    """Reads variables one by one and remembers every fault."""

    faults: list[str]

    def text(self, name: str, default: str = "") -> str:
        """The value, or the default."""

    def choice(self, name: str, allowed: frozenset[str], default: str) -> str:
        """One of the allowed values."""

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number between the two."""


@dataclass(frozen=True)
class Aliyun:
    """Access to Aliyun's SMS service; empty where the gateway is another one. ``templates`` maps our templates to the
    codes under which Aliyun has approved them; ``callback_secret`` is a part of the address that it reports to, and
    ``callback_networks`` where it may call from (all, where empty)."""

    access_key_id: str = ""
    access_key_secret: str = field(default="", repr=False)
    signature: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)
    callback_secret: str = field(default="", repr=False)
    callback_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    api_base: str = ""


@dataclass(frozen=True)
class SmsLimits:
    """What a day, a second and a phone may take. ``segment_fen`` is what the county pays for one piece, ``connections``
    how many calls a worker makes at once; ``monthly_yuan`` what it means to spend in a month, 0 where it has not said:
    that stops nothing, it is told."""

    daily_segments: int
    daily_codes: int
    daily_yuan: int
    segment_fen: int
    per_second: int
    phone_a_day: int
    connections: int = 32
    monthly_yuan: int = 0

    @property
    def segments_a_day(self) -> int:
        """How many pieces may leave in one day: by number and by money, whichever is less."""
        return min(self.daily_segments, self.daily_yuan * 100 // self.segment_fen)


def read_limits(reader: Reader) -> SmsLimits:
    """The ceilings; generous for a county, and a wall for whoever would have it pay for a million messages."""
    return SmsLimits(
        daily_segments=reader.number("YKT_SMS_DAILY_SEGMENTS", 200_000, 1, 10_000_000),
        daily_codes=reader.number("YKT_SMS_DAILY_CODES", 3_000, 1, 1_000_000),
        daily_yuan=reader.number("YKT_SMS_DAILY_YUAN", 10_000, 1, 1_000_000),
        segment_fen=reader.number("YKT_SMS_SEGMENT_FEN", 5, 1, 1_000),
        per_second=reader.number("YKT_SMS_PER_SECOND", 200, 1, 10_000),
        phone_a_day=reader.number("YKT_SMS_PHONE_A_DAY", 30, 1, 1_000),
        connections=reader.number("YKT_SMS_CONNECTIONS", 32, 1, 64),
        monthly_yuan=reader.number("YKT_SMS_MONTHLY_YUAN", 0, 0, 10_000_000),
    )


def read_first(reader: Reader, *, production: bool) -> str:
    """The gateway. In production nobody is told that a message was delivered which only a page has shown."""
    gateway = reader.choice("YKT_SMS_GATEWAY", GATEWAYS, "simulated")
    if production and gateway == "simulated":
        reader.faults.append(
            "YKT_SMS_GATEWAY：生产环境不能用 simulated：短信会显示已送达，其实没有人收到。还没有开通短信的，设为 none。"
        )
    return gateway


def read_second(reader: Reader, first: str) -> str:
    """The gateway that takes over what surely did not leave by the first, "" for none."""
    if not reader.text("YKT_SMS_SECOND_GATEWAY"):
        return ""
    second = reader.choice("YKT_SMS_SECOND_GATEWAY", GATEWAYS, "")
    if second in (first, "none"):
        reader.faults.append("YKT_SMS_SECOND_GATEWAY：备用网关要与 YKT_SMS_GATEWAY 不同。")
    return second


def read_aliyun(reader: Reader, *, used: bool, production: bool) -> Aliyun:
    """Access to Aliyun, checked where it is used."""
    aliyun = Aliyun(
        reader.text("YKT_ALIYUN_ACCESS_KEY_ID"),
        reader.text("YKT_ALIYUN_ACCESS_KEY_SECRET"),
        reader.text("YKT_ALIYUN_SIGNATURE"),
        _templates(reader),
        reader.text("YKT_ALIYUN_CALLBACK_SECRET"),
        _networks(reader),
        reader.text("YKT_ALIYUN_API_BASE", "https://dysmsapi.aliyuncs.com"),
    )
    if not used:
        return aliyun
    for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SIGNATURE", "TEMPLATES"):
        if not reader.text(f"YKT_ALIYUN_{name}"):
            reader.faults.append(f"YKT_ALIYUN_{name}：使用 aliyun 网关时必须设置。")
    if aliyun.callback_secret and len(aliyun.callback_secret) < 24:
        reader.faults.append("YKT_ALIYUN_CALLBACK_SECRET：至少 24 个字符（可用 `openssl rand -hex 24` 生成）。")
    if not aliyun.api_base.startswith("https://" if production else ("https://", "http://")):
        reader.faults.append("YKT_ALIYUN_API_BASE：应为完整网址，生产环境必须是 https。")
    return aliyun


def _templates(reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in reader.text("YKT_ALIYUN_TEMPLATES").split(","))):
        name, _, code = pair.partition("=")
        if not name or not code or name in found:
            reader.faults.append("YKT_ALIYUN_TEMPLATES：格式为“模板名=模板编号”，多个用逗号分开，每个模板一次。")
            return {}
        found[name.strip()] = code.strip()
    return found


def _networks(reader: Reader) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(part.strip())
            for part in reader.text("YKT_ALIYUN_CALLBACK_NETWORKS").split(",")
            if part.strip()
        )
    except ValueError:
        reader.faults.append("YKT_ALIYUN_CALLBACK_NETWORKS：应为地址或网段，多个用逗号分开，例如 203.0.113.0/24 。")
        return ()
