"""The bank's answer: read, matched with the attempts, and recorded with everything that follows from it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, or_, select

from core import audit, workflow
from core.bulk import among, insert_columns, update_columns
from core.clock import local_date
from core.collector import no_collection
from core.database import db, keyring
from core.errors import UserError
from core.money import Fen
from core.principal import Principal
from core.uploads import StoredFile, store_file
from disbursement.bank_files.matching import Answer, DiscrepancyKind, Matching, SetAside, Spelling, hold_back, match
from disbursement.bank_files.profiles import Profile
from disbursement.bank_files.results import ResultContent, ResultLine, Totals, read_result
from disbursement.models import Attempt, BankSpelling, Batch, Discrepancy, OfferFile, Payment, ResultFile
from disbursement.operations.book import load_book, of_other_batches
from disbursement.operations.failures import end_answered, record_failures, set_return_due
from disbursement.operations.messages import queue_result_messages
from disbursement.operations.months import closed_until
from disbursement.queries.profiles import profile_named
from disbursement.rules import (
    BATCH_WORKFLOW,
    IMPORT_RESULT,
    PAYMENT_WORKFLOW,
    believed_day,
    earliest_bank_day,
    failure_cycle,
)
from registry.models import Card

_ATTEMPTS: Any = Attempt.__table__
_DISCREPANCIES: Any = Discrepancy.__table__
# Any number that nothing else in the house locks by: results are recorded one at a time.
_RESULTS_LOCK = 0x79_6B_74_01
_NO_SPELLING = frozenset("*＊?？\ufffd")
NOT_OURS = frozenset({DiscrepancyKind.UNKNOWN_REFERENCE, DiscrepancyKind.UNREADABLE})
FEN_IN_A_YUAN = 100


@dataclass(frozen=True)
class ResultSummary:
    """What a result file says and what became of it. ``totals`` are the file's own counts and fen; ``recorded`` of
    its lines are new, ``repeated`` say again what the book has. ``already_imported`` names the file these very bytes
    were imported as before: then nothing was changed. A preview has the ``lines`` themselves as well."""

    totals: Totals
    recorded: int
    repeated: int
    set_aside: Sequence[SetAside]
    result_file_id: int | None = None
    already_imported: bool = False
    lines: Sequence[ResultLine] = ()

    def as_json(self) -> dict[str, Any]:
        """For commands: counts, fen, and each line set aside by its number and kind."""
        return {
            "good": self.recorded + self.repeated,
            "lines": self.totals.lines,
            "total_fen": self.totals.fen,
            "paid": self.totals.paid,
            "failed": self.totals.failed,
            "unclear": self.totals.unclear,
            "recorded": self.recorded,
            "repeated": self.repeated,
            "already_imported": self.already_imported,
            "problems": [
                {"sheet": None, "row": found.line_number, "problem": found.kind.value} for found in self.set_aside
            ],
        }


def preview_result(
    principal: Principal, profile_name: str, content: bytes, batch: Batch | None = None
) -> ResultSummary:
    """What an import of this file would do; writes nothing. Raises as ``import_result`` does."""
    principal.require(IMPORT_RESULT)
    profile = profile_named(profile_name)
    known = _known(content)
    if known is not None:
        return known
    content_read, matching = _read(profile, content, batch)
    return replace(_summary(content_read.totals, matching), lines=content_read.lines)


def import_result(
    principal: Principal, profile_name: str, content: bytes, *, at: datetime, batch: Batch | None = None
) -> ResultSummary:
    """Record the bank's answer in one transaction: outcomes, payments, messages, discrepancies, finished batches.

    ``batch`` says which batch the file answers, for files without our references. Raises UserError for a file that
    cannot be read or whose lines do not add up to its trailer: it is refused whole. A line that does not fit the book
    becomes a discrepancy and the rest goes on; a final outcome is never overwritten.
    """
    principal.require(IMPORT_RESULT)
    profile = profile_named(profile_name)
    one_at_a_time()
    known = _known(content)
    if known is not None:
        return known
    parsed, matching = _read(profile, content, batch)
    totals = parsed.totals
    del parsed
    stored = _store(principal, profile, content, totals, at=at, repeated=matching.repeated)
    summary = _summary(totals, matching, stored.id)
    _record_answers(matching.answers, stored)
    _learn_spellings(matching.spellings, stored, at)
    # The lines of a long file make room for what the database needs.
    del matching
    move_payments(principal, stored, at)
    end_answered(stored.id, at=at)
    record_failures(Attempt.result_file_id == stored.id, Attempt.outcome == "failed", kind="failed", at=at)
    messages = queue_result_messages(stored.id, at=at)
    _set_aside(summary.set_aside, stored, at)
    complete_batches(principal, stored, at)
    audit.record(
        principal,
        "result.import",
        "result_file",
        stored.id,
        at=at,
        lines=summary.totals.lines,
        total_fen=summary.totals.fen,
        recorded=summary.recorded,
        repeated=summary.repeated,
        set_aside=len(summary.set_aside),
        messages=messages,
    )
    db.session.flush()
    return summary


def one_at_a_time() -> None:
    """Two files that answer the same attempts must see one another, and whoever takes attempts away must see the file
    that answers them; SQLite has one writer anyway."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_RESULTS_LOCK)))


