"""Amounts of money, and the many numbers that are none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.reading.money import AmountKind, find_amounts

BALANCE = Decimal(10000)

AMOUNTS = {
    "kuai": ("先还五百块", "500"),
    "kuai-qian": ("两百块钱", "200"),
    "yuan": ("应还3276.50元", "3276.50"),
    "small-with-unit": ("还五十块", "50"),
    "kuai-jiao": ("五块六", "5.6"),
    "kuai-ling": ("三块零四", "3.04"),
    "yuan-jiao-fen": ("一百二十三元四角五分", "123.45"),
    "mao": ("利息两毛五", "0.25"),
    "fen": ("就差五分钱", "0.05"),
    "fen-alone": ("二十五分", "0.25"),
    "fen-alone-arabic": ("25分。", "0.25"),
    "one-mao": ("每天一毛五", "0.15"),
    "total-of-debt": ("欠款总数是三万五", "35000"),
    "total": ("总数是三万五", "35000"),
    "before-labour-day": ("八百五一再还", "800"),
    "bare": ("周五我还两千", "2000"),
    "bare-open-tail": ("给你转三千五", "3500"),
    "bare-arabic": ("那就3000吧", "3000"),
    "bare-before-weekday": ("我还三千五周五", "3500"),
    "bare-before-day": ("还三千二十号", "3000"),
    "bare-before-day-after": ("还一千后天", "1000"),
    "about": ("八百多", "800"),
    "roughly": ("两千左右", "2000"),
    "range-lower-end": ("五六百块", "500"),
    "range-spelled": ("500到600", "500"),
    "range-shared-scale": ("一到两万", "10000"),
    "renminbi-before": ("人民币 5000", "5000"),
    "wan": ("1.2万", "12000"),
    "full-width-comma": ("12，600.00元", "12600"),
    "half": ("先还一半", "5000"),
    "tenths": ("先还三成", "3000"),
    "discount": ("打八折行不行", "8000"),
    "discount-finer": ("打八五折", "8500"),
    "percent": ("还百分之二十", "2000"),
    "third": ("还四分之一", "2500"),
    "all": ("全部还清", "10000"),
    "all-at-once": ("一次性结清", "10000"),
    "full-amount": ("全额还", "10000"),
}


@pytest.mark.parametrize(("text", "value"), AMOUNTS.values(), ids=AMOUNTS)
def test_an_amount_has_its_value(text: str, value: str) -> None:
    (amount,) = find_amounts(text, BALANCE)
    assert amount.value == Decimal(value)
    assert text[amount.start : amount.end] == amount.text


OPEN = {
    "minimum": ("先还最低还款", AmountKind.MINIMUM),
    "rest": ("剩下的下个月再说", AmountKind.REST),
    "other-half": ("那另外一半呢", AmountKind.REST),
    "several-hundred": ("还个几百块", AmountKind.SAID),
}


@pytest.mark.parametrize(("text", "kind"), OPEN.values(), ids=OPEN)
def test_what_has_no_figure_stays_open(text: str, kind: AmountKind) -> None:
    (amount,) = find_amounts(text, BALANCE)
    assert (amount.kind, amount.value) == (kind, None)


@pytest.mark.parametrize("text", ["还一半", "全部结清", "三成"], ids=["half", "all", "tenths"])
def test_shares_need_a_balance(text: str) -> None:
    (amount,) = find_amounts(text)
    assert amount.value is None


NOT_MONEY = {
    "house": "一号路三号楼",
    "hour": "五点半到家",
    "people": "三个人",
    "months": "两个月",
    "instalment-number": "第三期",
    "instalment-count": "分12期",
    "staff": "工号3072",
    "days": "一百天",
    "age": "我今年三百岁",
    "year": "2026年3月20号",
    "clock": "下午3:30",
    "phone": "打13800138000",
    "tail": "尾号5521的卡",
    "together": "我们一块去",
    "together-do": "一块处理",
    "success": "成功了",
    "idiom": "千万别告诉他",
    "floor": "住在一百零二室",
    "small-bare": "还二十",
    "pentagon": "五角大楼",
    "kilometres": "跑了三千公里",
    "spelled": "是三零七二",
    "no-cent": "一分钱都没有",
    "no-cent-to-show": "我现在一分钱也拿不出来",
    "no-dime": "一毛钱都没有",
    "minutes": "三点二十分",
    "marks": "麻烦给我打五分",
    "very": "十分",
    "interest": "月息两分",
    "people-number": "参加人数三千",
    "count-of-things": "基站总数是10000",
    "hotline": "我把录音交到12378去",
}


@pytest.mark.parametrize("text", NOT_MONEY.values(), ids=NOT_MONEY)
def test_other_numbers_are_not_money(text: str) -> None:
    assert find_amounts(text, BALANCE) == ()


def test_several_amounts_come_in_order() -> None:
    found = find_amounts("明天还一千，15号还2500块，剩下的下个月")
    assert [(amount.text, amount.value) for amount in found] == [("一千", 1000), ("2500块", 2500), ("剩下的", None)]


RUN_TOGETHER = {
    "repeated": ("五百五百够了吧", [500, 500]),
    "repeated-before-days": ("五百五百三天内给你", [500, 500]),
    "repeated-with-more": ("三千三千五行不行", [3000, 3500]),
    "raised": ("八百一千", [800, 1000]),
    "tail-kept": ("八百五一千", [850, 1000]),
    "one-number": ("一千五百五十", [1550]),
    "range-is-no-repetition": ("五六百", [500]),
}


@pytest.mark.parametrize(("text", "values"), RUN_TOGETHER.values(), ids=RUN_TOGETHER)
def test_amounts_without_a_pause_are_told_apart(text: str, values: list[int]) -> None:
    assert [amount.value for amount in find_amounts(text)] == values


def test_roughness_is_told() -> None:
    rough = find_amounts("大概两千，3000左右，一千多块，正好四千")
    assert [amount.approximate for amount in rough] == [True, True, True, False]


@pytest.mark.parametrize(
    "said", ["9" * 400, "99999999999999块", "1" * 13 + "元"], ids=["endless", "fourteen-digits", "thirteen-digits"]
)
def test_a_number_beyond_all_debts_is_no_amount(said: str) -> None:
    assert find_amounts(f"我还{said}") == ()


@given(st.text(alphabet="零一二两三五十百千万几多半点号块元毛角分成折全部还清剩下的到0123456789.,， %", max_size=40))
def test_any_text_is_read_with_true_places(text: str) -> None:
    end = 0
    for amount in find_amounts(text, BALANCE):
        assert text[amount.start : amount.end] == amount.text
        assert end <= amount.start < amount.end
        end = amount.end


@given(st.text(max_size=200))
def test_any_text_at_all_is_survived(text: str) -> None:
    find_amounts(text, BALANCE)
