"""Invented people: names, ID numbers, cards and phones that belong to nobody."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from stdnum import luhn
from stdnum.cn.ric import calc_check_digit

SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗郑梁谢宋唐许邓冯曹彭曾"
GIVEN = (
    *(
        "伟",
        "芳",
        "娜",
        "敏",
        "静",
        "丽",
        "强",
        "磊",
        "军",
        "洋",
        "勇",
        "艳",
        "杰",
        "娟",
        "涛",
        "明",
        "超",
        "霞",
        "平",
        "刚",
    ),
    *("桂英", "玉兰", "秀珍", "素芬", "国华", "建国", "德昌", "仕贵", "成英", "正友", "光明", "永福", "朝珍", "顺秀"),
)
YI_CLANS = ("阿西", "吉克", "马海", "沙马", "俄木", "海来", "阿苦", "吉木", "曲比", "贾巴", "勒伍", "瓦扎")
YI_GIVEN = ("木呷", "曲布", "史古", "拉且", "尔古", "伍呷", "伍果", "阿支莫", "子且", "日呷", "以沙", "阿呷莫")
BANKS = ("会东县农村商业银行", "邮政储蓄银行会东县支行", "农业银行会东县支行")
COUNTY_PREFIX = "513426"


@dataclass(frozen=True)
class Person:
    """One invented person. ``card_number`` is empty for somebody who has no card yet, ``phone`` for many. For a child
    the card is a grown-up's, who is named with it."""

    name: str
    id_number: str
    born_on: date
    region_code: str
    card_number: str
    bank_name: str
    phone: str | None
    payee_name: str = ""
    payee_id: str = ""


CHILD_UNTIL, GUARDIAN_FROM, GUARDIAN_UNTIL = 16, 26, 75
"""Years. No programme of the demo is for both a child and somebody of a guardian's age, but for the disabled."""
DISABLED_EACH = 5
"""Every fifth in the order of the people is disabled (demo.load): a card shared in one programme is held up."""


def with_guardians(people: Sequence[Person], today: date) -> list[Person]:
    """The same people in the same order, where for each child somebody else of the village receives, as far as there
    is anybody."""

    def age(person: Person) -> int:
        return today.year - person.born_on.year

    free: dict[str, list[Person]] = defaultdict(list)
    for number, person in enumerate(people):
        if GUARDIAN_FROM <= age(person) <= GUARDIAN_UNTIL and person.card_number and number % DISABLED_EACH:
            free[person.region_code[:12]].append(person)
    looked_after = []
    for person in people:
        near = free[person.region_code[:12]]
        # Who has no card stays in the card-gap ledger.
        is_child = age(person) <= CHILD_UNTIL and person.card_number
        looked_after.append(_with_card_of(near.pop(), person) if near and is_child else person)
    return looked_after


def _with_card_of(guardian: Person, child: Person) -> Person:
    return replace(
        child,
        card_number=guardian.card_number,
        bank_name=guardian.bank_name,
        payee_name=guardian.name,
        payee_id=guardian.id_number,
    )


def invent(count: int, groups: list[str], today: date, seed: int = 513426) -> Iterator[Person]:
    """``count`` different people, spread over the groups; the same seed and day give the same people."""
    chance = Random(seed)  # noqa: S311 -- invented people need no secrecy, but must be the same each time
    taken: set[str] = set()
    for number in range(count):
        born_on = today - timedelta(days=int(365.25 * _age(chance)) + chance.randrange(365))
        id_number = _id_number(born_on, chance.randrange(1000))
        while id_number in taken:
            id_number = _id_number(born_on, chance.randrange(1000))
        taken.add(id_number)
        yield Person(
            name=_name(chance),
            id_number=id_number,
            born_on=born_on,
            region_code=groups[number % len(groups)],
            card_number="" if chance.random() < 0.015 else _card_number(number, chance.randrange(10**7) // 10),
            bank_name=chance.choice(BANKS),
            # 1400…: a range that no person's telephone has.
            phone=f"1400{number:07d}" if chance.random() < 0.7 else None,
        )


def _card_number(number: int, more: int) -> str:
    digits = f"62170{number:07d}{more:06d}"
    return digits + luhn.calc_check_digit(digits)


def _age(chance: Random) -> int:
    return chance.choices((8, 25, 45, 65, 84), (4, 18, 34, 26, 18))[0] + chance.randrange(-5, 6)


def _name(chance: Random) -> str:
    if chance.random() < 0.3:
        return f"{chance.choice(YI_CLANS)}·{chance.choice(YI_GIVEN)}"
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def _id_number(born_on: date, number: int) -> str:
    body = f"{COUNTY_PREFIX}{born_on:%Y%m%d}{number:03d}"
    return body + calc_check_digit(body + "0")
