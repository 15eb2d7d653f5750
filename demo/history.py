"""Two years of payments, by the same operations that officials use: rolls, fund plans, bank files, results, repairs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import insert, select, update

from core import workflow
from core.database import db
from core.money import Fen
from core.principal import Principal, system
from core.workflow import WorkflowStep
from demo.calendar import day_after, office_hour
from demo.people import Person
from disbursement.models import Attempt, Batch, OfferFile, Payment, Roll
from disbursement.operations import (
    CorrectionRequest,
    approve_return,
    close_batch,
    confirm_batch,
    correct_payments,
    credit_return,
    export_offer,
    import_result,
    import_roll,
    propose_return,
    resubmit,
)
from disbursement.operations.rolls import RollEntry
from disbursement.rules import PAYMENT_WORKFLOW, ROLL_WORKFLOW, Change
from programmes.models import FundLine, Programme
from registry.enrolment import PersonLine, ensure_beneficiaries
from registry.models import Beneficiary, Payee, Region
from registry.operations import PayeeEntry, set_payee
from registry.rules import PayeeRelation

DEMO = system("demo")
# What a bank answers when it could not pay, as often as banks do.
REASONS = ("账号户名不符", "账户已销户", "账户状态错误", "金融账户未激活", "已挂失卡", "账户已冻结", "长期不动户")
UNKNOWN_YET = "处理中"


@dataclass(frozen=True)
class Subsidy:
    """Who of the invented people receives a programme, how much, and in which periods."""

    code: str
    periods: Sequence[str]
    receives: Callable[[int, Person, date], bool]
    quantity: Callable[[Random], str]
    fen: Callable[[str], int]


@dataclass(frozen=True)
class Scene:
    """What all parts of the county share: its people, its shown officials by sign-in, and the day it is."""

    people: Sequence[Person]
    officials: Mapping[str, Principal]
    today: date


def age(person: Person, day: date) -> int:
    """Completed years, near enough for who is over eighty."""
    return (day - person.born_on).days * 100 // 36525


def plan_entries(subsidy: Subsidy, scene: Scene) -> dict[str, list[RollEntry]]:
    """The subsidy's lines by township, the same people in every period."""
    chance = Random(subsidy.code)  # noqa: S311 -- invented amounts
    entries: dict[str, list[RollEntry]] = defaultdict(list)
    for number, person in enumerate(scene.people):
        if not subsidy.receives(number, person, scene.today):
            continue
        township = f"{person.region_code[:9]}000"
        quantity = subsidy.quantity(chance)
        line = PersonLine(
            person.id_number,
            person.name,
            person.region_code,
            person.phone or "",
            person.card_number,
            person.payee_name,
            person.payee_id,
        )
        entries[township].append(RollEntry("", len(entries[township]) + 3, line, quantity, subsidy.fen(quantity)))
    return dict(entries)


def give_funds(programme: Programme, fen_by_year: Mapping[int, int]) -> None:
    """A fund plan that suffices with a little left over: a fifth carried over, the rest of the year."""
    rows = []
    for year, fen in fen_by_year.items():
        total = fen * 108 // 100 // 10000 * 10000 + 1000000
        for source, level, share, number in (("carried_over", "省级", 20, 11), ("current_year", "县级", 80, 8)):
            rows.append(
                {
                    "programme_id": programme.id,
                    "year": year,
                    "source": source,
                    "level": level,
                    "document_number": f"东财社〔{year}〕{number}号",
                    "amount_fen": total * share // 100,
                    "recorded_on": date(year, 3, 31),
                }
            )
    db.session.execute(insert(FundLine), rows)


def import_rolls(
    programme: Programme, period: str, entries: Mapping[str, list[RollEntry]], *, at: datetime
) -> list[Roll]:
    """Every township's roll of one period, as drafts."""
    townships = {region.code: region for region in db.session.scalars(select(Region).where(Region.level == "township"))}
    rolls = [
        import_roll(DEMO, programme, period, townships[code], found, at=at) for code, found in sorted(entries.items())
    ]
    enter_guardians([entry.person for found in entries.values() for entry in found if entry.person.payee_name], at=at)
    return rolls


def enter_guardians(lines: Sequence[PersonLine], *, at: datetime) -> None:
    """Who receives for the children of these lines, in the registry as well: a roll that names somebody else as the
    payee is held up by the checks otherwise."""
    numbers = {line.id_number: line for line in lines}
    entered = select(Payee.beneficiary_id)
    children = db.session.scalars(
        select(Beneficiary).where(Beneficiary.id_number_index.in_(list(numbers)), Beneficiary.id.not_in(entered))
    )
    for child in children.all():
        line = numbers[child.id_number]
        guardian = PayeeEntry(
            line.payee_name,
            PayeeRelation.GUARDIAN,
            date(2020, 1, 1),
            id_number=line.payee_id,
            document="村委会监护证明",
        )
        set_payee(DEMO, child.id, guardian, "父母外出务工，由同村亲属监护", at=at)


