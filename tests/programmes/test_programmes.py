"""Programmes entered, changed and taken back by hand (B1): what changes is shown first and recorded."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement.models import RollFinding
from programmes import operations, queries
from programmes.models import Programme, ProgrammeStandard
from programmes.operations import ProgrammeTerms
from programmes.rules import Channel, Handling, Scope
from tests import factories
from tests.core.together import meanwhile
from tests.disbursement.county import County, build_county, card_number, entry
from tests.factories import AT
from tests.signing import sign_in

ROOT = "/staff/programmes/catalogue"
BASIS = "国发〔2015〕52号"
SENT = {
    "code": "WINTER_RELIEF",
    "name": "冬春救助",
    "department_name": "县民政局",
    "target": "受灾困难户",
    "level_of_funds": "省级",
    "policy_basis": "川应急〔2020〕7号",
    "standard": "300元/户",
    "unit": "户",
    "frequency": "一次性",
    "channel": "undecided",
    "publicity_days": "5",
    "sensitive": "by_name",
    "shared_cards": "y",
    "valid_from": "2020-01-01",
    "valid_until": "2020-12-31",
}

# What these tests hold is decided in Python: one database says it all.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def finance(app: Flask) -> Principal:
    made = factories.principal(Kind.FINANCE, Role.PREPARER)
    db.session.commit()
    return made


@pytest.fixture
def door(client: FlaskClient) -> FlaskClient:
    """Finance, signed in, in a county with 县民政局."""
    factories.organisation(Kind.DEPARTMENT, name="县民政局")
    return sign_in(client, factories.official(Kind.FINANCE, Role.PREPARER))


def named(code: str) -> Programme:
    db.session.expire_all()
    return db.session.scalars(select(Programme).where(Programme.code == code)).one()


def recorded(action: str) -> list[dict[str, Any]]:
    return [
        entry.details
        for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.action == f"programmes.{action}"))
    ]


def as_sent(programme: Programme, **said: str) -> dict[str, str]:
    """What the form of a programme sends when these fields are changed."""
    terms = operations.terms_of(programme)
    sent = {
        name: str(value or "")
        for name, value in vars(terms).items()
        if name not in ("sensitive", "shared_cards", "publicity_days")
    }
    sent |= {"channel": terms.channel.value, "publicity_days": str(terms.publicity_days)}
    sent |= {"sensitive": "yes" if terms.sensitive else "no", "seen": operations.seen(programme)}
    return sent | ({"shared_cards": "y"} if terms.shared_cards else {}) | said


# --- Entering ------------------------------------------------------------------------------------


@on_one_database
def test_finance_enters_a_programme_with_everything_about_it(door: FlaskClient) -> None:
    assert "新增项目" in door.get(ROOT).text
    assert "登记后不能改" in door.get(f"{ROOT}/new").text
    assert door.post(f"{ROOT}/new", data=SENT).status_code == 302
    made = named("WINTER_RELIEF")
    assert made.department_id is not None
    assert operations.terms_of(made) == ProgrammeTerms(
        "冬春救助", "县民政局", "受灾困难户", "省级", "川应急〔2020〕7号", "300元/户", "户", "一次性",
        Channel.UNDECIDED, 5, False, True, date(2020, 1, 1), date(2020, 12, 31),
    )  # fmt: skip
    (standard,) = queries.standards_of(made.id)
    assert (standard.amount_fen, standard.per, standard.valid_from) == (300_00, "household", None)
    assert recorded("add")[0]["code"] == "WINTER_RELIEF"
    page = door.get(f"{ROOT}/{made.id}").text
    for shown in ("川应急〔2020〕7号", "同户共用一张卡", "2020-12-31", "还没有决定是否纳入平台"):
        assert shown in page


@on_one_database
def test_whether_names_are_hidden_goes_by_the_programmes_name_unless_somebody_says_so(door: FlaskClient) -> None:
    door.post(f"{ROOT}/new", data=SENT | {"name": "孤儿慰问金"})
    door.post(f"{ROOT}/new", data=SENT | {"code": "OTHER", "name": "孤儿助学金", "sensitive": "no"})
    assert (named("WINTER_RELIEF").sensitive, named("OTHER").sensitive) == (True, False)


@on_one_database
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"code": "冬春"}, "项目编码不对"),
        ({"code": ""}, "请填写编码"),
        ({"name": " "}, "没有项目名称"),
        ({"policy_basis": ""}, "请写明文件依据"),
        ({"publicity_days": "61"}, "0 到 60"),
        ({"valid_until": "2019-12-31"}, "截止日期早于起始日期"),
        ({"department_name": "火星局"}, "请先改正下面的内容"),
        ({"code": "DISABLED_LIVING"}, "同名或同编码"),
        ({"name": "困难残疾人生活补贴"}, "同名或同编码"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed_still_there(
    door: FlaskClient, wrong: dict[str, str], sentence: str
) -> None:
    factories.programme()
    db.session.commit()
    page = door.post(f"{ROOT}/new", data=SENT | wrong).text
    assert sentence in page
    assert "受灾困难户" in page
    assert db.session.scalar(select(func.count()).select_from(Programme)) == 1


# --- Changing ------------------------------------------------------------------------------------


@on_one_database
def test_a_change_is_shown_first_and_saved_by_a_second_press(door: FlaskClient) -> None:
    programme = factories.programme(policy_basis=BASIS)
    db.session.commit()
    url, sent = f"{ROOT}/{programme.id}/edit", as_sent(programme, target="持证残疾人", shared_cards="y")
    page = door.post(url, data=sent).text
    for shown in ("将要修改", "低保家庭中的残疾人", "持证残疾人", "不可以"):
        assert shown in page
    assert "发放周期" not in page
    assert named("DISABLED_LIVING").target == "低保家庭中的残疾人"
    assert 'value="持证残疾人"' in door.post(url, data=sent | {"step": "back"}).text
    assert door.post(url, data=sent | {"step": "confirmed"}).status_code == 302
    changed = named("DISABLED_LIVING")
    assert (changed.target, changed.shared_cards) == ("持证残疾人", True)
    assert recorded("edit") == [
        {
            "before": {"target": "低保家庭中的残疾人", "shared_cards": False},
            "after": {"target": "持证残疾人", "shared_cards": True},
        }
    ]


@on_one_database
def test_the_code_stays_whatever_is_sent(door: FlaskClient) -> None:
    programme = factories.programme(policy_basis=BASIS)
    db.session.commit()
    url = f"{ROOT}/{programme.id}/edit"
    assert "编码 DISABLED_LIVING 不能改" in door.get(url).text
    sent = as_sent(programme, code="ANOTHER", name="残疾人生活补贴", step="confirmed")
    assert door.post(url, data=sent).status_code == 302
    assert named("DISABLED_LIVING").name == "残疾人生活补贴"


@on_one_database
def test_nothing_changed_is_said(door: FlaskClient) -> None:
    programme = factories.programme(policy_basis=BASIS)
    db.session.commit()
    assert "没有改动任何内容" in door.post(f"{ROOT}/{programme.id}/edit", data=as_sent(programme)).text
    assert recorded("edit") == []


@on_one_database
def test_a_wording_of_its_own_stays_to_be_chosen(door: FlaskClient) -> None:
    programme = factories.programme(frequency="每季度末")
    db.session.commit()
    assert "每季度末" in door.get(f"{ROOT}/{programme.id}/edit").text


def test_of_two_who_change_a_programme_the_second_is_told(app: Flask, finance: Principal) -> None:
    programme = factories.programme()
    number, before, terms = programme.id, operations.seen(programme), operations.terms_of(programme)
    db.session.commit()

    def change(target: str) -> int:
        return operations.edit_programme(finance, number, replace(terms, target=target), seen_as=before, at=AT).id

    first, second = meanwhile(app, lambda: change("甲"), lambda: change("乙"))
    assert first == number
    assert isinstance(second, Conflict)
    assert named("DISABLED_LIVING").target == "甲"


@on_one_database
def test_how_it_pays_is_the_cases_once_there_is_one(door: FlaskClient, finance: Principal) -> None:
    programme = factories.programme("ALLOWANCE", "待定补贴", channel="undecided", policy_basis=BASIS)
    department = factories.principal(Kind.DEPARTMENT, Role.PREPARER, organisation_name="县民政局")
    operations.submit_inclusion(
        department, programme.id, proposal=Channel.PLATFORM, grounds="甲", document_number="乙", at=AT
    )
    db.session.commit()
    url = f"{ROOT}/{programme.id}/edit"
    assert "发放方式不在这里改" in door.get(url).text
    door.post(url, data=as_sent(programme, channel="platform", target="丙", step="confirmed"))
    assert (named("ALLOWANCE").channel, named("ALLOWANCE").target) == ("undecided", "丙")
    with pytest.raises(UserError, match="不能在这里改"):
        operations.edit_programme(
            finance,
            programme.id,
            replace(operations.terms_of(programme), channel=Channel.PLATFORM),
            seen_as=operations.seen(programme),
            at=AT,
        )


@on_one_database
def test_how_often_and_how_it_has_paid_stays(app: Flask, finance: Principal) -> None:
    county = build_county()
    programme, terms = county.programme, operations.terms_of(county.programme)

    def change(frequency: str) -> None:
        wanted = replace(operations.terms_of(programme), frequency=frequency)
        operations.edit_programme(finance, programme.id, wanted, seen_as=operations.seen(programme), at=AT)

    county.roll([entry(1)])
    change("按月")
    change(terms.frequency)
    county.approved([entry(1)], "202009")
    with pytest.raises(UserError, match="发放周期不能改"):
        change("按月")
    with pytest.raises(UserError, match="发放方式不能在这里改"):
        wanted = replace(operations.terms_of(programme), channel=Channel.OFFLINE)
        operations.edit_programme(finance, programme.id, wanted, seen_as=operations.seen(programme), at=AT)
    # Another wording of the same is no change of the months.
    change("每季度末")


# --- What it pays ----------------------------------------------------------------------------------


@on_one_database
def test_the_dated_standard_is_what_counts_and_another_amount_in_the_text_is_warned_of(door: FlaskClient) -> None:
    door.post(f"{ROOT}/new", data=SENT)
    programme = named("WINTER_RELIEF")
    page, listed = door.get(f"{ROOT}/{programme.id}").text, door.get(ROOT).text
    assert "现行标准" in page and "300.00 元/户" in page and "300.00 元/户" in listed
    assert "政策文字" not in page.replace("政策文字里的补贴标准", "") and "政策文字" not in listed
    new = {"amount": "350", "per": "household", "valid_from": "2020-07-01", "basis": "川应急〔2020〕9号"}
    door.post(f"{ROOT}/{programme.id}/standards", data=new)
    page, listed = door.get(f"{ROOT}/{programme.id}").text, door.get(ROOT).text
    assert "政策文字写的是“300元/户”，现行标准是 350.00 元/户" in page
    assert "350.00 元/户" in listed and "与现行标准不同" in listed


@on_one_database
def test_a_text_without_an_amount_is_shown_as_the_policys_words(door: FlaskClient) -> None:
    door.post(f"{ROOT}/new", data=SENT | {"standard": "按供养标准补差"})
    page, listed = door.get(f"{ROOT}/{named('WINTER_RELIEF').id}").text, door.get(ROOT).text
    assert "没有能核对的标准" in page and "按供养标准补差" in page and "与现行标准不同" not in page
    assert "政策文字：按供养标准补差" in listed


# --- Nothing is chosen for anybody -----------------------------------------------------------------


@on_one_database
def test_forms_choose_nothing_and_say_what_is_missing(door: FlaskClient) -> None:
    factories.programme()
    db.session.commit()
    rules_page = "/staff/programmes/rules/new"
    for path, chosen in ((f"{ROOT}/new", {"department_name", "frequency"}), (rules_page, {"first", "second", "scope"})):
        page = door.get(path).text
        for name in chosen:
            assert re.search(rf'<select[^>]* name="{name}"[^>]*><option( selected)? value="">请选择', page)
    refused = door.post(f"{ROOT}/new", data=SENT | {"department_name": "", "frequency": ""}).text
    assert "请选择主管部门。" in refused and "请选择发放周期。" in refused
    refused = door.post(rules_page, data={"basis": "甲"}).text
    for sentence in ("请选择第一个补贴项目。", "请选择第二个补贴项目。", "请选择怎样处理。", "同一个人还是同一户"):
        assert sentence in refused


# --- Cards of households ---------------------------------------------------------------------------


def shared(county: County) -> list[str]:
    """A roll on which two people are paid to one card, and what the checks say of it."""
    county.roll([entry(1), entry(2, card_number=card_number(1))])
    kinds = select(RollFinding.kind).where(RollFinding.kind == "shared_card")
    return list(db.session.scalars(kinds))


@on_one_database
def test_people_of_one_card_are_warned_of_unless_the_programme_lets_households_share(
    app: Flask, finance: Principal
) -> None:
    county = build_county()
    assert len(shared(county)) == 2
    wanted = replace(operations.terms_of(county.programme), shared_cards=True)
    operations.edit_programme(finance, county.programme.id, wanted, seen_as=operations.seen(county.programme), at=AT)
    assert shared(county) == []


# --- Taking back -----------------------------------------------------------------------------------


def test_what_nothing_depends_on_is_taken_back(app: Flask, finance: Principal) -> None:
    terms = operations.terms_of(factories.programme())
    made = operations.add_programme(finance, "WRONG", replace(terms, name="错录的项目"), at=AT)
    with pytest.raises(UserError, match="理由"):
        operations.remove_programme(finance, made.id, "", at=AT)
    operations.remove_programme(finance, made.id, "编码填错", at=AT)
    assert list(db.session.scalars(select(Programme.code))) == ["DISABLED_LIVING"]
    assert db.session.scalar(select(func.count()).select_from(ProgrammeStandard)) == 0
    assert recorded("remove")[0] == {"code": "WRONG", "name": "错录的项目", "reason": "编码填错"}


def test_what_something_depends_on_stays(app: Flask, finance: Principal) -> None:
    planned, ruled = factories.programme(), factories.programme("RULED", "有规则的补贴")
    factories.fund_line(planned.id, 100)
    operations.add_rule(
        finance,
        "RULED",
        factories.programme("THIRD", "第三项补贴").code,
        operations.RuleTerms(Handling.FORBIDDEN, Scope.PERSON, "甲〔2020〕1号"),
        at=AT,
    )
    for programme in (planned, ruled):
        with pytest.raises(Conflict, match="不能删除"):
            operations.remove_programme(finance, programme.id, "编码填错", at=AT)
    assert db.session.scalar(select(func.count()).select_from(Programme)) == 3


# --- Rights ----------------------------------------------------------------------------------------


@on_one_database
def test_only_finance_enters_and_changes(client: FlaskClient) -> None:
    programme = factories.programme()
    sign_in(client, factories.official(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局"))
    assert "新增项目" not in client.get(ROOT).text
    assert f"{ROOT}/{programme.id}/edit" not in client.get(f"{ROOT}/{programme.id}").text
    for path in ("new", f"{programme.id}/edit"):
        assert client.get(f"{ROOT}/{path}").status_code == 403
        assert client.post(f"{ROOT}/{path}", data=SENT).status_code == 403
    assert client.post(f"{ROOT}/{programme.id}/remove", data={"reason": "编码填错"}).status_code == 403
    assert named("DISABLED_LIVING").name == "困难残疾人生活补贴"
    somebody = factories.principal(Kind.FINANCE, Role.VIEWER)
    terms = operations.terms_of(programme)
    with pytest.raises(PermissionDenied):
        operations.add_programme(somebody, "X", terms, at=AT)
    with pytest.raises(PermissionDenied):
        operations.edit_programme(somebody, programme.id, terms, seen_as="", at=AT)


# --- What a programme is set up by -----------------------------------------------------------------


@on_one_database
def test_the_page_says_by_which_documents_a_programme_is_set_up(door: FlaskClient) -> None:
    bare = factories.programme("BARE", "没有依据的补贴")
    db.session.commit()
    assert "还没有登记" in door.get(f"{ROOT}/{bare.id}").text
