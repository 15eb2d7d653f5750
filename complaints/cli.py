"""Commands of this room, and the nightly sweep of all rooms."""

import json
from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext

import complaints.tasks  # noqa: F401 - registers what the night does here
from core import clock
from core.calendar import start_of_day_utc
from core.sweeps import run_all

SMALL_HOURS = timedelta(hours=1, minutes=10)


@click.command("sweep")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天的夜间办理（默认现在）。")
@click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON 对象。")
@with_appcontext
def sweep(on: datetime | None, as_json: bool) -> None:
    """夜间督办：逾期的上报，期限按新公布的节假日重算。重复执行不会重复上报。"""
    at = clock.utc_now() if on is None else start_of_day_utc(on.date()) + SMALL_HOURS
    found = run_all(at)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, counts in found.items():
        click.echo(f"{name}: " + ", ".join(f"{key} {count}" for key, count in counts.items()))


commands: tuple[click.Command, ...] = (sweep,)
