"""A step of month-end (import, match or sign) in a process of its own, which stops in the middle so that a test can
kill it there.
"""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from accounts.models import Official
from app import create_app
from core.database import db
from core.principal import system
from core.settings import Settings
from reconciliation import operations
from reconciliation.models import Month
from reconciliation.operations import matching, months, statements
from tests.factories import principal_for
from tests.reconciliation.conftest import CLOSING


def import_statement(folder: Path) -> None:
    """The statement that lies in the folder."""
    content = (folder / "statement.csv").read_bytes()
    operations.import_statement(system("test"), "sample", content, "2020-07", at=CLOSING)
    db.session.commit()


def sign(folder: Path) -> None:
    """The signature of the official whose number lies in the folder."""
    official = db.session.get_one(Official, int((folder / "official").read_text()))
    month = db.session.scalars(select(Month)).one()
    operations.sign_month(principal_for(official), month, at=CLOSING)
    db.session.commit()


def main(task: str, database_url: str, where: str) -> None:
    """Begin, write nearly everything, say so, and wait for the end."""
    folder = Path(where)

    def stop(*_: Any, **__: Any) -> None:
        db.session.flush()
        (folder / "began").touch()
        time.sleep(60)

    environ = {"YKT_DATABASE_URL": database_url, "YKT_INSTANCE": where, "YKT_JOBS_URL": "immediate"}
    app = create_app(Settings.from_environment(environ))
    with app.app_context():
        if task == "import":
            # By now the statement and its lines are written.
            statements.reconcile = stop
        elif task == "match":
            # By now every line has its class.
            matching.note_differences = stop
        else:
            # By now the signature is.
            months._record = stop
        (sign if task == "sign" else import_statement)(folder)
