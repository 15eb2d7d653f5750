"""How a state is shown: its word and its colour. Each room has a table of them for each of its workflows."""

from dataclasses import dataclass

from flask_babel.speaklater import LazyString

TONES = frozenset({"neutral", "info", "success", "warning", "danger"})


@dataclass(frozen=True)
class Status:
    """A state on the screen: ``text`` in words, ``tone`` one of TONES (colour never stands without the word)."""

    text: LazyString | str
    tone: str = "neutral"

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"no such tone: {self.tone}")

    def __str__(self) -> str:
        return str(self.text)
