"""Handing in and coming back: what is kept, what is not, and what the reporter sees."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from complaints import attachments
from complaints.attachments import MOST_FILES, IncomingFile, prepare
from complaints.models import Complaint, ComplaintAttachment
from complaints.operations import Submission, add_from_reporter, submit_complaint
from complaints.tracking import categories, offices_to_complain_of, track
from core.audit import AuditEntry
from core.database import db
from core.errors import NotVisible, PermissionDenied, UserError
from core.pictures import CleanPicture, clean_picture
from core.principal import OrganisationKind, Role
from sms.models import Message
from tests import factories
from tests.complaints.county import AT, TOWNSHIP, VILLAGE, County, submit


def photo(**more: object) -> bytes:
    """A picture as a phone takes it: with its place, its maker and a comment."""
    image = Image.new("RGB", (60, 40), "green")
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (26.0, 38.0, 12.0)
    target = io.BytesIO()
    image.save(target, "JPEG", exif=exif, comment=b"SECRETCOMMENT", **more)
    return target.getvalue()


def test_a_complaint_comes_in_with_its_clocks_and_is_found_by_its_code(county: County) -> None:
    complaint, code = submit()
    db.session.commit()
    assert len(code) == 20
    assert code.isdecimal()
    assert complaint.owner_id == county.township.organisation_id
    assert {clock.kind: clock.due_on for clock in complaint.clocks} == {
        "accept": date(2020, 7, 13),
        "resolve": date(2020, 7, 27),
    }
    assert complaint.due_on == date(2020, 7, 13)
    seen = track(f" {code[:4]}-{code[4:8]} {code[8:]} ", at=AT)
    assert (seen.number, seen.state, seen.received_on) == (complaint.number, "received", date(2020, 7, 6))
    assert [clock.days_left for clock in seen.clocks] == [7, 21]
    assert [entry.kind for entry in seen.entries] == ["received"]


def test_an_unnamed_reporter_leaves_nothing_behind(county: County) -> None:
    complaint, _code = submit(anonymous=True, name="王某某", phone="13800000001")
    db.session.commit()
    assert (complaint.reporter_name, complaint.reporter_phone, complaint.entered_by) == (None, None, None)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.submit")).one()
    assert (entry.actor_name, entry.official_id, entry.visible_to) == ("", None, "discipline")
    assert "王" not in str(entry.details)


def test_the_receipt_code_stands_nowhere(county: County) -> None:
    _complaint, code = submit()
    db.session.commit()
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert code not in repr(row)
            assert code.encode() not in b"".join(bytes(value) for value in row if isinstance(value, bytes))


def test_a_named_reporter_needs_a_name_and_a_phone_that_is_one(county: County) -> None:
    with pytest.raises(UserError, match="填写姓名"):
        submit(anonymous=False)
    with pytest.raises(UserError, match="电话号码不对"):
        submit(anonymous=False, name="王某某", phone="123")
    complaint, _code = submit(anonymous=False, name=" 王 某某 ", phone="+86 138-0000-0001")
    assert (complaint.reporter_name, complaint.reporter_phone) == ("王某某", "13800000001")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"category": "nothing"}, "哪一类"),
        ({"text": " \n "}, "请写明"),
        ({"text": "长" * 5001}, "文字太长"),
        ({"region_code": "999999999999"}, "哪个乡镇"),
        ({"about_organisation_id": 10**6}, "没有找到您选的单位"),
        ({"channel": "phone"}, "只有工作人员"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(county: County, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        submit(**fields)
    db.session.rollback()
    assert db.session.scalars(select(Complaint)).all() == []


def test_a_clue_goes_to_the_discipline_commission_at_once(county: County) -> None:
    complaint, code = submit(category="extortion", anonymous=False, name="王某某", phone="13800000001")
    assert complaint.sealed
    assert complaint.owner_id == county.discipline.organisation_id
    assert [clock.kind for clock in complaint.clocks] == ["notice"]
    assert track(code, at=AT).office == complaint.owner.name
    assert db.session.scalars(select(Message)).all() == []


def test_about_the_discipline_commission_itself_one_is_sent_elsewhere(county: County) -> None:
    with pytest.raises(UserError, match="12388"):
        submit(category="fraud", about_organisation_id=county.discipline.organisation_id)
    offered = {office_id for office_id, _name in offices_to_complain_of()}
    assert county.discipline.organisation_id not in offered


def test_offices_to_complain_of_are_those_of_the_region(county: County) -> None:
    offered = {office_id for office_id, _name in offices_to_complain_of(VILLAGE)}
    assert county.village_office_id in offered
    assert county.township.organisation_id in offered
    assert county.finance.organisation_id in offered
    assert county.other_township.organisation_id not in offered


def test_numbers_are_random_and_differ(county: County) -> None:
    numbers = [submit()[0].number for _ in range(20)]
    assert len(set(numbers)) == 20
    assert numbers != sorted(numbers)
    assert all(len(number) == 12 and number[0] != "0" for number in numbers)


@pytest.mark.parametrize("code", ["", "1" * 19, "1" * 20, "１" * 20, "abc", "1" * 21, "٣" * 20])
def test_any_other_code_finds_nothing(county: County, code: str) -> None:
    submit()
    with pytest.raises(NotVisible):
        track(code, at=AT)


def test_evidence_is_added_without_moving_a_clock(county: County) -> None:
    complaint, code = submit()
    before = [(clock.started_on, clock.due_on) for clock in complaint.clocks]
    add_from_reporter(code, "", [IncomingFile("证据.jpg", photo())], at=AT + timedelta(days=3))
    add_from_reporter(code, "还有一件事", at=AT + timedelta(days=4))
    db.session.commit()
    assert [(clock.started_on, clock.due_on) for clock in complaint.clocks] == before
    assert complaint.unread
    assert [entry.files for entry in track(code, at=AT).entries] == [(), ("证据.jpg",), ()]
    with pytest.raises(UserError, match="补充的内容"):
        add_from_reporter(code, " ", at=AT)


def test_a_photo_keeps_the_picture_and_nothing_else(county: County) -> None:
    submit(attachments=[IncomingFile("C:\\fake\\我家\u202e.jpg.exe", photo())])
    db.session.commit()
    kept = db.session.scalars(select(ComplaintAttachment)).one()
    assert (kept.filename, kept.media_type, kept.position) == ("我家.jpg.jpg", "image/jpeg", 1)
    assert b"SECRET" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == (40, 60)
        assert not image.getexif()
    raw = db.session.execute(select(db.text("content")).select_from(db.text("complaint_attachments"))).scalar_one()
    assert b"JFIF" not in bytes(raw)


def bomb() -> bytes:
    """A small file that asks for ten thousand million pixels."""
    target = io.BytesIO()
    Image.new("1", (1, 1)).save(target, "PNG")
    content = bytearray(target.getvalue())
    content[16:24] = (100_000).to_bytes(4, "big") * 2
    import zlib

    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "是空的"),
        (b"MZ\x90\x00" + b"\0" * 200, "类型不能收"),
        (b"<html><script>alert(1)</script></html>", "类型不能收"),
        (b"PK\x03\x04" + b"\0" * 200, "类型不能收"),
        (photo()[:300], "打不开"),
        (b"\xff\xd8\xff\xe0" + b"<script>" * 50, "打不开"),
        (bomb(), "尺寸太大"),
    ],
)
def test_files_that_are_not_taken(content: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        prepare([IncomingFile("照片.jpg", content)])


def sized(width: int, height: int, image_format: str = "JPEG") -> bytes:
    target = io.BytesIO()
    Image.new("1", (width, height)).convert("L").save(target, image_format)
    return target.getvalue()


def test_ten_photos_of_a_phone_come_in_and_ten_giants_do_not() -> None:
    giant = IncomingFile("a.jpg", sized(8000, 7000))
    with pytest.raises(UserError, match="合起来太大"):
        prepare([giant] * 4)
    assert len(prepare([IncomingFile("b.jpg", sized(1200, 900))] * MOST_FILES)) == MOST_FILES


def test_a_bad_file_at_the_end_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []

    def noted(content: bytes, image_format: str) -> CleanPicture:
        decoded.append(image_format)
        return clean_picture(content, image_format)

    monkeypatch.setattr(attachments, "clean_picture", noted)
    good = IncomingFile("a.jpg", photo())
    for bad in (IncomingFile("x.exe", b"MZ" + b"\0" * 200), IncomingFile("x.png", bomb()), IncomingFile("x.jpg", b"")):
        with pytest.raises(UserError):
            prepare([good, good, bad])
    assert not decoded
    prepare([good])
    assert decoded == ["JPEG"]


def test_a_polyglot_leaves_its_second_face_behind() -> None:
    kept = prepare([IncomingFile("x.jpg", photo() + b"<script>alert(1)</script>")])
    assert b"script" not in kept[0].content


def test_documents_and_recordings_are_kept_as_they_are() -> None:
    pdf, recording = b"%PDF-1.4\n%%EOF", b"#!AMR\n" + b"\0" * 50
    kept = prepare([IncomingFile("账本", pdf), IncomingFile("录音.exe", recording)])
    assert [(file.filename, file.media_type, file.content) for file in kept] == [
        ("账本.pdf", "application/pdf", pdf),
        ("录音.amr", "audio/amr", recording),
    ]


def test_ten_files_and_thirty_megabytes_in_all(county: County) -> None:
    small = [IncomingFile("x.pdf", b"%PDF-1.4\n%%EOF")] * MOST_FILES
    _complaint, code = submit(attachments=small[1:])
    add_from_reporter(code, "", small[:1], at=AT)
    with pytest.raises(UserError, match="最多 10 个"):
        add_from_reporter(code, "", small[:1], at=AT)
    with pytest.raises(UserError, match="30 MB"):
        prepare([IncomingFile("x.pdf", b"%PDF-1.4\n" + b"0" * (30 << 20))])


def test_an_official_enters_a_letter_with_its_day(county: County) -> None:
    letter = Submission("enquiry", "标准是多少？", VILLAGE, channel="letter", received_on=date(2020, 7, 3))
    complaint, _code = submit_complaint(county.township, letter, at=AT)
    assert (complaint.channel, complaint.received_on, complaint.entered_by) == (
        "letter",
        date(2020, 7, 3),
        county.township.official_id,
    )
    assert complaint.due_on == date(2020, 7, 6)
    tomorrow = Submission("enquiry", "标准是多少？", VILLAGE, channel="letter", received_on=date(2020, 7, 7))
    with pytest.raises(UserError, match="日期不对"):
        submit_complaint(county.township, tomorrow, at=AT)
    viewer = factories.principal(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
    with pytest.raises(PermissionDenied):
        submit_complaint(viewer, letter, at=AT)


def test_the_categories_are_in_villagers_words() -> None:
    assert {category.code for category in categories() if category.is_clue} == {
        "favouritism",
        "extortion",
        "embezzlement",
        "fraud",
    }
