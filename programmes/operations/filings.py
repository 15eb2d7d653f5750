"""Offline programmes file their rules with finance and discipline before they may pay (B3)."""

from datetime import date, datetime

from sqlalchemy import select

from core import audit
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.evidence import BroughtEvidence, extension_of, read_evidence
from core.principal import OrganisationKind, Principal
from core.uploads import store_file
from programmes import queries, rules
from programmes.models import OfflineFiling, Programme
from programmes.wordings import read_document
from programmes.words import OFFICES

MOST_MEGABYTES = 20


def file_measures(
    principal: Principal,
    programme_id: int,
    office: OrganisationKind,
    *,
    management_document: str,
    supervision_document: str,
    filed_on: date,
    scan: tuple[str, bytes] | None = None,
    at: datetime,
) -> OfflineFiling:
    """Hand the rules for a programme's money (资金管理办法) and its supervision measures to an office; filed anew, the
    office has to record them anew. ``scan``: name and content of a scan of both, where there is one.

    Raises UserError for a programme that is not offline, without both documents, for a day in the future, and for a
    scan that is empty, too large, or neither a PDF nor a photo."""
    principal.require(rules.FILE_MEASURES)
    programme = queries.own_programme(principal, programme_id)
    if programme.channel != "offline":
        raise UserError("只有定为线下发放的项目需要备案。")
    management, supervision = read_document(management_document), read_document(supervision_document)
    if not management or not supervision:
        raise UserError("资金管理办法和监管措施两份文件都要填写文号。")
    if filed_on > local_date(at):
        raise UserError("报送的日期不能晚于今天。")
    brought = read_evidence(*scan, most_megabytes=MOST_MEGABYTES) if scan else None
    filing = db.session.scalars(
        select(OfflineFiling).where(OfflineFiling.programme_id == programme.id, OfflineFiling.office == office.value)
    ).first()
    if filing is None:
        filing = OfflineFiling(programme_id=programme.id, office=office.value)
        db.session.add(filing)
    filing.management_document, filing.supervision_document = management, supervision
    filing.filed_on, filing.filed_by = filed_on, principal.recorded_name
    filing.received_on, filing.received_by = None, ""
    filing.file_id = store_file(brought.content, at=at).id if brought else None
    filing.filename = brought.filename if brought else None
    db.session.flush()
    audit.record(
        principal, "programmes.file_measures", "offline_filing", filing.id, at=at, programme=programme.code,
        office=office.value,
    )  # fmt: skip
    db.session.flush()
    return filing


def receive_filing(principal: Principal, filing_id: int, *, at: datetime) -> OfflineFiling:
    """The office puts a filing on record. Raises NotVisible for another office's, Conflict where it is on record."""
    principal.require(rules.RECEIVE_FILING)
    filing = db.session.scalars(select(OfflineFiling).where(OfflineFiling.id == filing_id).with_for_update()).first()
    if filing is None or principal.organisation_kind != filing.office:
        raise NotVisible
    if filing.received_on is not None:
        raise Conflict("这份材料已经备案了。")
    filing.received_on, filing.received_by = local_date(at), principal.recorded_name
    audit.record(principal, "programmes.receive_filing", "offline_filing", filing.id, at=at, office=filing.office)
    db.session.flush()
    return filing


def read_filing(principal: Principal, filing: OfflineFiling, *, at: datetime) -> BroughtEvidence:
    """The scan of a filing (which the caller found through the principal), under the name that its content asks for;
    every reading is on record. Raises NotVisible where there is none."""
    if filing.file is None:
        raise NotVisible
    content = filing.file.content
    audit.record(principal, "programmes.read_filing", "offline_filing", filing.id, at=at)
    db.session.flush()
    # Scans that came before names were kept.
    name = filing.filename or f"{OFFICES[OrganisationKind(filing.office)]}.{extension_of(content) or 'bin'}"
    return BroughtEvidence(name, content)


def require_filings(programme: Programme) -> None:
    """Raise UserError, naming the offices, where an offline programme lacks a filing (B3)."""
    missing = queries.missing_filings(programme)
    if missing:
        raise UserError(
            "线下发放的项目要先把资金管理办法和监管措施报县财政局和县纪委监委备案。“%(name)s”还没有在这里备案：%(offices)s。",
            name=programme.name,
            offices="、".join(str(OFFICES[office]) for office in missing),
        )
