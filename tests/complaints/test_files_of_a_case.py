"""Files stand with the words with which they were handed in: on the reporter's page, and in the officials' story."""

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from complaints.attachments import IncomingFile
from complaints.operations import add_from_reporter
from complaints.story import story
from complaints.tracking import track
from core.database import db
from tests.complaints.county import AT, County, submit
from tests.complaints.test_intake import photo
from tests.complaints.test_sealed import signed_in


def with_additions(county: County) -> tuple[str, str]:
    complaint, code = submit(attachments=[IncomingFile("存折.jpg", photo())])
    add_from_reporter(code, "只有话", at=AT + timedelta(days=1))
    files = [IncomingFile(f"{name}.jpg", photo()) for name in ("收条", "名单")]
    add_from_reporter(code, "还有两张照片", files, at=AT + timedelta(days=2))
    db.session.commit()
    return complaint.number, code


def test_each_file_is_told_with_what_it_came_with(app: Flask, county: County) -> None:
    number, code = with_additions(county)
    told = [(entry.kind, entry.files) for entry in track(code, at=AT + timedelta(days=3)).entries]
    assert told == [("received", ("存折.jpg",)), ("reporter", ()), ("reporter", ("收条.jpg", "名单.jpg"))]
    client = signed_in(app, county.township)
    page = client.get(f"/staff/complaints/{number}").text
    after = page[page.index("还有两张照片") :]
    story_of_it = after[: after.index("</ol>")]
    assert re.findall(r"attachments/([0-9]+)", story_of_it) == ["2", "3"]
    # Every link of the story opens the file.
    for position in ("2", "3"):
        assert client.get(f"/staff/complaints/{number}/attachments/{position}").status_code == 200


def test_the_reporter_finds_them_in_the_same_place(client: FlaskClient, county: County) -> None:
    _number, code = with_additions(county)
    page = client.post("/complaints/track", data={"receipt_code": code}).text
    places = [page.index(words) for words in ("存折.jpg", "只有话", "还有两张照片", "收条.jpg", "名单.jpg")]
    assert places == sorted(places) and page.count("收条.jpg") == 1


def test_a_file_whose_entry_is_not_known_stands_with_the_complaint(app: Flask, county: County) -> None:
    complaint, _code = submit(attachments=[IncomingFile("存折.jpg", photo())])
    complaint_file = complaint.id
    db.session.commit()
    from complaints.queries import attachments, files_by_entry

    attachments(complaint)[0].added_at = AT + timedelta(hours=5)
    db.session.commit()
    found = files_by_entry(complaint)
    assert [[file.complaint_id for file in files] for files in found.values()] == [[complaint_file]]
    with app.test_request_context():
        assert [len(line.files) for line in story(county.township, complaint)] == [1]
