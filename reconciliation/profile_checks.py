"""What is wrong with a manner of writing statements, and how a person writes one down. Pure."""

import re
from collections.abc import Iterable, Mapping

from core.msgid import N_
from core.tables.headers import label_of
from disbursement.bank_files.profile_checks import Fault
from reconciliation.profiles import COLUMNS, LABELS, StatementProfile

_LONGEST_WORD = 40
_MOST_WORDS = 30
_BETWEEN = re.compile(r"[\r\n、；;，,]+")


def read_words(text: str) -> tuple[str, ...]:
    """Wordings as a person writes them, one a line or separated by commas or 、: as headers and labels are compared."""
    words = (label_of(word) for word in _BETWEEN.split(text))
    return tuple(dict.fromkeys(word for word in words if word))


def written_words(words: Iterable[str]) -> str:
    """The wordings as ``read_words`` takes them."""
    return "、".join(words)


def faults_of(profile: StatementProfile) -> list[Fault]:
    """All that is wrong with a profile, at once."""
    given = {key for key, words in profile.columns.items() if words}
    faults = [
        Fault(N_("没有写“%(column)s”这一列的叫法。"), {"column": COLUMNS[key]})
        for key in ("day", "balance")
        if key not in given
    ]
    two = given & {"debit", "credit"}
    if "amount" in given and two:
        faults.append(Fault(N_("金额要么一列带正负号，要么支出、收入两列，不能都写。"), {}))
    elif "amount" not in given and len(two) < 2:
        faults.append(Fault(N_("没有写金额在哪里：一列带正负号，或者支出、收入两列。"), {}))
    if "card" not in given and "reference" not in given:
        faults.append(Fault(N_("既没有对方账号，也没有我方流水号，无法对上是哪一笔。"), {}))
    if not profile.account:
        faults.append(Fault(N_("没有写“账号”的叫法：对账单要说明是哪个账户的。"), {}))
    labels = {key: getattr(profile, key) for key in LABELS}
    return faults + _word_faults(profile.columns, COLUMNS) + _word_faults(labels, LABELS)


def _word_faults(words: Mapping[str, tuple[str, ...]], names: Mapping[str, str]) -> list[Fault]:
    faults = []
    first: dict[str, str] = {}
    for key, several in words.items():
        if key not in names:
            faults.append(Fault(N_("不认识“%(field)s”这一列。"), {"field": key[:_LONGEST_WORD]}))
            continue
        if len(several) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in several):
            faults.append(
                Fault(N_("“%(field)s”的叫法太多或者太长：最多 30 个，每个最多 40 个字。"), {"field": names[key]})
            )
        for word in several:
            if first.setdefault(word, key) != key:
                faults.append(
                    Fault(
                        N_("“%(word)s”同时是“%(one)s”和“%(other)s”的叫法。"),
                        {"word": word, "one": names[first[word]], "other": names[key]},
                    )
                )
    return faults
