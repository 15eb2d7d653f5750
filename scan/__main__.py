"""Run the scanners one after the other and say what they found; 1 where it is anything."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demo.county import PASSWORD
from scan.installation import Installation, running

HERE = Path(__file__).parent
TOOLS = HERE.parent / ".venv-scan" / "bin"
OFFICIALS = ("township", "finance", "discipline", "admin")
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,sql,timesql,"
    "upload,xss"
)
"""What wapiti tries: all that needs no server of its own outside."""
# Signed out, a scanner sees nothing more; and what it sends to these is not about the house.
APART = ("/staff/logout", "/language/", "/type-size/")
FORMS = {
    "/lookup": "id_number=513426197001010015&name=a&card_tail=1234",
    "/complaints/track": "receipt_code=12345678901234567890",
    "/complaints/new": "category=enquiry&text=a&region=513426100200&anonymous=y",
    "/staff/login": "username=a&password=b",
    "/statistics?year=2026&township=513426100000": "",
    "/lists?region=513426100200": "",
}
"""Forms and addresses of the public door, for sqlmap."""
STAFF_ADDRESSES = (
    "/staff/?room=complaints",
    "/staff/complaints/all?q=a&page=1&sort=number",
    "/staff/registry/beneficiaries?q=a&page=1&sort=name",
    "/staff/disbursement/batches?q=a&page=1&sort=number",
)


@dataclass(frozen=True)
class Run:
    """One scan: who looked, from where, how long, and what was found."""

    tool: str
    door: str
    seconds: float
    found: list[str]


def wapiti(site: Installation, door: str, start: str, cookies: str, seconds: int) -> Run:
    """Crawl from ``start`` and attack every form and parameter."""
    began = time.monotonic()
    report = site.log.with_name(f"wapiti-{door}.json")
    command = [
        *(str(TOOLS / "wapiti"), "--url", f"{site.address}{start}", "--scope", "domain", "--flush-session"),
        *("--module", MODULES, "--format", "json", "--output", str(report), "--verify-ssl", "0", "--no-bugreport"),
        *("--max-scan-time", str(seconds), "--max-attack-time", str(seconds // 8), "--max-links-per-page", "60"),
        *(part for address in APART for part in ("--exclude", f"{site.address}{address}.*")),
        *("--cookie-value", cookies, "--drop-set-cookie"),
    ]
    log = site.log.with_name(f"wapiti-{door}.log")
    _run(command, log, 3 * seconds + 120)
    if not report.exists():
        return Run("wapiti", door, time.monotonic() - began, [f"it did not end: {_end(log)}"])
    told = json.loads(report.read_text(encoding="utf-8"))
    found = [
        f"{kind}: {one['method']} {one['path']} {one.get('parameter') or ''} {one['info']}"
        for section in ("vulnerabilities", "anomalies")
        for kind, cases in told[section].items()
        for one in cases
    ]
    return Run("wapiti", door, time.monotonic() - began, found)


def schemathesis(site: Installation, seconds: int) -> Run:
    """Make up calls of SMS providers."""
    began = time.monotonic()
    log = site.log.with_name("schemathesis.log")
    checks = "not_a_server_error,status_code_conformance"
    command = [
        *(str(TOOLS / "schemathesis"), "run", str(HERE / "webhooks.yaml"), "--base-url", site.address),
        *("--checks", checks, "--hypothesis-max-examples", "150", "--request-tls-verify", "false"),
    ]
    done = _run(command, log, seconds)
    return Run("schemathesis", "webhooks", time.monotonic() - began, [] if done == 0 else [_end(log)])


def sqlmap(site: Installation, door: str, cookies: str, seconds: int) -> Run:
    """Try every parameter of the addresses for SQL."""
    began, found = time.monotonic(), []
    addresses = dict.fromkeys(STAFF_ADDRESSES, "") if cookies else FORMS
    for number, (address, data) in enumerate(addresses.items()):
        log = site.log.with_name(f"sqlmap-{door}-{number}.log")
        command = [
            *(str(TOOLS / "sqlmap"), "--batch", "--url", f"{site.address}{address}", "--level", "2", "--risk", "1"),
            *("--output-dir", str(site.log.parent / "sqlmap"), "--flush-session", "--disable-coloring"),
            *("--csrf-token", "csrf_token", "--csrf-url", f"{site.address}{address.partition('?')[0]}")[
                : 4 if data else 0
            ],
            *(("--data", f"csrf_token=x&{data}") if data else ()),
            *(("--cookie", cookies) if cookies else ()),
            *("--referer", f"{site.address}{address.partition('?')[0]}"),
            *("--time-limit", str(seconds // len(addresses))),
        ]
        _run(command, log, seconds)
        found += _told(log)
    return Run("sqlmap", door, time.monotonic() - began, found)


def _told(log: Path) -> list[str]:
    """What sqlmap says of one address in the end: its injection points, and why it could not look. What it suspects on
    the way ("appears to be injectable") it tries again and takes back."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    points = [number for number, line in enumerate(lines) if "identified the following injection point" in line]
    found = [line for start in points for line in lines[start : start + 12]]
    found += [line for line in lines if "CRITICAL" in line and "not appear to be injectable" not in line]
    return found if any("] [INFO] testing " in line for line in lines) else [*found, f"it did not try: {_end(log)}"]


def _run(command: list[str], log: Path, seconds: int) -> int:
    with log.open("wb") as said:
        try:
            done = subprocess.run(
                command,
                check=False,
                stdout=said,
                stderr=said,
                timeout=seconds,
                env=os.environ | {"HOME": str(log.parent)},
            )
        except subprocess.TimeoutExpired:
            said.write(b"\ncut off by its time\n")
            return 1
    return done.returncode


def _end(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]


def scans(site: Installation, seconds: int, only: str | None) -> Iterator[Run]:
    """All of them, or those of one scanner; each gets so many seconds at most."""
    if only in {None, "schemathesis"}:
        yield schemathesis(site, seconds)
    if only in {None, "sqlmap"}:
        yield sqlmap(site, "public", "", seconds)
        yield sqlmap(site, "staff-finance", site.cookies_of("finance", PASSWORD), seconds)
    if only in {None, "wapiti"}:
        yield wapiti(site, "public", "/", site.cookies_of_a_visitor(), seconds)
        for username in OFFICIALS:
            yield wapiti(site, f"staff-{username}", "/staff/", site.cookies_of(username, PASSWORD), seconds)


def main() -> int:
    """Say what was found."""
    parser = argparse.ArgumentParser(prog="python -m scan")
    parser.add_argument("--only", choices=("schemathesis", "sqlmap", "wapiti"), help="one of the scanners")
    parser.add_argument("--seconds", type=int, default=300, help="how long each scan may take")
    options = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory(prefix="yikatong-scan-") as folder, running(Path(folder)) as site:
        for run in scans(site, options.seconds, options.only):
            print(f"{run.tool:14} {run.door:20} {run.seconds:6.0f} s  found {len(run.found)}", flush=True)
            for one in run.found:
                print(f"    {one}", flush=True)
            bad = bad or bool(run.found)
        faults = site.faults()
        print(f"faults in the house's own log: {len(faults)}")
        for line in faults[:20]:
            print(f"    {line[:1500]}")
    return int(bad or bool(faults))


if __name__ == "__main__":
    sys.exit(main())
