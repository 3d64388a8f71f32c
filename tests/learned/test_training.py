"""One command trains the reader: the same corpus gives the same bytes, and the card says what came of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_corpus import TRAIN

from qa_service.call import Speaker
from qa_service.judgement import Category
from qa_service.lexicon import Rulebook
from qa_service.lexicon.learned import read_learned
from qa_service.testing.corpus import Split
from training.__main__ import main
from training.fitting import FOLDS, Recipe, folds
from training.material import CATEGORIES, read_material
from training.report import without
from training.thresholds import Scored, choose, tally_at
from training.train import Trained, train


def test_the_same_corpus_gives_the_same_bytes(corpus: Path, plain_rulebook: Rulebook, trained: Trained) -> None:
    again = train(corpus, rulebook=plain_rulebook)
    assert again.content == trained.content
    assert again.card.category == trained.card.category


def test_the_card_says_what_it_was_trained_on(trained: Trained) -> None:
    assert trained.card.corpus.families == TRAIN
    assert trained.card.corpus.dialogues == 48
    assert trained.card.corpus.lines == 96
    assert {"python", "scikit-learn", "numpy"} <= trained.card.made_with.keys()


def test_only_what_helps_ships(trained: Trained) -> None:
    on = {(line.speaker, line.category) for line in trained.card.category if line.on}
    assert on == {
        (Speaker.AGENT, Category.THREAT),
        (Speaker.CUSTOMER, Category.HARDSHIP),
        (Speaker.CUSTOMER, Category.EMOTION),
    }
    assert all(line.because for line in trained.card.category if not line.on)


def test_the_command_writes_what_is_then_read(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--corpus", str(corpus), "--out", str(tmp_path)]) == 0
    assert (Speaker.AGENT, Category.THREAT) in read_learned(tmp_path).thresholds
    assert "threat" in capsys.readouterr().out


def test_the_command_names_what_is_wrong_with_the_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "train" / "lines" / "broken.jsonl"
    broken.parent.mkdir(parents=True)
    broken.write_text("{", encoding="utf-8")
    assert main(["--corpus", str(tmp_path), "--out", str(tmp_path)]) == 1
    assert "broken.jsonl 第 1 行" in capsys.readouterr().err


def test_no_family_is_judged_by_what_was_learned_from_it() -> None:
    parts = folds(TRAIN)
    assert len(parts) == FOLDS
    assert sorted(family for part in parts for family in part) == sorted(TRAIN)


def test_lines_of_families_that_label_no_outbursts_say_nothing_of_them(corpus: Path, plain_rulebook: Rulebook) -> None:
    material = read_material(corpus, Split.TRAIN, plain_rulebook)
    assert {said.silent_on for said in material.lines[Speaker.CUSTOMER]} == {frozenset({Category.EMOTION})}


def test_a_threshold_lies_between_what_is_and_what_is_not(corpus: Path, plain_rulebook: Rulebook) -> None:
    scored = []
    for dialogue in read_material(corpus, Split.VALIDATION, plain_rulebook).dialogues:
        said = dialogue.sides[Speaker.AGENT].said
        chances = np.zeros((len(said), len(CATEGORIES[Speaker.AGENT])), np.float32)
        chances[:, 0] = [0.7 if Category.THREAT in one.labels else 0.4 for one in said]
        scored.append(Scored(dialogue=dialogue, chances=chances))
    threshold = choose(scored, Speaker.AGENT, Category.THREAT)
    assert 0.4 < threshold <= 0.7
    assert tally_at(scored, Speaker.AGENT, Category.THREAT, threshold).f1 == 1


@pytest.mark.parametrize("part", ["characters", "before", "neighbours", "places"])
def test_any_part_can_be_left_out(part: str) -> None:
    recipe = without(Recipe(), part)
    assert part not in recipe.views
    assert part not in recipe.context
    assert recipe != Recipe()
