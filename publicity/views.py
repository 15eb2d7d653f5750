"""The staff pages of publicity: rolls to hang out, lists, posters and their codes."""

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import listing_pages
from core.addresses import as_number
from core.database import db
from core.navigation import NavigationEntry, Section, navigation
from core.web import current_principal, settings, staff_blueprint
from publicity import operations, qr_images, queries, rules
from publicity.listings import LISTS, state_of
from publicity.models import QrCode
from publicity.words import LEVEL_WORDS, LIST_STATES

blueprint = staff_blueprint("publicity", __name__, "publicity")
navigation(
    NavigationEntry(lazy_gettext("公示"), "publicity.index", Section.PEOPLE, right=rules.READ, order=10, icon="notice"),
    NavigationEntry(
        lazy_gettext("查询海报"), "publicity.posters", Section.PEOPLE, right=rules.READ, order=11, icon="notice"
    ),
)


def page_number() -> int:
    """The page asked for, at least 1. Nonsense is page 1."""
    return max(request.args.get("page", 1, type=as_number), 1)


def entry_address(code: QrCode) -> str:
    """What a printed code says: the public address of its entry, never the host that the request came by."""
    return f"{settings().base_url}/q/{queries.qr_token_of(code)}"


@blueprint.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Rolls that wait for publicity, and all lists, the newest first."""
    principal = current_principal()
    return listing_pages.serve(
        LISTS,
        queries.lists_for(principal),
        template="publicity/index.html",
        waiting=queries.rolls_waiting(principal),
    )


@blueprint.post("/rolls/<int:roll_id>/publicise")
def publicise(roll_id: int) -> ResponseReturnValue:
    """Write and open the lists of a roll."""
    principal = current_principal()
    made = operations.publicise_roll(principal, queries.get_roll(principal, roll_id), at=g.now)
    db.session.commit()
    flash(gettext("已生成 %(count)s 张公示表。请打印张贴到公示栏。", count=len(made)), "success")
    return redirect(url_for("publicity.index"))


@blueprint.get("/lists/<int:list_id>")
def list_page(list_id: int) -> ResponseReturnValue:
    """One list, as the public sees it, page by page."""
    shown, page = queries.get_list(current_principal(), list_id), page_number()
    return render_template(
        "publicity/list.html",
        shown=shown,
        lines=queries.lines_of(shown.id, page),
        page=page,
        has_next=page * rules.LINES_PER_PAGE < shown.line_count,
        level=LEVEL_WORDS[shown.level],
        state=LIST_STATES[state_of(shown)],
    )


@blueprint.get("/lists/<int:list_id>/print")
def print_list(list_id: int) -> ResponseReturnValue:
    """The whole list for the notice board, with its code."""
    principal = current_principal()
    shown = queries.get_list(principal, list_id)
    code = queries.nearest_code(principal, shown.region_code)
    return render_template("publicity/print_list.html", shown=shown, lines=queries.all_lines_of(shown.id), code=code)


@blueprint.get("/posters")
def posters() -> ResponseReturnValue:
    """The notice boards in scope, each with its code or the way to one; first the township, where there are several."""
    principal = current_principal()
    principal.require(rules.READ)
    townships, asked = queries.townships(principal), request.args.get("township")
    chosen = next((township.code for township in townships if township.code == asked), None)
    boards = queries.notice_boards(principal, chosen) if chosen or len(townships) < 2 else []
    return render_template(
        "publicity/posters.html",
        townships=townships,
        chosen=chosen,
        boards=boards,
        codes=queries.good_codes(principal, [board.code for board in boards]),
    )


@blueprint.get("/posters/<region_code>")
def poster(region_code: str) -> ResponseReturnValue:
    """The poster 查询路径 of a notice board, for print."""
    principal = current_principal()
    region = queries.get_region(principal, region_code)
    code = queries.good_codes(principal, [region.code]).get(region.code)
    if code is None:
        abort(404)
    return render_template(
        "publicity/poster.html", region=region, place=queries.place_name(region), code=code, address=entry_address(code)
    )


@blueprint.get("/posters/<region_code>/codes")
def codes(region_code: str) -> ResponseReturnValue:
    """All codes of a notice board, and the ways to make and revoke one."""
    principal = current_principal()
    region = queries.get_region(principal, region_code)
    return render_template(
        "publicity/codes.html",
        region=region,
        place=queries.place_name(region),
        codes=queries.codes_of(principal, region.code),
        may_manage=principal.may(rules.MANAGE_QR_CODES),
    )


@blueprint.post("/posters/<region_code>/codes")
def create_code(region_code: str) -> ResponseReturnValue:
    """Make a code and show its poster."""
    principal = current_principal()
    region = queries.get_region(principal, region_code)
    operations.create_qr_code(principal, region, at=g.now)
    db.session.commit()
    flash(gettext("二维码已生成，可以打印海报。"), "success")
    return redirect(url_for("publicity.codes", region_code=region.code))


@blueprint.post("/codes/<int:code_id>/revoke")
def revoke_code(code_id: int) -> ResponseReturnValue:
    """Revoke a printed code."""
    principal = current_principal()
    code = queries.get_code(principal, code_id)
    operations.revoke_qr_code(principal, code, at=g.now)
    db.session.commit()
    flash(gettext("二维码已停用。请把旧海报撤下，换上新的。"), "success")
    return redirect(url_for("publicity.codes", region_code=code.region_code))


@blueprint.get("/codes/<int:code_id>.png")
def code_image(code_id: int) -> Response:
    """The picture of a code."""
    code = queries.get_code(current_principal(), code_id)
    return Response(qr_images.png(entry_address(code)), mimetype="image/png")
