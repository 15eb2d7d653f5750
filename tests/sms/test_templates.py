"""What messages say, how long they are, and what none may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.rendering import ForbiddenContent, render, segments, signature_of, utf16_units
from sms.templates import CHINESE, ENGLISH, TEMPLATES, Kind, Template, TemplateError
from sms.words import TEMPLATE_WORDS
from tests.sms.conftest import PAID, TEXT

LONGEST = {
    Kind.TEXT: lambda longest: "汉" * (longest + 5),
    Kind.FEN: lambda longest: 123456789012,
    Kind.DIGITS: lambda longest: "1" * longest,
    Kind.NUMBER: lambda longest: 10**longest - 1,
    Kind.PERIOD: lambda longest: "202012",
    Kind.DAY: lambda longest: "2020-12-31",
}


def longest_parameters(template: Template) -> dict[str, object]:
    return {parameter.name: LONGEST[parameter.kind](parameter.longest) for parameter in template.parameters}


def test_an_arrival_notice_reads_as_the_county_is_used_to() -> None:
    assert render(TEMPLATES["payment_paid"], PAID, signature="会东一卡通") == TEXT


def test_a_failure_notice_says_why_and_what_to_do() -> None:
    parameters = PAID | {"reason": "账户已销户", "advice": "请持身份证到野租乡便民服务中心更正卡号，更正后会重新发放。"}
    assert render(TEMPLATES["payment_failed"], parameters, signature="会东一卡通") == (
        "【会东一卡通】吉克阿依您好，您第202006期困难残疾人生活补贴金额90元，未能发放到尾号为5341的卡，"
        "原因：账户已销户。请持身份证到野租乡便民服务中心更正卡号，更正后会重新发放。"
    )


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_every_template_renders_at_its_longest_in_few_segments(template: Template, language: str) -> None:
    text = render(template, longest_parameters(template), signature="会东一卡通", language=language)
    assert "{" not in text
    assert segments(text) <= 5


def test_every_template_has_a_word_for_the_screen() -> None:
    assert set(TEMPLATE_WORDS) == set(TEMPLATES)


NAMES_NOBODY = {
    "complaint_accepted": "goes to the number that its reporter gave, and must not tell who he is",
    "complaint_answered": "the same",
    "lookup_code": "waited for by whoever asked for it; a stranger's phone must not learn who lives where",
    "deadline_reminder": "goes to an office",
}


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_what_is_about_a_person_says_about_whom(language: str) -> None:
    """A household shares one phone: nobody has to guess whose money has come."""
    for template in TEMPLATES.values():
        if template.name in NAMES_NOBODY:
            continue
        text = render(
            template, longest_parameters(template) | {"name": "阿西木牛"}, signature="会东", language=language
        )
        assert "阿西木牛" in text, template.name
        assert "name" in template.needed, f"{template.name}: no wording may leave it out"


def test_an_amount_is_written_in_yuan() -> None:
    for fen, written in ((9000, "90元"), (9050, "90.50元"), (123456789, "1234567.89元")):
        assert written in render(TEMPLATES["payment_paid"], PAID | {"amount_fen": fen}, signature="会东一卡通")


def test_a_name_cannot_pose_as_a_second_signature() -> None:
    text = render(TEMPLATES["payment_paid"], PAID | {"name": "【某银行】\n李"}, signature="会东一卡通")
    assert text.count("【") == 1
    assert "\n" not in text


@pytest.mark.parametrize("value", [90.0, "9000", True, None])
def test_money_is_whole_fen(value: object) -> None:
    with pytest.raises(TemplateError):
        render(TEMPLATES["payment_paid"], PAID | {"amount_fen": value}, signature="会东一卡通")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("见http://a.cn", "link"),
        ("见www.a", "link"),
        ("见ykt.gov.cn", "link"),
        ("513426196801017030", "id_number"),
        ("6217995341000123456", "card_number"),
        ("电话13800000001", "phone"),
    ],
)
def test_no_message_holds_a_link_or_somebodys_number(said: str, code: str) -> None:
    with pytest.raises(ForbiddenContent) as raised:
        render(TEMPLATES["payment_paid"], PAID | {"name": said}, signature="会东一卡通")
    assert raised.value.code == code
    assert said not in str(raised.value)


@pytest.mark.parametrize(
    "county", ["会东县", "西昌市", "东区", "木里藏族自治县", "县", "双江拉祜族佤族布朗族傣族自治县"]
)
def test_a_signature_has_three_to_eight_characters(county: str) -> None:
    assert 3 <= len(signature_of(county)) <= 8


@pytest.mark.parametrize(("length", "pieces"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)])
def test_segments_of_chinese(length: int, pieces: int) -> None:
    assert segments("汉" * length) == pieces


def test_a_character_beyond_the_basic_plane_counts_twice_and_is_never_cut() -> None:
    assert utf16_units("𠮷") == 2
    assert segments("𠮷" * 35) == 1
    assert segments("𠮷" * 36) == 2
    # 67 is odd: the 34th pair does not fit into a piece.
    assert segments("𠮷" * 67) == 3


@given(st.text(max_size=400))
def test_segments_hold_the_whole_text(text: str) -> None:
    text = text.encode("utf-16", "ignore").decode("utf-16")
    pieces, units = segments(text), utf16_units(text)
    assert pieces == 1 if units <= 70 else (units + 66) // 67 <= pieces <= units // 66 + 1
