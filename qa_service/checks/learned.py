"""Findings of the learned reader: what no pattern names, always for a person to confirm."""

from __future__ import annotations

from collections.abc import Sequence

from qa_service.judgement import By, Finding, RuleStatus
from qa_service.learned.reader import LearnedReader, Suspected, runs_of
from qa_service.lexicon.model import Rule, Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading

LEARNED = "没有规则词句命中，是学习模型按用词和上下文认出的（把握 {:.0%}），请复核后再定。"


class LearnedRules:
    """The rules of one rulebook that are learned; silent where the house has switched the learned reader off."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the model, and the rules that may fire, by side and category."""
        firing = (RuleStatus.LIVE, RuleStatus.TRIAL)
        rules = [rule for rule in rulebook.rules if rule.learned and rule.status in firing]
        self._rules = {(rule.speaker, rule.category): rule for rule in rules}
        self._agreement = frozenset(rule.id for rule in rulebook.rules if rule.agreement)
        self._reader = None if rulebook.learned is None else LearnedReader(rulebook.learned)

    def check(self, reading: Reading, said: Sequence[Finding]) -> tuple[Finding, ...]:
        """What the learned reader adds to the findings ``said`` of the words: one a run of turns of one category.

        A run is quoted where it is most probable, then wherever else it goes on. Where a finding of the category
        already stands in the most probable turn, nothing is added.
        """
        if self._reader is None:
            return ()
        known = {(finding.category, quote.turn) for finding in said for quote in finding.quotes}
        return tuple(
            self._finding(rule, run, reading, self._reader)
            for run in runs_of(self._reader.suspected(reading))
            if (rule := self._rules.get((run[0].speaker, run[0].category))) is not None
            and (run[0].category, run[0].turn) not in known
            and not _lawful(rule, reading)
        )

    def agreed(self, reading: Reading, said: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings ``said`` of the words, without those of rules that ask for agreement and do not get it.

        Switched off, the learned reader agrees to everything.
        """
        if self._reader is None or not any(finding.rule in self._agreement for finding in said):
            return tuple(said)
        ruled_out = self._reader.ruled_out(reading)
        return tuple(
            finding
            for finding in said
            if finding.rule not in self._agreement or (finding.turn, finding.category) not in ruled_out
        )

    @staticmethod
    def _finding(rule: Rule, run: list[Suspected], reading: Reading, reader: LearnedReader) -> Finding:
        surest = run[0]
        turns = [reading.turns[one.turn] for one in run]
        guessed = any(turn.turn.speaker_doubtful for turn in turns)
        return Finding(
            category=rule.category,
            rule=rule.id,
            family=rule.family,
            severity=rule.severity,
            label=rule.label,
            speaker=rule.speaker,
            evidence=tuple(reader.quote(turn, rule.category) for turn in turns),
            confidence=surest.probability,
            by=By.LEARNED,
            status=rule.status,
            needs_confirmation=True,
            because=GUESSED_SPEAKER if guessed else LEARNED.format(surest.probability),
        )


def _lawful(rule: Rule, reading: Reading) -> bool:
    """Whether the call data make true what the words of the category usually get wrong."""
    case = reading.call.case
    at_law = case.legal_stage is not None and case.legal_stage in rule.lawful_stages
    return at_law or (rule.waiver_lawful and bool(case.waiver_id))
