"""The English catalogue is complete: every text of the code is in it, with the same placeholders."""

import re
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
MARKS = ("_", "gettext", "lazy_gettext", "_l", "N_")
ERRORS = ("UserError", "PermissionDenied", "Conflict")
KEYWORDS: dict[str, tuple[int, ...] | None] = dict.fromkeys(MARKS + ERRORS) | {"ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def texts() -> set[str]:
    """Every text that the code and the templates mark."""
    return {message for message in marked() if isinstance(message, str) and message}


@cache
def marked() -> frozenset[str | tuple[str, ...]]:
    """What stands behind the marks, read once: one of a number is a pair."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as settings:
        methods, options = parse_mapping_cfg(settings)
    return frozenset(found[2] for found in extract_from_dir(ROOT, methods, options, KEYWORDS))


def test_every_text_has_its_english() -> None:
    with (ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    # A catalogue that is marked as fuzzy is not compiled, and English pages are silently Chinese.
    assert not catalogue.fuzzy
    english = {str(message.id): str(message.string) for message in catalogue if message.id and not message.fuzzy}
    missing = sorted(text for text in texts() if not english.get(text))
    assert missing == []
    differing = [
        text for text in texts() if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(english[text]))
    ]
    assert differing == []


def test_what_is_counted_has_its_english_for_one_and_for_many() -> None:
    with (ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    english = {message.id[0]: message.string for message in catalogue if isinstance(message.id, tuple)}
    counted = {message[0] for message in marked() if isinstance(message, tuple)}
    forms = {one: [form for form in english.get(one) or () if form] for one in counted}
    assert sorted(one for one, found in forms.items() if len(found) != 2) == []
    for one, found in forms.items():
        assert [sorted(PLACEHOLDER.findall(form)) for form in found] == [sorted(PLACEHOLDER.findall(one))] * 2
