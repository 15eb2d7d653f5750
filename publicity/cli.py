"""Commands of this room."""

import click
from flask.cli import AppGroup

group = AppGroup("publicity")

commands: tuple[click.Command, ...] = (group,)
