"""Commands of this room."""

import click
from flask.cli import AppGroup

group = AppGroup("accounts")

commands: tuple[click.Command, ...] = (group,)
