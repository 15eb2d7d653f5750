"""The staff pages: rolls to hang out, lists, posters with codes that scan, prints."""

import io
import re

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from core import qr_images
from core.database import db
from core.principal import OrganisationKind, Role
from publicity import queries
from publicity.models import PublicityList, QrCode
from tests import factories
from tests.publicity.conftest import TOWNSHIP, VILLAGE, Story
from tests.signing import sign_in


@pytest.fixture
def officer(app: Flask, client: FlaskClient, story: Story) -> FlaskClient:
    """An official of the township at the staff door."""
    return sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP))


def read_code(picture: bytes) -> str:
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert len(found) == 1
    return str(found[0].text)


def test_a_roll_is_hung_out_from_the_page(officer: FlaskClient, story: Story) -> None:
    assert "等待公示的花名册" in officer.get("/staff/publicity/").text
    page = officer.post(f"/staff/publicity/rolls/{story.roll.id}/publicise", follow_redirects=True).text
    assert "已生成 6 张公示表" in page and "公示中" in page
    assert "等待公示的花名册" not in page
    shown = db.session.query(PublicityList).filter_by(region_code=VILLAGE).one()
    listed = officer.get(f"/staff/publicity/lists/{shown.id}").text
    assert "欧阳*梅" in listed and "欧阳小梅" not in listed
    printed = officer.get(f"/staff/publicity/lists/{shown.id}/print").text
    assert "欧阳*梅" in printed and "东民〔2020〕1号" in printed and "12345" in printed


def test_a_poster_has_a_code_that_leads_to_the_village(officer: FlaskClient, story: Story) -> None:
    assert "石门坎村" in officer.get("/staff/publicity/posters").text
    page = officer.post(f"/staff/publicity/posters/{VILLAGE}/codes", follow_redirects=True).text
    assert "二维码已生成" in page
    poster = officer.get(f"/staff/publicity/posters/{VILLAGE}").text
    assert "鲹鱼河镇石门坎村" in poster and "http://localhost:8000" in poster and "12345" in poster
    picture = re.search(r'src="([^"]+\.png)"', poster)
    assert picture
    image = officer.get(picture[1])
    assert image.mimetype == "image/png"
    address = read_code(image.data)
    assert address.startswith("http://localhost:8000/q/")
    entry = queries.qr_entry(address.rsplit("/", 1)[1])
    assert entry is not None and entry.region.code == VILLAGE


def test_a_code_scans_small_blurred_and_at_an_angle() -> None:
    address = "https://ykt.example.gov.cn/q/WzE3LCI1MTM0MjYxMDAyMDAiXQ.abcdefghijklmnopqrstuvwxyz0"
    code = Image.open(io.BytesIO(qr_images.png(address))).convert("L")
    paper = Image.new("L", (code.width * 2, code.height * 2), 255)
    paper.paste(code, (code.width // 2, code.height // 2))
    for seen in (paper, paper.resize((260, 260)), paper.rotate(17, fillcolor=255).resize((420, 400))):
        assert [found.text for found in zxingcpp.read_barcodes(seen)] == [address]


def test_a_code_is_revoked_from_its_page(officer: FlaskClient, story: Story) -> None:
    officer.post(f"/staff/publicity/posters/{VILLAGE}/codes")
    code = db.session.query(QrCode).one()
    page = officer.post(f"/staff/publicity/codes/{code.id}/revoke", follow_redirects=True).text
    assert "二维码已停用" in page and "生成二维码" in page
    assert officer.get(f"/staff/publicity/posters/{VILLAGE}").status_code == 404


def test_another_township_finds_nothing(app: Flask, client: FlaskClient, story: Story) -> None:
    from publicity import operations

    made = operations.publicise_roll(story.official, story.roll, at=factories.AT)
    code = QrCode(region_code=VILLAGE, created_at=factories.AT)
    db.session.add(code)
    db.session.commit()
    stranger = sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000"))
    for path in (
        f"/staff/publicity/lists/{made[0].id}",
        f"/staff/publicity/lists/{made[0].id}/print",
        f"/staff/publicity/posters/{VILLAGE}",
        f"/staff/publicity/posters/{VILLAGE}/codes",
        f"/staff/publicity/codes/{code.id}.png",
    ):
        assert stranger.get(path).status_code == 404, path
    assert stranger.post(f"/staff/publicity/codes/{code.id}/revoke").status_code == 404
    assert stranger.post(f"/staff/publicity/rolls/{story.roll.id}/publicise").status_code == 404
    assert made[0].title not in stranger.get("/staff/publicity/").text


def test_who_has_not_signed_in_sees_none_of_it(client: FlaskClient, story: Story) -> None:
    for path in ("/staff/publicity/", "/staff/publicity/posters", f"/staff/publicity/posters/{VILLAGE}"):
        assert client.get(path).status_code == 302