def _known(content: bytes) -> ResultSummary | None:
    """The summary of the import of these very bytes, if there was one."""
    digest = hashlib.sha256(content).hexdigest()
    stored = db.session.scalars(
        select(ResultFile).join(StoredFile, StoredFile.id == ResultFile.file_id).where(StoredFile.sha256 == digest)
    ).first()
    if stored is None:
        return None
    totals = Totals(stored.line_count, stored.total_fen, stored.paid_count, stored.failed_count, stored.unclear_count)
    return ResultSummary(totals, 0, totals.lines, (), stored.id, already_imported=True)


def _read(profile: Profile, content: bytes, batch: Batch | None) -> tuple[ResultContent, Matching]:
    """What the file says, and how that fits the book."""
    ring = keyring()
    with no_collection():
        parsed = read_result(profile, content)
        book, foreign = load_book(parsed, batch), of_other_batches(parsed, batch)
        matching = match(parsed, book, lambda cards: ring.blind_indexes(cards, "card"), foreign)
        matching = hold_back(matching, closed_until())
    if not matching.answers and not matching.repeated:
        _refuse_foreign(matching.set_aside)
    return parsed, matching


def _refuse_foreign(found: Sequence[SetAside]) -> None:
    """Raise UserError for a file that says nothing where it was brought: once kept, its bytes would be known, and
    could not be brought again in the right place or format."""
    kinds = {one.kind for one in found}
    if NOT_OURS.issuperset(kinds):
        raise UserError(
            "文件里没有一行与已送银行的代发明细相符，整个文件没有导入。请确认选对了文件，代发文件是由本系统生成的。"
        )
    if kinds <= NOT_OURS | {DiscrepancyKind.OTHER_BATCH}:
        raise UserError("文件答复的是另一个批次，整个文件没有导入。请选对批次，或者选“自动识别”。")
    if all(_is_other_unit(one) for one in found):
        raise UserError(
            "文件里每一行的金额都是账上的一百倍或者百分之一，整个文件没有导入：文件的金额单位与所选的格式不同。"
            "请选对文件格式。"
        )


def _is_other_unit(one: SetAside) -> bool:
    ours, theirs = one.book_fen, one.bank_fen
    if one.kind != DiscrepancyKind.AMOUNT_DIFFERS or ours is None or theirs is None:
        return False
    return FEN_IN_A_YUAN * min(ours, theirs) == max(ours, theirs)


def _summary(totals: Totals, matching: Matching, result_file_id: int | None = None) -> ResultSummary:
    return ResultSummary(totals, len(matching.answers), matching.repeated, matching.set_aside, result_file_id)


def _store(
    principal: Principal, profile: Profile, content: bytes, totals: Totals, *, at: datetime, repeated: int
) -> ResultFile:
    stored = ResultFile(
        file_id=store_file(content, at=at).id,
        profile=profile.name,
        profile_version=profile.version,
        line_count=totals.lines,
        total_fen=Fen(totals.fen),
        paid_count=totals.paid,
        failed_count=totals.failed,
        unclear_count=totals.unclear,
        repeated_count=repeated,
        imported_at=at,
        official_id=principal.official_id,
    )
    db.session.add(stored)
    db.session.flush()
    return stored


def _record_answers(answers: Sequence[Answer], stored: ResultFile) -> None:
    today = local_date(stored.imported_at)
    columns = {
        "id": [answer.attempt_id for answer in answers],
        "outcome": [answer.line.outcome for answer in answers],
        "failure_reason": [answer.line.reason for answer in answers],
        "bank_date": _believed_days(answers, today),
        "result_line": [answer.line.number for answer in answers],
        "result_file_id": stored.id,
    }
    update_columns(_ATTEMPTS, "id", columns)


