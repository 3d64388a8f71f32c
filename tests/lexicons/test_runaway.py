"""No pattern can run away: what one costs at a place of any text stays below the bound it was accepted with."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qa_service.errors import LexiconInvalid
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.patterns import MAX_STEPS, Pattern, compile_pattern
from tests.lexicons.counting import steps_at

SYLLABLES = "三千个哈"
SETS = {"laugh": ("哈", "哈哈", "哈哈哈"), "count": ("三", "三千", "三千个", "千", "千个"), "mark": ("？", "哈？")}
COUNTABLE = 4_000
"""Steps that are still counted one by one in reasonable time."""

words = st.text(SYLLABLES, min_size=1, max_size=3)
choices = st.lists(words | st.just(""), min_size=1, max_size=3).map(lambda some: f"[{'|'.join(some)}]")
sets = st.sampled_from(["<laugh>", "<count>", "<mark>", "<digits>", "<sum>", "<person>", "<named>", "<name>"])
marks = st.sampled_from(["…", "~", "，", "$", "^", "{<三、哈哈}", "{>个}"])
patterns = st.lists(words | choices | sets | marks, min_size=1, max_size=6).map("".join)
hostile = st.text(SYLLABLES + "，？王", min_size=1, max_size=40)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(patterns, hostile, st.integers(min_value=0, max_value=39))
def test_whatever_is_written_costs_no_more_than_was_counted(source: str, text: str, at: int) -> None:
    try:
        pattern = compile_pattern(source, SETS, "test")
    except LexiconInvalid:
        assume(False)
    assume(pattern.effort.steps <= COUNTABLE and at < len(text))
    assert steps_at(pattern.expression, text, at) <= pattern.effort.steps


@settings(max_examples=300, deadline=None, derandomize=True)
@given(patterns, hostile)
def test_a_match_always_holds_the_words_that_it_needs(source: str, text: str) -> None:
    try:
        pattern = compile_pattern(source, SETS, "test")
    except LexiconInvalid:
        assume(False)
    if any(pattern.matches(text)):
        assert all(any(word in text for word in group) for group in pattern.needs)


RUNAWAYS = [
    pytest.param("<laugh>…<laugh>…<laugh>…<laugh>…哈三", id="gaps-between-words-that-repeat"),
    pytest.param("三…千…三…千…三…千个", id="six-gaps"),
    pytest.param("<digits>~<digits>~<digits>~<digits>~元", id="numbers-in-a-row"),
    pytest.param("三" + "[哈|哈哈|哈哈哈|]" * 9 + "千", id="optional-words-in-a-row"),
    pytest.param("三" + "<count>" * 14, id="sets-in-a-row"),
]


@pytest.mark.parametrize("source", RUNAWAYS)
def test_a_pattern_that_could_run_away_is_refused_with_what_to_do(source: str) -> None:
    with pytest.raises(LexiconInvalid) as refusal:
        compile_pattern(source, SETS, "own.toml 规则 conduct.own")
    for said in ("own.toml 规则 conduct.own", source, str(MAX_STEPS), "减少空隙"):
        assert said in str(refusal.value)


def costliest() -> list[Pattern]:
    rules = load_rulebook(learned=False).rules
    return sorted((p for rule in rules for p in rule.patterns), key=lambda p: -p.effort.steps)[:12]


@pytest.mark.parametrize("pattern", costliest(), ids=[str(number) for number in range(12)])
def test_the_costliest_shipped_patterns_stay_far_below_their_bound_on_their_own_words(pattern: Pattern) -> None:
    shortest = [min(sorted(group), key=len) for group in pattern.needs]
    text = "".join(shortest) * 12 + "".join(shortest[:-1]) * 12
    assert max(steps_at(pattern.expression, text, at) for at in range(0, len(text), 3)) <= MAX_STEPS / 10


def test_marks_at_the_end_are_looked_through_but_not_without_end() -> None:
    pattern = compile_pattern("再见$", SETS, "test")
    assert any(pattern.matches("再见" + "。" * 20))
    assert steps_at(pattern.expression, "再见" + "。" * 5_000, 0) <= pattern.effort.steps
