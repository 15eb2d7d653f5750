"""What stands in the county of these tests: of every kind of thing that an address names, one of the first office
("own") and one of a second office of the same kind ("other's")."""

import hashlib
from collections.abc import Mapping

from core.money import Fen
from core.principal import OrganisationKind as Kind
from core.uploads import StoredFile, Upload
from disbursement.bank_files.profiles import BUILT_IN as BANK_FORMATS
from disbursement.models import (
    Attempt,
    BankProfile,
    Batch,
    Correction,
    Discrepancy,
    Evidence,
    Failure,
    OfferFile,
    OfflineReceipt,
    Payment,
    Rebooking,
    RebookingLine,
    ResultFile,
    ReturnLine,
    ReturnOrder,
    Roll,
)
from programmes.models import (
    InclusionCase,
    InclusionOpinion,
    IncompatibilityRule,
    OfflineFiling,
    Programme,
    ProgrammeStandard,
)
from publicity.models import PublicityList, QrCode
from reconciliation.models import (
    Difference,
    Month,
    MonthRefusal,
    SettlementLine,
    SettlementProposal,
    StatementProfileVersion,
)
from reconciliation.profiles import BUILT_IN as STATEMENT_FORMATS
from registry.models import Beneficiary, CardGap, CardRequest, Double, Payee, WrongNumber
from sms.models import HandsetMessage, Message, TemplateVersion
from tests import factories
from tests.access.people import OTHER_TOWNSHIP, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.access.rows import row
from tests.disbursement.county import id_number
from tests.factories import AT

Values = Mapping[str, object]
"""What the address wants: an id by the name of its argument."""
OWN, OTHERS, NONE = "own", "another's", "none"

REPORT = {"good": 1, "problems": [], "preview": [], "listed": [{"姓名": "阿西木牛"}], "listed_title": "名单"}
WHERE = {OWN: (TOWNSHIP, VILLAGE), OTHERS: (OTHER_TOWNSHIP, OTHER_VILLAGE)}
DEPARTMENTS = {OWN: "县民政局", OTHERS: "县林草局"}


def build_objects() -> dict[str, dict[str, Values]]:
    """All of it: by kind, then whose it is."""
    found: dict[str, dict[str, Values]] = {}
    for number, whose in enumerate((OWN, OTHERS), start=1):
        for kind, values in _objects_of(whose, number).items():
            found.setdefault(kind, {})[whose] = values
    return found


def _objects_of(whose: str, number: int) -> dict[str, Values]:
    content = f"姓名,金额\r\n阿西木牛,{number}\r\n".encode()
    file = row(StoredFile, content=content, sha256=hashlib.sha256(content).hexdigest())
    programme = factories.programme(
        f"PROGRAMME{number}",
        f"补贴{number}",
        department_id=factories.organisation(Kind.DEPARTMENT, name=DEPARTMENTS[whose]).id,
    )
    person = factories.beneficiary(
        "阿西木牛",
        id_number(number),
        f"{WHERE[whose][1]}001",
        phone=f"1380000000{number}",
        card_number=f"622848{number}",
    )
    made = _paying(whose, number, file, programme, person)
    made |= _reconciling(number, made["batch"], made["attempt"])
    made |= _programmes(programme, file)
    made |= _registry(whose, number, person, file)
    made |= _rest(whose, number, made["roll"], file)
    return made


