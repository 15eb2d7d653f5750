"""The lists of this room."""

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from core.clock import local_date
from core.database import db
from core.listing import ChoiceFilter, Column, IdFilter, Listing
from core.msgid import N_
from core.web import current_principal
from programmes import queries, rules
from programmes.models import FundLine, InclusionCase, IncompatibilityRule, Programme
from programmes.words import (
    CHANNELS,
    HANDLINGS,
    INCLUSION_STATES,
    SCOPES,
    SENSITIVITY,
    SHARED_CARDS,
    SOURCES,
    frequency_words,
    standard_words,
)


def _departments() -> Mapping[str, str]:
    found = db.session.scalars(select(Programme.department_name).distinct().order_by(Programme.department_name))
    return {name: name for name in found}


def _years() -> Mapping[str, str]:
    return {str(year): str(year) for year in queries.years()}


def _name_of(programme_id: int) -> str:
    found = db.session.get(Programme, programme_id)
    return found.name if found else ""


def _in_force(programme: Programme) -> rules.Standard | None:
    return rules.standard_on(map(queries.standard_in, programme.standards), local_date(g.now))


def _standard(programme: Programme) -> str:
    standard = _in_force(programme)
    return standard_words(standard) if standard else ""


def _text_of_standard(row: Any) -> str:
    """The policy's own words, where they are all there is, or name another amount than the standard that counts."""
    standard, text = _in_force(row.Programme), row.Programme.standard
    if not text or (standard and not rules.text_contradicts(text, standard)):
        return ""
    sentence = N_("政策文字写的是“%(text)s”，与现行标准不同") if standard else N_("政策文字：%(text)s")
    return str(gettext(sentence, text=text))


PROGRAMMES = Listing(
    name="programmes",
    title=lazy_gettext("补贴项目清单"),
    columns=(
        Column(
            "name",
            lazy_gettext("项目名称"),
            lambda row: row.Programme.name,
            sort=Programme.name,
            link=lambda row: url_for("programmes.programme", programme_id=row.Programme.id),
        ),
        Column("code", lazy_gettext("编码"), lambda row: row.Programme.code, sort=Programme.code),
        Column(
            "department",
            lazy_gettext("主管部门"),
            lambda row: row.Programme.department_name,
            sort=Programme.department_name,
        ),
        Column("standard", lazy_gettext("现行标准"), lambda row: _standard(row.Programme), note=_text_of_standard),
        Column(
            "frequency",
            lazy_gettext("发放周期"),
            lambda row: frequency_words(row.Programme.frequency),
            sort=Programme.frequency,
        ),
        Column(
            "channel",
            lazy_gettext("发放方式"),
            lambda row: row.Programme.channel,
            kind="status",
            sort=Programme.channel,
            states=CHANNELS,
        ),
        Column(
            "publicity_days",
            lazy_gettext("公示天数"),
            lambda row: row.Programme.publicity_days,
            kind="number",
            sort=Programme.publicity_days,
        ),
        Column("allocated", lazy_gettext("本年资金（元）"), lambda row: row.allocated, kind="money"),
        Column("target", lazy_gettext("补贴对象"), lambda row: row.Programme.target, screen=False),
        Column("standard_text", lazy_gettext("政策文字里的补贴标准"), lambda row: row.Programme.standard, screen=False),
        Column("unit", lazy_gettext("计算单位"), lambda row: row.Programme.unit, screen=False),
        Column(
            "sensitive",
            lazy_gettext("公示方式"),
            lambda row: SENSITIVITY["yes" if row.Programme.sensitive else "no"],
            screen=False,
        ),
        Column(
            "shared_cards",
            lazy_gettext("同户共用一张卡"),
            lambda row: SHARED_CARDS["yes" if row.Programme.shared_cards else "no"],
            screen=False,
        ),
        Column("policy_basis", lazy_gettext("政策依据"), lambda row: row.Programme.policy_basis, screen=False),
    ),
    id=Programme.id,
    order="name",
    search=(Programme.name, Programme.code, Programme.target),
    search_hint=lazy_gettext("名称、编码或补贴对象"),
    filters=(
        ChoiceFilter("channel", lazy_gettext("发放方式"), CHANNELS, Programme.channel),
        ChoiceFilter("department", lazy_gettext("主管部门"), _departments, Programme.department_name),
        ChoiceFilter(
            "sensitive", lazy_gettext("公示方式"), SENSITIVITY, lambda value: Programme.sensitive.is_(value == "yes")
        ),
    ),
    empty=lazy_gettext("还没有补贴项目。请由财政局导入政策清单。"),
)