def approve_all(batch: Batch, officials: Mapping[str, Principal], *, at: datetime) -> None:
    """Bring all rolls of a batch of the past to the department's approval in a few statements, with their history."""
    rolls = list(db.session.scalars(select(Roll).where(Roll.batch_id == batch.id)))
    path = (
        ("draft", "submit", officials["township"]),
        ("submitted", "approve_township", officials["township-approver"]),
        ("township_approved", "publicise", officials["township-approver"]),
        ("publicised", "approve_department", officials["civil-affairs"]),
    )
    # Each of these actions stands in the table: the search for it gives no None.
    steps = [
        {
            "subject_kind": ROLL_WORKFLOW.name,
            "subject_id": roll.id,
            "action": action,
            "from_state": source,
            "to_state": ROLL_WORKFLOW.find(source, action).target,  # type: ignore[union-attr]  # a step of the table
            "actor_name": principal.name,
            "official_id": principal.official_id,
            "at": at + timedelta(hours=number),
            "reason": "",
        }
        for roll in rolls
        for number, (source, action, principal) in enumerate(path)
    ]
    db.session.execute(insert(WorkflowStep), steps)
    db.session.execute(update(Roll).where(Roll.batch_id == batch.id).values(state="department_approved"))
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "approve", DEMO, Payment.batch_id == batch.id)
    db.session.expire_all()


@dataclass(frozen=True)
class Answer:
    """How the bank answers an offer: how many per thousand fail, and how many it cannot say yet."""

    failed: int = 25
    unclear: int = 6


def bank_answer(offer: OfferFile, how: Answer, day: date, chance: Random) -> bytes:
    """A result file for an offer, in the layout of the profile ``sample``."""
    attempts = db.session.execute(
        select(Attempt.reference, Attempt.payee_name, Attempt.card_number, Attempt.amount_fen)
        .where(Attempt.offer_file_id == offer.id)
        .order_by(Attempt.line_number)
    ).all()
    return result_file(
        ((reference, name, card, fen, *_outcome(how, chance)) for reference, name, card, fen in attempts),
        day,
    )


def _outcome(how: Answer, chance: Random) -> tuple[str, str]:
    drawn = chance.randrange(1000)
    if drawn < how.failed:
        return "9999", chance.choice(REASONS)
    return ("8888", UNKNOWN_YET) if drawn < how.failed + how.unclear else ("0000", "")


def result_file(lines: Iterable[tuple[str, str, str, int, str, str]], day: date) -> bytes:
    """The lines and their control totals as a bank writes them."""
    written, counts, total = [], {"0000": 0, "9999": 0, "8888": 0}, 0
    for reference, name, card, fen, code, reason in lines:
        written.append(f"{reference}|{name}|{card}|{fen}|{code}|{reason}|{day:%Y%m%d}")
        counts[code] += 1
        total += fen
    written.append(f"TOTAL|{len(written)}|{total}|{counts['0000']}|{counts['9999']}|{counts['8888']}|")
    return "\r\n".join([*written, ""]).encode("gbk", "replace")


def pay(batch: Batch, how: Answer, officials: Mapping[str, Principal], *, on: date, chance: Random) -> None:
    """Confirm, send, and take in the bank's answer."""
    confirm_batch(officials["finance"], batch, at=office_hour(on))
    offer = export_offer(officials["finance"], batch, at=office_hour(on, 15))
    answer = bank_answer(offer, how, on + timedelta(days=1), chance)
    import_result(officials["bank"], "sample", answer, at=office_hour(on + timedelta(days=1)), batch=batch)
    db.session.expire_all()


