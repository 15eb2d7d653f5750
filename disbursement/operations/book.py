"""The attempts that a result file may be about: those it names, or those of the offer files it can answer."""

from collections.abc import Sequence
from itertools import islice

from sqlalchemy import LargeBinary, Select, case, distinct, func, select, type_coerce, union

from core.bulk import among
from core.database import db, keyring
from core.errors import UserError
from core.money import Fen
from disbursement.bank_files.matching import UNANSWERED, BookAttempt
from disbursement.bank_files.results import ResultContent, ResultLine
from disbursement.models import Attempt, Batch, OfferFile, Payment

# Enough to tell offer files apart, few enough to ask about every quarter of ten years.
_SAMPLE_LINES = 50
_FETCH = 10_000
# What the bank paid and later sent back was paid when it answered: the same file again says nothing new.
_AS_ANSWERED = case((Attempt.outcome == "returned", "paid"), else_=Attempt.outcome)


def load_book(content: ResultContent, batch: Batch | None) -> list[BookAttempt]:
    """The attempts to match the file with. ``batch`` narrows lines without a reference of ours to its offer files.

    Raises UserError where such lines fit several offer files equally: a person has to say which is meant.
    """
    references = [line.reference for line in content.lines if line.reference is not None]
    book = _named(references) if references else []
    unreferenced = [line for line in content.lines if line.reference is None]
    if unreferenced:
        offers = _offers_of(batch) if batch else _offers_meant(content, unreferenced)
        known = {attempt.id for attempt in book}
        loaded = _load(_attempts().where(Attempt.offer_file_id.in_(offers)))
        book += [attempt for attempt in loaded if attempt.id not in known]
    return book


def of_other_batches(content: ResultContent, batch: Batch | None) -> frozenset[str]:
    """The references in a file that belong to other batches than the one it is said to answer; none where nobody said
    which that is."""
    if batch is None:
        return frozenset()
    named = sorted({line.reference for line in content.lines if line.reference is not None})
    if not named:
        return frozenset()
    return frozenset(
        db.session.scalars(
            select(Attempt.reference)
            .join(Payment, Payment.id == Attempt.payment_id)
            .where(among(Attempt.reference, named), Payment.batch_id != batch.id)
        )
    )


def _attempts() -> Select[int, str, str, bytes, str, Fen, str, str, int]:
    return select(
        Attempt.id,
        Attempt.reference,
        Attempt.payee_name,
        type_coerce(Attempt.card_index, LargeBinary),
        Attempt.card_tail,
        Attempt.amount_fen,
        _AS_ANSWERED,
        Attempt.sent_name,
        Attempt.offer_file_id,
    )


def _load(statement: Select[int, str, str, bytes, str, Fen, str, str, int]) -> list[BookAttempt]:
    # In the order in which the bank got them: lines that cannot be told apart are paired in file order.
    ordered = statement.order_by(Attempt.offer_file_id, Attempt.line_number).execution_options(yield_per=_FETCH)
    # Not through the session, which would make each row twice.
    rows = db.session.connection().execute(ordered)
    return list(map(BookAttempt._make, rows))


def _named(references: list[str]) -> list[BookAttempt]:
    """The attempts of these references. A file mostly answers one offer file: that is read in one sweep, and only
    what it lacks is looked up one by one."""
    offer = db.session.scalar(
        select(Attempt.offer_file_id)
        .join(OfferFile, OfferFile.id == Attempt.offer_file_id)
        .where(Attempt.reference == references[0], OfferFile.line_count <= 2 * len(references))
    )
    book = _load(_attempts().where(Attempt.offer_file_id == offer)) if offer is not None else []
    missing = set(references).difference(attempt.reference for attempt in book)
    return book + _load(_attempts().where(among(Attempt.reference, sorted(missing)))) if missing else book


def _offers_of(batch: Batch) -> Sequence[int]:
    """The files of a batch, and the re-issues that hold payments of it."""
    again = (
        select(OfferFile.id)
        .join(Attempt, Attempt.offer_file_id == OfferFile.id)
        .join(Payment, Payment.id == Attempt.payment_id)
        .where(OfferFile.cycle_month.is_not(None), Payment.batch_id == batch.id)
    )
    own = select(OfferFile.id).where(OfferFile.batch_id == batch.id)
    return db.session.scalars(union(own, again)).all()


def _offers_meant(content: ResultContent, lines: Sequence[ResultLine]) -> Sequence[int]:
    """The offer file with the same control totals and cards, where there is exactly one; else every one that still
    waits for an answer."""
    totals = content.totals
    equal = select(OfferFile.id).where(OfferFile.line_count == totals.lines, OfferFile.total_fen == totals.fen)
    ring = keyring()
    sample = ring.blind_indexes({line.card for line in islice(lines, _SAMPLE_LINES) if "*" not in line.card}, "card")
    fitting = db.session.scalars(
        select(Attempt.offer_file_id)
        .where(Attempt.offer_file_id.in_(equal), Attempt.card_index.in_(sorted(sample)))
        .group_by(Attempt.offer_file_id)
        .having(func.count(distinct(Attempt.card_index)) == len(sample))
    ).all()
    if len(fitting) > 1:
        raise UserError(
            "有 %(count)s 个代发文件的笔数、金额和卡号都与这个文件相符，不能确定它答复的是哪一批。"
            "请从该批次的页面上传（命令行请加 --batch）。",
            count=len(fitting),
        )
    if fitting:
        return fitting
    waiting = select(Attempt.offer_file_id).where(Attempt.outcome.in_(sorted(UNANSWERED))).distinct()
    return db.session.scalars(waiting).all()
