"""What two officials book stands among the bank's answers as a note of their own."""

import json
from datetime import datetime

from core.database import db
from core.principal import Principal
from core.uploads import store_file
from disbursement.models import Rebooking, ResultFile
from disbursement.rules import RebookingKind

PROFILES = {RebookingKind.PAID.value: "rebooked", RebookingKind.NO_ANSWER.value: "no_answer"}
"""What stands in the place of a bank's file format."""


def record_answer(
    principal: Principal, rebooking: Rebooking, *, paid_count: int = 0, failed_count: int = 0, at: datetime
) -> ResultFile:
    """A document that says where the answers are from; what follows from an answer follows from its file."""
    stored = ResultFile(
        file_id=store_file(json.dumps({"rebooking": rebooking.id}).encode(), at=at).id,
        profile=PROFILES[rebooking.kind],
        line_count=rebooking.line_count,
        total_fen=rebooking.total_fen,
        paid_count=paid_count,
        failed_count=failed_count,
        imported_at=at,
        official_id=principal.official_id,
    )
    db.session.add(stored)
    db.session.flush()
    rebooking.result_file_id = stored.id
    return stored
