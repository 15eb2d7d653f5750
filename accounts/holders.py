"""Who holds which right, as the rooms declare it."""

from flask_babel import gettext

from core.principal import OrganisationKind, Permission, Role
from core.states import declared_workflows
from core.words import ORGANISATION_WORDS, words_of


def rights_of_two() -> frozenset[str]:
    """The rights to steps that take another official than the one who has done an earlier step."""
    steps = (step for life in declared_workflows() for step in life.transitions)
    return frozenset(step.by.name for step in steps if step.by is not None and step.other_than)


def holders_of(right: Permission) -> list[tuple[str, list[str]]]:
    """Who holds a right: kinds of offices with their roles, in words."""
    if len(right.holders) == len(OrganisationKind) * len(Role):
        return [(gettext("全体经办人员"), [])]
    found = [
        (str(words), words_of(role for holder, role in right.holders if holder == kind))
        for kind, words in ORGANISATION_WORDS.items()
    ]
    return [(kind, roles) for kind, roles in found if roles]
