"""What headers say, in the wordings that townships use."""

import pytest

from core.tables.headers import label_of
from disbursement.roll_files.vocabulary import FIELD_NAMES, Field, Party, Rank, meaning_of, meaning_of_levels


@pytest.mark.parametrize(
    ("header", "field", "party"),
    [
        ("姓\u3000名", Field.NAME, Party.UNSAID),
        ("受益人姓名", Field.NAME, Party.BENEFICIARY),
        ("补贴对象", Field.NAME, Party.BENEFICIARY),
        ("户主姓名", Field.NAME, Party.HEAD),
        ("领取人", Field.NAME, Party.PAYEE),
        ("户名", Field.NAME, Party.PAYEE),
        ("银行账户名称", Field.NAME, Party.PAYEE),
        ("联系人姓名", Field.NAME, Party.ANOTHER),
        ("身份证\n号码（18位）", Field.ID_NUMBER, Party.UNSAID),
        ("监护人身份证号", Field.ID_NUMBER, Party.PAYEE),
        ("残疾证号", Field.OTHER, Party.UNSAID),
        ("卡（折）号", Field.CARD, Party.UNSAID),
        ("收款人社会保障卡号", Field.CARD, Party.PAYEE),
        ("开户银行", Field.BANK, Party.UNSAID),
        ("社会保障卡发卡银行", Field.BANK, Party.UNSAID),
        ("银行账号", Field.CARD, Party.UNSAID),
        ("村（社区）", Field.VILLAGE, Party.UNSAID),
        ("社", Field.GROUP, Party.UNSAID),
        ("村民小组", Field.GROUP, Party.UNSAID),
        ("所属乡(镇)", Field.TOWNSHIP, Party.UNSAID),
        ("与户主关系", Field.RELATIONSHIP, Party.UNSAID),
        ("补贴标准\n(元/月)", Field.STANDARD, Party.UNSAID),
        ("耕地面积（亩）", Field.QUANTITY, Party.UNSAID),
        ("领取人签字", Field.OTHER, Party.UNSAID),
        ("出生年月", Field.OTHER, Party.UNSAID),
        ("问题", Field.MARK, Party.UNSAID),
        ("Problem", Field.MARK, Party.UNSAID),
    ],
)
def test_wordings(header: str, field: Field, party: Party) -> None:
    meaning = meaning_of(label_of(header))
    assert meaning is not None
    assert (meaning.field, meaning.party) == (field, party)


@pytest.mark.parametrize(
    ("header", "rank"),
    [
        ("补贴金额(元)", Rank.PLAIN),
        ("补贴金额元", Rank.PLAIN),
        ("实发金额", Rank.PAID),
        ("应发金额", Rank.DUE),
        ("合计金额", Rank.SUM),
        ("累计发放金额", Rank.PART),
        ("其中：中央资金", Rank.PART),
        ("高龄津贴", Rank.PLAIN),
    ],
)
def test_amounts(header: str, rank: Rank) -> None:
    meaning = meaning_of(label_of(header))
    assert meaning is not None
    assert (meaning.field, meaning.rank) == (Field.AMOUNT, rank)


def test_levels_of_a_header_are_read_together() -> None:
    def field_of(*labels: str) -> Field | None:
        meaning = meaning_of_levels(labels)
        return meaning and meaning.field

    assert meaning_of_levels(("收款人信息", "姓名")) == meaning_of("收款人姓名")
    assert field_of("补贴标准", "金额") is Field.STANDARD
    assert field_of("补贴发放情况", "补贴金额") is Field.AMOUNT
    assert field_of("其他", "民族") is Field.OTHER
    assert field_of("无关", "也无关") is None


def test_every_field_has_a_name_for_people() -> None:
    assert set(FIELD_NAMES) == set(Field)