def _paying(whose: str, number: int, file: StoredFile, programme: Programme, person: Beneficiary) -> dict[str, Values]:
    township = WHERE[whose][0]
    batch = row(Batch, programme_id=programme.id, period="202006", year=2020, state="results_in")
    roll = row(Roll, batch_id=batch.id, township_code=township, state="draft", total_fen=Fen(9000))
    who = {"beneficiary_id": person.id, "region_code": person.region_code, "name": person.name}
    owed = row(
        Payment,
        roll_id=roll.id,
        batch_id=batch.id,
        payee_name=person.name,
        card_id=person.card_id,
        amount_fen=Fen(9000),
        state="failed",
        due_on=AT.date(),
        **who,
    )
    offer = row(OfferFile, batch_id=batch.id, cycle_month=f"2020-0{number}", profile="sample", file_id=file.id)
    result = row(ResultFile, file_id=file.id, profile="sample")
    attempt = row(
        Attempt,
        payment_id=owed.id,
        reference=f"{owed.id}-1",
        number=1,
        offer_file_id=offer.id,
        payee_name=person.name,
        card_tail="0001",
        amount_fen=Fen(9000),
        outcome="failed",
        result_file_id=result.id,
    )
    waiting = row(
        Attempt,
        payment_id=owed.id,
        reference=f"{owed.id}-2",
        number=2,
        offer_file_id=offer.id,
        payee_name=person.name,
        card_tail="0001",
        amount_fen=Fen(9000),
        outcome="open",
    )
    failure = row(Failure, attempt_id=attempt.id, payment_id=owed.id, month="2020-07")
    evidence = row(Evidence, file_id=file.id)
    correction = row(
        Correction,
        payment_id=owed.id,
        failure_id=failure.id,
        evidence_id=evidence.id,
        kind="bank",
        before_state="failed",
    )
    discrepancy = row(
        Discrepancy, result_file_id=result.id, kind="contradicts_final", bank_outcome="paid", attempt_id=attempt.id
    )
    rebooking = row(Rebooking, kind="paid", state="proposed", result_file_id=result.id, evidence_id=evidence.id)
    row(
        RebookingLine,
        rebooking_id=rebooking.id,
        attempt_id=attempt.id,
        payment_id=owed.id,
        was_outcome="failed",
        was_state="failed",
        released_at=AT,
    )
    order = row(ReturnOrder, batch_id=batch.id, state="proposed", total_fen=Fen(9000), line_count=1)
    row(ReturnLine, order_id=order.id, payment_id=owed.id, from_state="failed", released_at=AT)
    receipt = row(OfflineReceipt, roll_id=roll.id, file_id=file.id)
    profile = row(
        BankProfile, name=f"bank{number}", version=1, state="proposed", content=BANK_FORMATS["sample"].content()
    )
    return {
        "batch": {"batch_id": batch.id},
        "roll": {"roll_id": roll.id},
        "payment": {"payment_id": owed.id},
        "offer": {"offer_id": offer.id},
        "result": {"result_id": result.id},
        "attempt": {"attempt_id": waiting.id},
        "evidence": {"evidence_id": evidence.id},
        "correction": {"correction_id": correction.id},
        "discrepancy": {"discrepancy_id": discrepancy.id},
        "rebooking": {"rebooking_id": rebooking.id},
        "order": {"order_id": order.id},
        "receipt": {"receipt_id": receipt.id},
        "profile": {"profile_id": profile.id},
        "profile version": {"name": profile.name, "version": 1},
        "programme": {"programme_id": programme.id},
    }


def _reconciling(number: int, batch: Values, attempt: Values) -> dict[str, Values]:
    month = row(Month, month=f"2020-0{5 + number}", state="open")
    difference = row(Difference, month_id=month.id, kind="missing_in_bank", attempt_id=attempt["attempt_id"])
    refusal = row(
        MonthRefusal,
        month_id=month.id,
        organisation_id=factories.organisation(Kind.BANK).id,
        organisation_kind="bank",
    )
    settlement = row(SettlementProposal, month_id=month.id, state="proposed", resolution="next_month")
    row(SettlementLine, proposal_id=settlement.id, difference_id=difference.id)
    profile = row(
        StatementProfileVersion,
        name=f"statement{number}",
        version=1,
        state="proposed",
        content=STATEMENT_FORMATS["sample"].content(),
    )
    return {
        "month": {"month_id": month.id},
        "refusal": {"month_id": month.id, "refusal_id": refusal.id},
        "settlement": {"settlement_id": settlement.id},
        "statement profile": {"profile_id": profile.id},
        "statement profile version": {"name": profile.name, "version": 1},
    }


