"""Which categories ship: those in which patterns and learned reader together beat the patterns on validation calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from qa_service.call import Speaker
from qa_service.judgement import By, Category, Finding
from qa_service.lexicon import Rulebook
from qa_service.lexicon.learned_model import LearnedModel
from qa_service.pipeline import Judge
from qa_service.predictions import prediction_line
from qa_service.testing.evaluation import (
    AGENT_CATEGORIES,
    Evaluation,
    Gold,
    Predicted,
    Tally,
    evaluate,
    read_predicted,
)
from training.material import LabelledReading

CLEAN_ADDED = Fraction(1, 22)
"""Share of the calls without a breach that may be flagged by the learned reader alone: half of what the product may."""

Place = tuple[Speaker, Category]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """Labelled calls judged once: what patterns say of each, what the learned reader adds, and what it says alone."""

    gold: Mapping[str, Gold]
    patterns: Mapping[str, Predicted]
    added: Mapping[str, tuple[Finding, ...]]
    alone: Mapping[str, tuple[Finding, ...]]

    def score(self, on: Collection[Place], *, patterns: bool = True) -> Evaluation:
        """The scores with the learned reader on for some categories, with or without the patterns."""
        return evaluate(self.gold, {call_id: self._predicted(call_id, on, patterns) for call_id in self.gold})

    def _predicted(self, call_id: str, on: Collection[Place], patterns: bool) -> Predicted:
        said = self.patterns[call_id]
        learned = self.added if patterns else self.alone
        added = [f for f in learned[call_id] if (f.speaker, f.category) in on]
        findings = {(f.category.value, f.turn) for f in added if f.turn is not None}
        spikes = {(f.speaker.value, f.turn) for f in added if f.category is Category.EMOTION and f.turn is not None}
        return replace(
            said,
            findings=frozenset(findings | said.findings if patterns else findings),
            spikes=frozenset(spikes | said.spikes if patterns else spikes),
        )


def judge_all(dialogues: Sequence[LabelledReading], rulebook: Rulebook, model: LearnedModel) -> Judgements:
    """Judge calls by the patterns, by both, and by the learned reader alone."""
    patterns, both = replace(rulebook, learned=None), replace(rulebook, learned=model)
    alone = replace(both, rules=tuple(rule for rule in rulebook.rules if rule.learned))
    judge = Judge(patterns)
    return Judgements(
        gold={one.call.call_id: one.gold for one in dialogues},
        patterns={one.call.call_id: read_predicted(prediction_line(judge.judge(one.call)))[1] for one in dialogues},
        added=_learned(dialogues, Judge(both)),
        alone=_learned(dialogues, Judge(alone)),
    )


def _learned(dialogues: Sequence[LabelledReading], judge: Judge) -> dict[str, tuple[Finding, ...]]:
    return {
        one.call.call_id: tuple(f for f in judge.judge(one.call).analysis.findings if f.by is By.LEARNED)
        for one in dialogues
    }


def tally(evaluation: Evaluation, category: Category) -> Tally:
    """Hits, misses and false alarms of one category; spikes are counted of both speakers together."""
    return evaluation.spikes if category is Category.EMOTION else evaluation.findings[category]


def reasons_off(judgements: Judgements, places: Collection[Place]) -> Mapping[Place, str]:
    """The categories that do not ship, each with its reason: no gain, or one clean call too many."""
    before = judgements.score(())
    off: dict[Place, str] = {}
    for place in places:
        then, now = tally(before, place[1]).f1, tally(judgements.score({place}), place[1]).f1
        if now <= then:
            off[place] = f"验证集上加上学习模型没有更好（F1 {then:.3f}→{now:.3f}）"
    return off | _too_loud(judgements, set(places) - set(off), before)


def _too_loud(judgements: Judgements, on: set[Place], before: Evaluation) -> dict[Place, str]:
    """The agent's categories to switch off, those that cost least F1 first, so that few clean calls are flagged."""
    off: dict[Place, str] = {}
    most = before.clean_flagged + CLEAN_ADDED * before.clean
    while (flagged := judgements.score(on).clean_flagged) > most:
        without = {place: judgements.score(on - {place}) for place in on if place[1] in AGENT_CATEGORIES}
        quieter = {place: result for place, result in without.items() if result.clean_flagged < flagged}
        if not quieter:
            break
        cheapest = max(sorted(quieter), key=lambda place: quieter[place].micro(AGENT_CATEGORIES).f1)
        off[cheapest] = f"无违规的 {before.clean} 通里误报从 {before.clean_flagged} 通增到 {flagged} 通，过多"
        on.discard(cheapest)
    return off
