"""The pages of prints: each as a page for the browser's print view, and the same as PDF."""

import io
from collections.abc import Sequence
from typing import Any

from flask import Response, abort, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.downloads import as_download
from core.errors import UserError
from core.web import current_principal, press, settings
from publicity import operations, queries, rules
from publicity.door import blueprint
from publicity.models import PublicityList, QrCode
from publicity.prints import cards, contents, fonts, notices, posters
from publicity.prints import queries as reads
from registry.models import Region

PDF = "<any(pdf):form>"
"""The end of an address that asks for the PDF instead of the page."""
KIND = f"<any({', '.join(rules.KINDS)}):kind>"


@blueprint.context_processor
def _pdf() -> dict[str, Any]:
    """Whether this installation can make PDF, and what it lacks where it cannot."""
    return {"pdf_ready": fonts.find() is not None, "font_package": fonts.PACKAGE}


def _saved(document: io.BytesIO, name: str) -> Response:
    return as_download(document, f"{name}.pdf")


# --- Lists -------------------------------------------------------------------------------------------


@blueprint.get("/lists/<int:list_id>/print")
@blueprint.get(f"/lists/<int:list_id>/print.{PDF}")
def print_list(list_id: int, form: str = "") -> ResponseReturnValue:
    """The whole list for the notice board, with its code."""
    shown = queries.get_list(current_principal(), list_id)
    return _print_lists([shown], shown.title, url_for("publicity.list_page", list_id=shown.id), form)


@blueprint.get(f"/rolls/<int:roll_id>/{KIND}/print")
@blueprint.get(f"/rolls/<int:roll_id>/{KIND}/print.{PDF}")
def print_roll(roll_id: int, kind: str, form: str = "") -> ResponseReturnValue:
    """All lists of a roll that hang, before or after the payment, each on sheets of its own."""
    lists = reads.lists_hanging(current_principal(), roll_id, kind)
    title = f"{lists[0].title}（全部{len(lists)}张）"
    return _print_lists(lists, title, url_for("publicity.roll_lists", roll_id=roll_id), form)


def _print_lists(lists: Sequence[PublicityList], title: str, back: str, form: str) -> ResponseReturnValue:
    codes = reads.codes_around(current_principal(), lists)
    pairs = zip(contents.notices(lists, codes, settings()), reads.lines_of_lists(lists), strict=True)
    if form:
        return _saved(notices.draw(pairs, title, at=g.now), title)
    return render_template("publicity/print_lists.html", title=title, notices=pairs, alone=len(lists) == 1, back=back)


# --- Posters and cards -------------------------------------------------------------------------------


@blueprint.get("/posters/<region_code>")
@blueprint.get(f"/posters/<region_code>/print.{PDF}")
def poster(region_code: str, form: str = "") -> ResponseReturnValue:
    """The poster 查询路径 of a notice board."""
    principal = current_principal()
    principal.require(rules.READ)
    region = queries.get_region(principal, region_code)
    code = queries.good_codes(principal, [region.code]).get(region.code)
    if code is None:
        abort(404)
    made = [contents.poster(queries.place_name(region), code, settings())]
    back = url_for("publicity.codes", region_code=region.code)
    return _print_posters(made, f"{made[0].place}查询海报", back, form)


@blueprint.get("/posters/<region_code>/all")
@blueprint.get(f"/posters/<region_code>/all.{PDF}")
def print_posters(region_code: str, form: str = "") -> ResponseReturnValue:
    """The posters of all notice boards of a township that have a code."""
    township, boards = _boards(region_code)
    made = [contents.poster(place, code, settings()) for place, code in boards]
    return _print_posters(made, f"{township.name}全部查询海报", _back_to(township.code), form)


def _print_posters(made: Sequence[contents.Poster], title: str, back: str, form: str) -> ResponseReturnValue:
    if form:
        return _saved(posters.draw(made, title, at=g.now), title)
    return render_template("publicity/print_posters.html", title=title, posters=made, back=back)


@blueprint.get("/posters/<region_code>/cards")
@blueprint.get(f"/posters/<region_code>/cards.{PDF}")
def print_cards(region_code: str, form: str = "") -> ResponseReturnValue:
    """Cards with the codes of all notice boards of a township that have one, to be cut out."""
    township, boards = _boards(region_code)
    made = [contents.card(place, code, settings()) for place, code in boards]
    title = f"{township.name}查询二维码卡片"
    if form:
        return _saved(cards.draw(made, title, at=g.now), title)
    return render_template(
        "publicity/print_cards.html", title=title, cards=made, on_a_sheet=cards.ON_A_SHEET, back=_back_to(township.code)
    )


def _boards(region_code: str) -> tuple[Region, list[tuple[str, QrCode]]]:
    principal = current_principal()
    principal.require(rules.READ)
    township = reads.get_township(principal, region_code)
    boards = reads.boards_with_codes(principal, township)
    if not boards:
        raise UserError("这个乡镇的公示栏还没有二维码。请先生成二维码，再打印。")
    return township, boards


def _back_to(township_code: str) -> str:
    return url_for("publicity.posters", township=township_code)


@blueprint.post("/posters/<region_code>/codes/missing")
def create_missing_codes(region_code: str) -> ResponseReturnValue:
    """A code for every notice board of a township that has none."""
    principal = current_principal()
    township = reads.get_township(principal, region_code)
    return press(
        lambda: operations.create_missing_qr_codes(principal, township, at=g.now),
        gettext("缺少的二维码已生成，可以打印海报和卡片。"),
        _back_to(township.code),
    )
