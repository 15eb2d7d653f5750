"""What is asked of a card number that an official types by hand."""

from core.errors import UserError
from core.identity import has_wrong_check_digit
from core.msgid import N_


class WrongCheckDigit(UserError):
    """A number that its last digit does not fit. Whoever has looked again may confirm it."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "卡号的最后一位与前面的数字对不上，多半有一位写错了。请对照银行卡，一位一位再看一遍。"
                "确实没有写错的（有的存折账号没有校验位），请勾选“卡号无误，按此保存”。"
            )
        )


def refuse_wrong_check_digit(number: str, *, confirmed: bool) -> bool:
    """Raise WrongCheckDigit for a number that its last digit does not fit, unless somebody has ``confirmed`` it.
    Returns whether the number stands only because of that, to be recorded."""
    wrong = has_wrong_check_digit(number)
    if wrong and not confirmed:
        raise WrongCheckDigit
    return wrong
