"""Commands of this room."""

import click
from flask.cli import AppGroup

group = AppGroup("registry")

commands: tuple[click.Command, ...] = (group,)
