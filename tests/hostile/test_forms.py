"""Whatever is written into a form or a query, by whoever may use it, is answered in the house's own words."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile.conftest import Stage
from tests.hostile.targets import Target
from tests.hostile.values import Pairs, encoded, filled, in_parts
from tests.hostile.watching import used
from tests.plain_requests import Answer, Body, Visitor

SHARES = 2
"""Tests among which the routes are dealt out."""
_EXPLORING = not settings.default.derandomize if settings.default else False


def examples(few: int) -> settings:
    """So many for each route in ``make test``; forty times as many where one explores."""
    return settings(
        max_examples=few * 40 if _EXPLORING else few,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def send(visitor: Visitor, target: Target, address: str, pairs: Pairs, *, parts: bool) -> Answer:
    """Ask for it by GET with this in the query, or send it by POST."""
    if target.method == "GET":
        return visitor.get(address, encoded(pairs).decode())
    return visitor.post(address, Body(*in_parts(pairs)) if parts else Body(encoded(pairs)))


def try_all(stage: Stage, targets: Sequence[Target], few: int) -> list[str]:
    """Try each of them with so many examples; what was wrong, one line for each."""
    found = []
    for target in targets:
        try:
            _try_one(stage, target, few)
        except AssertionError as error:
            found.append(str(error))
    return found


def _try_one(stage: Stage, target: Target, few: int) -> None:
    shape = stage.shapes[target.name]

    @examples(few)
    @given(way=st.sampled_from(target.ways), pairs=filled(shape), parts=st.booleans())
    def holds(way: tuple[str, str], pairs: Pairs, parts: bool) -> None:
        with stage.undone.example():
            target.prepare()
            stage.undone.told()
            began = used()
            answer = send(stage.visitor(way[0]), target, way[1], pairs, parts=parts)
            faults = stage.watch.faults_of(answer, used() - began)
        sent = [(name, value if len(value) < 200 else value[:50] + b"...") for name, value in pairs]
        assert not faults, f"{target.name} by {way}: {faults} of {sent}, in parts: {parts}"

    holds()


def shared(stage: Stage, share: int) -> list[Target]:
    """One share of all that can be tried."""
    targets = list(stage.scene.targets.values())
    random.Random(7).shuffle(targets)
    return targets[share::SHARES]


@pytest.mark.parametrize("share", range(SHARES))
def test_no_form_and_no_query_meets_a_500(on_postgresql: Stage, share: int) -> None:
    faults = try_all(on_postgresql, shared(on_postgresql, share), 3)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("share", range(SHARES))
def test_no_form_and_no_query_meets_a_500_on_sqlite(on_sqlite: Stage, share: int) -> None:
    faults = try_all(on_sqlite, shared(on_sqlite, share), 1)
    assert not faults, "\n".join(faults)
