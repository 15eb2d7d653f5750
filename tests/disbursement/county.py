"""A small county in which rolls can be paid: its officials, and verbs that walk a roll through the house."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from stdnum import luhn
from stdnum.cn import ric

from core.database import db
from core.identity import card_tail
from core.money import Fen
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations
from disbursement.models import Attempt, Batch, OfferFile, Payment, Roll, RollFinding
from disbursement.operations.results import ResultSummary
from disbursement.operations.rolls import RollEntry
from programmes import operations as programmes
from programmes.models import Programme
from registry.enrolment import PersonLine
from registry.models import Region
from tests import factories

TOWNSHIP = "513426100000"
OTHER_TOWNSHIP = "513426103000"
AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
RESULT_AT = datetime(2020, 7, 16, 2, tzinfo=UTC)
FAILED = ("9999", "账户已销户")
PAID = ("0000", "")
UNCLEAR = ("8888", "处理中")


def id_number(serial: int) -> str:
    """An invented ID number that passes every check."""
    digits = f"51342619{60 + serial % 30}0{1 + serial % 9}1{serial % 10}{serial // 10 % 1000:03d}"
    return digits + ric.calc_check_digit(digits + "0")


def card_number(serial: int) -> str:
    """An invented card, whose last digit fits as a real card's does."""
    numbers = (f"62170012{digit}{serial:010d}" for digit in range(10))
    return next(number for number in numbers if luhn.is_valid(number))


def entry(serial: int, *, fen: int = 27000, name: str = "", **person: str) -> RollEntry:
    """A line of a roll about the person of that serial number."""
    values = {"card_number": card_number(serial), "phone": f"138{serial:08d}", "region_code": TOWNSHIP} | person
    line = PersonLine(id_number=id_number(serial), name=name or f"张{chr(0x4E00 + serial)}", **values)
    return RollEntry("", serial + 1, line, "3", fen)


@dataclass
class County:
    """Everybody who has a hand in a payment."""

    programme: Programme
    preparer: Principal
    approver: Principal
    department: Principal
    finance: Principal
    bank: Principal
    townships: dict[str, Region] = field(default_factory=dict)

    def roll(self, entries: Sequence[RollEntry], period: str = "202006", township: str = TOWNSHIP) -> Roll:
        """A draft roll."""
        region = db.session.get_one(Region, township)
        preparer = self.preparer
        if township != TOWNSHIP:
            preparer = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=township)
        return operations.import_roll(preparer, self.programme, period, region, entries, at=AT)

    def approved(self, entries: Sequence[RollEntry], period: str = "202006") -> Batch:
        """A batch of one roll that the department has approved."""
        roll = self.roll(entries, period)
        self.approve(roll)
        return roll.batch

    def approve(self, roll: Roll) -> None:
        """From draft to the department's approval; whatever the checks warn of is explained on the way."""
        operations.submit_roll(self.preparer, roll, at=AT)
        warnings = select(RollFinding.id).where(RollFinding.roll_id == roll.id, RollFinding.severity == "warning")
        ids = db.session.scalars(warnings).all()
        if ids:
            operations.explain_findings(self.approver, roll, ids, "已入户核实", at=AT)
        operations.approve_roll_township(self.approver, roll, at=AT)
        operations.record_publicity(self.approver, roll, until=(AT + timedelta(days=7)).date(), at=AT)
        operations.approve_roll_department(self.department, roll, at=AT + timedelta(days=8))

    def sent(self, entries: Sequence[RollEntry], period: str = "202006") -> OfferFile:
        """The offer file of a batch of one roll."""
        batch = self.approved(entries, period)
        operations.confirm_batch(self.finance, batch, at=AT + timedelta(days=8))
        return operations.export_offer(self.finance, batch, at=AT + timedelta(days=8))

    def answer(self, content: bytes, batch: Batch | None = None, at: datetime = RESULT_AT) -> ResultSummary:
        """The bank's file comes in."""
        return operations.import_result(self.bank, "sample", content, at=at, batch=batch)


def build_county(allocated: int = 100_000_00) -> County:
    """Regions, a programme with money, and an official of every kind."""
    factories.load_regions()
    programme = factories.programme()
    factories.fund_line(programme.id, allocated)
    return County(
        programme,
        factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP),
        factories.principal(Kind.TOWNSHIP, Role.APPROVER, region_code=TOWNSHIP),
        factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局"),
        factories.principal(Kind.FINANCE, Role.APPROVER),
        factories.principal(Kind.BANK, Role.PREPARER),
    )


def file_with(county: County, *offices: Kind) -> None:
    """The programme's measures are filed with these offices, which have taken note of them (B3)."""
    for office in offices:
        filing = programmes.file_measures(
            county.department,
            county.programme.id,
            office,
            management_document="东民〔2020〕9号",
            supervision_document="东民〔2020〕10号",
            filed_on=AT.date(),
            at=AT,
        )
        programmes.receive_filing(factories.principal(office, Role.PREPARER), filing.id, at=AT)


def attempts_of(offer: OfferFile) -> list[Attempt]:
    """The attempts of a file in its order."""
    return list(
        db.session.scalars(select(Attempt).where(Attempt.offer_file_id == offer.id).order_by(Attempt.line_number))
    )


Line = tuple[str, str, str, int, str, str]


def result_line(attempt: Attempt, answer: tuple[str, str] = PAID, *, serial: str | None = None) -> Line:
    """What the bank says about an attempt; ``serial`` stands where our reference would."""
    return (serial or attempt.reference, attempt.payee_name, attempt.card_number, attempt.amount_fen, *answer)


def result_file(lines: Iterable[Line], /, day: str = "20200715", **totals: int) -> bytes:
    """A bank's file with a trailer that agrees, unless ``totals`` say otherwise (lines, fen, paid, failed, unclear)."""
    listed = list(lines)
    told = {
        "lines": len(listed),
        "fen": sum(line[3] for line in listed),
        "paid": sum(line[4] == "0000" for line in listed),
        "failed": sum(line[4] == "9999" for line in listed),
        "unclear": sum(line[4] not in ("0000", "9999") for line in listed),
    } | totals
    texts = ["|".join((*map(str, line), day)) for line in listed]
    texts.append(f"TOTAL|{told['lines']}|{told['fen']}|{told['paid']}|{told['failed']}|{told['unclear']}|")
    return ("\r\n".join(texts) + "\r\n").encode("gbk", "replace")


def states() -> dict[str, int]:
    """How many payments stand in each state."""
    found: dict[str, int] = {}
    for state in db.session.scalars(select(Payment.state)):
        found[state] = found.get(state, 0) + 1
    return found


def first_payment() -> Payment:
    """The payment with the lowest number."""
    return db.session.scalars(select(Payment).order_by(Payment.id).limit(1)).one()


def tail(serial: int) -> str:
    """The last digits of the card of that serial number."""
    return card_tail(card_number(serial))


def fen(amount: int) -> Fen:
    """Money."""
    return Fen(amount)


def content_of(offer: OfferFile) -> str:
    """The offer file as text."""
    assert offer.file is not None
    return offer.file.content.decode("gbk")
