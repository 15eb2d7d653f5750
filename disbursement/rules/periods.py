"""The period of a batch."""

from core.errors import UserError


def check_period(period: str) -> str:
    """The period YYYYMM. Raises UserError for anything else."""
    if len(period) == 6 and period.isascii() and period.isdigit() and "01" <= period[4:] <= "12" and period >= "200001":
        return period
    raise UserError("期别要写成六位数字的年月，例如 202006。")
