"""What the county's IT is told holds: every setting, command and file that its papers name exists."""

import re
from pathlib import Path

import click
import pytest
import yaml  # type: ignore[import-untyped] # it brings no types
from flask import Flask

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAPERS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(DEPLOY.rglob("*.*")), ROOT / "Dockerfile"]
COMMAND = re.compile(r"\bflask[ ,]+([a-z][a-z-]*)(?:[ ,]+([a-z][a-z-]*))?")
OF_COMPOSE = {
    "YKT_VERSION",
    "YKT_DATABASE_PASSWORD",
    "YKT_OWNER_PASSWORD",
    "YKT_KEYS",
    "YKT_CERTIFICATES",
    "YKT_BACKUPS",
}
SECRET = re.compile(r"""(?i)(password|secret|token)[A-Z_]*=[^$\s{"]\S*""")
OF_FLASK = {"db": {"upgrade", "migrate"}}


def settings_known() -> set[str]:
    """Every variable that the product reads."""
    sources = [
        *(ROOT / "core").glob("*.py"),
        ROOT / "gunicorn.conf.py",
        ROOT / "Makefile",
        *(ROOT / "tests").glob("*.py"),
    ]
    return set(re.findall(r"YKT_[A-Z_]+[A-Z]", "\n".join(path.read_text(encoding="utf-8") for path in sources)))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_that_is_named_exists(paper: Path) -> None:
    named = set(re.findall(r"(?<![A-Z_`])`?(YKT_[A-Z_]+[A-Z])", paper.read_text(encoding="utf-8")))
    assert named <= settings_known() | OF_COMPOSE


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_named_exists(app: Flask, paper: Path) -> None:
    for name, inner in COMMAND.findall(paper.read_text(encoding="utf-8")):
        if name in OF_FLASK:
            assert inner in OF_FLASK[name]
            continue
        command = app.cli.commands.get(name)
        assert command is not None, f"flask {name}"
        if isinstance(command, click.Group):
            assert inner in command.commands, f"flask {name} {inner}"


def test_the_installation_has_what_it_should() -> None:
    whole = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services, networks = whole["services"], whole["networks"]
    assert {"postgres", "migrate", "web-a", "web-b", "worker-a", "worker-b", "scheduler", "proxy", "backup"} == set(
        services
    )
    timetables = [
        name
        for name, service in services.items()
        if "worker" in service.get("command", ()) and "--no-periodic" not in service["command"]
    ]
    assert timetables == ["scheduler"]
    # Only the proxy is reached from outside, and nothing but it reaches the web servers; the database reaches nobody.
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    for name in ("postgres", "migrate", "web-a", "web-b", "backup"):
        assert all(networks[network]["internal"] for network in services[name]["networks"])
    for name in ("web-a", "web-b", "worker-a", "worker-b", "scheduler"):
        assert services[name]["read_only"] and services[name]["cap_drop"] == ["ALL"]
        assert "yikatong_owner" not in str(services[name])


def test_no_secret_stands_in_a_file() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            assert not SECRET.search(path.read_text(encoding="utf-8")), path
