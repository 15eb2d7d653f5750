"""Form fields that several rooms need and that WTForms lacks."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, Field, SelectChoice, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget


def choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    """The choices of a select field from value → words."""
    return [SelectChoice(value, text) for value, text in words.items()]


def open_choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    """The same, with nothing chosen for anybody: the field's own sentence says what is missing."""
    return [SelectChoice("", lazy_gettext("请选择")), *choices(words)]


class SelectMultipleCheckboxes(SelectMultipleField):
    """Several of a few choices, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ConfirmField(BooleanField):
    """A box by which an official stands by what was refused. The page has it only once that has happened."""

    asked = False

    def ask(self, refused: Field, sentence: str) -> None:
        """Say beside the ``refused`` field why it was refused, and offer the box."""
        refused.errors = [*refused.errors, sentence]
        self.asked = True

    @property
    def is_shown(self) -> bool:
        """Whether the page has the box: ticked once, it stays."""
        return self.asked or bool(self.data)
