"""Coverage (B5, B9): who has a card and who can be told, by township and bank, and the way down to each list."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import audit, clock
from core.database import db
from core.downloads import as_download
from core.tables import export as writers
from core.web import current_principal
from registry import queries
from registry.door import blueprint
from registry.listings import NO_BANK
from registry.queries import FIGURES, Coverage
from registry.words import GAP_STATES

STEPS = ("open", "materials_collected", "submitted_to_bank", "issued")


def _figure_titles() -> dict[str, str]:
    return {
        "people": gettext("受益人（在世）"),
        "with_card": gettext("有卡"),
        "without_card": gettext("没有卡"),
        "not_listed": gettext("没有卡，尚未列入台账"),
        **{step: str(GAP_STATES[step].text) for step in STEPS},
        "with_phone": gettext("登记了手机号码"),
        "arrival_on": gettext("银行到账短信已开通"),
        "arrival_off": gettext("银行到账短信未开通"),
    }


def _added(lines: Sequence[Coverage], code: str = "", bank: str = "") -> Coverage:
    return sum(lines, start=Coverage(code, bank))


def _grouped(lines: Sequence[Coverage], key: str) -> list[Coverage]:
    groups: dict[str, list[Coverage]] = {}
    for line in lines:
        groups.setdefault(getattr(line, key), []).append(line)
    return [_added(found, found[0].township_code, found[0].bank) for found in groups.values()]


def _links(line: Coverage, narrowed: Mapping[str, str]) -> dict[str, str]:
    """Where each figure leads: the people, or the gaps, that it counts."""
    people: dict[str, Any] = {"state": "living", **narrowed}
    place: dict[str, Any] = {"place": narrowed["place"]} if "place" in narrowed else {}
    found = {
        "people": url_for("registry.beneficiaries", **people),
        "with_card": url_for("registry.beneficiaries", card_state="card", **people),
        "without_card": url_for("registry.beneficiaries", card_state="gap", **people),
        "with_phone": url_for("registry.beneficiaries", phone="yes", **people),
        "arrival_on": url_for("registry.beneficiaries", arrival="on", **people),
        "arrival_off": url_for("registry.beneficiaries", arrival="off", **people),
    }
    found |= {step: url_for("registry.card_gaps", state=step, **place) for step in STEPS}
    return {name: url for name, url in found.items() if getattr(line, name)}


@blueprint.get("/coverage")
def coverage() -> ResponseReturnValue:
    """The figures of one's regions."""
    principal = current_principal()
    lines = queries.coverage(principal)
    names = queries.region_names_of({line.township_code for line in lines})
    narrowing = queries.regions_to_narrow_by(principal)
    total = _added(lines)
    townships = [
        (
            names.get(line.township_code, line.township_code),
            line,
            _links(line, {"place": line.township_code} if line.township_code in narrowing else {}),
        )
        for line in _grouped(lines, "township_code")
    ]
    banks = [
        (line.bank or gettext("开户银行未登记"), line, _links(line, {"bank": line.bank or NO_BANK}))
        for line in _grouped([one for one in lines if one.with_card], "bank")
    ]
    return render_template(
        "registry/coverage.html",
        total=total,
        total_links=_links(total, {}),
        townships=townships,
        banks=sorted(banks, key=lambda found: -found[1].with_card),
        titles=_figure_titles(),
        steps=STEPS,
    )


@blueprint.post("/coverage")
def export_coverage() -> ResponseReturnValue:
    """The figures by township and bank as a file."""
    wanted = request.form.get("export", "")
    if wanted not in {"xlsx", "csv"}:
        abort(400)
    principal = current_principal()
    lines = queries.coverage(principal)
    names = queries.region_names_of({line.township_code for line in lines})
    titles = _figure_titles()
    heading = [gettext("乡镇（街道）"), gettext("开户银行"), *(titles[name] for name in FIGURES)]
    rows = [
        [names.get(line.township_code, line.township_code), line.bank, *(str(getattr(line, name)) for name in FIGURES)]
        for line in lines
    ]
    # Handed over open; whoever sends it closes it.
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it, once it is sent
    (writers.write_csv if wanted == "csv" else writers.write_xlsx)(file, heading, rows)
    audit.record(principal, "registry.export_coverage", "coverage", "", at=g.now, rows=len(rows), format=wanted)
    db.session.commit()
    return as_download(file, f"{gettext('办卡和短信覆盖')}-{clock.local_date(g.now):%Y%m%d}.{wanted}")
