"""A demo county that runs over TLS, as a real one would, for the time of a scan."""

import http.cookiejar
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SECRET = "a-secret-of-twenty-four-and-more"  # noqa: S105 -- of an installation that lives for the length of a scan
PEOPLE = "300"


@dataclass(frozen=True)
class Installation:
    """A running county: its address, and its log."""

    address: str
    log: Path

    def opener(self) -> tuple[urllib.request.OpenerDirector, http.cookiejar.CookieJar]:
        """A browser that trusts any certificate, and its cookies."""
        jar = http.cookiejar.CookieJar()
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        handlers = (urllib.request.HTTPSHandler(context=trusting), urllib.request.HTTPCookieProcessor(jar))
        return urllib.request.build_opener(*handlers), jar

    def cookies_of_a_visitor(self) -> str:
        """The cookies of somebody who has opened the public door. A crawler that begins without any asks for several
        pages at once, is given a session with each, and then sends the token of one with the cookie of another."""
        browser, jar = self.opener()
        browser.open(f"{self.address}/lookup").read()
        return _as_header(jar)

    def cookies_of(self, username: str, password: str) -> str:
        """The cookies with which this official is signed in, as one header."""
        browser, jar = self.opener()
        page = browser.open(f"{self.address}/staff/login").read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        fields = urllib.parse.urlencode({"username": username, "password": password, "csrf_token": token[1]})
        # Over TLS a form has to say where it comes from.
        browser.addheaders.append(("Referer", f"{self.address}/staff/login"))
        browser.open(f"{self.address}/staff/login", fields.encode()).read()
        return _as_header(jar)

    def faults(self) -> list[str]:
        """What the house itself logged as a fault of its own."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if '"status": 500' in line or "Traceback" in line]


def _as_header(jar: http.cookiejar.CookieJar) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


@contextmanager
def running(folder: Path) -> Iterator[Installation]:
    """Make the county, serve it, and put it away."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    certificate, key = _certificate(folder)
    address = f"https://localhost:{port}"
    environ = os.environ | {
        "FLASK_APP": "app:create_app",
        "YKT_ENV": "demo",
        "YKT_INSTANCE": str(folder / "instance"),
        "YKT_BASE_URL": address,
        "YKT_BIND": "127.0.0.1",
        "PORT": str(port),
        "YKT_SMS_GATEWAY": "aliyun",
        "YKT_SMS_SECOND_GATEWAY": "twilio",
        "YKT_ALIYUN_CALLBACK_SECRET": SECRET,
        "YKT_TWILIO_API_BASE": "http://127.0.0.1:9",
        "YKT_ALIYUN_API_BASE": "http://127.0.0.1:9",
    }
    for name in ("ALIYUN_ACCESS_KEY_ID", "ALIYUN_ACCESS_KEY_SECRET", "ALIYUN_SIGNATURE", "TWILIO_ACCOUNT_SID"):
        environ[f"YKT_{name}"] = "scan"
    environ |= {
        "YKT_ALIYUN_TEMPLATES": "payment_paid=SMS_1",
        "YKT_TWILIO_AUTH_TOKEN": "scan",
        "YKT_TWILIO_SENDER": "+15005550006",
    }
    log = folder / "site.log"
    with log.open("ab") as said:
        for command in (("db", "upgrade"), ("demo", "load", "--people", PEOPLE)):
            line = [sys.executable, "-m", "flask", *command]
            if subprocess.run(line, env=environ, check=False, stdout=said, stderr=said).returncode:
                raise SystemExit(f"no county: {log.read_text(encoding='utf-8')[-2000:]}")
        # Our own worker leaves TLS to the proxy in front, and here is none.
        options = ["--certfile", str(certificate), "--keyfile", str(key), "--worker-class", "gthread"]
        with subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options], env=environ, stdout=said, stderr=said
        ) as web:
            installation = Installation(address, log)
            ended = threading.Event()
            forgetting = threading.Thread(target=_forget_counters, args=(folder / "instance", ended))
            try:
                _wait(installation)
                forgetting.start()
                yield installation
            finally:
                ended.set()
                web.terminate()


def _forget_counters(instance: Path, ended: threading.Event) -> None:
    """Past its limits the door asks a question before it looks at what was sent. A scan that meets only the question
    proves nothing about the forms behind it, so this county forgets who has tried how often."""
    with closing(sqlite3.connect(instance / "yikatong.sqlite", timeout=30)) as connection:
        while not ended.wait(0.5):
            with connection:
                connection.execute("DELETE FROM rate_counters")


def _wait(installation: Installation) -> None:
    browser, _jar = installation.opener()
    for _ in range(300):
        with suppress(OSError):
            if browser.open(f"{installation.address}/readyz", timeout=5).status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"the county did not start: {installation.log.read_text(encoding='utf-8')[-2000:]}")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody has signed, and its key."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key.write_bytes(secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, key
