"""All settings in one frozen object, read from YKT_* variables and checked at start; all faults are said at once."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from urllib.parse import urlsplit

DEMO_ENVIRONMENT = "demo"
PRODUCTION = "production"
DOORS = frozenset({"public", "staff"})
GATEWAYS = frozenset({"simulated", "twilio"})
CIPHERS = frozenset({"aes", "sm4"})


class SettingsError(Exception):
    """The installation cannot start. ``faults`` holds one sentence for each wrong setting."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(["设置有误，无法启动：", *(f"  - {fault}" for fault in faults)]))
        self.faults = faults


def demo_key(name: str) -> bytes:
    """A key that everybody can compute: enough for the demo county, refused in production."""
    return hashlib.sha256(f"yikatong demo key: {name}".encode()).digest()


@dataclass(frozen=True)
class Keys:
    """Secret keys, 32 bytes each. ``encryption`` maps key id (1–255) to key; ``current`` encrypts new values."""

    encryption: Mapping[int, bytes] = field(repr=False)
    current: int
    index: bytes = field(repr=False)
    signing: bytes = field(repr=False)


@dataclass(frozen=True)
class Twilio:
    """Access to Twilio; empty where the gateway is another one."""

    account_sid: str = ""
    auth_token: str = field(default="", repr=False)
    sender: str = ""
    api_base: str = ""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation (see README, "Settings")."""

    environment: str
    instance: Path
    database_url: str
    jobs_url: str
    doors: frozenset[str]
    base_url: str
    sms_gateway: str
    quiet_hours: tuple[time, time] | None
    cipher: str
    keys: Keys
    twilio: Twilio
    proxies: int
    county_code: str
    county_name: str
    hotline: str
    upload_megabytes: int

    @property
    def is_production(self) -> bool:
        """Whether real people's data may be in here."""
        return self.environment == PRODUCTION

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every YKT_* variable. Raises SettingsError with all that is wrong."""
        return _Reader(environ).settings()


class _Reader:
    """Reads variables one by one and remembers every fault instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.faults: list[str] = []
        self.environ = dict(environ) | self._key_file(environ)

    def _key_file(self, environ: Mapping[str, str]) -> dict[str, str]:
        path = environ.get("YKT_KEY_FILE", "")
        if not path:
            return {}
        try:
            lines = Path(path).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            self.faults.append(f"YKT_KEY_FILE：读不到密钥文件（{error.strerror}）。请检查路径和权限。")
            return {}
        pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
        return {name.strip(): value.strip() for name, value in pairs}

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def choice(self, name: str, allowed: frozenset[str], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.faults.append(f"{name}：只能是 {'、'.join(sorted(allowed))} 之一。")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not least <= int(value) <= most:
            self.faults.append(f"{name}：应为 {least} 到 {most} 之间的整数。")
            return default
        return int(value)

    def key(self, name: str, value: str) -> bytes:
        try:
            key = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            self.faults.append(f"{name}：应为 32 字节密钥的 Base64 文本（可用 `openssl rand -base64 32` 生成）。")
        return key

    def keys(self, production: bool) -> Keys:
        demo = Keys({1: demo_key("encryption")}, 1, demo_key("index"), demo_key("signing"))
        names = ("YKT_ENCRYPTION_KEYS", "YKT_INDEX_KEY", "YKT_SIGNING_KEY")
        missing = [name for name in names if not self.text(name)]
        if missing and production:
            self.faults.extend(f"{name}：生产环境必须设置自己的密钥。" for name in missing)
        if missing:
            return demo
        encryption = self.encryption_keys()
        index = self.key("YKT_INDEX_KEY", self.text("YKT_INDEX_KEY"))
        signing = self.key("YKT_SIGNING_KEY", self.text("YKT_SIGNING_KEY"))
        demo_values = {demo.encryption[1], demo.index, demo.signing}
        if production and demo_values & {*encryption.values(), index, signing}:
            self.faults.append("密钥：生产环境不能使用演示密钥。")
        return Keys(encryption, next(iter(encryption), 1), index, signing)

    def encryption_keys(self) -> dict[int, bytes]:
        """``id:base64`` pairs separated by commas; the first one encrypts, the others still decrypt."""
        found: dict[int, bytes] = {}
        for pair in self.text("YKT_ENCRYPTION_KEYS").split(","):
            key_id, _, value = pair.strip().partition(":")
            if not key_id.isdecimal() or not 1 <= int(key_id) <= 255 or int(key_id) in found:
                self.faults.append("YKT_ENCRYPTION_KEYS：格式为“编号:密钥”，编号 1 到 255 且不重复，多个用逗号分开。")
                continue
            found[int(key_id)] = self.key("YKT_ENCRYPTION_KEYS", value)
        return found

    def doors(self) -> frozenset[str]:
        doors = frozenset(door.strip() for door in self.text("YKT_DOORS", "public,staff").split(",") if door.strip())
        if not doors or not doors <= DOORS:
            self.faults.append("YKT_DOORS：只能是 public、staff 或 public,staff。")
        return doors

    def base_url(self, production: bool) -> str:
        url = self.text("YKT_BASE_URL", "http://localhost:8000").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
            self.faults.append("YKT_BASE_URL：应为群众访问的完整网址，例如 https://ykt.example.gov.cn 。")
        elif production and parts.scheme != "https":
            self.faults.append("YKT_BASE_URL：生产环境必须是 https 网址。")
        return url

    def twilio(self, gateway: str) -> Twilio:
        twilio = Twilio(
            self.text("YKT_TWILIO_ACCOUNT_SID"),
            self.text("YKT_TWILIO_AUTH_TOKEN"),
            self.text("YKT_TWILIO_SENDER"),
            self.text("YKT_TWILIO_API_BASE", "https://api.twilio.com"),
        )
        if gateway == "twilio":
            for name in ("ACCOUNT_SID", "AUTH_TOKEN", "SENDER"):
                if not self.text(f"YKT_TWILIO_{name}"):
                    self.faults.append(f"YKT_TWILIO_{name}：使用 twilio 网关时必须设置。")
        return twilio

    def database_url(self, instance: Path) -> str:
        url = self.text("YKT_DATABASE_URL", f"sqlite:///{instance.resolve() / 'yikatong.sqlite'}")
        if url.startswith("postgresql://"):
            # psycopg 3 is the driver that is installed; the plain scheme would ask for psycopg 2.
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        if not url.startswith(("sqlite:", "postgresql+psycopg:")):
            self.faults.append("YKT_DATABASE_URL：只支持 sqlite:/// 和 postgresql:// 。")
        return url

    def jobs_url(self, instance: Path) -> str:
        url = self.text("YKT_JOBS_URL", f"sqlite:///{instance.resolve() / 'jobs.sqlite'}")
        if not url.startswith(("sqlite:///", "postgresql://", "redis://", "rediss://", "immediate")):
            self.faults.append("YKT_JOBS_URL：只支持 sqlite:///、postgresql:// 和 redis:// 。")
        return url

    def quiet_hours(self, production: bool, gateway: str) -> tuple[time, time] | None:
        """21:00-08:00 unless told otherwise. The demo county's handset is a page: there is nobody to wake."""
        default = "none" if gateway == "simulated" and not production else "21:00-08:00"
        value = self.text("YKT_SMS_QUIET_HOURS", default)
        if value == "none":
            return None
        try:
            begin, end = (time.fromisoformat(part) for part in value.split("-"))
        except ValueError:
            self.faults.append("YKT_SMS_QUIET_HOURS：应为“21:00-08:00”这样的时段，或者 none（不设静默时段）。")
            return None
        return begin, end

    def county_code(self) -> str:
        code = self.text("YKT_COUNTY_CODE", "513426000000")
        if len(code) != 12 or not code.isdecimal() or not code.endswith("000000"):
            self.faults.append("YKT_COUNTY_CODE：应为 12 位县级区划代码。")
        return code

    def settings(self) -> Settings:
        environment = self.choice("YKT_ENV", frozenset({DEMO_ENVIRONMENT, PRODUCTION}), DEMO_ENVIRONMENT)
        production = environment == PRODUCTION
        instance = Path(self.text("YKT_INSTANCE", "instance"))
        gateway = self.choice("YKT_SMS_GATEWAY", GATEWAYS, "simulated")
        settings = Settings(
            environment=environment,
            instance=instance,
            database_url=self.database_url(instance),
            jobs_url=self.jobs_url(instance),
            doors=self.doors(),
            base_url=self.base_url(production),
            sms_gateway=gateway,
            quiet_hours=self.quiet_hours(production, gateway),
            cipher=self.choice("YKT_CIPHER", CIPHERS, "aes"),
            keys=self.keys(production),
            twilio=self.twilio(gateway),
            proxies=self.number("YKT_PROXIES", 0, 0, 5),
            county_code=self.county_code(),
            county_name=self.text("YKT_COUNTY_NAME", "会东县"),
            hotline=self.text("YKT_HOTLINE", "12345"),
            upload_megabytes=self.number("YKT_UPLOAD_MEGABYTES", 50, 1, 500),
        )
        if self.faults:
            raise SettingsError(self.faults)
        return settings
