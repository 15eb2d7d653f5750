"""Rules about people, gaps, answers and doubles: pure."""

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric

from core.errors import UserError
from registry import rules
from registry.rules import (
    AnswerLine,
    AnswerProblem,
    Asked,
    GapDates,
    Ground,
    ListedPerson,
    ListProblem,
    PersonListLine,
    Suspect,
    due_of,
    find_pairs,
    gap_dates,
    match_answers,
    nearly_same_number,
    read_day,
    survivors,
)

TODAY = date(2020, 7, 6)
WANG = "513426196001011234"
BODY = st.text("0123456789", min_size=17, max_size=17)


def numbered(body: str) -> str:
    return body + str(ric.calc_check_digit(body + "0"))


class TestDays:
    @pytest.mark.parametrize(
        "text",
        [
            "2020-06-30",
            "2020/6/30",
            "2020.6.30",
            "20200630",
            "2020年6月30日",
            "２０２０－０６－３０",
            "2020-06-30 00:00:00",
        ],
    )
    def test_days_as_people_write_them(self, text: str) -> None:
        assert read_day(text) == date(2020, 6, 30)

    @pytest.mark.parametrize("text", ["", "2020-06", "2020-02-30", "六月三十日", "30/06/2020"])
    def test_what_names_no_day(self, text: str) -> None:
        assert read_day(text) is None

    def test_a_status_has_a_day_between_birth_and_today(self) -> None:
        born = date(1960, 1, 1)
        assert rules.checked_status_day(TODAY, born, TODAY) == TODAY
        assert rules.checked_status_day(born, born, TODAY) == born
        for wrong in (None, date(2020, 7, 7), date(1959, 12, 31)):
            with pytest.raises(UserError):
                rules.checked_status_day(wrong, born, TODAY)


class TestLists:
    def test_each_line_has_one_problem_or_none(self) -> None:
        lines = {
            PersonListLine("王秀英", WANG, day="2020-06-01"): None,
            PersonListLine("", WANG, day="2020-06-01"): ListProblem.NAME_MISSING,
            PersonListLine("王秀英", "", day="2020-06-01"): ListProblem.ID_MISSING,
            PersonListLine("王秀英", WANG[:-1] + "0", day="2020-06-01"): ListProblem.ID_CHECKSUM,
            PersonListLine("王秀英", "513426196001011234", True, "2020-06-01"): ListProblem.ID_PRECISION_LOST,
            PersonListLine("王秀英", WANG, day="去年"): ListProblem.DAY_UNREADABLE,
            PersonListLine("王秀英", WANG, day="2020-07-07"): ListProblem.DAY_IN_FUTURE,
            PersonListLine("王秀英", WANG, day="1959-12-31"): ListProblem.DAY_BEFORE_BIRTH,
        }
        for line, expected in lines.items():
            found = rules.read_status_line(3, line, TODAY)
            if expected is None:
                assert found == ListedPerson(3, "王秀英", WANG, date(2020, 6, 1))
            else:
                assert found == expected

    def test_a_household_line_needs_its_number_but_no_name(self) -> None:
        line = PersonListLine("", WANG, household=" 0012 ", relation=" 户主")
        assert rules.read_household_line(0, line, TODAY) == ListedPerson(0, "", WANG, None, "0012", "户主")
        assert rules.read_household_line(0, PersonListLine("", WANG), TODAY) == ListProblem.HOUSEHOLD_MISSING

    def test_the_first_line_of_a_number_counts(self) -> None:
        first, second = ListedPerson(0, "王秀英", WANG), ListedPerson(5, "王秀英", WANG)
        assert rules.without_doubles([first, second]) == ([first], [5])

    def test_a_reason_is_needed_and_holds_no_number(self) -> None:
        assert rules.checked_explanation("  村委会 报告 ") == "村委会 报告"
        for wrong in ("", "是", "理" * 201, "卡号6217001200000400001"):
            with pytest.raises(UserError):
                rules.checked_explanation(wrong)


