"""The staff pages of publicity: notice boards and their codes. Lists and prints have pages of their own."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import qr_images
from core.database import db
from core.navigation import NavigationEntry, Section, navigation
from core.web import current_principal, settings
from publicity import board, operations, person_records, queries, retention, roll_section, rules
from publicity.door import blueprint
from publicity.pages import lists, prints
from publicity.prints.contents import printed_code

__all__ = ["blueprint", "board", "lists", "person_records", "prints", "retention", "roll_section"]

navigation(
    NavigationEntry(lazy_gettext("公示"), "publicity.index", Section.PEOPLE, right=rules.READ, order=10, icon="notice"),
    NavigationEntry(
        lazy_gettext("查询海报"), "publicity.posters", Section.PEOPLE, right=rules.READ, order=11, icon="notice"
    ),
)


@blueprint.get("/posters")
def posters() -> ResponseReturnValue:
    """The notice boards in scope, each with its code or the way to one; first the township, where there are several."""
    principal = current_principal()
    principal.require(rules.READ)
    townships, asked = queries.townships(principal), request.args.get("township")
    chosen = next((township for township in townships if township.code == asked or len(townships) == 1), None)
    boards = queries.notice_boards(principal, chosen.code if chosen else None) if chosen or not townships else []
    return render_template(
        "publicity/posters.html",
        townships=townships,
        chosen=chosen,
        boards=boards,
        codes=queries.good_codes(principal, [board.code for board in boards]),
        may_manage=principal.may(rules.MANAGE_QR_CODES),
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
    return Response(qr_images.png(printed_code(code, settings()).address), mimetype="image/png")
