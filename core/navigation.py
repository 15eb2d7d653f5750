"""The navigation of the staff door. Each room's views.py registers its own entries; this page knows none of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from flask import current_app, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from core.principal import Permission, Principal


class Section(Enum):
    """Headings under which the entries stand, in this order."""

    WORK = lazy_gettext("工作")
    MONEY = lazy_gettext("资金发放")
    FAILURES = lazy_gettext("失败与退回")
    BANK = lazy_gettext("银行与对账")
    PLANS = lazy_gettext("项目与资金")
    REGISTRY = lazy_gettext("人员与社保卡")
    PEOPLE = lazy_gettext("群众服务")
    ADMINISTRATION = lazy_gettext("管理")


@dataclass(frozen=True)
class NavigationEntry:
    """A page in the navigation: shown to whoever holds ``right`` (None: to every official), or one of several, or to
    whom a function says.

    ``icon`` is the id of a symbol in static/icons.svg; ``order`` sorts within the section.
    """

    title: LazyString | str
    endpoint: str
    section: Section
    right: Permission | tuple[Permission, ...] | Callable[[Principal], bool] | None = None
    order: int = 50
    icon: str = "page"

    def is_for(self, principal: Principal) -> bool:
        """Whether this principal may use the page."""
        if self.right is None:
            return True
        if isinstance(self.right, Permission):
            return principal.may(self.right)
        if isinstance(self.right, tuple):
            return any(principal.may(right) for right in self.right)
        return self.right(principal)


@dataclass(frozen=True)
class ShownEntry:
    """An entry as the layout draws it."""

    title: str
    url: str
    icon: str
    current: bool


_entries: dict[str, NavigationEntry] = {}


def navigation(*entries: NavigationEntry) -> None:
    """Register a room's entries (once, in its views.py)."""
    for entry in entries:
        _entries[entry.endpoint] = entry


def entries_for(principal: Principal) -> list[NavigationEntry]:
    """The entries that this principal may use and that lead somewhere in the doors now open."""
    known = current_app.view_functions
    usable = (entry for entry in _entries.values() if entry.endpoint in known and entry.is_for(principal))
    places = list(Section)
    return sorted(usable, key=lambda entry: (places.index(entry.section), entry.order, entry.endpoint))


def shown_navigation(principal: Principal) -> list[tuple[str, list[ShownEntry]]]:
    """The navigation by section, with the entry under which the present page lies marked."""
    if not principal.is_official:
        return []
    found = [(entry, url_for(entry.endpoint)) for entry in entries_for(principal)]
    current = _nearest((url for _, url in found), request.path)
    sections: dict[Section, list[ShownEntry]] = {}
    for entry, url in found:
        shown = ShownEntry(str(entry.title), url, entry.icon, url == current)
        sections.setdefault(entry.section, []).append(shown)
    return [(str(section.value), shown) for section, shown in sections.items()]


def _nearest(urls: Iterable[str], path: str) -> str:
    """The longest address that ``path`` lies under. The board (``/staff/``) is only itself."""
    under = (
        url for url in urls if path == url or (url.strip("/").count("/") and path.startswith(url.rstrip("/") + "/"))
    )
    return max(under, key=len, default="")
