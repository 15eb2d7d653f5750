"""The three sides of a month: the book, the lines, the balances."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sides:
    """The three sides of a month in fen: what the book has as paid, how the lines explain each fen of it, and how the
    account's balance moved.

    ``matched``, ``missing`` (paid in the book, no line), ``amount_book`` and ``amount_bank`` (the same payment in both,
    differently), ``outcome``, ``twice``, ``unknown`` (debits), ``corrected`` (debits the bank took back),
    ``credits`` (everything that came in), ``own_debits`` (fees); and of the returns that the book has as credited
    (``returns_book``) what has a line (``returns_matched``) and what has none (``returns_missing``).
    """

    opening: int
    closing: int
    book: int
    matched: int
    missing: int
    amount_book: int
    amount_bank: int
    outcome: int
    twice: int
    unknown: int
    corrected: int
    own_debits: int
    credits: int
    returns_book: int = 0
    returns_matched: int = 0
    returns_missing: int = 0

    @property
    def book_gap(self) -> int:
        """What of the book's sum no line and no difference explains; 0 where the two sides agree."""
        return self.book - self.matched - self.missing - self.amount_book

    @property
    def returns_gap(self) -> int:
        """What of the credited returns no line and no difference explains."""
        return self.returns_book - self.returns_matched - self.returns_missing

    @property
    def debits(self) -> int:
        """What went out, as the classed lines explain it."""
        return (
            self.matched
            + self.amount_bank
            + self.outcome
            + self.twice
            + self.unknown
            + self.corrected
            + self.own_debits
        )

    @property
    def balance_gap(self) -> int:
        """What of the account's movement the classed lines do not explain; 0 where the sides agree."""
        return self.closing - (self.opening + self.credits - self.debits)

    @property
    def agree(self) -> bool:
        """Whether every fen is explained on every side."""
        return self.book_gap == 0 and self.balance_gap == 0 and self.returns_gap == 0
