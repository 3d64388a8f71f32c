"""The second reader: how probable each category is in each turn of a call, and which words say so."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from types import MappingProxyType

import numpy as np

from qa_service.call import Speaker
from qa_service.judgement import Category, Quote
from qa_service.learned.features import Features, features_of, located
from qa_service.learned.scope import is_collection
from qa_service.learned.scores import ENDS, PLACES, context_of, probabilities, text_scores
from qa_service.lexicon.learned_model import Floats, LearnedModel, SideModel
from qa_service.reading import Reading
from qa_service.reading.turns import ReadTurn

NEXT = 2
"""Turns alternate: those of one side that follow each other are two apart."""

RULED_OUT = 0.03
"""Probability below which a category is all but impossible: most false hits of everyday words on validation calls lie
below it, and none of the right ones; at 0.05 a right one of the demo calls does."""

SHARE_OF_BEST = 0.5
"""A clause beside the one that says most is quoted with it where it says at least this share of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspected:
    """How probable (0 to 1) it is that turn number ``turn`` belongs to a category."""

    turn: int
    speaker: Speaker
    category: Category
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideReading:
    """One side's readable turns as the second step sees them: numbers, scores by words, places."""

    turns: tuple[int, ...]
    scores: Floats
    places: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinion:
    """What the learned reader thinks of a call: of each side and category, every readable turn in order."""

    model: LearnedModel
    reading: Reading
    chances: Mapping[tuple[Speaker, Category], tuple[Suspected, ...]]

    def runs(self) -> Iterator[list[Suspected]]:
        """The runs of turns as probable as their category's threshold asks; categories that are off have none."""
        for place, threshold in self.model.thresholds.items():
            yield from runs_of(one for one in self.chances.get(place, ()) if one.probability >= threshold)

    def ruled_out(self) -> frozenset[tuple[int | None, Category]]:
        """The turns and categories that are less probable than ``RULED_OUT``."""
        every = (one for turns in self.chances.values() for one in turns)
        return frozenset((one.turn, one.category) for one in every if one.probability < RULED_OUT)

    def quote(self, one: Suspected) -> Quote:
        """The words of a turn that say most for its category: a clause, and those beside it that say nearly as much."""
        turn = self.reading.turns[one.turn]
        return turn.quote(*_telling(turn, _by_clause(turn, self.model.sides[one.speaker], one.category)))


def opinion_of(model: LearnedModel, reading: Reading) -> Opinion:
    """Read a call with a trained model, suspect turns left out as if nobody had spoken; of other calls it says nothing.

    See ``scope.py`` for which calls it speaks of.
    """
    chances: dict[tuple[Speaker, Category], tuple[Suspected, ...]] = {}
    for speaker, side in model.sides.items() if is_collection(reading) else ():
        said = side_reading(side, speaker, reading)
        found = probabilities(side, context_of(said.scores, said.places, said.turns)).astype(float).round(3)
        for category, column in zip(side.categories, found.T.tolist(), strict=True):
            chances[speaker, category] = tuple(
                Suspected(turn=turn, speaker=speaker, category=category, probability=chance)
                for turn, chance in zip(said.turns, column, strict=True)
            )
    return Opinion(model=model, reading=reading, chances=MappingProxyType(chances))


def _telling(turn: ReadTurn, said: Mapping[int, float]) -> tuple[int, int]:
    """Where the clauses of a turn that say most begin and end in its view, marks left out; see ``SHARE_OF_BEST``."""
    text, starts = turn.view.text, turn.clauses.clauses
    first = last = max(range(len(starts)), key=lambda clause: said.get(clause, 0.0))
    enough = SHARE_OF_BEST * said.get(first, 0.0)
    while enough > 0 and said.get(first - 1, 0.0) >= enough:
        first -= 1
    while enough > 0 and said.get(last + 1, 0.0) >= enough:
        last += 1
    start, end = starts[first], starts[last + 1] if last + 1 < len(starts) else len(text)
    words = [place for place in range(start, end) if text[place].isalnum()] or [start]
    return words[0], words[-1] + 1


def _by_clause(turn: ReadTurn, side: SideModel, category: Category) -> Mapping[int, float]:
    """What the features of each clause add to the score; a feature over two clauses counts for its first."""
    column, view = side.categories.index(category), side.views["characters"]
    added: dict[int, float] = {}
    for one in located(turn.view.text):
        number = view.numbers.get(one.feature)
        if number is not None:
            clause = bisect_right(turn.clauses.clauses, one.start) - 1
            added[clause] = added.get(clause, 0.0) + float(view.weights[number, column])
    return MappingProxyType(added)


def side_reading(side: SideModel, speaker: Speaker, reading: Reading) -> SideReading:
    """One side's readable turns, scored by their words."""
    turns = [turn for turn in reading.by(speaker) if readable(turn)]
    return SideReading(
        turns=tuple(turn.index for turn in turns),
        scores=text_scores(side, [features_in(turn, reading.turns) for turn in turns]),
        places=places_of(turns, reading),
    )


def readable(turn: ReadTurn) -> bool:
    """Whether there are words in a turn, and they are not suspect."""
    return turn.turn.trusted and any(character.isalnum() for character in turn.view.text)


def features_in(turn: ReadTurn, turns: Sequence[ReadTurn]) -> Features:
    """The features of a turn among the turns of its call; what the other side just said counts where it is trusted."""
    before = turns[turn.index - 1] if turn.index else None
    answered = before is not None and before.speaker is not turn.speaker and before.turn.trusted
    return features_of(turn.view.text, before.view.text if before is not None and answered else "")


def places_of(turns: Sequence[ReadTurn], reading: Reading) -> Floats:
    """Where turns stand: float32 (turns, 5): share of the call, opening, close, after the debt was named, length."""
    count = len(reading.turns)
    debt = reading.first_debt[0] if reading.first_debt else count
    rows = [
        (index / count, index < ENDS, count - index < ENDS, index > debt, log1p(length))
        for index, length in ((turn.index, len(turn.view.text)) for turn in turns)
    ]
    return np.array(rows, dtype=np.float32).reshape(len(turns), PLACES)


def runs_of(suspected: Iterable[Suspected]) -> Iterator[list[Suspected]]:
    """Runs of consecutive turns of one side and category, each with its most probable turn first."""
    run: list[Suspected] = []
    for one in suspected:
        if run and not _continues(run[-1], one):
            yield _surest_first(run)
            run = []
        run.append(one)
    if run:
        yield _surest_first(run)


def _continues(one: Suspected, later: Suspected) -> bool:
    same = (one.speaker, one.category) == (later.speaker, later.category)
    return same and 0 < later.turn - one.turn <= NEXT


def _surest_first(run: list[Suspected]) -> list[Suspected]:
    surest = max(run, key=lambda one: one.probability)
    return [surest, *(one for one in run if one is not surest)]
