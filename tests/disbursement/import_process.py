"""An import in a process of its own (roll, result, workbook or offer), which stops in the middle so that a test can
kill it there.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import create_app
from core.database import db
from core.principal import system
from core.settings import Settings
from disbursement import operations
from disbursement.models import Batch, OfferFile
from disbursement.operations import offers, results, rolls
from programmes.models import Programme
from registry.models import Region
from tests.disbursement.county import AT, TOWNSHIP, entry

PEOPLE = 50


def import_roll() -> None:
    """A roll of fifty people."""
    programme = db.session.scalars(select(Programme)).one()
    township = db.session.get_one(Region, TOWNSHIP)
    entries = [entry(serial) for serial in range(PEOPLE)]
    operations.import_roll(system("test"), programme, "202006", township, entries, at=AT)
    db.session.commit()


def import_result(folder: Path) -> None:
    """The bank's answer that lies in the folder."""
    content = (folder / "result.txt").read_bytes()
    operations.import_result(system("test"), "sample", content, at=datetime.now(UTC))
    db.session.commit()


def import_workbook(folder: Path) -> None:
    """The bank's answer as a workbook."""
    content = (folder / "result.xlsx").read_bytes()
    operations.import_result(system("test"), "xlsx", content, at=datetime.now(UTC))
    db.session.commit()


def export_offer() -> OfferFile:
    """The offer file of the one batch."""
    batch = db.session.scalars(select(Batch)).one()
    offer = operations.export_offer(system("test"), batch, at=AT)
    db.session.commit()
    return offer


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
        if task == "roll":
            # By now the people, their cards and all payments are written.
            rolls._open_gaps = stop  # type: ignore[assignment] # it never returns
            import_roll()
        elif task == "offer":
            # By now the attempts are, the payments are sent, and the file is about to be kept.
            offers.store_file = stop  # type: ignore[assignment] # it never returns
            export_offer()
        elif task == "workbook":
            results.complete_batches = stop
            import_workbook(folder)
        else:
            # By now outcomes, payments and messages are.
            results.complete_batches = stop
            import_result(folder)
