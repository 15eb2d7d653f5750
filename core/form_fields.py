"""Form fields that several rooms need and that WTForms lacks."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, SelectChoice, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from core.errors import UserError
from core.months import check_month


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


class MonthField(StringField):
    """A month, however it is written; ``data`` is what ``read`` (core.months) makes of it."""

    def __init__(self, *args: Any, read: Callable[[str], str] = check_month, **more: Any) -> None:
        super().__init__(*args, **more)
        self._read = read

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was sent; what is no month stays as it was written, with the sentence that says so."""
        super().process_formdata(valuelist)
        written = str(valuelist[0]) if valuelist else ""
        if not written.strip():
            return
        try:
            self.data = self._read(written)
        except UserError as error:
            raise ValueError(gettext(error.sentence) % error.parameters) from error


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