FUND_LINES = Listing(
    name="fund_lines",
    title=lazy_gettext("项目资金计划"),
    columns=(
        Column("year", lazy_gettext("年度"), lambda row: row.year, kind="number", sort=FundLine.year),
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: row.programme.name,
            sort=Programme.name,
            link=lambda row: url_for("programmes.programme", programme_id=row.programme_id),
        ),
        Column("department", lazy_gettext("主管部门"), lambda row: row.programme.department_name, screen=False),
        Column("document", lazy_gettext("指标文号"), lambda row: row.document_number, sort=FundLine.document_number),
        Column("level", lazy_gettext("资金来源级次"), lambda row: row.level, sort=FundLine.level),
        Column(
            "source", lazy_gettext("资金性质"), lambda row: SOURCES.get(row.source, row.source), sort=FundLine.source
        ),
        Column(
            "amount", lazy_gettext("金额（元）"), lambda row: row.amount_fen, kind="money", sort=FundLine.amount_fen
        ),
        Column(
            "recorded", lazy_gettext("登记日期"), lambda row: row.recorded_on, kind="day", sort=FundLine.recorded_on
        ),
    ),
    id=FundLine.id,
    order="-year",
    search=(Programme.name, FundLine.document_number),
    search_hint=lazy_gettext("项目名称或指标文号"),
    filters=(
        ChoiceFilter("year", lazy_gettext("年度"), _years, lambda value: FundLine.year == int(value)),
        ChoiceFilter("source", lazy_gettext("资金性质"), SOURCES, FundLine.source),
        IdFilter("programme", lazy_gettext("补贴项目"), FundLine.programme_id, _name_of),
    ),
    empty=lazy_gettext("还没有资金计划。请由财政局导入项目资金计划。"),
    export_right=rules.SEE_FUND_PLAN,
)


def _rule_page(row: Any) -> str | None:
    """The page on which a rule is changed, for those who may; the list says all there is to know."""
    may = current_principal().may(rules.IMPORT_CATALOGUE)
    return url_for("programmes.rule", rule_id=row.IncompatibilityRule.id) if may else None


RULES = Listing(
    name="incompatibility_rules",
    title=lazy_gettext("不相容规则"),
    columns=(
        Column(
            "first",
            lazy_gettext("补贴甲"),
            lambda row: row.first_name,
            sort=queries.FIRST.name,
            link=_rule_page,
        ),
        Column("second", lazy_gettext("补贴乙"), lambda row: row.second_name, sort=queries.SECOND.name),
        Column(
            "handling",
            lazy_gettext("处理"),
            lambda row: row.IncompatibilityRule.handling,
            kind="status",
            sort=IncompatibilityRule.handling,
            states={key.value: text for key, text in HANDLINGS.items()},
        ),
        Column("scope", lazy_gettext("适用范围"), lambda row: SCOPES.get(row.IncompatibilityRule.scope, "")),
        Column("valid_from", lazy_gettext("起始日期"), lambda row: row.IncompatibilityRule.valid_from, kind="day"),
        Column("valid_until", lazy_gettext("截止日期"), lambda row: row.IncompatibilityRule.valid_until, kind="day"),
        Column("basis", lazy_gettext("依据"), lambda row: row.IncompatibilityRule.basis),
    ),
    id=IncompatibilityRule.id,
    order="first",
    search=(queries.FIRST.name, queries.SECOND.name),
    search_hint=lazy_gettext("项目名称"),
    filters=(
        ChoiceFilter(
            "handling",
            lazy_gettext("处理"),
            {key.value: text for key, text in HANDLINGS.items()},
            IncompatibilityRule.handling,
        ),
    ),
    empty=lazy_gettext("还没有规则。请导入政策清单的不相容规则表，或者新增一条。"),
)

INCLUSION = Listing(
    name="inclusion_cases",
    title=lazy_gettext("纳入平台"),
    columns=(
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: row.programme.name,
            sort=Programme.name,
            link=lambda row: url_for("programmes.inclusion_case", case_id=row.id),
        ),
        Column("department", lazy_gettext("主管部门"), lambda row: row.programme.department_name),
        Column(
            "submitted",
            lazy_gettext("提请日期"),
            lambda row: row.submitted_on,
            kind="day",
            sort=InclusionCase.submitted_on,
        ),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            sort=InclusionCase.state,
            states=INCLUSION_STATES,
        ),
        Column("decision", lazy_gettext("决定"), lambda row: row.decision, kind="status", states=CHANNELS),
        Column("document", lazy_gettext("决定文号"), lambda row: row.decision_document),
        Column("set_up", lazy_gettext("平台设立日期"), lambda row: row.set_up_on, kind="day"),
    ),
    id=InclusionCase.id,
    order="-submitted",
    search=(Programme.name, Programme.code),
    search_hint=lazy_gettext("项目名称或编码"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), INCLUSION_STATES, InclusionCase.state),),
    empty=lazy_gettext("还没有提请研究的项目。可以从补贴项目的页面提请。"),
)
