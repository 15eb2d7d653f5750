"""Nothing that is personal lies anywhere in the clear: not in the database's files, logs, temporary files, error pages
or back-ups, under either cipher (PIPL §51)."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backups import operations
from backups.databases import database_at
from core import clock
from core.database import db
from core.principal import OrganisationKind, Role, system
from core.working_days import seed_calendar
from sms.operations import queue_message
from tests import factories
from tests.conftest import application_for, postgres_tools
from tests.signing import sign_in

ID_NUMBER, CARD, PHONE = "513426197001010015", "6217003810012345678", "13987654321"
REPORTER, REPORTER_PHONE, SAID = "阿什某某", "13912345678", "村里的钱被人领走了，只有我知道是谁"
ROLL_ID_NUMBER = "513426196502030047"
PLANTED = (ID_NUMBER, CARD, PHONE, REPORTER, REPORTER_PHONE, SAID, ROLL_ID_NUMBER)
TOWNSHIP, VILLAGE = "513426100000", "513426100200"


@pytest.fixture(params=["aes", "sm4"])
def cipher(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def house(cipher: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An installation with that cipher, whose temporary files lie where they can be looked through."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    app = application_for(
        database_url, tmp_path / "instance", YKT_CIPHER=cipher, YKT_POSTGRES_TOOLS=str(postgres_tools())
    )
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def people_use_it(app: Flask) -> list[str]:
    """What a day brings; returns every page that was an error."""
    factories.load_regions()
    seed_calendar()
    for kind in (OrganisationKind.FINANCE, OrganisationKind.DISCIPLINE):
        factories.official(kind, Role.APPROVER)
    clerk = factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, Role.COMPLAINT_HANDLER, region_code=TOWNSHIP)
    factories.programme()
    factories.beneficiary("某甲", ID_NUMBER, VILLAGE, phone=PHONE, card_number=CARD)
    queue_message(
        "lookup_code", PHONE, {"code": "123456", "minutes": 5}, subject_kind="lookup", subject_id=1, at=clock.utc_now()
    )
    db.session.commit()
    villager, errors = app.test_client(), []
    complaint = {"category": "enquiry", "text": SAID, "region": VILLAGE, "name": REPORTER, "phone": REPORTER_PHONE}
    assert "receipt-code" in villager.post("/complaints/new", data=complaint).text
    for number in (ID_NUMBER, ROLL_ID_NUMBER, "not a number"):
        villager.post("/lookup", data={"id_number": number, "name": "某甲", "card_tail": CARD[-4:]})
    official = sign_in(app.test_client(), clerk)
    roll = "姓名,身份证号,银行卡号,金额\n某乙," + ROLL_ID_NUMBER + "," + CARD + ",100\n"
    file = (io.BytesIO(roll.encode()), "花名册.csv")
    fields = {"programme": "DISABLED_LIVING", "period": "202006", "township": TOWNSHIP, "file": file}
    assert official.post("/staff/disbursement/rolls/new", data=fields).status_code == 302
    # Wrong addresses and wrong forms, with what somebody typed.
    errors += [
        official.get(f"/staff/{ID_NUMBER}?q={PHONE}").text,
        official.post(f"/staff/complaints/{PHONE}1/{CARD}", data={"text": SAID}).text,
        villager.get(f"/lists/{ID_NUMBER}").text,
        villager.post("/complaints/track", data={"receipt_code": CARD}).status,
    ]

    def fail() -> str:
        raise ValueError(f"{ID_NUMBER} {REPORTER_PHONE} {SAID}")

    app.view_functions["core.readyz"] = fail
    errors.append(villager.get("/readyz").text)
    return errors


def is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")


def dumped(database_url: str) -> bytes:
    """The database as it lies on the disk, or as the server gives it out."""
    if is_sqlite(database_url):
        path = Path(database_url.removeprefix("sqlite:///"))
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    with database_at(database_url, postgres_tools()).moment() as moment:
        return b"".join(moment.body)


def test_nothing_personal_lies_anywhere_in_the_clear(
    house: Flask, database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    errors = people_use_it(house)
    backup = operations.create(system("test"), tmp_path / "backups", at=clock.utc_now())
    db.session.commit()
    db.session.remove()
    logs = "".join(capfd.readouterr())
    assert "ValueError" in logs
    assert "portal" in logs
    places = {
        "the database": dumped(database_url),
        "the log": logs.encode(),
        "error pages": "".join(errors).encode(),
        "a back-up": backup.path.read_bytes(),
    }
    for path in (*(tmp_path / "instance").rglob("*"), *(tmp_path / "temporary").rglob("*")):
        if path.is_file():
            places[str(path)] = path.read_bytes()
    assert len(places["the database"]) > 100_000
    for place, content in places.items():
        for planted in PLANTED:
            for encoding in ("utf-8", "gb18030", "utf-16-le"):
                where = content.find(planted.encode(encoding))
                assert where < 0, (place, planted, content[max(0, where - 120) : where + 40])
