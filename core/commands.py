"""What all commands share: ``--json``, one object as the answer, and UserError as exit code 1."""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from flask_babel import gettext

from core.database import db
from core.errors import UserError

P = ParamSpec("P")
R = TypeVar("R")


def json_option(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command ``--json`` (argument ``as_json``), and turn a UserError into its sentence on stderr and exit
    code 1; with ``--json`` the answer is then ``{"error": sentence}``. What the transaction held is undone.

    Stands below ``@group.command()`` and above the other options.
    """

    @functools.wraps(command)
    def guarded(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return command(*arguments, **options)
        except UserError as error:
            db.session.rollback()
            refuse(error, as_json=bool(options.get("as_json")))

    return click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON 对象。")(guarded)


def refuse(error: UserError, *, as_json: bool) -> NoReturn:
    """End the command with the sentence of what went wrong."""
    sentence = gettext(error.sentence) % error.parameters if error.parameters else gettext(error.sentence)
    if as_json:
        click.echo(json.dumps({"error": sentence}, ensure_ascii=False))
    click.echo(sentence, err=True)
    raise SystemExit(1)


def emit(result: Mapping[str, Any], as_json: bool, text: str = "") -> None:
    """Print the answer of a command: one JSON object, or ``text`` (default: one ``key: value`` a line)."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        click.echo(text or "\n".join(f"{key}: {value}" for key, value in result.items()))
