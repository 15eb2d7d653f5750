"""All settings in one frozen object, read from YKT_* variables and checked at start; all faults are said at once."""

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.sms_settings import Aliyun, SmsLimits, read_aliyun, read_first, read_limits, read_second
from core.virus_scan import Address, parse_address

DEMO_ENVIRONMENT = "demo"
PRODUCTION = "production"
DOORS = frozenset({"public", "staff"})
CIPHERS = frozenset({"aes", "sm4"})
IMMEDIATE = "immediate"
"""The YKT_JOBS_URL of tests: a job runs at once, in the process that asks for it."""


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
    # Both may hold a password.
    database_url: str = field(repr=False)
    jobs_url: str = field(repr=False)
    doors: frozenset[str]
    base_url: str
    sms_gateway: str
    second_sms_gateway: str
    sms_limits: SmsLimits
    quiet_hours: tuple[time, time] | None
    cipher: str
    keys: Keys
    twilio: Twilio
    aliyun: Aliyun
    proxies: int
    county_code: str
    county_name: str
    hotline: str
    upload_megabytes: int
    clamd: Address | None = None
    second_factor_required: bool = False
    postgres_tools: Path | None = None
    slow_seconds: int = 20
    slow_bytes: int = 4096

    @property
    def is_over_tls(self) -> bool:
        """Whether browsers come by https, so that cookies and addresses may be kept to it."""
        return self.base_url.startswith("https://")

    @property
    def is_production(self) -> bool:
        """Whether real people's data may be in here."""
        return self.environment == PRODUCTION

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every YKT_* variable. Raises SettingsError with all that is wrong."""
        return _Reader(environ).settings()


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _split_url(url: str) -> SplitResult | None:
    """The parts of a complete web address, or None where it is none."""
    try:
        parts = urlsplit(url)
        # Reading the port checks it.
        return parts if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _is_database_url(url: str) -> bool:
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        return False
    return True


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
        except UnicodeDecodeError:
            self.faults.append("YKT_KEY_FILE：密钥文件不是 UTF-8 文本，每行应为“变量名=值”。")
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
        # Longer numbers are out of every range, and Python refuses to read very long ones.
        if not _is_digits(value) or len(value) > 9 or not least <= int(value) <= most:
            self.faults.append(f"{name}：应为 {least} 到 {most} 之间的整数。")
            return default
        return int(value)

    def key(self, name: str, value: str) -> bytes:
        """The key written as ``value``; b"" where there is none (missing keys are said elsewhere)."""
        if not value:
            return b""
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
        if len(missing) == len(names) and not production:
            return demo
        why = "生产环境必须设置自己的密钥" if production else "三种密钥要么都设置，要么都不设置（演示）"
        self.faults.extend(f"{name}：{why}。" for name in missing)
        encryption = self.encryption_keys() if self.text("YKT_ENCRYPTION_KEYS") else {}
        index = self.key("YKT_INDEX_KEY", self.text("YKT_INDEX_KEY"))
        signing = self.key("YKT_SIGNING_KEY", self.text("YKT_SIGNING_KEY"))
        demo_values = {demo.encryption[1], demo.index, demo.signing}
        given = [key for key in (*encryption.values(), index, signing) if key]
        if production and demo_values & set(given):
            self.faults.append("密钥：生产环境不能使用演示密钥。")
        if len(set(given)) < len(given):
            self.faults.append("密钥：同一个密钥用了两次。每种用途、每个编号都要有自己的密钥。")
        return Keys(encryption, next(iter(encryption), 1), index, signing)

    def encryption_keys(self) -> dict[int, bytes]:
        """``id:base64`` pairs separated by commas; the first one encrypts, the others still decrypt."""
        found: dict[int, bytes] = {}
        for pair in self.text("YKT_ENCRYPTION_KEYS").split(","):
            key_id, _, value = pair.strip().partition(":")
            known_form = _is_digits(key_id) and len(key_id) <= 3 and bool(value)
            if not known_form or not 1 <= int(key_id) <= 255 or int(key_id) in found:
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
        parts = _split_url(url)
        if parts is None or parts.path or parts.query or parts.fragment or parts.username is not None:
            self.faults.append("YKT_BASE_URL：应为群众访问的完整网址，不带路径，例如 https://ykt.example.gov.cn 。")
        elif production and parts.scheme != "https":
            self.faults.append("YKT_BASE_URL：生产环境必须是 https 网址。")
        elif parts.scheme == "https" and not self.text("YKT_ENV"):
            # Forgotten, it would put the county's people into a house whose keys everybody can compute.
            self.faults.append("YKT_ENV：网址是 https 的，请写明是正式使用（production）还是演示（demo）。")
        return url

    def twilio(self, used: bool, production: bool) -> Twilio:
        twilio = Twilio(
            self.text("YKT_TWILIO_ACCOUNT_SID"),
            self.text("YKT_TWILIO_AUTH_TOKEN"),
            self.text("YKT_TWILIO_SENDER"),
            self.text("YKT_TWILIO_API_BASE", "https://api.twilio.com"),
        )
        if used:
            for name in ("ACCOUNT_SID", "AUTH_TOKEN", "SENDER"):
                if not self.text(f"YKT_TWILIO_{name}"):
                    self.faults.append(f"YKT_TWILIO_{name}：使用 twilio 网关时必须设置。")
            api = _split_url(twilio.api_base)
            if api is None or (production and api.scheme != "https"):
                self.faults.append("YKT_TWILIO_API_BASE：应为完整网址，生产环境必须是 https。")
        return twilio

    def database_url(self, instance: Path) -> str:
        url = self.text("YKT_DATABASE_URL", f"sqlite:///{instance.resolve() / 'yikatong.sqlite'}")
        if url.startswith("postgresql://"):
            # psycopg 3 is the driver that is installed; the plain scheme would ask for psycopg 2.
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")) or not _is_database_url(url):
            self.faults.append("YKT_DATABASE_URL：只支持 sqlite:///文件 和 postgresql://用户:密码@主机/库名 。")
        return url

    def jobs_url(self, instance: Path, production: bool) -> str:
        url = self.text("YKT_JOBS_URL", "sqlite:///jobs.sqlite")
        if url.startswith("sqlite:///"):
            # A relative path lies in the instance folder, as that of the database does.
            return f"sqlite:///{instance.resolve() / url.removeprefix('sqlite:///')}"
        allowed = url.startswith(("postgresql://", "redis://", "rediss://")) and _is_database_url(url)
        if not allowed and (url != IMMEDIATE or production):
            self.faults.append("YKT_JOBS_URL：只支持 sqlite:///文件、postgresql://… 和 redis://… 。")
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

    def proxies(self, production: bool) -> int:
        """How many proxies stand in front. Guessed wrong, everybody has the proxy's address, or whichever he writes."""
        if production and not self.text("YKT_PROXIES"):
            self.faults.append("YKT_PROXIES：生产环境必须写明前面有几层反向代理（一般是 1），没有的写 0。")
        return self.number("YKT_PROXIES", 0, 0, 5)

    def instance(self) -> Path:
        instance = Path(self.text("YKT_INSTANCE", "instance"))
        nearest = next(folder for folder in (instance.absolute(), *instance.absolute().parents) if folder.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            self.faults.append("YKT_INSTANCE：应为可写的文件夹，用来存放数据和运行文件。请检查路径和权限。")
        return instance

    def clamd(self) -> Address | None:
        text = self.text("YKT_CLAMD")
        try:
            return parse_address(text) if text else None
        except ValueError:
            self.faults.append("YKT_CLAMD：应为“主机:端口”或套接字文件的绝对路径，例如 127.0.0.1:3310 。")
            return None

    def second_factor(self, production: bool) -> bool:
        """Whether those whose work needs it must sign in with one. The demo county's newcomer has no authenticator."""
        choices = frozenset({"required", "offered"})
        return self.choice("YKT_SECOND_FACTOR", choices, "required" if production else "offered") == "required"

    def postgres_tools(self) -> Path | None:
        """The folder of pg_dump and pg_restore, where those on PATH are older than the server."""
        text = self.text("YKT_POSTGRES_TOOLS")
        if text and not (Path(text) / "pg_dump").exists():
            self.faults.append("YKT_POSTGRES_TOOLS：这个文件夹里没有 pg_dump。")
        return Path(text) if text else None

    def county_code(self) -> str:
        code = self.text("YKT_COUNTY_CODE", "513426000000")
        if len(code) != 12 or not _is_digits(code) or not code.endswith("000000") or code[4:6] == "00":
            self.faults.append("YKT_COUNTY_CODE：应为 12 位县级区划代码。")
        return code

    def settings(self) -> Settings:
        environment = self.choice("YKT_ENV", frozenset({DEMO_ENVIRONMENT, PRODUCTION}), DEMO_ENVIRONMENT)
        production = environment == PRODUCTION
        instance = self.instance()
        gateway = read_first(self, production=production)
        second = read_second(self, gateway)
        settings = Settings(
            environment=environment,
            instance=instance,
            database_url=self.database_url(instance),
            jobs_url=self.jobs_url(instance, production),
            doors=self.doors(),
            base_url=self.base_url(production),
            sms_gateway=gateway,
            second_sms_gateway=second,
            sms_limits=read_limits(self),
            quiet_hours=self.quiet_hours(production, gateway),
            cipher=self.choice("YKT_CIPHER", CIPHERS, "aes"),
            keys=self.keys(production),
            twilio=self.twilio("twilio" in (gateway, second), production),
            aliyun=read_aliyun(self, used="aliyun" in (gateway, second), production=production),
            proxies=self.proxies(production),
            county_code=self.county_code(),
            county_name=self.text("YKT_COUNTY_NAME", "会东县"),
            hotline=self.text("YKT_HOTLINE", "12345"),
            upload_megabytes=self.number("YKT_UPLOAD_MEGABYTES", 50, 1, 500),
            clamd=self.clamd(),
            second_factor_required=self.second_factor(production),
            postgres_tools=self.postgres_tools(),
            slow_seconds=self.number("YKT_SLOW_SECONDS", 20, 1, 600),
            slow_bytes=self.number("YKT_SLOW_BYTES", 4096, 1, 10_000_000),
        )
        if self.faults:
            raise SettingsError(self.faults)
        return settings