def _believed_days(answers: Sequence[Answer], today: date) -> list[date]:
    """The day of each answer. When each try was sent is looked up for those alone whose day may lie too far back."""
    told = [answer.line.bank_date for answer in answers]
    newest = db.session.scalar(select(func.max(OfferFile.created_at)))
    plain = earliest_bank_day(local_date(newest)) if newest is not None else date.max
    old = [answer.attempt_id for answer, day in zip(answers, told, strict=True) if day is not None and day < plain]
    sent = (
        dict(db.session.execute(select(Attempt.id, Attempt.created_at).where(among(Attempt.id, old))).all())
        if old
        else {}
    )
    return [
        believed_day(day, local_date(sent[answer.attempt_id]) if answer.attempt_id in sent else None, today)
        for answer, day in zip(answers, told, strict=True)
    ]


def move_payments(principal: Principal, stored: ResultFile, at: datetime) -> None:
    """The payments follow their attempts: one statement for each outcome."""
    today = local_date(at)
    answered = (Attempt.payment_id == Payment.id, Attempt.result_file_id == stored.id)
    consequences: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("record_paid", "paid", {"paid_on": func.coalesce(Attempt.bank_date, today), "failure_reason": ""}),
        (
            "record_failed",
            "failed",
            {"failure_reason": Attempt.failure_reason, "due_on": failure_cycle(today).correct_by},
        ),
        ("record_unclear", "unclear", {"failure_reason": Attempt.failure_reason}),
    )
    for action, outcome, values in consequences:
        workflow.move_set(PAYMENT_WORKFLOW, Payment, action, principal, *answered, Attempt.outcome == outcome, **values)


def _set_aside(found: Sequence[SetAside], stored: ResultFile, at: datetime) -> None:
    if not found:
        return
    columns = {
        "result_file_id": stored.id,
        "line": [line.line_number for line in found],
        "kind": [line.kind.value for line in found],
        "bank_outcome": [line.bank_outcome for line in found],
        "bank_reason": [line.reason for line in found],
        "attempt_id": [line.attempt_id for line in found],
        "bank_fen": [line.bank_fen for line in found],
        "book_fen": [line.book_fen for line in found],
        "bank_date": [line.bank_date for line in found],
        "found_at": at,
    }
    insert_columns(_DISCREPANCIES, columns)


def complete_batches(principal: Principal, stored: ResultFile, at: datetime) -> None:
    """Batches that this file answered: those in which no payment waits any longer are complete, and all get the day by
    which what cannot be paid is to be returned."""
    here = Attempt.result_file_id == stored.id
    own = select(OfferFile.batch_id).join(Attempt).where(here)
    # A re-issue holds payments of several batches, and no first attempts.
    again = select(Payment.batch_id).join(Attempt).where(here, Attempt.number > 1)
    waiting = exists().where(Payment.batch_id == Batch.id, Payment.state.in_(("sent", "unclear")))
    batches = db.session.execute(select(Batch, ~waiting).where(or_(Batch.id.in_(own), Batch.id.in_(again)))).all()
    for batch, is_complete in batches:
        if is_complete and batch.state == "sent":
            workflow.move(BATCH_WORKFLOW, batch, "complete", principal, at=at)
    set_return_due((batch for batch, _ in batches), at=at)


def _learn_spellings(found: Sequence[Spelling], stored: ResultFile, at: datetime) -> None:
    """Keep how the bank spells those whom it has just paid. A mask is no spelling, nor is a question mark, which our
    own file may have put there, or a stand-in of our decoding: kept, it would hide the loss from the next preview and
    bar the way to the true spelling. What a person has entered, or an earlier file, stays."""
    learnt = {one.attempt_id: one for one in found if not _NO_SPELLING.intersection(one.theirs)}
    if not learnt:
        return
    cards = _cards_of(learnt)
    known = {
        (card, name)
        for card, name in db.session.execute(
            select(BankSpelling.card_id, BankSpelling.name).where(among(BankSpelling.card_id, set(cards.values())))
        )
    }
    fresh = {(card, learnt[attempt].ours): learnt[attempt].theirs for attempt, card in cards.items()}
    db.session.add_all(
        BankSpelling(
            card_id=card,
            name=name,
            spelling=spelling,
            source="result",
            recorded_at=at,
            official_id=stored.official_id,
        )
        for (card, name), spelling in fresh.items()
        if (card, name) not in known
    )


def _cards_of(attempts: Iterable[int]) -> dict[int, int]:
    """The card that each attempt was sent to."""
    found = db.session.execute(
        select(Attempt.id, Card.id)
        .join(Card, Card.number_index == Attempt.card_index)
        .where(among(Attempt.id, sorted(attempts)))
    )
    return dict(iter(found))
