"""The two steps of learning: words to scores, then scores in their context to probabilities.

The second step learns from scores of families that the first one has not seen, so that it knows how far these can be
trusted: its probabilities are calibrated, and nothing of a family is used to judge that family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from qa_service.call import Speaker
from qa_service.judgement import Category
from qa_service.learned.scores import ABSENT, CONTEXT, PLACES, context_of, probabilities, text_scores
from qa_service.lexicon.learned_model import VIEWS, Floats, SideModel, ViewWeights
from training.material import CATEGORIES, LabelledReading, Material, Said

FOLDS = 7
"""Parts the families are dealt into; each is scored by a model that learned from the others."""

NEVER_SEEN = -6.0
"""Log-odds of a category that no turn of the dialogues bears."""

SEED = 0
"""Of the solver's shuffling: the same corpus gives the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the reader is trained; every number was chosen by cross-validation over families.

    ``views`` are how much each view of the words weighs. ``softness`` is the inverse strength of regularisation of the
    first and the second step. A feature must occur in ``fewest`` lines or turns. ``line_weight`` is what a single line
    counts against a turn of a dialogue. ``context`` names what the second step sees besides the turn's own scores.
    """

    views: Mapping[str, float] = field(default_factory=lambda: {"characters": 1.0, "before": 0.4})
    softness: float = 20.0
    context_softness: float = 1.0
    fewest: int = 2
    line_weight: float = 0.7
    context: tuple[str, ...] = ("neighbours", "places")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A trained side, and the probabilities of the training dialogues' turns by models that had not seen the family."""

    model: SideModel
    unseen: tuple[Floats, ...]


def folds(families: Sequence[str]) -> list[frozenset[str]]:
    """The families dealt into parts."""
    return [part for start in range(FOLDS) if (part := frozenset(families[start::FOLDS]))]


def fit(material: Material, speaker: Speaker, recipe: Recipe) -> Fitted:
    """Train one side; ``unseen`` has one array (turns, categories) for each dialogue of ``material``."""
    scores = _unseen_scores(material, speaker, recipe)
    sides = [dialogue.sides[speaker] for dialogue in material.dialogues]
    contexts = [context_of(score, side.places, side.turns) for score, side in zip(scores, sides, strict=True)]
    said = [side.said for side in sides]
    words = as_stored(fit_words(_all_said(material, speaker), speaker, recipe))
    model = _fit_context(words, contexts, said, speaker, recipe)
    unseen: list[Floats] = [np.empty(0, np.float32)] * len(sides)
    for part in folds(material.families):
        inside = [dialogue.family in part for dialogue in material.dialogues]
        others = [number for number, held in enumerate(inside) if not held]
        fold = _fit_context(words, [contexts[n] for n in others], [said[n] for n in others], speaker, recipe)
        for number in np.flatnonzero(inside):
            unseen[number] = probabilities(fold, contexts[number])
    return Fitted(model=model, unseen=tuple(unseen))


def chances_in(model: SideModel, dialogue: LabelledReading, speaker: Speaker) -> Floats:
    """Probabilities (turns, categories) of one side's turns of a dialogue."""
    side = dialogue.sides[speaker]
    scores = text_scores(model, [said.features for said in side.said])
    return probabilities(model, context_of(scores, side.places, side.turns))


def fit_words(samples: Sequence[Said], speaker: Speaker, recipe: Recipe) -> SideModel:
    """The first step: a linear model of the words for each category, as plain arrays, without a context as yet."""
    categories = CATEGORIES[speaker]
    vectorizers = {view: _vectorizer(recipe) for view in VIEWS if recipe.views.get(view)}
    columns = [
        vectorizer.fit_transform([said.features.of(view) for said in samples]) * recipe.views[view]
        for view, vectorizer in vectorizers.items()
    ]
    features = hstack(columns).tocsr()
    fitted = [_classify(features, samples, category, recipe) for category in categories]
    coefficients = np.stack([weights for weights, _ in fitted], axis=1)
    views, begin = {view: _nothing(len(categories)) for view in VIEWS}, 0
    for view, vectorizer in vectorizers.items():
        end = begin + len(vectorizer.vocabulary_)
        views[view] = _view(vectorizer, coefficients[begin:end] * recipe.views[view])
        begin = end
    return SideModel(
        categories=categories,
        views=views,
        bias=np.array([bias for _, bias in fitted], np.float32),
        context=np.zeros((len(categories), CONTEXT), np.float32),
        context_bias=np.zeros(len(categories), np.float32),
    )


