"""The story of a case on its staff page: what was said and done, how far it went up, what the reporter thinks of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from complaints import queries, rules
from complaints.linked import told as linked_told
from complaints.models import Complaint, ComplaintAttachment
from complaints.rules.after_answer import SATISFACTION
from complaints.words import entry_text
from core.msgid import N_
from core.principal import Principal


@dataclass(frozen=True)
class Line:
    """One line of the story: what, by whom, in which words, whether only offices see it, and the files that came with
    it."""

    at: datetime
    title: str
    by: str
    text: str
    internal: bool
    files: Sequence[ComplaintAttachment] = ()


def story(principal: Principal, complaint: Complaint) -> list[Line]:
    """The whole story as the page of the case tells it to the principal, who sees the case."""
    files = queries.files_by_entry(complaint)
    said = [
        Line(
            entry.at,
            gettext(rules.ENTRY_NAMES[entry.kind]),
            f"{entry.author} {entry.organisation.name if entry.organisation else ''}".strip(),
            entry_text(entry.kind, entry.text),
            not entry.public,
            files.get(entry.id, ()),
        )
        for entry in queries.story(principal, complaint)
    ]
    told = [
        Line(
            step.at,
            gettext(rules.LEVEL_NAMES[step.level]),
            gettext("已报%(office)s督办", office=step.to_organisation.name),
            "",
            False,
        )
        for step in queries.escalations(complaint)
    ]
    rated = [
        Line(
            rating.at,
            gettext("反映人评价：%(satisfaction)s", satisfaction=gettext(SATISFACTION[rating.satisfaction])),
            "",
            # What he wrote when he settled it stands beside that.
            "" if rating.settled else rating.words,
            False,
        )
        for rating in queries.ratings(complaint)
    ]
    linked = [
        Line(
            link.at,
            gettext(_LINKED[link.what]),
            f"{link.official.name} {link.official.organisation.name}" if link.official else "",
            gettext("主案 %(number)s", number=link.other)
            if link.leads
            else gettext("并入 %(number)s", number=link.other),
            True,
        )
        for link in linked_told(principal, complaint)
    ]
    return sorted(said + told + rated + linked, key=lambda line: line.at)


_LINKED = {"linked": N_("并案"), "moved": N_("改随另一件并案"), "undone": N_("不再并案")}
