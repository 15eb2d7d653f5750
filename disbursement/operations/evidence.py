"""Documents that stand behind what officials enter."""

from datetime import datetime

from core.database import db
from core.evidence import BroughtEvidence
from core.uploads import store_file
from disbursement.models import Evidence


def keep_evidence(evidence: BroughtEvidence, at: datetime) -> Evidence:
    """Keep a document, encrypted."""
    kept = Evidence(file_id=store_file(evidence.content, at=at).id, filename=evidence.filename, brought_at=at)
    db.session.add(kept)
    db.session.flush()
    return kept