class TestGapDates:
    def test_the_campaign_of_2020_has_its_fixed_days(self) -> None:
        fixed = GapDates(date(2020, 6, 30), date(2020, 8, 30))
        assert gap_dates(date(2020, 1, 1)) == fixed
        assert gap_dates(date(2020, 6, 30)) == fixed
        assert gap_dates(date(2020, 7, 1)) == GapDates(date(2020, 7, 31), date(2020, 9, 30))
        assert gap_dates(date(2019, 12, 31)) == GapDates(date(2020, 1, 30), date(2020, 3, 31))

    def test_each_step_has_its_day(self) -> None:
        dates = GapDates(date(2020, 6, 30), date(2020, 8, 30))
        assert [due_of(state, dates) for state in ("open", "materials_collected", "submitted_to_bank", "issued")] == [
            dates.materials_on,
            dates.card_on,
            dates.card_on,
            dates.card_on,
        ]
        assert due_of("closed", dates) is None

    @given(st.dates(date(2015, 1, 1), date(2040, 1, 1)))
    def test_materials_are_due_before_the_card_and_never_before_the_opening(self, day: date) -> None:
        dates = gap_dates(day)
        assert day <= dates.materials_on < dates.card_on

    def test_every_reason_but_other_has_a_usual_measure(self) -> None:
        assert set(rules.GapReason) - set(rules.USUAL_MEASURE) == {rules.GapReason.OTHER}


class TestNearlySameNumber:
    @given(BODY, st.integers(0, 16), st.sampled_from("0123456789"))
    def test_one_wrong_digit(self, body: str, place: int, digit: str) -> None:
        assume(body[place] != digit)
        other = body[:place] + digit + body[place + 1 :]
        assert nearly_same_number(numbered(body), numbered(other))

    @given(BODY, st.integers(0, 15))
    def test_two_neighbours_that_changed_places(self, body: str, place: int) -> None:
        assume(body[place] != body[place + 1])
        other = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
        assert nearly_same_number(numbered(body), numbered(other))

    def test_the_same_number_and_two_slips_are_not_meant(self) -> None:
        body = WANG[:17]
        two_digits_apart = body[:8] + "7" + body[9:15] + "9" + body[16:]
        crossed_but_not_neighbours = body[:13] + body[16] + body[14:16] + body[13]
        assert not nearly_same_number(WANG, WANG)
        assert not nearly_same_number(WANG, numbered(two_digits_apart))
        assert body[13] != body[16]
        assert not nearly_same_number(WANG, numbered(crossed_but_not_neighbours))


def suspect(number: int, name: str = "王秀英", **more: Any) -> Suspect:
    values: dict[str, Any] = {
        "township": "513426001",
        "id_number": numbered(f"51342619{40 + number}0{1 + number}1{number}{100 + number}"[:17]),
        "card_id": None,
        "phone": None,
    } | more
    return Suspect(number, name, **values)


class TestPairs:
    def test_grounds(self) -> None:
        born = suspect(1).id_number
        same_birth = numbered(born[:14] + "999")
        near = numbered(born[:8] + "1" + born[9:17] if born[8] != "1" else born[:8] + "2" + born[9:17])
        people = [
            suspect(1),
            suspect(2, id_number=same_birth),
            suspect(3, id_number=near),
            suspect(4, township="513426002", id_number=same_birth[:14] + "8880"),
            suspect(5, "李国强", card_id=9),
            suspect(6, "李国强", card_id=9, township="513426002"),
            suspect(7, "赵桂兰", card_id=9),
            suspect(8, "陈伟", phone=b"1"),
            suspect(9, "陈伟", phone=b"1", township="513426003"),
        ]
        assert find_pairs(people) == {
            (1, 2): [Ground.BIRTH],
            (1, 3): [Ground.NUMBER],
            (5, 6): [Ground.CARD],
            (8, 9): [Ground.PHONE],
        }

    def test_a_household_on_one_card_is_no_double(self) -> None:
        assert find_pairs([suspect(1, "王秀英", card_id=1), suspect(2, "李国强", card_id=1)]) == {}

    def test_survivors_stand_at_the_end_of_the_chain(self) -> None:
        assert survivors({1: 2, 2: 3, 5: 6}) == {1: 3, 2: 3, 5: 6}
        assert survivors({1: 2, 2: 1}).keys() == {1, 2}


ASKED = [
    Asked(11, "BK1-1", "王秀英", WANG, "open"),
    Asked(12, "BK1-2", "李国强", "513426197503040013", "open"),
    Asked(13, "BK1-3", "赵桂兰", "513426196203035672", "issued", "6217001200000300003"),
    Asked(14, "BK1-4", "阿尔·木果", "513426196102023453", "refused", "", "查无此人"),
]


