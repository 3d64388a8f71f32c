"""Numbers as people say and write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.reading.numbers import find_numbers, mask_identifiers, parse_number

VALUES = {
    "tens": ("二十", 20),
    "bare-ten": ("十五", 15),
    "hundreds-open-tail": ("一百二", 120),
    "hundreds-without-ten-word": ("一百十一", 111),
    "thousands-open-tail": ("三千五", 3500),
    "thousands-liang": ("两千六", 2600),
    "thousands-zero": ("一千零五", 1005),
    "thousands-zero-tens": ("一千零五十", 1050),
    "thousands-full": ("三千八百五十六", 3856),
    "myriad-open-tail": ("一万二", 12000),
    "myriad-thirteen": ("十三万五", 135000),
    "myriad-zero": ("十万零一千", 101000),
    "capital-digits": ("壹万贰仟", 12000),
    "arabic": ("3000", 3000),
    "arabic-comma": ("12,600", 12600),
    "arabic-decimal": ("3276.50", Decimal("3276.50")),
    "arabic-unit": ("8千5", 8500),
    "arabic-myriad": ("1.2万", 12000),
    "arabic-myriad-tail": ("1万2", 12000),
    "arabic-myriad-hundreds": ("1万600", 10600),
    "arabic-k": ("15k", 15000),
    "spoken-decimal": ("一点五万", 15000),
}


@pytest.mark.parametrize(("text", "value"), VALUES.values(), ids=VALUES)
def test_a_number_has_its_value(text: str, value: Decimal | int) -> None:
    assert parse_number(text) == value


RANGES = {
    "five-or-six-hundred": ("五六百", 500, 600),
    "three-to-five-thousand": ("三五千", 3000, 5000),
    "fifteen-hundred-or-so": ("一千五六", 1500, 1600),
    "teens": ("十几", 10, 19),
    "several-hundred": ("几百", None, None),
    "eight-hundred-odd": ("八百多", 800, None),
    "twenty-odd": ("二十来块", 20, None),
    "a-hundred-or-so": ("百把块", 100, None),
    "ten-myriad-odd": ("十多万", 100000, None),
}


@pytest.mark.parametrize(("text", "low", "high"), RANGES.values(), ids=RANGES)
def test_a_rough_number_keeps_its_lower_end(text: str, low: int | None, high: int | None) -> None:
    (number,) = find_numbers(text)
    assert (number.value, number.high, number.approximate) == (low, high, True)


SPLITS = {
    "amount-then-day": ("三千五号", ["三千", "五"]),
    "amount-then-teens": ("三千二十号", ["三千", "二十"]),
    "hundreds-then-day": ("三百十五号", ["三百", "十五"]),
    "tail-then-day": ("一千五十五号", ["一千五", "十五"]),
    "amount-then-months": ("五千两个月", ["五千", "两"]),
    "weekday-then-amount": ("周五三千", ["三千"]),
    "next-weekday-then-amount": ("下周五两千", ["两千"]),
    "next-week-then-amount": ("下周五千二", ["五千二"]),
    "amount-then-weekday": ("还三千五周五", ["三千五"]),
    "amount-then-month-end": ("还三千五月底", ["三千五"]),
    "full-date": ("2026年3月20号", ["2026", "3", "20"]),
}


@pytest.mark.parametrize(("text", "numbers"), SPLITS.values(), ids=SPLITS)
def test_numbers_without_a_pause_are_told_apart(text: str, numbers: list[str]) -> None:
    assert [number.text for number in find_numbers(text)] == numbers


MASKED = {
    "mobile": "请拨打13800138000转人工",
    "grouped-card": "卡号6222 0212 3456 7890",
    "tail": "尾号是5521的那张",
    "staff": "我工号3072",
    "spoken-staff": "工号三零七二为您服务",
    "seat": "这里是3072号坐席",
    "identity": "身份证11010519491231002X",
    "hotline": "我要打12378",
    "hotline-without-verb": "交给12315处理",
}


@pytest.mark.parametrize("text", MASKED.values(), ids=MASKED)
def test_identifiers_are_no_numbers(text: str) -> None:
    assert find_numbers(text) == ()
    assert len(mask_identifiers(text)) == len(text)


NOT_MASKED = {
    "amount": "还12378块",
    "amount-without-unit": "我还12378",
    "amounts": "先还3000 5000下月",
    "million": "一共1200000元",
    "spoken-amount": "打三千过去",
}


@pytest.mark.parametrize("text", NOT_MASKED.values(), ids=NOT_MASKED)
def test_amounts_are_not_taken_for_identifiers(text: str) -> None:
    assert mask_identifiers(text) == text


@pytest.mark.parametrize(
    "text", ["千万别", "百度", "一下", "万一", "零钱", ""], ids=["beg", "name", "once", "if", "change", "empty"]
)
def test_idioms_have_no_sizeable_number(text: str) -> None:
    assert all(number.value is not None and number.value < 2 for number in find_numbers(text))


@given(st.text(alphabet="零〇一二两三五十百千万亿几多半点号块月周0123456789.,， 工尾a", max_size=40))
def test_any_text_is_read_with_true_places(text: str) -> None:
    end = 0
    for number in find_numbers(text):
        assert text[number.start : number.end] == number.text
        assert end <= number.start < number.end
        end = number.end


@given(st.integers(min_value=1, max_value=99_999_999))
def test_what_is_written_out_in_full_comes_back(value: int) -> None:
    assert parse_number(spoken(value)) == value


def spoken(value: int) -> str:
    """The full spoken form, as a bank would print it."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        tail = ("零" if low < 1000 else "") + spoken(low) if low else ""
        return spoken(high) + "万" + tail
    words, pending = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            words += ("零" if pending and words else "") + "零一二三四五六七八九"[digit] + unit
        pending = not digit
    return words
