"""The pages of the catalogue."""

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock, listing_pages
from core.file_forms import FileForm, columns_of, take_in
from core.principal import OrganisationKind, Principal
from core.web import current_principal
from programmes import hooks, queries, rules
from programmes.door import blueprint
from programmes.files import CATALOGUE_UPLOAD, PROGRAMME_FORM, RULE_FORM
from programmes.forms import StandardForm
from programmes.listings import PROGRAMMES
from programmes.models import Programme
from programmes.rules import Handling
from programmes.words import CHANNELS, HANDLINGS, OFFICES, SOURCES, STANDARD_UNITS, frequency_words, standard_words


@blueprint.route("/catalogue", methods=["GET", "POST"])
def programmes() -> ResponseReturnValue:
    """The catalogue, with the programmes that wait for a decision above it (B1)."""
    principal = current_principal()
    return listing_pages.serve(
        PROGRAMMES,
        queries.programmes_with_money(principal, clock.local_date(g.now).year),
        "programmes/programmes.html",
        undecided=[found for found in queries.waiting_programmes(principal) if found.case is None],
        may_import=principal.may(rules.IMPORT_CATALOGUE),
        may_edit=principal.may(rules.EDIT_PROGRAMME),
    )


@blueprint.get("/catalogue/<int:programme_id>")
def programme(programme_id: int) -> ResponseReturnValue:
    """One programme."""
    return programme_page(queries.programme(current_principal(), programme_id), None)


def programme_page(shown: Programme, standard_form: StandardForm | None) -> ResponseReturnValue:
    """A programme's page; ``standard_form`` was posted and has errors."""
    principal = current_principal()
    lines = queries.fund_lines_of(principal, shown)
    totals: dict[int, int] = {}
    for line in lines:
        totals[line.year] = totals.get(line.year, 0) + line.amount_fen
    may_edit = principal.may(rules.EDIT_PROGRAMME)
    case = queries.latest_case_of(principal, shown.id)
    standards = queries.standard_rows(shown.id)
    in_force = rules.standard_on(map(queries.standard_in, standards), clock.local_date(g.now))
    return render_template(
        "programmes/programme.html",
        programme=shown,
        channel=CHANNELS[shown.channel],
        lines=lines,
        totals=totals,
        sources=SOURCES,
        sees_money=principal.may(rules.SEE_FUND_PLAN),
        incompatible=[
            (partner, HANDLINGS[Handling(rule.handling)], rule)
            for partner, rule in queries.incompatible_with(shown, clock.local_date(g.now))
        ],
        may_edit=may_edit,
        standards=list(reversed(standards)),
        standard=standard_words(in_force) if in_force else "",
        text_contradicts=rules.text_contradicts(shown.standard, in_force),
        frequency=frequency_words(shown.frequency),
        standard_form=(standard_form or StandardForm(formdata=None)) if may_edit else None,
        units=STANDARD_UNITS,
        filings=queries.filings_of(shown) if shown.channel == "offline" else [],
        missing_filings=queries.missing_filings(shown) if shown.channel == "offline" else (),
        case=case,
        may_submit=queries.running_case_of(shown.id) is None and _may_submit(principal, shown),
        wait_choices=queries.publicity_wait_choices(shown),
        offices=OFFICES,
        rules=rules,
        sections=hooks.PROGRAMME_SECTIONS.found_for(principal, shown),
    )


def _may_submit(principal: Principal, shown: Programme) -> bool:
    own = principal.organisation_kind != OrganisationKind.DEPARTMENT or (
        shown.department_id == principal.organisation_id
    )
    return own and principal.may(rules.SUBMIT_INCLUSION)


@blueprint.route("/catalogue/import", methods=["GET", "POST"])
def import_programmes() -> ResponseReturnValue:
    """Bring a policy list."""
    title = gettext("上传政策清单")
    return take_in(
        CATALOGUE_UPLOAD,
        FileForm(),
        {},
        title=title,
        intro=gettext("补贴项目和不相容规则可以在同一个文件里，各占一张工作表。已有的项目按编码更新，不会重复。"),
        crumbs=[(gettext("补贴项目清单"), url_for("programmes.programmes")), (title, None)],
        columns=columns_of(PROGRAMME_FORM)
        + [
            (gettext("%(column)s（不相容规则表）", column=name), words, needed)
            for name, words, needed in columns_of(RULE_FORM)
        ],
    )
