"""Addresses with values that nobody meant for them."""

import re

from werkzeug.routing import AnyConverter, IntegerConverter, Rule

GARBAGE_NUMBERS = ("1", "0", str(2**31), str(2**63 - 1), str(2**63))
GARBAGE_TEXTS = ("1" * 12, "x", "513426100000", "%00火星村", "é" * 300)
"""Texts stand in an address, where a NUL is written %00."""


def addresses(rule: Rule) -> list[str]:
    """Addresses of a rule with values that nobody meant for it."""
    values: list[tuple[str, ...]] = []
    for argument in sorted(rule.arguments):
        converter = rule._converters[argument]
        if argument == "official_id":
            # The first official is who asks: he would take his own rights away.
            values.append(GARBAGE_NUMBERS[1:])
        elif isinstance(converter, IntegerConverter):
            values.append(GARBAGE_NUMBERS)
        elif isinstance(converter, AnyConverter):
            values.append(tuple(converter.items))
        else:
            values.append(GARBAGE_TEXTS)
    combinations = list(zip(*_stretched(values), strict=True)) if values else [()]
    return [_filled(rule.rule, sorted(rule.arguments), chosen) for chosen in combinations]


def _filled(address: str, arguments: list[str], chosen: tuple[str, ...]) -> str:
    for argument, value in zip(arguments, chosen, strict=True):
        address = re.sub(rf"<(?:[^<>]*:)?{argument}>", value.replace("\\", r"\\"), address)
    return address


def _stretched(values: list[tuple[str, ...]]) -> list[list[str]]:
    longest = max(map(len, values))
    return [[value[place % len(value)] for place in range(longest)] for value in values]
