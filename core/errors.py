"""What can go wrong, in words that the user can act on. The edge turns it into a page, a flash or an exit code."""

from collections.abc import Callable

from core.msgid import N_


class UserError(Exception):
    """Something the user can mend. ``sentence`` says what is wrong, where, and what to do.

    The sentence is a message id (Chinese) for the catalogue, with ``%(name)s`` placeholders filled from
    ``parameters``; it never holds personal data, because it may reach a log.
    """

    def __init__(self, sentence: str, **parameters: object) -> None:
        super().__init__(sentence % parameters if parameters else sentence)
        self.sentence = sentence
        self.parameters = parameters


_told_of_refusals: list[Callable[[], None]] = []


def tell_of_refusals(listener: Callable[[], None]) -> None:
    """Register who is told when a PermissionDenied is made: a view may answer it with a sentence beside a field, and
    the refusal is written down all the same."""
    _told_of_refusals[:] = [listener]


class PermissionDenied(UserError):
    """The principal may not do this at all, whatever the object."""

    def __init__(self, sentence: str, **parameters: object) -> None:
        super().__init__(sentence, **parameters)
        for tell in _told_of_refusals:
            tell()


class NotVisible(UserError):
    """The object does not exist, or not for this principal: the two are never told apart (404)."""

    def __init__(self) -> None:
        super().__init__(N_("没有找到这条记录，或者您无权查看。"))


class Conflict(UserError):
    """Somebody else was quicker, or the thing is no longer in the state the user saw."""