def line(position: int, **values: Any) -> AnswerLine:
    return AnswerLine(position, **values)


class TestAnswers:
    def test_by_reference_and_by_number(self) -> None:
        found = match_answers(
            [
                line(0, reference="bk1-1", card="6217001200000400001", issued_on="2020-07-01", arrival_sms="是"),
                line(1, id_number="513426197503040013", name="李国强", refusal="人在外地"),
            ],
            ASKED,
            TODAY,
        )
        assert not found.problems
        first, second = found.answers
        assert (first.line_id, first.card, first.holder, first.issued_on, first.arrival_sms) == (
            11,
            "6217001200000400001",
            "王秀英",
            date(2020, 7, 1),
            True,
        )
        assert (second.line_id, second.card, second.refusal) == (12, "", "人在外地")

    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            ({"reference": "BK1-1", "card": "12ab"}, AnswerProblem.CARD_UNREADABLE),
            ({"reference": "BK1-1", "card": "6217001200000400002"}, AnswerProblem.CARD_CHECK_DIGIT),
            (
                {"reference": "BK1-1", "card": "6217001200000400002", "number_confirmed": "否"},
                AnswerProblem.CARD_CHECK_DIGIT,
            ),
            ({"reference": "BK1-1"}, AnswerProblem.NOTHING_SAID),
            ({"reference": "BK1-1", "card": "62170012001", "issued_on": "昨天"}, AnswerProblem.DAY_UNREADABLE),
            ({"reference": "BK1-1", "card": "62170012001", "issued_on": "2020-07-07"}, AnswerProblem.DAY_IN_FUTURE),
            ({"reference": "BK9-1", "card": "62170012001"}, AnswerProblem.UNKNOWN_PERSON),
            ({"reference": "BK1-1", "name": "王秀", "card": "62170012001"}, AnswerProblem.NAME_DIFFERS),
            (
                {"reference": "BK1-1", "id_number": "513426197503040013", "card": "62170012001"},
                AnswerProblem.ID_DIFFERS,
            ),
            ({"reference": "BK1-3", "card": "62170012001"}, AnswerProblem.CONTRADICTS),
            ({"reference": "BK1-4", "refusal": "死亡"}, AnswerProblem.CONTRADICTS),
        ],
    )
    def test_what_is_set_aside(self, values: dict[str, str], problem: AnswerProblem) -> None:
        found = match_answers([line(7, **values)], ASKED, TODAY)
        assert (found.answers, found.repeated, found.problems) == ([], 0, [(7, problem)])

    def test_a_number_that_its_last_digit_does_not_fit_is_taken_when_the_file_stands_by_it(self) -> None:
        told = {"reference": "BK1-1", "number_confirmed": "是"}
        for card, confirmed in (("6217001200000400002", True), ("6217001200000400001", False)):
            [found] = match_answers([line(0, card=card, **told)], ASKED, TODAY).answers
            assert (found.card, found.number_confirmed) == (card, confirmed)

    def test_what_the_book_has_already_is_no_problem(self) -> None:
        again = [line(0, reference="BK1-3", card="6217001200000300003"), line(1, reference="BK1-4", refusal="查无此人")]
        found = match_answers(again, ASKED, TODAY)
        assert (found.answers, found.repeated, found.problems) == ([], 2, [])

    def test_each_person_and_each_card_once(self) -> None:
        two_cards = [line(0, reference="BK1-1", card="62170012001"), line(1, reference="BK1-1", card="62170012002")]
        assert [problem for _, problem in match_answers(two_cards, ASKED, TODAY).problems] == [
            AnswerProblem.REPEATED
        ] * 2
        one_card = [line(0, reference="BK1-1", card="62170012001"), line(1, reference="BK1-2", card="62170012001")]
        assert [problem for _, problem in match_answers(one_card, ASKED, TODAY).problems] == [
            AnswerProblem.CARD_OF_OTHERS
        ] * 2
        twice = [line(0, reference="BK1-1", card="62170012001"), line(1, reference="BK1-1", card="62170012001")]
        found = match_answers(twice, ASKED, TODAY)
        assert (len(found.answers), found.repeated, found.problems) == (1, 1, [])
