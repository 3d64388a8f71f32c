"""Clauses end at marks, pauses, discourse markers and length; framings stop there, and so do the gaps of patterns."""

from __future__ import annotations

from itertools import pairwise

import pytest

from qa_service.call import HeardWord, Speaker, Turn
from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.patterns import compile_pattern
from qa_service.lexicon.text import view_of
from qa_service.reading.clauses import LONGEST_CLAUSE, PAUSE_MS, ClauseReader
from qa_service.reading.turns import DISCOURSE_MARKERS, ReadTurn, TurnReader


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.fixture(scope="module")
def clauses(rulebook: Rulebook) -> ClauseReader:
    return ClauseReader(rulebook.word_sets[DISCOURSE_MARKERS])


@pytest.fixture(scope="module")
def turns(rulebook: Rulebook) -> TurnReader:
    return TurnReader(rulebook)


def spoken(*words: str, pauses: dict[int, int] | None = None) -> Turn:
    """A turn of timed words of 300 ms each; ``pauses`` are silences in ms before the word of that number."""
    made, text, now = [], "", 0
    for number, word in enumerate(words):
        now += (pauses or {}).get(number, 0)
        made.append(
            HeardWord(start=len(text), end=len(text) + len(word), start_ms=now, end_ms=now + 300, probability=0.9)
        )
        text, now = text + word, now + 300
    return Turn(speaker=Speaker.AGENT, start_ms=0, end_ms=now, text=text, confidence=0.9, words=tuple(made))


def pieces(reader: ClauseReader, turn: Turn) -> list[str]:
    view = view_of(turn.text)
    starts = reader.read(view, turn.text, turn.words).clauses
    return [view.text[start:end] for start, end in pairwise((*starts, len(view.text)))]


def plain(text: str) -> Turn:
    return Turn(speaker=Speaker.AGENT, start_ms=0, end_ms=1000, text=text)


TEXTS = [
    ("marks", "您好，我姓王。再见", ["你好，", "我姓王。", "再见"]),
    ("a marker", "我们不会去但是你得还", ["我们不会去", "但是你得还"]),
    ("another marker", "先还一千然后月底再还", ["先还一千", "然后月底再还"]),
    ("no marker inside a word", "这套房不过户", ["这套房不过户"]),
    ("later is no marker", "到时候再说吧", ["到时候再说吧"]),
    ("a space for a pause", "我是诚达资产的 请问是张伟吗", ["我是诚达资产的", "请问是张伟吗"]),
    ("a space after every word", "请问 您 是 张伟 吗", ["请问你是张伟吗"]),
    ("no space inside a number", "工号 3072", ["工号3072"]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_where_clauses_end_in_text(clauses: ClauseReader, text: str, expected: list[str]) -> None:
    assert pieces(clauses, plain(text)) == expected


PAUSES = [
    ("long enough", PAUSE_MS, ["我们不去", "你得还"]),
    ("too short", PAUSE_MS - 1, ["我们不去你得还"]),
]


@pytest.mark.parametrize(("pause", "expected"), [case[1:] for case in PAUSES], ids=[case[0] for case in PAUSES])
def test_a_pause_ends_a_clause(clauses: ClauseReader, pause: int, expected: list[str]) -> None:
    assert pieces(clauses, spoken("我们", "不去", "你", "得", "还", pauses={2: pause})) == expected


def test_a_pause_behind_a_word_that_asks_for_more_is_a_hesitation(clauses: ClauseReader) -> None:
    assert pieces(clauses, spoken("我们", "不会", "去", "你们", "单位", pauses={2: 900})) == ["我们不会去你们单位"]


def test_a_long_stretch_without_marks_ends_at_a_new_subject(clauses: ClauseReader) -> None:
    text = "这个月的账单我们已经发到您登记的那个手机号上面去了你看一下什么时候方便处理"
    assert len(text.partition("你看")[0]) > LONGEST_CLAUSE
    assert pieces(clauses, plain(text))[1].startswith("你看")


def framed(turns: TurnReader, turn: Turn, words: str) -> str | None:
    read: ReadTurn = turns.read(0, turn)
    start = read.view.text.index(words)
    return read.framed(start, start + len(words), ["denial"])


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (plain("我们不会闹到您单位"), "denial"),
        (plain("我们不会骗您但是我会闹到您单位"), None),
        (plain("我们不会反正我会闹到您单位"), None),
        (spoken("我们", "不会", "骗你", "我", "会", "闹到", "你单位", pauses={3: 600}), None),
        (spoken("我们", "不会", "闹到", "你单位", pauses={2: 600}), "denial"),
    ],
    ids=["same clause", "but", "anyway", "a pause between", "a hesitation behind the denial"],
)
def test_a_denial_ends_with_its_clause(turns: TurnReader, turn: Turn, expected: str | None) -> None:
    assert framed(turns, turn, "闹到") == expected


GAPS = [
    ("one clause", "闹到你们那个单位", "闹到…单位", True),
    ("over a marker", "闹到现在但是单位不知道", "闹到…单位", False),
    ("over a marker the pattern allows", "闹到现在但是单位不知道", "闹到…，单位", True),
    ("over a marker the pattern names", "你不还然后我去单位", "不还…然后…单位", True),
    ("no gap, no question", "闹到单位", "闹到单位", True),
]


@pytest.mark.parametrize(("text", "source", "whole"), [case[1:] for case in GAPS], ids=[case[0] for case in GAPS])
def test_a_gap_stays_inside_its_clause(turns: TurnReader, text: str, source: str, *, whole: bool) -> None:
    pattern = compile_pattern(source, {}, "test")
    read = turns.read(0, plain(text))
    match = next(pattern.matches(read.view.text), None)
    assert (match is not None and read.one_clause(match.start(), match.end(), pattern)) is whole
