"""Marks sentences that are translated where they are shown, not where they stand."""


def N_(sentence: str) -> str:
    """The sentence itself. The mark lets the catalogue find message ids kept in tables of plain data."""
    return sentence
