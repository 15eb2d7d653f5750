"""Pages that say why not, for tests that are refused thousands of times: of pages that are alike, one is drawn."""

import contextlib
from collections.abc import Iterator

import pytest
from flask import request, session

import core.web


@contextlib.contextmanager
def drawn_once() -> Iterator[None]:
    """While it lasts, the page of a refusal is drawn once for each reader, sentence, query and value in the address
    (all that such a page could tell); where no address fits, or a message waits, each time."""
    drawn: dict[tuple[object, ...], str] = {}
    draw = core.web.render_template

    def once(template: str, **values: object) -> str:
        if request.view_args is None or "_flashes" in session:
            return draw(template, **values)
        told = (template, *sorted(values.items()), request.query_string, *sorted(map(str, request.view_args.values())))
        key = (core.web.current_principal(), *told)
        if key not in drawn:
            drawn[key] = draw(template, **values)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(core.web, "render_template", once)
        yield
