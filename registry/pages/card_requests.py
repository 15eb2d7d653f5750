"""Cards in bulk: the requests to banks, their files, and the banks' answers."""

import io

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from core import listing_pages, workflow
from core.database import db
from core.downloads import as_download
from core.errors import PermissionDenied, UserError
from core.file_forms import FileForm, columns_of, take_in
from core.web import current_principal, flash_error
from registry import operations, queries, rules
from registry.answer_files import ANSWER_UPLOAD
from registry.card_forms import ANSWER_FORM, ARRIVAL_FORM
from registry.door import blueprint
from registry.list_files import ARRIVAL_UPLOAD
from registry.listings import CARD_REQUESTS, REQUEST_LINES
from registry.words import LINE_OUTCOMES, REQUEST_ACTIONS, REQUEST_STATES


def _require_a_hand_in_it() -> None:
    principal = current_principal()
    if not principal.may(rules.ANSWER_CARDS):
        principal.require(rules.REQUEST_CARDS)


@blueprint.route("/card-requests", methods=["GET", "POST"])
def card_requests() -> ResponseReturnValue:
    """The requests, and the people for whom the next one can be made."""
    _require_a_hand_in_it()
    principal = current_principal()
    buttons = []
    if principal.may(rules.ANSWER_CARDS):
        buttons.append((gettext("上传到账短信开通清单"), url_for("registry.import_arrival_messages")))
    may_request = principal.may(rules.REQUEST_CARDS)
    return listing_pages.serve(
        CARD_REQUESTS,
        queries.card_requests(principal),
        "registry/card_requests.html",
        buttons=buttons,
        ready=queries.ready_by_township(principal) if may_request else [],
        banks=queries.banks(principal) if may_request else {},
        may_request=may_request,
    )


@blueprint.post("/card-requests/new")
def request_cards() -> ResponseReturnValue:
    """Make the file for a region."""
    form = request.form
    numbers = [form.get(name, "") for name in ("bank", "expected")]
    bank, expected = (int(n) if n.isascii() and n.isdecimal() and len(n) <= 9 else 0 for n in numbers)
    try:
        made = operations.request_cards(
            current_principal(), bank, form.get("region", "")[:15], expected=expected, at=g.now
        )
    except PermissionDenied:
        raise
    except UserError as error:
        db.session.rollback()
        flash_error(error)
        return redirect(url_for("registry.card_requests"))
    db.session.commit()
    flash(
        ngettext(
            "已生成批量办卡文件，共 %(count)s 人。请下载后送银行。",
            "已生成批量办卡文件，共 %(count)s 人。请下载后送银行。",
            made.line_count,
            count=made.line_count,
        ),
        "success",
    )
    return redirect(url_for("registry.card_request", request_id=made.id))


@blueprint.route("/card-requests/<int:request_id>", methods=["GET", "POST"])
def card_request(request_id: int) -> ResponseReturnValue:
    """One request with its people and what the bank has done for each."""
    principal = current_principal()
    made = queries.card_request(principal, request_id)
    return listing_pages.serve(
        REQUEST_LINES,
        queries.lines_of(made),
        "registry/card_request.html",
        made=made,
        outcomes=queries.outcomes_of(made),
        steps=workflow.history(rules.CARD_REQUEST_WORKFLOW, made.id),
        rules=rules,
        LINE_OUTCOMES=LINE_OUTCOMES,
        REQUEST_STATES=REQUEST_STATES,
        REQUEST_ACTIONS=REQUEST_ACTIONS,
    )


@blueprint.post("/card-requests/<int:request_id>/file")
def download_request(request_id: int) -> ResponseReturnValue:
    """The file for the bank. By POST: who took it away is recorded."""
    principal = current_principal()
    made = queries.card_request(principal, request_id)
    content, name = operations.read_request(principal, made, at=g.now)
    db.session.commit()
    return as_download(io.BytesIO(content), name)


@blueprint.post("/card-requests/<int:request_id>/withdraw")
def withdraw_request(request_id: int) -> ResponseReturnValue:
    """Take a request back."""
    principal = current_principal()
    made = queries.card_request(principal, request_id)
    try:
        operations.withdraw_request(principal, made, request.form.get("reason", ""), at=g.now)
    except PermissionDenied:
        raise
    except UserError as error:
        db.session.rollback()
        flash_error(error)
    else:
        db.session.commit()
        flash(gettext("已撤回，名单上的人回到“材料已齐”。请通知银行不要再办。"), "success")
    return redirect(url_for("registry.card_request", request_id=request_id))


@blueprint.route("/card-requests/<int:request_id>/answers", methods=["GET", "POST"])
def import_answers(request_id: int) -> ResponseReturnValue:
    """Bring the bank's answer to one request."""
    current_principal().require(rules.ANSWER_CARDS)
    made = queries.card_request(current_principal(), request_id)
    return take_in(
        ANSWER_UPLOAD,
        FileForm(),
        {"request": made.id},
        title=gettext("上传银行办卡结果"),
        intro=gettext(
            "最简单的办法：在下载的文件里填好卡号等各列，原样传回来。可以分几次传；已登记的不会重复，空着的行不处理。"
        ),
        crumbs=[
            (gettext("批量办卡"), url_for("registry.card_requests")),
            (f"BK{made.id}", url_for("registry.card_request", request_id=made.id)),
            (gettext("上传银行办卡结果"), None),
        ],
        columns=columns_of(ANSWER_FORM),
    )


@blueprint.route("/card-requests/arrival-messages", methods=["GET", "POST"])
def import_arrival_messages() -> ResponseReturnValue:
    """Bring a bank's list of cards with and without arrival messages."""
    return take_in(
        ARRIVAL_UPLOAD,
        FileForm(),
        {},
        title=gettext("上传到账短信开通清单"),
        intro=gettext("银行报送哪些卡开通了到账短信。开户银行没有登记过的，一并登记；系统里没有的卡不处理。"),
        crumbs=[
            (gettext("批量办卡"), url_for("registry.card_requests")),
            (gettext("上传到账短信开通清单"), None),
        ],
        columns=columns_of(ARRIVAL_FORM),
    )
