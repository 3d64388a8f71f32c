"""Sums over plain arrays say what scikit-learn says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from qa_service.call import Speaker
from qa_service.judgement import Category
from qa_service.learned.features import features_of
from qa_service.learned.scores import ABSENT, PLACES, context_of, text_scores
from qa_service.lexicon import Rulebook
from qa_service.lexicon.learned_model import VIEWS
from qa_service.testing.corpus import Split
from training.fitting import Recipe, as_stored, fit_words
from training.material import Material, Said, read_material


@pytest.fixture(scope="module")
def material(corpus: Path, plain_rulebook: Rulebook) -> Material:
    return read_material(corpus, Split.TRAIN, plain_rulebook)


@pytest.fixture(scope="module")
def samples(material: Material) -> list[Said]:
    return [said for one in material.dialogues for said in one.sides[Speaker.AGENT].said]


def test_scores_by_words_are_those_of_scikit_learn(samples: list[Said]) -> None:
    recipe = Recipe()
    vectorizers = {
        view: TfidfVectorizer(analyzer=sorted, binary=True, min_df=recipe.fewest)
        for view in VIEWS
        if recipe.views.get(view)
    }
    seen = [
        v.fit_transform([s.features.of(view) for s in samples]) * recipe.views[view] for view, v in vectorizers.items()
    ]
    labels = [Category.THREAT in said.labels for said in samples]
    theirs = LogisticRegression(
        C=recipe.softness, class_weight="balanced", solver="liblinear", max_iter=300, random_state=0
    ).fit(hstack(seen), labels)
    unseen = [features_of("灯塔的人明天去找你"), features_of("我给您登记一下", "水车停了"), features_of("从没见过的字")]
    asked = hstack(
        [v.transform([one.of(view) for one in unseen]) * recipe.views[view] for view, v in vectorizers.items()]
    )
    ours = text_scores(fit_words(samples, Speaker.AGENT, recipe), unseen)[:, 0]
    assert ours == pytest.approx(theirs.decision_function(asked), abs=1e-4)


def test_rounding_for_the_file_moves_no_score_by_much(samples: list[Said]) -> None:
    exact = fit_words(samples, Speaker.AGENT, Recipe())
    words = [said.features for said in samples]
    assert text_scores(as_stored(exact), words) == pytest.approx(text_scores(exact, words), abs=0.01)


def test_a_category_that_nothing_bears_is_never_likely(samples: list[Said]) -> None:
    model = fit_words(samples, Speaker.AGENT, Recipe())
    insult = model.categories.index(Category.INSULT)
    assert text_scores(model, [features_of("灯塔")])[0, insult] == ABSENT


def test_nobody_says_anything(samples: list[Said]) -> None:
    assert text_scores(fit_words(samples, Speaker.AGENT, Recipe()), []).shape[0] == 0


@pytest.mark.parametrize(
    ("turns", "before", "after"),
    [
        pytest.param((0, 2, 4), (ABSENT, 1, 2), (2, 3, ABSENT), id="one-after-the-other"),
        pytest.param((0, 2, 9), (ABSENT, 1, ABSENT), (2, ABSENT, ABSENT), id="far-apart"),
    ],
)
def test_neighbours_are_turns_of_the_same_side_nearby(
    turns: tuple[int, ...], before: tuple[float, ...], after: tuple[float, ...]
) -> None:
    scores = np.array([[1], [2], [3]], np.float32)
    context = context_of(scores, np.zeros((3, PLACES), np.float32), turns)[0]
    assert context[:, 0].tolist() == [1, 2, 3]
    assert context[:, 1].tolist() == list(before)
    assert context[:, 2].tolist() == list(after)
