"""The form of one rule of the county's routing."""

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from accounts.models import Organisation
from accounts.organisations import organisation_choices
from complaints import rules
from complaints.models import RoutingEntry
from complaints.operations.routing import GivenRule
from complaints.routing_words import MATTERS, STARTS
from complaints.rulebook import Matter
from complaints.tracking import regions_to_choose
from complaints.words import category_choices
from core.database import db
from core.form_fields import choices
from core.principal import OrganisationKind
from core.staff_form import StaffForm
from core.words import ORGANISATION_WORDS
from programmes.models import Programme


class RoutingRuleForm(StaffForm):
    """Conditions, each of which may stay blank, and with whom the case starts."""

    category = SelectField(lazy_gettext("事情的类别"), [Optional()])
    matter = SelectField(
        lazy_gettext("性质"), [Optional()], description=lazy_gettext("包括几个类别；选了类别就不用再选性质。")
    )
    programme = SelectField(lazy_gettext("补贴项目"), [Optional()])
    region = SelectField(
        lazy_gettext("发生在哪里"), [Optional()], description=lazy_gettext("选乡镇（街道）的，包括它所有的村（社区）。")
    )
    about = SelectField(lazy_gettext("反映的是哪一类单位"), [Optional()])
    start = SelectField(
        lazy_gettext("从哪个单位开始办理"),
        [InputRequired(lazy_gettext("请选择从哪个单位开始办理。"))],
        description=lazy_gettext("这个单位正是被反映的，或者在它下面、已经停用的，自动交给上一级。"),
    )

    @property
    def given(self) -> GivenRule:
        """What was chosen."""
        return GivenRule(
            start=self.start.data or "",
            matter=self.matter.data or "",
            category=self.category.data or "",
            programme=self.programme.data or "",
            region=self.region.data or "",
            about=self.about.data or "",
        )


def rule_form(entry: RoutingEntry | None) -> RoutingRuleForm:
    """The form with its choices, showing the rule that is changed."""
    form = RoutingRuleForm(data=_shown(entry) if entry else None)
    any_one = {"": gettext("不限")}
    regions = {code: f"{township} {village}".strip() for code, township, village in regions_to_choose()}
    programmes = db.session.execute(select(Programme.code, Programme.name).order_by(Programme.name))
    offices = db.session.scalars(
        select(Organisation.id).where(
            Organisation.active, Organisation.kind.in_([kind.value for kind in rules.OWNER_KINDS])
        )
    )
    kinds = {kind.value: words for kind, words in ORGANISATION_WORDS.items() if kind != OrganisationKind.DISCIPLINE}
    starts = {"": gettext("请选择")} | {kind.value: words for kind, words in STARTS.items()}
    form.category.choices = choices(any_one | category_choices(clues=False))
    form.matter.choices = choices(
        any_one | {matter.value: words for matter, words in MATTERS.items() if matter != Matter.CLUE}
    )
    form.programme.choices = choices(any_one | dict(programmes.all()))
    form.region.choices = choices(any_one | regions)
    form.about.choices = choices(any_one | kinds)
    form.start.choices = [*choices(starts), *organisation_choices(offices)]
    return form


def _shown(entry: RoutingEntry) -> dict[str, str | None]:
    return {
        "start": str(entry.organisation_id) if entry.organisation_id else entry.start,
        "matter": entry.matter,
        "category": entry.category,
        "programme": entry.programme.code if entry.programme else None,
        "region": entry.region_code,
        "about": entry.about_kind,
    }
