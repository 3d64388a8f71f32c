"""The learned reader beside the rules of words: what it adds to them, and what it does not believe of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_service.call import Speaker
from qa_service.judgement import By, Category, Finding, RuleStatus
from qa_service.learned.reader import Opinion, Suspected, opinion_of
from qa_service.lexicon.findings import finding_of
from qa_service.lexicon.model import Listener, Rule, Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading

SURE_OF_A_LEAK = 0.7
"""How probable a leak must be that the verified debtor hears (a third person's affairs, an address read out): on
validation and train calls all but three of those that are there lie above it."""

LEARNED = "没有规则词句命中，是学习模型按用词和上下文认出的（把握 {:.0%}），请复核后再定。"


class LearnedRules:
    """The rules of one rulebook that are learned, and those that ask for the learned reader's agreement."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the model, and the rules that may fire, by side and category."""
        firing = (RuleStatus.LIVE, RuleStatus.TRIAL)
        rules = [rule for rule in rulebook.rules if rule.learned and rule.status in firing]
        self._rules = {(rule.speaker, rule.category): rule for rule in rules}
        self._asking = frozenset(rule.id for rule in rulebook.rules if rule.agreement)
        self._model = rulebook.learned

    def read(self, reading: Reading) -> SecondReading:
        """Read a call a second time."""
        opinion = None if self._model is None else opinion_of(self._model, reading)
        return SecondReading(rules=self._rules, asking=self._asking, reading=reading, opinion=opinion)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SecondReading:
    """One call in the eyes of the learned reader; ``opinion`` is None where the house has switched it off.

    ``rules`` speak for a side and category, ``asking`` are the ids of the rules that ask for agreement.
    """

    rules: Mapping[tuple[Speaker, Category], Rule]
    asking: frozenset[str]
    reading: Reading
    opinion: Opinion | None

    def agreed(self, said: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings ``said`` of the words, without those of rules that ask for agreement and do not get it.

        Switched off, the learned reader agrees to everything; words that match by sound it cannot read, and a person
        is asked about those anyway.
        """
        if self.opinion is None or not any(finding.rule in self.asking for finding in said):
            return tuple(said)
        ruled_out = self.opinion.ruled_out()
        return tuple(
            finding
            for finding in said
            if finding.rule not in self.asking
            or finding.by is By.SOUND
            or (finding.turn, finding.category) not in ruled_out
        )

    def added(self, said: Sequence[Finding]) -> tuple[Finding, ...]:
        """What the learned reader adds to the findings ``said`` of the words: one a run of turns of one category.

        A run is quoted where it is most probable, then wherever else it goes on. Where a finding of the category
        already stands in the most probable turn, nothing is added.
        """
        if self.opinion is None:
            return ()
        known = {(finding.category, quote.turn) for finding in said for quote in finding.quotes}
        return tuple(
            self._finding(rule, run, self.opinion)
            for run in self.opinion.runs()
            if (rule := self.rules.get((run[0].speaker, run[0].category))) is not None
            and (run[0].category, run[0].turn) not in known
            and not _lawful(rule, self.reading)
            and not _owed_to_the_debtor(run[0], self.reading)
        )

    def _finding(self, rule: Rule, run: Sequence[Suspected], opinion: Opinion) -> Finding:
        surest = run[0]
        guessed = any(self.reading.turns[one.turn].turn.speaker_doubtful for one in run)
        return finding_of(
            rule,
            *(opinion.quote(one) for one in run),
            by=By.LEARNED,
            confidence=surest.probability,
            because=GUESSED_SPEAKER if guessed else LEARNED.format(surest.probability),
        )


def _owed_to_the_debtor(surest: Suspected, reading: Reading) -> bool:
    """Whether the verified debtor hears what looks like a leak: most of what they are told is their own debt."""
    leak = surest.category is Category.PRIVACY_LEAK and surest.probability < SURE_OF_A_LEAK
    return leak and reading.listener(surest.turn) is Listener.VERIFIED


def _lawful(rule: Rule, reading: Reading) -> bool:
    """Whether the call data make true what the words of the category usually get wrong."""
    case = reading.call.case
    at_law = case.legal_stage is not None and case.legal_stage in rule.lawful_stages
    return at_law or (rule.waiver_lawful and bool(case.waiver_id))