def _programmes(programme: Programme, file: StoredFile) -> dict[str, Values]:
    case = row(InclusionCase, programme_id=programme.id, state="submitted", proposal="platform")
    opinion = row(
        InclusionOpinion,
        case_id=case.id,
        office="audit",
        document_number="审〔2020〕1号",
        file_id=file.id,
        filename="意见.pdf",
    )
    filing = row(OfflineFiling, programme_id=programme.id, office="finance", file_id=file.id, filename="办法.pdf")
    standard = row(
        ProgrammeStandard, programme_id=programme.id, amount_fen=Fen(9000), per="person", valid_from=AT.date()
    )
    other = factories.programme(f"{programme.code}X", f"{programme.name}（二）", department_id=programme.department_id)
    rule = row(IncompatibilityRule, first_code=programme.code, second_code=other.code, handling="forbidden")
    return {
        "inclusion case": {"case_id": case.id},
        "opinion": {"case_id": case.id, "opinion_id": opinion.id},
        "filing": {"filing_id": filing.id},
        "standard": {"standard_id": standard.id},
        "rule": {"rule_id": rule.id},
    }


def _registry(whose: str, number: int, person: Beneficiary, file: StoredFile) -> dict[str, Values]:
    second = factories.beneficiary(person.name, id_number(10 + number), person.region_code)
    bank = factories.organisation(Kind.BANK, name="" if whose == OWN else "另一家银行")
    gap = row(CardGap, beneficiary_id=second.id, programme_code="A", region_code=person.region_code, state="open")
    request = row(CardRequest, bank_id=bank.id, region_code=WHERE[whose][0], state="submitted", file_id=file.id)
    double = row(
        Double,
        first_id=person.id,
        second_id=second.id,
        region_code=person.region_code,
        grounds="name",
        state="proposed",
        kept_id=person.id,
    )
    payee = row(Payee, beneficiary_id=person.id, relation="guardian", evidence_id=file.id, evidence_name="证明.pdf")
    report = row(WrongNumber, beneficiary_id=person.id, phone_index=person.phone, channel="counter", state="open")
    return {
        "person": {"beneficiary_id": person.id},
        "gap": {"gap_id": gap.id},
        "card request": {"request_id": request.id},
        "double": {"double_id": double.id},
        "payee": {"beneficiary_id": person.id, "payee_id": payee.id},
        "wrong number": {"report_id": report.id},
        "region": {"code": WHERE[whose][0]},
    }


def _rest(whose: str, number: int, roll: Values, file: StoredFile) -> dict[str, Values]:
    township, village = WHERE[whose]
    hung = row(
        PublicityList,
        roll_id=roll["roll_id"],
        region_code=village,
        level="village",
        kind="before",
        photo_id=file.id,
        posted_on=AT.date(),
    )
    code = row(QrCode, region_code=village)
    row(TemplateVersion, template="payment_paid", number=number, state="submitted")
    message = row(
        Message,
        template="payment_paid",
        parameters={
            "name": "阿西木牛",
            "programme": "补贴",
            "period": "202006",
            "amount_fen": 9000,
            "card_tail": "8481",
        },
        phone=f"1380000000{number}",
        phone_index=f"1380000000{number}",
        subject_kind="attempt",
        subject_id=number,
        region_code=village,
        state="unknown",
        gateway="simulated",
        attempts=1,
    )
    shown = row(HandsetMessage, phone=f"1380000000{number}", phone_index=f"1380000000{number}")
    office = factories.organisation(Kind.TOWNSHIP, township)
    upload = row(
        Upload,
        kind="disbursement.roll",
        file_id=file.id,
        filename="花名册.csv",
        parameters={"programme": f"PROGRAMME{number}", "period": "202006", "township": township},
        state="checked",
        report=REPORT,
        organisation_id=office.id,
    )
    return {
        "list": {"list_id": hung.id},
        "code": {"code_id": code.id},
        "board": {"region_code": village},
        "township": {"region_code": township},
        "hung roll": roll,
        "template": {"name": "payment_paid", "number": number, "gateway": "aliyun"},
        "message": {"message_id": message.id},
        "handset": {"shown": shown.id},
        "upload": {"upload_id": upload.id},
    }
