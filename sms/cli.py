"""Commands of this room."""

import click
from flask.cli import AppGroup

from core.commands import emit, json_option
from sms import tasks

group = AppGroup("sms", help="短信：发送。")

commands: tuple[click.Command, ...] = (group,)
COUNTED = ("accepted", "rejected", "requeued", "unknown", "suppressed", "expired")


@group.command("dispatch", help="发送到时的短信，直到没有可发的为止。")
@json_option
def dispatch(as_json: bool) -> None:
    """Send what is due now, and say what became of it."""
    counts = tasks.send_due()
    result = {name: counts[name] for name in COUNTED}
    sentence = (
        "已提交运营商 {accepted} 条，被拒 {rejected} 条，稍后重发 {requeued} 条，结果不明 {unknown} 条，"
        "不予发送 {suppressed} 条，过期 {expired} 条。"
    )
    emit(result, as_json, sentence.format_map(result))
