"""From words to scores, and from the scores of a turn and its neighbours to a probability: sums over plain arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qa_service.learned.features import Features
from qa_service.lexicon.learned_model import VIEWS, Floats, SideModel, ViewWeights

ABSENT = -3.0
"""Score of a neighbour that is not there, or whose text is not to be trusted: about that of an ordinary turn."""

NEAREST = 4
"""Turns between two turns of one side from which on they are no neighbours any more."""

ENDS = 3
"""Turns at either end of a call that count as its opening and its close."""

_TINY = np.float32(1e-12)
"""Length of a turn in which nothing is known: keeps zero over zero zero."""

PLACES = 5
"""Context features that say where in the call a turn stands; see ``places_of``."""

CONTEXT = 3 + PLACES
"""Context features of a category in a turn; see ``context_of``."""


def text_scores(model: SideModel, turns: Sequence[Features]) -> Floats:
    """Scores (log-odds before the context is known) of turns by their words: float32 (turns, categories)."""
    scores = np.tile(model.bias, (len(turns), 1))
    for view in VIEWS if turns else ():
        scores += _view_scores(model.views[view], [turn.of(view) for turn in turns])
    return scores


def _view_scores(view: ViewWeights, turns: Sequence[frozenset[str]]) -> Floats:
    """Each turn's weights, summed and divided by the length of its vector of rarities."""
    padding = len(view.numbers)
    found = (map(view.numbers.get, turn) for turn in turns)
    known = [[*(number for number in numbers if number is not None), padding] for numbers in found]
    starts = np.cumsum([0, *map(len, known[:-1])])
    numbers = np.fromiter((number for turn in known for number in turn), dtype=np.intp)
    squares = np.add.reduceat(view.rarity[numbers] ** 2, starts)
    lengths: Floats = np.sqrt(np.maximum(squares, _TINY))
    summed: Floats = np.add.reduceat(view.weights[numbers], starts, axis=0)
    return summed / lengths[:, None]


def context_of(scores: Floats, places: Floats, turns: Sequence[int]) -> Floats:
    """What the second step sees of one side's turns: float32 (categories, turns, ``CONTEXT``).

    ``scores`` are those of the turns numbered ``turns``, ``places`` float32 (turns, ``PLACES``). For each category: its
    score in the turn, in the side's turn before and in the one after, then the places.
    """
    columns = np.stack([scores, *_neighbours(scores, turns)], axis=2)
    everywhere = np.broadcast_to(places, (scores.shape[1], *places.shape))
    return np.concatenate([columns.transpose(1, 0, 2), everywhere], axis=2)


def probabilities(model: SideModel, context: Floats) -> Floats:
    """Calibrated probabilities, float32 (turns, categories), of what ``context_of`` gives."""
    odds = np.einsum("ctf,cf->tc", context, model.context) + model.context_bias
    chances: Floats = 1 / (1 + np.exp(-odds))
    return chances


def _neighbours(scores: Floats, turns: Sequence[int]) -> tuple[Floats, Floats]:
    before, after = np.full_like(scores, ABSENT), np.full_like(scores, ABSENT)
    near = np.diff(np.asarray(turns, dtype=np.intp)) <= NEAREST
    before[1:][near] = scores[:-1][near]
    after[:-1][near] = scores[1:][near]
    return before, after
