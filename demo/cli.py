"""``flask demo load`` and ``flask demo show``."""

import time
from typing import NamedTuple

import click
import qrcode
from flask.cli import AppGroup
from sqlalchemy import select

from core import clock
from core.commands import emit, json_option
from core.database import db
from core.errors import UserError
from core.web import settings
from demo.county import PASSWORD, SHOWN_TOWNSHIP, SIGN_INS
from demo.load import USUAL_PEOPLE, is_empty, load_county
from disbursement.models import Payment
from publicity.models import QrCode
from publicity.queries import qr_token_of
from registry.models import Beneficiary, Card, Payee

group = AppGroup("demo", help="The demo county: invented people, real rules.")
commands: tuple[click.Command, ...] = (group,)


@group.command("load")
@click.option(
    "--people", default=USUAL_PEOPLE, show_default=True, type=click.IntRange(100, 100_000), help="How many people."
)
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a county already.")
@json_option
def load(people: int, if_empty: bool, as_json: bool) -> None:
    """Make a county with offices, people, two years of payments, lists, messages and complaints, relative to today."""
    if settings().is_production:
        raise UserError("这是生产环境，不能装入演示数据。")
    if if_empty and not is_empty():
        return
    click.echo("正在装入演示县……", err=True)
    began = time.perf_counter()
    loaded = load_county(people, at=clock.utc_now())
    seconds = round(time.perf_counter() - began, 1)
    emit(
        {
            "people": loaded.people,
            "payments": loaded.payments,
            "complaints": loaded.complaints,
            "seconds": seconds,
        },
        as_json,
    )


@group.command("show")
def show() -> None:
    """Print the addresses, a QR code, the sign-ins, and somebody to look up."""
    base_url = settings().base_url
    click.echo(f"\n  群众的门      {base_url}/")
    click.echo(f"  经办人员的门  {base_url}/staff/")
    click.echo(f"  演示手机      {base_url}/staff/sms/handset （登录后可看）\n")
    somebody = _somebody()
    village = somebody.region_code[:12] if somebody else SHOWN_TOWNSHIP
    code = db.session.scalars(
        select(QrCode).where(QrCode.region_code == village, QrCode.revoked_at.is_(None))
    ).one_or_none()
    if code is not None:
        address = f"{base_url}/q/{qr_token_of(code)}"
        picture = qrcode.QRCode(border=1)
        picture.add_data(address)
        picture.print_ascii(invert=True)
        click.echo(f"  村公示栏上的二维码：{address}\n")
    click.echo(f"  演示账号（密码都是 {PASSWORD}）：")
    for sign_in in SIGN_INS:
        click.echo(f"    {sign_in.username:18}{sign_in.organisation}：{sign_in.does}")
    if somebody is not None:
        proof = f"身份证号 {somebody.id_number}，卡号后四位 {somebody.card_tail}"
        click.echo(f"\n  可以查询的（虚构的）人：{somebody.name}，{proof}\n")
    guardian = _guardian()
    if guardian is not None:
        proof = f"身份证号 {guardian.id_number}，卡号后四位 {guardian.card_tail}"
        click.echo(f"  替孩子代收的（虚构的）人：{guardian.name}，{proof}\n")


class _Somebody(NamedTuple):
    name: str
    id_number: str
    card_tail: str
    region_code: str


def _somebody() -> _Somebody | None:
    """Somebody of the shown township with a failed payment, for then the answer has the most to say."""
    found = db.session.execute(
        select(Beneficiary, Card)
        .join(Card, Card.id == Beneficiary.card_id)
        .join(Payment, Payment.beneficiary_id == Beneficiary.id)
        .where(Payment.state == "failed")
        .order_by(Beneficiary.region_code.startswith(SHOWN_TOWNSHIP[:9]).desc(), Payment.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    person, card = found
    return _Somebody(person.name, person.id_number, card.tail, person.region_code)


def _guardian() -> _Somebody | None:
    """Somebody who receives for a child and has a record of his own, in the shown township where there is one."""
    found = db.session.execute(
        select(Beneficiary, Card)
        .join(Card, Card.id == Beneficiary.card_id)
        .join(Payee, Payee.id_number_index == Beneficiary.id_number_index)
        .order_by(Beneficiary.region_code.startswith(SHOWN_TOWNSHIP[:9]).desc(), Beneficiary.id)
        .limit(1)
    ).first()
    return _Somebody(found[0].name, found[0].id_number, found[1].tail, found[0].region_code) if found else None
