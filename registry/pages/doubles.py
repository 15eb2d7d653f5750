"""Records that may be one person: the list, and one pair side by side with what can be done."""

from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, workflow
from core.database import db
from core.identity import mask_card, mask_id_number, mask_phone
from core.web import current_principal, press
from registry import hooks, operations, queries, rules
from registry.door import blueprint
from registry.listings import DOUBLES
from registry.models import Beneficiary
from registry.words import DOUBLE_ACTIONS, DOUBLE_STATES, PERSON_STATES, grounds_words


@blueprint.route("/doubles", methods=["GET", "POST"])
def doubles() -> ResponseReturnValue:
    """Pairs in one's regions."""
    principal = current_principal()
    principal.require(rules.PROPOSE_MERGE)
    return listing_pages.serve(
        DOUBLES,
        queries.doubles(principal),
        "registry/doubles.html",
        intro=gettext("可能是同一个人登记了两次。请逐对核实：是同一人的提出合并，由另一位同事审核；不是的请注明。"),
    )


@blueprint.post("/doubles/find")
def find_doubles() -> ResponseReturnValue:
    """Look for doubles now instead of tonight."""
    found = operations.find_doubles(current_principal(), at=g.now)
    db.session.commit()
    flash(gettext("查找完毕，新发现 %(count)s 对。", count=found), "success")
    return redirect(url_for("registry.doubles", state="found"))


@blueprint.get("/doubles/<int:double_id>")
def double(double_id: int) -> ResponseReturnValue:
    """Two records side by side."""
    principal = current_principal()
    principal.require(rules.PROPOSE_MERGE)
    found = queries.double(principal, double_id)
    return render_template(
        "registry/double.html",
        double=found,
        people=[found.first, found.second],
        facts=_facts(found.first, found.second),
        grounds=grounds_words(found.grounds),
        steps=workflow.history(rules.DOUBLE_WORKFLOW, found.id),
        sections=hooks.DOUBLE_SECTIONS.found_for(principal, found),
        rules=rules,
        DOUBLE_STATES=DOUBLE_STATES,
        DOUBLE_ACTIONS=DOUBLE_ACTIONS,
    )


def _facts(*people: Beneficiary) -> list[tuple[str, list[str], bool]]:
    """Rows of the comparison: what, the value of each, whether they are the same. The full values are compared, the
    masked ones shown."""
    card = [person.card for person in people]
    return [
        (gettext("姓名"), [person.name for person in people], len({person.name_key for person in people}) == 1),
        (
            gettext("证件号码"),
            [mask_id_number(person.id_number) for person in people],
            len({person.id_number for person in people}) == 1,
        ),
        (
            gettext("出生日期"),
            [f"{person.id_number[6:10]}-{person.id_number[10:12]}-{person.id_number[12:14]}" for person in people],
            len({person.id_number[6:14] for person in people}) == 1,
        ),
        _fact(gettext("住址"), [person.region.path for person in people]),
        (
            gettext("社保卡"),
            [mask_card(one.tail) if one else "" for one in card],
            len({person.card_id for person in people}) == 1 and card[0] is not None,
        ),
        (
            gettext("手机号码"),
            [mask_phone(person.phone) if person.phone else "" for person in people],
            len({person.phone for person in people}) == 1 and bool(people[0].phone),
        ),
        _fact(gettext("状态"), [str(PERSON_STATES.get(person.status, person.status)) for person in people]),
        _fact(gettext("户编号"), [person.household_number for person in people]),
    ]


def _fact(title: str, values: list[str]) -> tuple[str, list[str], bool]:
    return title, values, len(set(values)) == 1 and values[0] != ""


def _act(double_id: int, act: Callable[[], object], done: str) -> ResponseReturnValue:
    queries.double(current_principal(), double_id)
    return press(act, done, url_for("registry.double", double_id=double_id))


@blueprint.post("/doubles/<int:double_id>/propose")
def propose_merge(double_id: int) -> ResponseReturnValue:
    """One record is to go up in the other."""
    kept = request.form.get("kept", "")
    kept_id = int(kept) if kept.isascii() and kept.isdecimal() and len(kept) <= 12 else 0
    reason = request.form.get("reason", "")
    return _act(
        double_id,
        lambda: operations.propose_merge(current_principal(), double_id, kept_id, reason, at=g.now),
        gettext("已提出合并，等待另一位同事审核。"),
    )


@blueprint.post("/doubles/<int:double_id>/confirm")
def confirm_merge(double_id: int) -> ResponseReturnValue:
    """The second pair of eyes."""
    return _act(
        double_id,
        lambda: operations.confirm_merge(current_principal(), double_id, at=g.now),
        gettext("已合并。在有新的发放或登记之前可以撤销。"),
    )


@blueprint.post("/doubles/<int:double_id>/undo")
def undo_merge(double_id: int) -> ResponseReturnValue:
    """Two records again."""
    reason = request.form.get("reason", "")
    return _act(
        double_id,
        lambda: operations.undo_merge(current_principal(), double_id, reason, at=g.now),
        gettext("已撤销合并，两条登记恢复原样。"),
    )


@blueprint.post("/doubles/<int:double_id>/<any(refuse, dismiss, reopen):action>")
def decide_double(double_id: int, action: str) -> ResponseReturnValue:
    """Not this time, not at all, or once more."""
    reason = request.form.get("reason", "")
    return _act(
        double_id,
        lambda: operations.decide_double(current_principal(), double_id, action, reason, at=g.now),
        gettext("已登记。"),
    )
