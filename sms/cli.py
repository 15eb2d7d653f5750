"""Commands of this room."""

import click
from flask.cli import AppGroup

group = AppGroup("sms")

commands: tuple[click.Command, ...] = (group,)
