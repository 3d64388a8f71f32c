"""What the learned reader sees: pieces of words without marks or figures, each with its place."""

from __future__ import annotations

import pytest

from qa_service.learned.features import features_of, located, plain

TEXTS = [
    pytest.param("灯塔会去找你，听见没有", id="two-clauses"),
    pytest.param("你那三千五百块，15号之前", id="figures"),
    pytest.param("好", id="one-character"),
    pytest.param("，。", id="marks-alone"),
    pytest.param("", id="nothing"),
    pytest.param("ok吗100", id="mixed"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_places_are_of_the_same_features(text: str) -> None:
    assert {one.feature for one in located(text)} == (features_of(text).characters if plain(text) else set())


@pytest.mark.parametrize("text", TEXTS)
def test_a_place_holds_the_characters_of_its_feature(text: str) -> None:
    for one in located(text):
        assert plain(text[one.start : one.end]) == (one.feature.strip("^$") or plain(text[one.start : one.end]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("还三千五", "还两千八", id="sums"),
        pytest.param("15号还", "25号还", id="days"),
        pytest.param("你听好，别挂", "你听好别挂", id="marks"),
    ],
)
def test_figures_and_marks_make_no_difference(one: str, other: str) -> None:
    assert features_of(one) == features_of(other)


def test_of_the_turn_before_only_the_end_counts() -> None:
    assert features_of("好", "前面很长很长的一段话" * 5 + "水车停了").before >= {"水车停", "停了"}
    assert "前面" not in features_of("好", "前面说过的话不算数" + "水车停了" * 6).before
    assert features_of("好").before == frozenset()
