"""The lists of this room."""

from flask import url_for
from flask_babel import gettext, lazy_gettext

from accounts.models import Official, Organisation
from core.listing import ChoiceFilter, Column, Listing
from core.principal import OrganisationKind, Role
from core.status import Status
from core.words import ORGANISATION_WORDS, words_of

ACCOUNT_STATES = {"open": Status(lazy_gettext("在用"), "success"), "closed": Status(lazy_gettext("已停用"), "neutral")}
_KINDS = {kind.value: words for kind, words in ORGANISATION_WORDS.items()}


def _open_or_closed(value: str) -> object:
    return Official.active.is_(value == "open")


OFFICIALS = Listing(
    name="officials",
    title=lazy_gettext("经办人员"),
    columns=(
        Column(
            "name",
            lazy_gettext("姓名"),
            lambda row: row.name,
            sort=Official.name,
            link=lambda row: url_for("accounts.official", official_id=row.id),
        ),
        Column("username", lazy_gettext("用户名"), lambda row: row.username, sort=Official.username),
        Column("organisation", lazy_gettext("单位"), lambda row: row.organisation.name, sort=Organisation.name),
        Column(
            "roles",
            lazy_gettext("角色"),
            lambda row: gettext("、").join(words_of(Role(held.role) for held in row.roles)),
        ),
        Column(
            "last_sign_in",
            lazy_gettext("最近登录"),
            lambda row: row.last_sign_in_at,
            kind="time",
            sort=Official.last_sign_in_at,
        ),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: "open" if row.active else "closed",
            kind="status",
            states=ACCOUNT_STATES,
        ),
    ),
    id=Official.id,
    order="username",
    search=(Official.name, Official.username, Organisation.name),
    search_hint=lazy_gettext("姓名、用户名或单位"),
    filters=(
        ChoiceFilter("kind", lazy_gettext("单位类别"), _KINDS, Organisation.kind),
        ChoiceFilter("state", lazy_gettext("状态"), ACCOUNT_STATES, _open_or_closed),
    ),
    empty=lazy_gettext("还没有经办人员。请先新增单位，再新增经办人员。"),
)

ORGANISATIONS = Listing(
    name="organisations",
    title=lazy_gettext("单位"),
    columns=(
        Column("name", lazy_gettext("单位名称"), lambda row: row.name, sort=Organisation.name),
        Column(
            "kind",
            lazy_gettext("类别"),
            lambda row: ORGANISATION_WORDS[OrganisationKind(row.kind)],
            sort=Organisation.kind,
        ),
        Column("region", lazy_gettext("区划代码"), lambda row: row.region_code, sort=Organisation.region_code),
    ),
    id=Organisation.id,
    order="region",
    search=(Organisation.name, Organisation.region_code),
    search_hint=lazy_gettext("名称或区划代码"),
    filters=(ChoiceFilter("kind", lazy_gettext("类别"), _KINDS, Organisation.kind),),
    empty=lazy_gettext("还没有单位。请新增，或者由系统管理员用命令导入。"),
)
