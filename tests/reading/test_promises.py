"""Promises and their recap, over dialogues kept as data: plain ones, negotiations, and traps without any promise."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.call import Speaker, Turn
from qa_service.reading.promises import PromiseReading, find_promises

FILES = ("promise_dialogues.toml", "promise_negotiations.toml", "promise_traps.toml")
DIALOGUES = [
    dialogue
    for name in FILES
    for dialogue in tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))["dialogue"]
]
SPEAKERS = {"坐席": Speaker.AGENT, "客户": Speaker.CUSTOMER}
THURSDAY = date(2026, 3, 12)


def turns_of(says: str) -> list[Turn]:
    turns = []
    for number, line in enumerate(says.strip().splitlines()):
        speaker, _, text = line.partition("：")
        turns.append(
            Turn(speaker=SPEAKERS[speaker], start_ms=number * 4000, end_ms=number * 4000 + 3500, text=text.strip())
        )
    return turns


def read(dialogue: dict[str, Any]) -> PromiseReading:
    return find_promises(turns_of(dialogue["says"]), dialogue.get("on", THURSDAY))


def figures(reading: PromiseReading) -> list[list[tuple[Decimal | None, date | None]]]:
    return [[(payment.amount, payment.due) for payment in promise.payments] for promise in reading.promises]


def expected(promises: Sequence[Sequence[dict[str, Any]]]) -> list[list[tuple[Decimal | None, date | None]]]:
    def amount(payment: dict[str, Any]) -> Decimal | None:
        return Decimal(str(payment["amount"])) if "amount" in payment else None

    return [[(amount(payment), payment.get("due")) for payment in payments] for payments in promises]


READ_RIGHT = [dialogue for dialogue in DIALOGUES if "known_miss" not in dialogue]
KNOWN_MISSES = [dialogue for dialogue in DIALOGUES if "known_miss" in dialogue]


def named(dialogues: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(dialogue, id=dialogue["id"]) for dialogue in dialogues]


@pytest.mark.parametrize("dialogue", named(READ_RIGHT))
def test_what_stands_at_the_end_is_promised(dialogue: dict[str, Any]) -> None:
    assert figures(read(dialogue)) == expected(dialogue["promises"])


@pytest.mark.parametrize("dialogue", named(READ_RIGHT))
def test_recap_is_what_the_agent_read_back_afterwards(dialogue: dict[str, Any]) -> None:
    assert read(dialogue).recap == dialogue.get("recap")


@pytest.mark.parametrize("dialogue", named(KNOWN_MISSES))
def test_a_known_miss_is_still_missed(dialogue: dict[str, Any]) -> None:
    assert figures(read(dialogue)) != expected(dialogue["promises"]), f"now read right, move it up: {dialogue['id']}"


def test_the_corpus_has_as_many_traps_as_promises() -> None:
    traps = [dialogue for dialogue in DIALOGUES if not dialogue["promises"]]
    assert len(DIALOGUES) >= 220
    assert len(traps) * 5 >= len(DIALOGUES) * 2
    assert len({dialogue["id"] for dialogue in DIALOGUES}) == len(DIALOGUES)


def test_balance_of_the_call_data_serves_where_the_call_names_none() -> None:
    turns = turns_of("坐席：您看什么时候能处理？\n客户：下周一全部还清。")
    assert figures(find_promises(turns, THURSDAY, Decimal("4321.00"))) == [[(Decimal("4321.00"), date(2026, 3, 16))]]
    assert figures(find_promises(turns, THURSDAY)) == [[(None, date(2026, 3, 16))]]


def test_a_promise_names_the_turns_that_made_it() -> None:
    (promise,) = find_promises(
        turns_of("坐席：能还多少？\n客户：两千。\n坐席：哪天呢？\n客户：周五。"), THURSDAY
    ).promises
    assert (promise.turns, promise.standing) == ((1, 3), True)


def test_a_call_without_turns_has_no_promise() -> None:
    assert find_promises([], THURSDAY) == PromiseReading(promises=(), recap=None)


WORDS = st.sampled_from(
    [
        *(
            "嗯",
            "行",
            "好",
            "可以",
            "算了",
            "还",
            "不",
            "没钱",
            "周五",
            "下个月",
            "15号",
            "月底",
            "过两天",
            "两千",
            "三千五",
        ),
        *(
            "一半",
            "剩下的",
            "全部还清",
            "每个月",
            "分三期",
            "各",
            "，",
            "。",
            "？",
            "吗",
            "再",
            "要是",
            "哪天",
            "多少",
            "呢",
        ),
    ]
)


@given(st.lists(st.tuples(st.sampled_from(list(Speaker)), st.lists(WORDS, max_size=8)), max_size=10), st.dates())
def test_any_dialogue_is_read(lines: list[tuple[Speaker, list[str]]], on: date) -> None:
    turns = [Turn(speaker=speaker, start_ms=0, end_ms=1, text="".join(words)) for speaker, words in lines]
    reading = find_promises(turns, on, Decimal(9000))
    assert (reading.recap is None) == (not reading.promises)
    for promise in reading.promises:
        assert promise.payments
        assert set(promise.turns) <= set(range(len(turns)))


@pytest.mark.parametrize("cue", ["嗯", "好", "对", "，", "等", "9", "九", "十", "，123", "还不", "我"], ids=ascii)
def test_a_cue_without_end_is_survived(cue: str) -> None:
    turns = turns_of(f"坐席：周五两千可以吗？\n客户：{cue * 3000}甲")
    find_promises(turns, THURSDAY)
