"""What the lines of a policy list and of its incompatibility rules must hold. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.plain_text import plain_without_spaces
from programmes.rules import Channel, Handling, LineProblem, Scope
from programmes.wordings import (
    read_channel,
    read_day,
    read_handling,
    read_publicity_days,
    read_scope,
    same_words,
    tidy,
)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def readable_code(text: str) -> str | None:
    """A programme's code as it is kept; None for what is none."""
    code = plain_without_spaces(text)
    return code if _CODE.fullmatch(code) else None


@dataclass(frozen=True)
class ProgrammeLine:
    """A line of the policy list as the file has it."""

    code: str
    name: str
    department: str = ""
    target: str = ""
    standard: str = ""
    unit: str = ""
    frequency: str = ""
    channel: str = ""
    publicity_days: str = ""
    policy_basis: str = ""
    level_of_funds: str = ""
    valid_from: str = ""
    valid_until: str = ""


@dataclass(frozen=True)
class ReadProgramme:
    """A programme as a line gives it. An empty level or day is not said, and changes nothing on record."""

    code: str
    name: str
    department_name: str
    target: str
    standard: str
    unit: str
    frequency: str
    channel: Channel
    publicity_days: int
    policy_basis: str
    level_of_funds: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


def read_programme(line: ProgrammeLine) -> tuple[ReadProgramme | None, LineProblem | None]:
    """The programme of a line, or what is wrong with the line first. (Doubles need the other lines.)"""
    code, name, department = plain_without_spaces(line.code), tidy(line.name), tidy(line.department)
    channel, days = read_channel(line.channel), read_publicity_days(line.publicity_days)
    (valid_from, from_readable), (valid_until, until_readable) = read_day(line.valid_from), read_day(line.valid_until)
    checks = (
        (not code, LineProblem.CODE_MISSING),
        (readable_code(line.code) is None, LineProblem.CODE_UNREADABLE),
        (not name, LineProblem.NAME_MISSING),
        (not department, LineProblem.DEPARTMENT_MISSING),
        (channel is None, LineProblem.CHANNEL_UNKNOWN),
        (days is None, LineProblem.PUBLICITY_DAYS_UNREADABLE),
        (not from_readable or not until_readable, LineProblem.DAY_UNREADABLE),
        (_wrong_way_round(valid_from, valid_until), LineProblem.DAYS_REVERSED),
    )
    problem = next((problem for wrong, problem in checks if wrong), None)
    if problem is not None or channel is None or days is None:
        return None, problem
    programme = ReadProgramme(
        code=code,
        name=name,
        department_name=department,
        target=tidy(line.target),
        standard=tidy(line.standard),
        unit=tidy(line.unit),
        frequency=tidy(line.frequency),
        channel=channel,
        publicity_days=days,
        policy_basis=tidy(line.policy_basis),
        level_of_funds=tidy(line.level_of_funds),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return programme, None


def _wrong_way_round(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first


def check_programmes(
    lines: Iterable[ProgrammeLine], names_on_record: Mapping[str, str]
) -> tuple[list[ReadProgramme], list[tuple[int, LineProblem]]]:
    """The good lines in order, and (position, problem) of the others. ``names_on_record`` are names by code."""
    good: dict[str, ReadProgramme] = {}
    problems: list[tuple[int, LineProblem]] = []
    names: set[str] = set()
    codes_by_name = {name: code for code, name in names_on_record.items()}
    for position, line in enumerate(lines):
        programme, problem = read_programme(line)
        if programme is not None:
            if programme.code in good or programme.name in names:
                problem = LineProblem.DUPLICATE
            elif codes_by_name.get(programme.name, programme.code) != programme.code:
                problem = LineProblem.NAME_TAKEN
        if programme is None or problem is not None:
            problems.append((position, problem or LineProblem.CODE_MISSING))
            continue
        good[programme.code] = programme
        names.add(programme.name)
    return list(good.values()), problems


@dataclass(frozen=True)
class RuleLine:
    """A line about two programmes as the file has it; each may be named by code or by name."""

    first: str
    second: str
    handling: str
    basis: str = ""
    scope: str = ""
    valid_from: str = ""
    valid_until: str = ""


@dataclass(frozen=True)
class ReadRule:
    """A rule about two programmes, their codes in alphabetical order."""

    first_code: str
    second_code: str
    handling: Handling
    basis: str
    scope: Scope = Scope.PERSON
    valid_from: date | None = None
    valid_until: date | None = None


def find_code(text: str, names: Mapping[str, str]) -> str | None:
    """The programme that a cell names by its code or its name; ``names`` are names by code."""
    code = plain_without_spaces(text)
    if not code or code in names:
        return code or None
    return next((known for known, name in names.items() if same_words(name, text)), None)


def check_rules(
    lines: Iterable[RuleLine], names: Mapping[str, str]
) -> tuple[list[ReadRule], list[tuple[int, LineProblem]]]:
    """The good lines in order, and (position, problem) of the others. ``names`` are all programmes, names by code."""
    good: dict[tuple[str, str], ReadRule] = {}
    problems: list[tuple[int, LineProblem]] = []
    for position, line in enumerate(lines):
        codes = sorted(code for text in (line.first, line.second) if (code := find_code(text, names)))
        handling = read_handling(line.handling)
        (valid_from, from_readable), (valid_until, until_readable) = (
            read_day(line.valid_from),
            read_day(line.valid_until),
        )
        if len(codes) < 2:
            problems.append((position, LineProblem.PROGRAMME_UNKNOWN))
        elif codes[0] == codes[1]:
            problems.append((position, LineProblem.SAME_PROGRAMME))
        elif handling is None:
            problems.append((position, LineProblem.HANDLING_UNKNOWN))
        elif not from_readable or not until_readable:
            problems.append((position, LineProblem.DAY_UNREADABLE))
        elif _wrong_way_round(valid_from, valid_until):
            problems.append((position, LineProblem.DAYS_REVERSED))
        elif (codes[0], codes[1]) in good:
            problems.append((position, LineProblem.RULE_DUPLICATE))
        else:
            good[codes[0], codes[1]] = ReadRule(
                codes[0], codes[1], handling, tidy(line.basis), read_scope(line.scope), valid_from, valid_until
            )
    return list(good.values()), problems
