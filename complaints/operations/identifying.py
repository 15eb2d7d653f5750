"""What belongs to a reporter: his receipt code where an official entered the case, his name and phone."""

from datetime import datetime

from sqlalchemy import select, update

from complaints import rules
from complaints.models import Complaint, ComplaintEntry
from complaints.operations.case import (
    add_entry,
    checked_text,
    record,
)
from complaints.operations.desk import require_handler
from complaints.queries import is_visible
from complaints.reporters import may_reveal
from core.database import db, keyring, rows_changed
from core.errors import Conflict, NotVisible
from core.msgid import N_
from core.principal import Principal


def issue_receipt_code(
    principal: Principal, complaint: Complaint, reason: str, receipt_code: str, form_name: str, *, at: datetime
) -> str:
    """Make this the receipt code of a case that an official entered for somebody, and of no other any more: who entered
    it may not have been given one (submit_complaint). Returns it, to be shown once; "" where this very form issued it
    before, and it is no longer shown or no longer the code.

    The reason stands in the encrypted story of the case. Raises UserError without one; Conflict for what its reporter
    handed in himself, whose code is his alone, and where a colleague has issued another one meanwhile; IntegrityError
    where the same form comes twice at one moment.
    """
    require_handler(principal, complaint)
    if complaint.entered_by is None:
        raise Conflict("这件事是反映人自己提交的，查询码只有他本人有，不能补发。")
    # The name of a form is good for one case: nobody can carry it over to another.
    name_here = f"{complaint.number}/{form_name}"
    before = db.session.scalar(select(ComplaintEntry).where(ComplaintEntry.form_index == name_here))
    if before is not None:
        # The case may have been read before the other sending of this form was committed.
        db.session.refresh(complaint, ["receipt_index"])
        opens = complaint.receipt_index == keyring().blind_index(receipt_code, "receipt_code")
        return receipt_code if opens and at - before.at <= rules.RECEIPT_SHOWN_AGAIN else ""
    said = checked_text(reason, N_("请写明为什么补发查询码、怎样核实是反映人本人。"))
    add_entry(complaint, principal, "code_issued", said, public=False, at=at, form_name=name_here)
    replaced = db.session.execute(
        update(Complaint)
        .where(Complaint.id == complaint.id, Complaint.receipt_index == complaint.receipt_index)
        .values(receipt_index=receipt_code)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(complaint, ["receipt_index"])
    if not rows_changed(replaced):
        raise Conflict("同事刚刚补发过查询码，请先问他。确实还要补发的，请重新打开这一页再办。")
    record(principal, "issue_receipt_code", complaint, at=at)
    db.session.flush()
    return receipt_code


def reveal_reporter(
    principal: Principal, complaint: Complaint, reason: str, *, at: datetime
) -> tuple[str | None, str | None]:
    """Name and phone of a named reporter, for the office that has the case; of a confidential one for the discipline
    commission alone. The reason is recorded.

    Raises Conflict where there is no name for him: the same for one who stayed unnamed and for a confidential one.
    """
    if complaint.confidential and principal.may(rules.READ_SEALED):
        principal.require(rules.HANDLE_COMPLAINTS)
        if not is_visible(principal, complaint):
            raise NotVisible
    else:
        require_handler(principal, complaint)
    said = checked_text(reason, N_("请写明为什么要查看反映人身份。"))
    if not may_reveal(principal, complaint):
        raise Conflict("反映人没有留姓名和电话，没有可以查看的身份。")
    kind = rules.SEEN_IN_CONFIDENCE if complaint.confidential else "revealed"
    add_entry(complaint, principal, kind, said, public=False, at=at)
    record(principal, "reveal_reporter", complaint, at=at)
    db.session.flush()
    return complaint.reporter_name, complaint.reporter_phone
