"""The English catalogue is complete: every text of the code is in it, with the same placeholders."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
MARKS = ("_", "gettext", "lazy_gettext", "_l", "N_")
ERRORS = ("UserError", "PermissionDenied", "Conflict")
KEYWORDS = dict.fromkeys(MARKS + ERRORS)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def texts() -> set[str]:
    """Every text that the code and the templates mark."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as settings:
        methods, options = parse_mapping_cfg(settings)
    found = extract_from_dir(ROOT, methods, options, KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found if isinstance(message, str) and message}


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
