"""The pages on which lists are posted, taken down, hung out anew, and looked through."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import db
from core.principal import OrganisationKind, Role
from disbursement.models import Payment
from publicity import operations
from publicity.models import PublicityList
from tests import factories
from tests.factories import AT
from tests.publicity.boards import photo_bytes
from tests.publicity.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Story
from tests.signing import sign_in

NOW = datetime(2020, 7, 7, 2, tzinfo=AT.tzinfo)
ROOT = "/staff/publicity"


@pytest.fixture
def lists(story: Story) -> dict[str, PublicityList]:
    made = operations.publicise_roll(story.official, story.roll, at=AT)
    db.session.commit()
    return {found.region_code: found for found in made}


@pytest.fixture
def officer(app: Flask, client: FlaskClient, story: Story, lists: dict[str, PublicityList]) -> Iterator[FlaskClient]:
    """An official of the township, on the day after the lists were hung out."""
    with time_machine.travel(NOW, tick=False):
        yield sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP))


def posting(**more: object) -> dict[str, object]:
    return {"posted_on": "2020-07-06", "photo": (io.BytesIO(photo_bytes()), "公示栏.jpg")} | more


def test_a_board_is_posted_in_bulk_with_one_photo(officer: FlaskClient, story: Story) -> None:
    address = f"{ROOT}/rolls/{story.roll.id}"
    page = officer.get(address).text
    assert "张，共 6 张" in page and "石门坎村" in page
    narrowed = f"{address}?board={VILLAGE}&kind=before&posted=no"
    ids = db.session.scalars(select(PublicityList.id).where(PublicityList.region_code.startswith(VILLAGE))).all()
    asked = officer.post(narrowed, data={"bulk": "post", "all": "1"}).text
    assert 'enctype="multipart/form-data"' in asked and 'name="photo"' in asked and "3 条" in asked
    confirmed = {"bulk": "post", "all": "1", "count": "3", "total": "None", "confirmed": "1"}
    done = officer.post(
        narrowed, data=posting(**confirmed), content_type="multipart/form-data", follow_redirects=True
    ).text
    assert "登记张贴：已办理 3 条" in done
    db.session.expire_all()
    posted = db.session.scalars(select(PublicityList.id).where(PublicityList.posted_on == date(2020, 7, 6))).all()
    assert sorted(posted) == sorted(ids)
    # The rest of the township has no photo yet.
    rest = {"bulk": "post", "all": "1", "count": "3", "total": "None", "confirmed": "1", "posted_on": "2020-07-06"}
    told = officer.post(f"{address}?posted=no", data=rest, follow_redirects=True).text
    assert "有 3 条没有办理" in told and "还没有照片" in told
    assert "3 / 6" in officer.get(f"{ROOT}/").text


def test_one_list_is_posted_photographed_and_taken_back(officer: FlaskClient, lists: dict[str, PublicityList]) -> None:
    address = f"{ROOT}/lists/{lists[OTHER_VILLAGE].id}"
    page = officer.post(
        f"{address}/posting", data=posting(), content_type="multipart/form-data", follow_redirects=True
    ).text
    assert "张贴已登记" in page and "2020-07-06" in page and "下载照片" in page
    got = officer.post(f"{address}/photo")
    assert got.mimetype == "image/jpeg" and b"SECRETPHONE" not in got.data and got.data.startswith(b"\xff\xd8")
    assert "attachment" in got.headers["Content-Disposition"]
    back = officer.post(f"{address}/posting/withdraw", data={"reason": "贴错了地方"}, follow_redirects=True).text
    assert "张贴的登记已撤销" in back
    assert officer.post(f"{address}/photo").status_code == 404


@pytest.mark.parametrize(
    ("day", "brought", "why"),
    [
        ("昨天", (photo_bytes(), "公示栏.jpg"), "请填写张贴的日期"),
        ("2020-07-06", (b"%PDF-1.4", "x.pdf"), "只收照片"),
        ("2020-07-06", (b"", ""), "还没有照片"),
    ],
    ids=["no day", "no photo but a document", "no photo at all"],
)
def test_what_is_wrong_is_said(
    officer: FlaskClient, lists: dict[str, PublicityList], day: str, brought: tuple[bytes, str], why: str
) -> None:
    address = f"{ROOT}/lists/{lists[VILLAGE].id}/posting"
    sent = posting(posted_on=day, photo=(io.BytesIO(brought[0]), brought[1]))
    answer = officer.post(address, data=sent, content_type="multipart/form-data", follow_redirects=True)
    assert why in answer.text
    assert db.session.get_one(PublicityList, lists[VILLAGE].id).posted_on is None


def test_a_wrong_list_is_taken_down_and_the_roll_hung_out_anew(
    officer: FlaskClient, story: Story, lists: dict[str, PublicityList]
) -> None:
    address = f"{ROOT}/lists/{lists[VILLAGE].id}"
    page = officer.post(f"{address}/withdraw", data={"reason": "少列了一户"}, follow_redirects=True).text
    assert "公示表已撤下" in page and "少列了一户" in page
    roll = officer.get(f"{ROOT}/rolls/{story.roll.id}").text
    assert "有公示表撤下" in roll and "确认重新公示" in roll
    again = officer.post(f"{ROOT}/rolls/{story.roll.id}/again", follow_redirects=True).text
    assert "已重新生成公示表" in again and "确认重新公示" not in again
    # The old ones are kept for officials.
    assert "少列了一户" in officer.get(address).text


def test_results_are_hung_out_from_the_page(officer: FlaskClient, story: Story) -> None:
    assert "公示发放结果" not in officer.get(f"{ROOT}/rolls/{story.roll.id}").text
    early = officer.post(f"{ROOT}/rolls/{story.roll.id}/results", follow_redirects=True).text
    assert "还没有发放结果" in early
    story.roll.state, story.roll.batch.state = "department_approved", "results_in"
    for payment in db.session.scalars(select(Payment)):
        payment.state = "paid"
    db.session.commit()
    assert "确认公示发放结果" in officer.get(f"{ROOT}/rolls/{story.roll.id}").text
    page = officer.post(f"{ROOT}/rolls/{story.roll.id}/results", follow_redirects=True).text
    assert "已生成发放结果公示表" in page and "发放结果公示表" in page


def test_lists_and_roll_lead_to_one_another(
    officer: FlaskClient, story: Story, lists: dict[str, PublicityList]
) -> None:
    roll = officer.get(f"/staff/disbursement/rolls/{story.roll.id}").text
    assert f"{ROOT}/rolls/{story.roll.id}" in roll and "已张贴 0 张，共 6 张" in roll
    shown = officer.get(f"{ROOT}/lists/{lists[VILLAGE].id}").text
    assert f"/staff/disbursement/rolls/{story.roll.id}" in shown


def test_lists_are_found_by_place_and_filtered_by_what_is_missing(
    officer: FlaskClient, lists: dict[str, PublicityList]
) -> None:
    answer = officer.post(f"{ROOT}/", data={"q": "清水村"})
    found = officer.get(answer.location).text
    assert "清水村2020年6月" in found and "石门坎村2020年6月" not in found
    assert "石门坎村2020年6月" in officer.get(f"{ROOT}/?posted=no&level=village").text
    assert "没有符合条件的记录" in officer.get(f"{ROOT}/?posted=yes").text
    assert "没有符合条件的记录" in officer.get(f"{ROOT}/?kind=after").text


def test_a_village_sees_its_own_lists_of_the_roll(app: Flask, client: FlaskClient, story: Story) -> None:
    operations.publicise_roll(story.official, story.roll, at=AT)
    db.session.commit()
    with time_machine.travel(NOW, tick=False):
        sign_in(client, factories.official(OrganisationKind.VILLAGE, Role.PREPARER, region_code=VILLAGE))
        page = client.get(f"{ROOT}/rolls/{story.roll.id}").text
        assert "张，共 3 张" in page and "清水村" not in page and "查看花名册" not in page


def test_who_may_not_is_refused(app: Flask, client: FlaskClient, story: Story, lists: dict[str, PublicityList]) -> None:
    shown = f"{ROOT}/lists/{lists[VILLAGE].id}"
    roll = f"{ROOT}/rolls/{story.roll.id}"
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000"))
        for path in (f"{shown}/posting", f"{shown}/posting/withdraw", f"{shown}/withdraw", f"{shown}/photo",
                     f"{roll}/again", f"{roll}/results"):  # fmt: skip
            assert client.post(path, data={"reason": "没有道理"}).status_code == 404, path
        assert client.get(roll).status_code == 404
        sign_in(client, factories.official(OrganisationKind.AUDIT, Role.VIEWER))
        page = client.get(shown).text
        assert "确认撤下" not in page and 'name="photo"' not in page
        for path in (f"{shown}/posting", f"{shown}/posting/withdraw", f"{shown}/withdraw", f"{roll}/again",
                     f"{roll}/results"):  # fmt: skip
            told = client.post(path, data=posting(reason="没有道理"), follow_redirects=True)
            assert "您没有办理这项业务的权限" in told.text, path
