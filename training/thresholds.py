"""From which probability on a category is reported: chosen on calls whose families the model has not seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qa_service.call import Speaker
from qa_service.judgement import Category
from qa_service.learned.reader import NEXT, Suspected, runs_of
from qa_service.lexicon.learned_model import Floats
from qa_service.testing.evaluation import Tally
from training.material import CATEGORIES, LabelledReading, excused, marked

PRECISION = 0.8
"""Share of what is reported that must be right, where any threshold reaches it."""

CLEAN_SHARE = 0.025
"""Share of the calls without a breach in which one category of the agent's may be reported."""

STEPS = tuple(round(step / 50, 2) for step in range(3, 49))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A labelled dialogue with the probabilities (turns, categories) of one side's readable turns."""

    dialogue: LabelledReading
    chances: Floats


def choose(scored: Sequence[Scored], speaker: Speaker, category: Category) -> float:
    """The threshold with the best F1 among those precise enough and quiet enough on clean calls, else the best of all.

    F1 is averaged over neighbouring steps, and of steps that do equally well the middle is taken, not the luckiest.
    """
    tallies = [tally_at(scored, speaker, category, step) for step in STEPS]
    smooth = np.convolve(np.pad([tally.f1 for tally in tallies], 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    strict = [
        tally.precision >= PRECISION and clean_share(scored, speaker, category, step) <= CLEAN_SHARE
        for tally, step in zip(tallies, STEPS, strict=True)
    ]
    allowed = [place for place, fits in enumerate(strict) if fits and tallies[place].found] or list(range(len(STEPS)))
    best = [place for place in allowed if smooth[place] >= max(smooth[other] for other in allowed) - 1e-9]
    return STEPS[best[len(best) // 2]]


def tally_at(scored: Iterable[Scored], speaker: Speaker, category: Category, threshold: float) -> Tally:
    """Hits, misses and false alarms of one category, counted as the scorer does, at one threshold."""
    total = Tally()
    for one in scored:
        wanted = marked(one.dialogue.gold, speaker, category)
        said = _reported(one, speaker, category, threshold)
        stray = sorted(said - excused(one.dialogue.gold, category) - frozenset().union(*wanted))
        found = sum(bool(item & said) for item in wanted)
        false = sum(i == 0 or turn - stray[i - 1] > NEXT for i, turn in enumerate(stray))
        total += Tally(found=found, missed=len(wanted) - found, false=false)
    return total


def clean_share(scored: Iterable[Scored], speaker: Speaker, category: Category, threshold: float) -> float:
    """Share of the calls without a breach of the agent's in which the category is reported; 0 for the customer's."""
    clean = [one for one in scored if one.dialogue.gold.clean]
    if speaker is Speaker.CUSTOMER or category is Category.EMOTION or not clean:
        return 0.0
    return sum(bool(_reported(one, speaker, category, threshold)) for one in clean) / len(clean)


def _reported(one: Scored, speaker: Speaker, category: Category, threshold: float) -> set[int]:
    """The turns that findings would stand in: the most probable of each run."""
    column = CATEGORIES[speaker].index(category)
    turns = one.dialogue.sides[speaker].turns
    suspected = [
        Suspected(turn=turn, speaker=speaker, category=category, probability=float(chance))
        for turn, chance in zip(turns, one.chances[:, column], strict=True)
        if chance >= threshold
    ]
    return {run[0].turn for run in runs_of(suspected)}
