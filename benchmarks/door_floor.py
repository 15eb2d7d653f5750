"""The floor of the public door: two bare Flask routes. They run the same queries for the same rows through the same
extension, compare the proof, and render a page of the same length with the same template engine. They have no session,
no counters, no form, no language, no log line, no header of their own.
"""

import os
from datetime import date

from flask import Flask, render_template, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnClause, Integer, LargeBinary, bindparam, exists, literal_column, or_, select, type_coerce
from sqlalchemy.orm import aliased

from core.encryption import Keyring
from core.settings import Settings
from disbursement.models import Batch, Payment, Roll
from programmes.models import Programme
from publicity.models import PublicityLine, PublicityList
from publicity.rules import LINES_PER_PAGE, read_list_token, regions_around
from registry.models import Beneficiary, Card, Payee, Region

HELD = aliased(Card)
ONE: ColumnClause[int] = literal_column("1", Integer)
RECEIVES_FOR_OTHERS = or_(
    exists(ONE).where(Payment.card_id == Beneficiary.card_id, Payment.beneficiary_id != Beneficiary.id),
    exists(ONE).where(HELD.holder_index == Beneficiary.id_number_index),
    exists(ONE).where(Payee.payee_id == Beneficiary.id),
)
PERSON = (
    select(
        Beneficiary.id,
        Beneficiary.name,
        Beneficiary.name_key,
        Beneficiary.region_code,
        Card.tail,
        RECEIVES_FOR_OTHERS,
    )
    .outerjoin(Card, Card.id == Beneficiary.card_id)
    .where(type_coerce(Beneficiary.id_number_index, LargeBinary) == bindparam("person"))
)
PAYMENTS = (
    select(
        Payment.id,
        Programme.name,
        Batch.period,
        Payment.amount_fen,
        Payment.state,
        Payment.paid_on,
        Card.tail,
        Payment.failure_reason,
    )
    .join(Batch, Batch.id == Payment.batch_id)
    .join(Programme, Programme.id == Batch.programme_id)
    .outerjoin(Card, Card.id == Payment.card_id)
    .where(Payment.beneficiary_id == bindparam("person"), Payment.state.not_in(("drafted", "struck")))
    .order_by(Batch.period.desc(), Payment.id.desc())
)
LISTS = (
    select(PublicityList.id, PublicityList.title)
    .join(Roll, Roll.id == PublicityList.roll_id)
    .where(
        PublicityList.region_code.in_(bindparam("regions", expanding=True)),
        PublicityList.opens_on <= bindparam("today"),
        PublicityList.closes_on >= bindparam("today"),
        Roll.state.in_(("publicised", "department_approved")),
    )
)
LIST = (
    select(PublicityList.title, PublicityList.line_count, PublicityList.total_fen, Region.name)
    .join(Roll, Roll.id == PublicityList.roll_id)
    .join(Region, Region.code == PublicityList.region_code)
    .where(
        PublicityList.id == bindparam("list"),
        PublicityList.opens_on <= bindparam("today"),
        PublicityList.closes_on >= bindparam("today"),
        Roll.state.in_(("publicised", "department_approved")),
    )
)
LINES = (
    select(
        PublicityLine.number,
        PublicityLine.masked_name,
        PublicityLine.group_name,
        PublicityLine.quantity,
        PublicityLine.amount_fen,
    )
    .where(
        PublicityLine.list_id == bindparam("list"),
        PublicityLine.number > bindparam("first"),
        PublicityLine.number <= bindparam("last"),
    )
    .order_by(PublicityLine.number)
)
LIST_PAGE = """<!doctype html><title>{{ shown.title }}</title><h1>{{ shown.title }}</h1><table>
{% for line in lines %}<tr>{% for value in line %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}</table>"""
PAGE = """<!doctype html><title>{{ person.name }}</title><h1>{{ person.name }}</h1>
{% for payment in payments %}<p>{% for value in payment %}{{ value }} {% endfor %}</p>{% endfor %}
{% for list in lists %}<a href="/lists/{{ list.id }}">{{ list.title }}</a>{% endfor %}<button>结束查询</button>"""

db = SQLAlchemy()


def create_app() -> Flask:
    """The route, on the database of the environment."""
    settings = Settings.from_environment(os.environ)
    keyring, length = Keyring(settings.keys), int(os.environ["BENCH_PAGE_LENGTH"])
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    db.init_app(app)
    template, list_template = app.jinja_env.from_string(PAGE), app.jinja_env.from_string(LIST_PAGE)

    @app.get("/lookup")
    def form() -> str:
        return ""

    @app.post("/lookup")
    def look_up() -> str:
        index = keyring.blind_index(request.form["id_number"], "id_number")
        person = db.session.execute(PERSON, {"person": index}).one()
        if person.name_key != request.form["name"] or person.tail != request.form["card_tail"]:
            return "没有查到"
        payments = db.session.execute(PAYMENTS, {"person": person.id}).all()
        around = {"regions": regions_around(person.region_code), "today": date.today()}  # noqa: DTZ011 -- bare
        lists = db.session.execute(LISTS, around).all()
        page = render_template(template, person=person, payments=payments, lists=lists)
        return page + " " * (length - len(page.encode()))

    @app.get("/lists/<token>")
    def one_list(token: str) -> str:
        list_id, number = read_list_token(settings.keys.signing, token), int(request.args["page"])
        shown = db.session.execute(LIST, {"list": list_id, "today": date.today()}).one()  # noqa: DTZ011 -- bare
        first = (number - 1) * LINES_PER_PAGE
        lines = db.session.execute(LINES, {"list": list_id, "first": first, "last": first + LINES_PER_PAGE}).all()
        page = render_template(list_template, shown=shown, lines=lines)
        return page + " " * (length - len(page.encode()))

    return app
