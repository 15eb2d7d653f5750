"""Commands of this room."""

import click
from flask.cli import AppGroup

group = AppGroup("disbursement")

commands: tuple[click.Command, ...] = (group,)