def repair(batch: Batch, officials: Mapping[str, Principal], *, on: date, keep: int = 0, credited: bool = True) -> None:
    """The failure cycle of a batch of the past: what was unclear turned out paid, most failures were corrected and
    paid again, the rest was returned. The ``keep`` newest failures stay as they are; without ``credited``
    the bank has still to give the money back."""
    _clear_up(batch, officials, on)
    failed = list(
        db.session.scalars(
            select(Payment.id).where(Payment.batch_id == batch.id, Payment.state == "failed").order_by(Payment.id)
        )
    )
    worked = failed[: len(failed) - keep]
    again, returned = worked[: len(worked) * 3 // 4], worked[len(worked) * 3 // 4 :]
    if returned:
        _give_back(batch, returned, officials, on, credited=credited)
    if again:
        _correct(again, on)
        resubmit(DEMO, again, at=office_hour(on))
        _send_again(batch, officials, on)


def _correct(payment_ids: Sequence[int], on: date) -> None:
    """What the townships did: everybody went to the bank."""
    note = "本人已在银行网点办好，村委会核实"
    requests = [CorrectionRequest(number, Change(done_at_bank=True), note) for number in payment_ids]
    correct_payments(DEMO, requests, at=office_hour(on))
    db.session.expire_all()


def _give_back(
    batch: Batch, payment_ids: Sequence[int], officials: Mapping[str, Principal], on: date, *, credited: bool
) -> None:
    """What could not be paid at all."""
    order = propose_return(officials["finance"], batch, payment_ids, "多次联系不上本人", at=office_hour(on))
    approve_return(officials["finance-approver"], order, at=office_hour(on, 15))
    if credited:
        voucher, day = f"退{batch.period}-{order.id}", on + timedelta(days=1)
        credit_return(officials["finance"], order, voucher_number=voucher, voucher_on=day, at=office_hour(day))
    db.session.expire_all()


def _clear_up(batch: Batch, officials: Mapping[str, Principal], on: date) -> None:
    open_attempts = db.session.execute(
        select(Attempt.reference, Attempt.payee_name, Attempt.card_number, Attempt.amount_fen)
        .join(OfferFile)
        .where(OfferFile.batch_id == batch.id, Attempt.outcome == "unclear")
    ).all()
    if open_attempts:
        lines = ((reference, name, card, fen, "0000", "") for reference, name, card, fen in open_attempts)
        import_result(officials["bank"], "sample", result_file(lines, on), at=office_hour(on), batch=batch)
        db.session.expire_all()


def _send_again(batch: Batch, officials: Mapping[str, Principal], on: date) -> None:
    db.session.expire_all()
    offer = export_offer(officials["finance"], batch, at=office_hour(on, 11), again=True)
    answer = bank_answer(offer, Answer(failed=0, unclear=0), on + timedelta(days=1), Random(batch.id))  # noqa: S311 -- invented
    import_result(officials["bank"], "sample", answer, at=office_hour(on + timedelta(days=1)), batch=batch)
    db.session.expire_all()


def close(batch: Batch, officials: Mapping[str, Principal], *, on: date) -> None:
    """End a batch of the past: people without a card are paid once theirs was issued, or struck from that period."""
    db.session.execute(
        update(Payment).where(Payment.batch_id == batch.id, Payment.state == "approved").values(state="struck")
    )
    db.session.expire_all()
    close_batch(officials["finance"], batch, at=office_hour(on))


def under_repair(batch: Batch, on: date) -> None:
    """Of the newest failures, some are corrected by the township already, some pushed by the department."""
    failed = list(
        db.session.scalars(
            select(Payment.id).where(Payment.batch_id == batch.id, Payment.state == "failed").order_by(Payment.id)
        )
    )
    corrected, resubmitted = failed[0::4], failed[1::4]
    if failed:
        _correct([*corrected, *resubmitted], on)
    if resubmitted:
        resubmit(DEMO, resubmitted, at=office_hour(on))
    db.session.expire_all()


def paid_offline(programme: Programme, subsidy: Subsidy, scene: Scene) -> None:
    """A programme that is paid in cash against receipts: its rolls never see the bank."""
    for period in subsidy.periods:
        at = office_hour(day_after(period, 10))
        batch = Batch(programme_id=programme.id, period=period, year=int(period[:4]), state="closed", created_at=at)
        db.session.add(batch)
        db.session.flush()
        for code, entries in plan_entries(subsidy, scene).items():
            enrolment = ensure_beneficiaries([entry.person for entry in entries], at=at)
            total = Fen(sum(entry.amount_fen for entry in entries))
            roll = Roll(
                batch_id=batch.id,
                township_code=code,
                state="department_approved",
                line_count=len(entries),
                total_fen=total,
                created_at=at,
            )
            db.session.add(roll)
            db.session.flush()
            db.session.execute(
                insert(Payment),
                [
                    {
                        "roll_id": roll.id,
                        "batch_id": batch.id,
                        "beneficiary_id": beneficiary_id,
                        "region_code": entry.person.region_code,
                        "name": entry.person.name,
                        "payee_name": entry.person.name,
                        "amount_fen": entry.amount_fen,
                        "quantity": entry.quantity,
                        "row": entry.row,
                        "state": "paid_offline",
                        "paid_on": at.date(),
                    }
                    for entry, beneficiary_id in zip(entries, enrolment.beneficiary_ids, strict=True)
                ],
            )


def batch_of(programme: Programme, period: str) -> Batch:
    """The batch of a programme and period, which its first roll has made."""
    return db.session.scalars(select(Batch).where(Batch.programme_id == programme.id, Batch.period == period)).one()


def paid_in_the_past(programme: Programme, subsidy: Subsidy, scene: Scene) -> None:
    """All periods of a subsidy but the newest, paid and closed; the newest of them with its failures still open."""
    chance = Random(f"{subsidy.code} bank")  # noqa: S311 -- invented outcomes
    entries, officials = plan_entries(subsidy, scene), scene.officials
    for period in subsidy.periods:
        at = office_hour(day_after(period, 3))
        import_rolls(programme, period, entries, at=at)
        batch = batch_of(programme, period)
        approve_all(batch, officials, at=at + timedelta(days=1))
        pay(batch, Answer(), officials, on=day_after(period, 14), chance=chance)
        if period == subsidy.periods[-1]:
            under_repair(batch, day_after(period, 16))
            continue
        repair(batch, officials, on=day_after(period, 40), credited=period != subsidy.periods[-2])
        close(batch, officials, on=day_after(period, 50))
        db.session.commit()


def planned_fen(entries: Mapping[str, list[RollEntry]]) -> Fen:
    """What one period of these lines comes to."""
    return Fen(sum(entry.amount_fen for found in entries.values() for entry in found))
