"""Commands of this room."""

import click
from flask.cli import AppGroup

group = AppGroup("programmes")

commands: tuple[click.Command, ...] = (group,)
