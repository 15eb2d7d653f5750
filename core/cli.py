"""Commands of the ground floor: migrations aside, the audit log, the keys, the worker."""

import click
from flask.cli import AppGroup

audit_commands = AppGroup("audit", help="The audit log.")

commands: tuple[click.Command, ...] = (audit_commands,)
