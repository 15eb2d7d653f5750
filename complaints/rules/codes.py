"""Receipt codes and public numbers of cases."""

from datetime import timedelta

RECEIPT_DIGITS = 20
"""66 bits: nobody guesses one."""
NUMBER_DIGITS = 12
RECEIPT_SHOWN_AGAIN = timedelta(minutes=10)
"""How long a form that is sent again is answered with its receipt code: as long as a villager's visit. Later the page
says only that it was received, for the phone may be in other hands by then."""
RECEIPT_GROUP = 4


def grouped_code(receipt_code: str) -> str:
    """A receipt code as it is read out and written down: in groups of four digits."""
    return " ".join(receipt_code[start : start + RECEIPT_GROUP] for start in range(0, len(receipt_code), RECEIPT_GROUP))


def receipt_code_of(secret: bytes) -> str:
    """The receipt code made from 32 secret bytes (core.form_names): the same form sent again has the same code, which
    nobody has to keep for that. All 66 bits of it come from the secret."""
    return f"{int.from_bytes(secret) % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"
