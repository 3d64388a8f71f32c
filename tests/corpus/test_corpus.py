"""The corpus: its labels lie where they can, and what is learned from one split is not met again in another."""

from qa_service.judgement import Category
from qa_service.testing.corpus import Split, corpus_texts, near_duplicates, read_dialogues, read_lines
from qa_service.testing.evaluation import SCORED_CATEGORIES


def test_a_family_lies_in_one_split() -> None:
    placed = {(d.family, d.split) for d in read_dialogues()} | {(p.family, p.split) for p in read_lines()}
    families = [family for family, _ in placed]
    assert len(families) == len(set(families))


def test_call_ids_are_unique() -> None:
    ids = [dialogue.call.call_id for dialogue in read_dialogues()]
    assert len(ids) == len(set(ids))


def test_every_split_has_every_category() -> None:
    for split in Split:
        lines = {category for placed in read_lines(splits=[split]) for category in placed.line.labels}
        calls = {f.category for dialogue in read_dialogues(splits=[split]) for f in dialogue.labels.findings}
        assert set(SCORED_CATEGORIES) <= lines, split
        assert set(SCORED_CATEGORIES) <= calls, split


def test_a_label_and_what_a_line_is_like_exclude_each_other() -> None:
    assert [placed for placed in read_lines() if placed.line.labels and placed.line.like] == []


def test_no_text_of_one_split_is_nearly_one_of_another() -> None:
    assert near_duplicates(corpus_texts()) == []


def test_near_duplicates_are_found_across_splits_only() -> None:
    texts = [
        ("train", "a", "你要是再不还钱我就去你儿子学校门口等着"),
        ("validation", "b", "你要是再不还钱，我就上你儿子学校门口等着他"),
        ("train", "c", "你要是再不还钱我就去你儿子学校门口等着吧"),
        ("held_back", "d", "您看这个月先还一部分可以吗，剩下的再商量"),
    ]
    assert {(pair.one, pair.other) for pair in near_duplicates(texts)} == {("a", "b"), ("b", "c")}


def test_categories_of_rules_alone_are_known() -> None:
    extra = {category for placed in read_lines() for category in placed.line.labels} - set(SCORED_CATEGORIES)
    assert extra <= {
        Category.DECEPTION,
        Category.CONDUCT,
        Category.DISCLOSURE,
        Category.PROMISE,
        Category.CONTACT,
        Category.EMOTION,
        Category.RECORDING,
    }
