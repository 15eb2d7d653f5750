"""A back-up in a process of its own, to be killed in the middle of it."""

import sys
from pathlib import Path

from app import create_app
from tests.conftest import settings_for


def main(database_url: str, where: str, tools: str) -> None:
    """Run the command, and end as it ends; what it makes lies in the folder ``backups`` of that folder."""
    app = create_app(settings_for(database_url, Path(where, "instance"), YKT_POSTGRES_TOOLS=tools))
    arguments = ["backup", "create", "--folder", str(Path(where, "backups"))]
    sys.exit(app.test_cli_runner().invoke(args=arguments, catch_exceptions=False).exit_code)
