"""Commands of this room."""

import click
from flask.cli import AppGroup

group = AppGroup("complaints")

commands: tuple[click.Command, ...] = (group,)
