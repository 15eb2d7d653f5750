"""The staff pages of this room."""

from dataclasses import dataclass

from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import listing_pages
from core.database import db
from core.errors import PermissionDenied, UserError
from core.file_forms import FileForm, columns_of, take_in
from core.identity import mask_card, mask_id_number, mask_phone
from core.navigation import NavigationEntry, Section, navigation
from core.status import Status
from core.web import current_principal, flash_error, staff_blueprint
from registry import hooks, operations, queries, rules
from registry.listings import BENEFICIARIES, CARD_GAPS, REGIONS
from registry.models import Beneficiary
from registry.region_files import REGION_FORM, REGIONS_UPLOAD
from registry.rules import PersonalField
from registry.words import PERSON_STATES, PERSONAL_FIELDS, PHONE_SOURCES

blueprint = staff_blueprint("registry", __name__, "registry")

navigation(
    NavigationEntry(
        lazy_gettext("受益人"),
        "registry.beneficiaries",
        Section.MONEY,
        rules.SEE_BENEFICIARIES,
        order=40,
        icon="people",
    ),
    NavigationEntry(
        lazy_gettext("未办卡台账"),
        "registry.card_gaps",
        Section.MONEY,
        rules.SEE_BENEFICIARIES,
        order=42,
        icon="people",
    ),
    NavigationEntry(lazy_gettext("区划"), "registry.regions", Section.MONEY, None, order=44, icon="region"),
)


@blueprint.route("/beneficiaries", methods=["GET", "POST"])
def beneficiaries() -> ResponseReturnValue:
    """The people of one's regions."""
    principal = current_principal()
    principal.require(rules.SEE_BENEFICIARIES)
    return listing_pages.serve(
        BENEFICIARIES,
        queries.beneficiaries(principal),
        intro=gettext("只列出您管辖区划内的人。证件号码和卡号已遮住；因工作需要时，可在受益人页面说明理由后查看。"),
    )


@blueprint.get("/beneficiaries/<int:beneficiary_id>")
def beneficiary(beneficiary_id: int) -> ResponseReturnValue:
    """One person."""
    return person_page(queries.beneficiary(current_principal(), beneficiary_id))


@dataclass(frozen=True)
class PersonalFact:
    """A personal value as the page shows it."""

    what: PersonalField
    title: str
    shown: str
    is_revealed: bool


def person_page(person: Beneficiary, **revealed: str) -> ResponseReturnValue:
    """A person's page, masked but for what was just revealed."""
    principal = current_principal()
    masked = {
        PersonalField.ID_NUMBER: mask_id_number(person.id_number),
        PersonalField.PHONE: mask_phone(person.phone) if person.phone else "",
        PersonalField.CARD: mask_card(person.card.tail) if person.card else "",
    }
    personal = [
        PersonalFact(what, str(PERSONAL_FIELDS[what]), revealed.get(what, shown), what in revealed)
        for what, shown in masked.items()
    ]
    return render_template(
        "registry/beneficiary.html",
        person=person,
        state=PERSON_STATES.get(person.status, Status(person.status)),
        phone_source=PHONE_SOURCES.get(person.phone_source, person.phone_source),
        personal=personal,
        may_reveal=principal.may(rules.REVEAL_PERSONAL_DATA),
        gaps=queries.open_card_gaps_of(person),
        programme_names=hooks.programme_names(),
        sharing=queries.sharing_card(principal, person),
        sections=hooks.PERSON_SECTIONS.found_for(principal, person),
    )


@blueprint.post("/beneficiaries/<int:beneficiary_id>/reveal")
def reveal(beneficiary_id: int) -> ResponseReturnValue:
    """Show one masked value in this answer and nowhere else; who looked, when and why is recorded."""
    principal = current_principal()
    what = request.form.get("what", "")
    if what not in set(PersonalField):
        abort(400)
    try:
        value = operations.reveal(
            principal, beneficiary_id, PersonalField(what), request.form.get("reason", ""), at=g.now
        )
        db.session.commit()
    except PermissionDenied:
        raise
    except UserError as error:
        flash_error(error)
        return person_page(queries.beneficiary(principal, beneficiary_id))
    return person_page(queries.beneficiary(principal, beneficiary_id), **{what: value})


@blueprint.route("/card-gaps", methods=["GET", "POST"])
def card_gaps() -> ResponseReturnValue:
    """Who has no card yet, programme by programme."""
    principal = current_principal()
    principal.require(rules.SEE_BENEFICIARIES)
    count = queries.open_card_gap_count(principal)
    intro = gettext(
        "您管辖区划内现有 %(count)s 人次未办卡，按项目逐一列出。花名册带来卡号后自动销账。", count=f"{count:,}"
    )
    return listing_pages.serve(CARD_GAPS, queries.card_gaps(principal), intro=intro)


@blueprint.route("/regions", methods=["GET", "POST"])
@blueprint.route("/regions/<code>", methods=["GET", "POST"])
def regions(code: str | None = None) -> ResponseReturnValue:
    """The regions below one (from the county down), or those that a search finds anywhere below it."""
    above = queries.region(code) if code else None
    searching = bool(request.args.get("q") or request.args.get("level"))
    found = queries.regions_within(code) if searching else queries.regions_below(code)
    return listing_pages.serve(
        REGIONS,
        found,
        "registry/regions.html",
        lineage=queries.lineage(code) if code else [],
        heading=above.path if above else gettext("区划"),
        may_import=current_principal().may(rules.IMPORT_REGIONS),
    )


@blueprint.route("/regions/import", methods=["GET", "POST"])
def import_regions() -> ResponseReturnValue:
    """Bring a file of regions."""
    return take_in(
        REGIONS_UPLOAD,
        FileForm(),
        {},
        title=gettext("上传区划表"),
        intro=gettext("新代码会新增，名称变了的会改名，文件里没有的会保留。同一个文件再传一次，什么都不会变。"),
        crumbs=[(gettext("区划"), url_for("registry.regions")), (gettext("上传区划表"), None)],
        columns=columns_of(REGION_FORM),
    )
