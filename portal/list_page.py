"""The lines of a publicity list as rows of its page: moulds, because a page has a hundred of them."""

from collections.abc import Sequence

from flask import url_for
from markupsafe import Markup

from core.money import format_yuan
from core.moulds import mould, together
from publicity.queries import PublicLine


def rows(lines: Sequence[PublicLine], token: str) -> Markup:
    """A row for each line; from each a way to say what is wrong with it."""
    places = ("number", "name", "place", "quantity", "amount", "complain_url")
    kinds = {has_place: mould("portal/list_row.html", *places, has_place=has_place) for has_place in (False, True)}
    complain_url = url_for("portal.new_complaint", list=token)
    return together(
        kinds[bool(line.group_name)].fill(
            number=line.number,
            name=line.masked_name,
            place=line.group_name,
            quantity=line.quantity,
            amount=format_yuan(line.amount_fen),
            complain_url=complain_url,
        )
        for line in lines
    )
