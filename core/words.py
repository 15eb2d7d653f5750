"""What kinds of organisations, roles and rooms are called on screens."""

from collections.abc import Iterable

from flask_babel import lazy_gettext

from core.principal import OrganisationKind, Principal, Role

ORGANISATION_WORDS = {
    OrganisationKind.FINANCE: lazy_gettext("财政局"),
    OrganisationKind.DISCIPLINE: lazy_gettext("纪委监委"),
    OrganisationKind.DEPARTMENT: lazy_gettext("主管部门"),
    OrganisationKind.TOWNSHIP: lazy_gettext("乡镇（街道）"),
    OrganisationKind.VILLAGE: lazy_gettext("村（社区）"),
    OrganisationKind.BANK: lazy_gettext("代发银行"),
    OrganisationKind.AUDIT: lazy_gettext("审计局"),
    OrganisationKind.HUMAN_RESOURCES: lazy_gettext("人社局"),
    OrganisationKind.PREFECTURE_FINANCE: lazy_gettext("州财政局"),
}
ROLE_WORDS = {
    Role.PREPARER: lazy_gettext("经办"),
    Role.APPROVER: lazy_gettext("审核"),
    Role.COMPLAINT_HANDLER: lazy_gettext("投诉办理"),
    Role.VIEWER: lazy_gettext("查阅"),
    Role.ADMINISTRATOR: lazy_gettext("系统管理"),
}
ROOM_WORDS = {
    "accounts": lazy_gettext("账号"),
    "backups": lazy_gettext("备份"),
    "audit": lazy_gettext("审计"),
    "complaints": lazy_gettext("投诉举报"),
    "core": lazy_gettext("通用"),
    "disbursement": lazy_gettext("发放"),
    "oversight": lazy_gettext("监督"),
    "portal": lazy_gettext("群众入口"),
    "programmes": lazy_gettext("项目"),
    "publicity": lazy_gettext("公示"),
    "reconciliation": lazy_gettext("对账"),
    "registry": lazy_gettext("台账"),
    "sms": lazy_gettext("短信"),
    "uploads": lazy_gettext("上传"),
}


def room_words(room: str) -> str:
    """What a room is called."""
    return str(ROOM_WORDS.get(room, room))


def words_of(roles: Iterable[Role]) -> list[str]:
    """The words for these roles, in the order in which roles are declared."""
    held = frozenset(roles)
    return [str(ROLE_WORDS[role]) for role in Role if role in held]


def role_names(principal: Principal) -> list[str]:
    """The words for the roles that a principal holds."""
    return words_of(principal.roles)
