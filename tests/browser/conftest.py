"""A running site (web and worker, as in production) on each database, and a Chromium to walk it."""

import http.client
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import sleep

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from core.clock import SHANGHAI
from tests import processes
from tests.browser import clockwork
from tests.conftest import administer, database_of

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Site:
    """A running installation: its address, its environment, and its processes."""

    base_url: str
    environ: dict[str, str]
    log: Path

    def start(self, *arguments: str, output: Path | None = None, errors: Path | None = None) -> BaseProcess:
        """Start a module of this installation; what it says goes to the log where nothing else is told."""
        files = (str(output or self.log), str(errors or self.log))
        return processes.start(clockwork.run, arguments, self.environ, *files)

    def flask(self, *arguments: str) -> str:
        """Run a flask command of this installation; returns what it printed. Fails the test where it fails."""
        output, errors = (self.log.with_name(name) for name in ("printed", "errors"))
        for file in (output, errors):
            file.unlink(missing_ok=True)
        command = self.start("flask", *arguments, output=output, errors=errors)
        assert processes.end(command) == 0, errors.read_text(encoding="utf-8") + output.read_text(encoding="utf-8")
        return output.read_text(encoding="utf-8")

    def go_to(self, day: date, hour: int = 9) -> None:
        """Make it that hour of that day in the county, for all of the site."""
        clockwork.set_clock(Path(self.environ["YKT_TEST_CLOCK"]), datetime.combine(day, time(hour), SHANGHAI))


def _wait_until_ready(base_url: str, log: Path) -> None:
    host, port = base_url.removeprefix("http://").split(":")
    for _ in range(300):
        with closing(http.client.HTTPConnection(host, int(port), timeout=5)) as connection, suppress(OSError):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        sleep(0.1)
    pytest.fail(f"the site did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def _stop(process: BaseProcess) -> None:
    assert process.pid
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        process.join(10)
        if process.is_alive():
            os.killpg(process.pid, signal.SIGKILL)
    processes.end(process)


@pytest.fixture(scope="module")
def site_settings() -> dict[str, str]:
    """Further settings of the site; a module that wants some has a fixture of its own by this name."""
    return {}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, site_settings: dict[str, str]
) -> Iterator[Site]:
    """An empty installation after its migrations, with web and worker running."""
    folder = tmp_path_factory.mktemp(f"site-{request.param}")
    database_url = f"sqlite:///{folder / 'site.sqlite'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_url")
        name = f"site_{folder.name.replace('-', '_')}_{os.getpid()}"
        administer(server, f"CREATE DATABASE {name}")
        database_url = database_of(server, name)
    port = processes.free_port()
    site = Site(
        base_url=f"http://127.0.0.1:{port}",
        environ=os.environ
        | {
            "FLASK_APP": "app:create_app",
            "YKT_INSTANCE": str(folder),
            "YKT_DATABASE_URL": database_url,
            "YKT_JOBS_URL": f"sqlite:///{folder / 'jobs.sqlite'}",
            "YKT_BASE_URL": f"http://127.0.0.1:{port}",
            "YKT_BIND": "127.0.0.1",
            "YKT_TEST_CLOCK": str(folder / "clock"),
            "PORT": str(port),
        }
        | site_settings,
        log=folder / "site.log",
    )
    site.flask("db", "upgrade")
    web, worker = site.start("gunicorn"), site.start("flask", "worker")
    try:
        _wait_until_ready(site.base_url, site.log)
        yield site
    finally:
        _stop(worker)
        _stop(web)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium where there is one, else the one that playwright installed."""
    path = next((found for name in SYSTEM_BROWSERS if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        yield _launch(playwright, path)


def _launch(playwright: Playwright, path: str | None) -> Browser:
    # Without these the browser calls home at every start; a sandbox needs rights that a container lacks.
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return playwright.chromium.launch(executable_path=path, args=[*quiet, "--no-first-run", "--disable-quic"])


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Page]:
    """A villager's phone: 360 px wide, no JavaScript."""
    context = chromium.new_context(
        base_url=site.base_url, viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="zh-CN"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(chromium: Browser, site: Site) -> Iterator[Page]:
    """An official's PC."""
    context = chromium.new_context(
        base_url=site.base_url, viewport={"width": 1280, "height": 800}, locale="zh-CN", accept_downloads=True
    )
    yield context.new_page()
    context.close()