def _same(features: frozenset[str]) -> list[str]:
    return sorted(features)


def _vectorizer(recipe: Recipe) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=_same, binary=True, min_df=recipe.fewest, dtype=np.float64)


def _classify(
    features: csr_matrix, samples: Sequence[Said], category: Category, recipe: Recipe
) -> tuple[npt.NDArray[np.float64], float]:
    """Weights and bias of one category; none of the features says anything for a category that nothing bears."""
    labels = np.array([category in said.labels for said in samples])
    if not labels.any():
        return np.zeros(features.shape[1]), ABSENT
    weights = np.array([_weight(said, category, recipe) for said in samples])
    model = LogisticRegression(
        C=recipe.softness, class_weight="balanced", solver="liblinear", max_iter=300, random_state=SEED
    )
    model.fit(features, labels, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def _weight(said: Said, category: Category, recipe: Recipe) -> float:
    if category in said.silent_on and category not in said.labels:
        return 0.0
    return recipe.line_weight if said.is_line else 1.0


def _nothing(categories: int) -> ViewWeights:
    return ViewWeights(numbers={}, rarity=np.zeros(1, np.float32), weights=np.zeros((1, categories), np.float32))


def _view(vectorizer: TfidfVectorizer, coefficients: npt.NDArray[np.float64]) -> ViewWeights:
    weights = (vectorizer.idf_[:, None] * coefficients).astype(np.float32)
    return ViewWeights(
        numbers={str(feature): int(number) for feature, number in vectorizer.vocabulary_.items()},
        rarity=np.append(vectorizer.idf_, 0).astype(np.float32),
        weights=np.vstack([weights, np.zeros((1, weights.shape[1]), np.float32)]),
    )


def as_stored(model: SideModel) -> SideModel:
    """The model with its weights rounded as the file holds them, so that nothing changes on reading."""
    views = {
        name: replace(view, weights=view.weights.astype(np.float16).astype(np.float32))
        for name, view in model.views.items()
    }
    return replace(model, views=views)


def _all_said(material: Material, speaker: Speaker) -> list[Said]:
    turns = [said for dialogue in material.dialogues for said in dialogue.sides[speaker].said]
    return [*turns, *material.lines[speaker]]


def _unseen_scores(material: Material, speaker: Speaker, recipe: Recipe) -> list[Floats]:
    """Scores of every training dialogue's turns by a first step that has not seen its family."""
    samples = _all_said(material, speaker)
    scores: list[Floats] = [np.empty(0, np.float32)] * len(material.dialogues)
    for part in folds(material.families):
        model = fit_words([said for said in samples if said.family not in part], speaker, recipe)
        for number, dialogue in enumerate(material.dialogues):
            if dialogue.family in part:
                scores[number] = text_scores(model, [said.features for said in dialogue.sides[speaker].said])
    return scores


def _fit_context(
    words: SideModel, contexts: Sequence[Floats], said: Sequence[Sequence[Said]], speaker: Speaker, recipe: Recipe
) -> SideModel:
    """The second step for each category, with the scale of its features folded into the weights."""
    seen = np.concatenate(contexts, axis=1)[:, :, _used(recipe)]
    labels = [one.labels for turns in said for one in turns]
    weights, bias = np.zeros_like(words.context), np.full_like(words.context_bias, NEVER_SEEN)
    for row, category in enumerate(CATEGORIES[speaker]):
        bearing = [category in own for own in labels]
        if not any(bearing):
            continue
        mean, spread = seen[row].mean(axis=0), seen[row].std(axis=0) + 1e-6
        model = LogisticRegression(C=recipe.context_softness, max_iter=500)
        model.fit((seen[row] - mean) / spread, bearing)
        weights[row, _used(recipe)] = model.coef_[0] / spread
        bias[row] = model.intercept_[0] - weights[row, _used(recipe)] @ mean
    return replace(words, context=weights, context_bias=bias)


def _used(recipe: Recipe) -> list[int]:
    """The context features that the recipe asks for."""
    neighbours = [1, 2] if "neighbours" in recipe.context else []
    places = range(CONTEXT - PLACES, CONTEXT) if "places" in recipe.context else ()
    return [0, *neighbours, *places]
