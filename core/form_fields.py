"""Form fields that several rooms need and that WTForms lacks."""

from collections.abc import Mapping
from typing import Any

from wtforms import SelectChoice, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget


def choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    """The choices of a select field from value → words."""
    return [SelectChoice(value, text) for value, text in words.items()]


class SelectMultipleCheckboxes(SelectMultipleField):
    """Several of a few choices, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
