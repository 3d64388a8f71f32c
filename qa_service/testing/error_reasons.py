"""Why a labelled finding was missed and a false one made, told by machine: what would have found it, what stands there.

The reasons are tried in the order of ``MissReason`` and ``FalseReason``; the first that holds is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from qa_service.judgement import By, Category
from qa_service.labelled import Labelled
from qa_service.lexicon import Rulebook
from qa_service.pipeline import Judge
from qa_service.predictions import prediction_line
from qa_service.testing.evaluation import SCORED_CATEGORIES, Gold, Predicted, read_predicted
from qa_service.testing.labelled_sets import LabelledCall

NEIGHBOURS = 2
"""Turns between a label and a finding of the same category that are taken for the same thing put beside its place."""


class MissReason(Labelled):
    """Why something labelled was not found."""

    OTHER_CATEGORY = "other_category", "同一句判成了别的类别"
    NEIGHBOUR = "neighbour", "判在了邻近的句子上"
    FRAMED = "framed", "词句命中，但被当成否认、转述、询问等语境"
    LISTENER = "listener", "词句命中，但接听人判断不同"
    UNSEEN = "unseen", "没有规则认得，学习模型也没有把握"


class FalseReason(Labelled):
    """What stands where something was found that is not labelled."""

    OTHER_CATEGORY = "other_category", "该句确有违规或信号，但属别的类别"
    NEIGHBOUR = "neighbour", "同类标签在邻近的句子上"
    NOTHING = "nothing", "该处没有任何标签"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingError:
    """One miss or one false finding; ``by`` is what made a false one, None for a miss."""

    call_id: str
    category: Category
    turn: int
    reason: MissReason | FalseReason
    words: str
    by: By | None = None


class ErrorReader:
    """Tells the errors of judged calls apart; keeps judges without framings and without listeners for asking."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Prepare the judges that ignore what may have hidden a hit."""
        rules = rulebook.rules
        self._unframed = Judge(replace(rulebook, rules=tuple(replace(rule, unless=()) for rule in rules)))
        self._any_listener = Judge(
            replace(rulebook, rules=tuple(replace(rule, listeners=frozenset()) for rule in rules))
        )

    def errors(self, labelled: LabelledCall, line: Mapping[str, Any]) -> Iterator[FindingError]:
        """Every miss and every false finding of a call whose prediction line is ``line``, category by category."""
        _, guess = read_predicted(line)
        for category in SCORED_CATEGORIES:
            yield from self._misses(labelled, guess, category)
            yield from _false(labelled, guess, line, category)

    def _misses(self, labelled: LabelledCall, guess: Predicted, category: Category) -> Iterator[FindingError]:
        for item in labelled.gold.findings:
            if item.key != category or any((category, turn) in guess.findings for turn in item.turns):
                continue
            yield FindingError(
                call_id=labelled.call.call_id,
                category=category,
                turn=min(item.turns),
                reason=self._missed_because(labelled, guess, category, item.turns),
                words=labelled.call.turns[min(item.turns)].text,
            )

    def _missed_because(
        self, labelled: LabelledCall, guess: Predicted, category: Category, turns: frozenset[int]
    ) -> MissReason:
        if any(turn in turns for key, turn in guess.findings if key in SCORED_CATEGORIES):
            return MissReason.OTHER_CATEGORY
        if _near(turns, {turn for key, turn in guess.findings if key == category}):
            return MissReason.NEIGHBOUR
        if self._finds(self._unframed, labelled, category, turns):
            return MissReason.FRAMED
        if self._finds(self._any_listener, labelled, category, turns):
            return MissReason.LISTENER
        return MissReason.UNSEEN

    @staticmethod
    def _finds(judge: Judge, labelled: LabelledCall, category: Category, turns: frozenset[int]) -> bool:
        _, guess = read_predicted(prediction_line(judge.judge(labelled.call)))
        return any((category, turn) in guess.findings for turn in turns)


def _false(
    labelled: LabelledCall, guess: Predicted, line: Mapping[str, Any], category: Category
) -> Iterator[FindingError]:
    gold = labelled.gold
    own = frozenset[int]().union(*(item.turns for item in gold.findings if item.key == category))
    excused = own.union(*(item.turns for item in gold.findings if category in item.also))
    made_by = {(f["category"], f["turn"]): By.of(f["by"]) for f in reversed(line["findings"])}
    for turn in sorted(turn for key, turn in guess.findings if key == category and turn not in excused):
        yield FindingError(
            call_id=labelled.call.call_id,
            category=category,
            turn=turn,
            reason=_false_because(gold, own, turn),
            words=labelled.call.turns[turn].text,
            by=made_by[category.value, turn],
        )


def _false_because(gold: Gold, own: frozenset[int], turn: int) -> FalseReason:
    if any(turn in item.turns for item in gold.findings):
        return FalseReason.OTHER_CATEGORY
    return FalseReason.NEIGHBOUR if _near({turn}, own) else FalseReason.NOTHING


def _near(turns: frozenset[int] | set[int], others: frozenset[int] | set[int]) -> bool:
    return any(abs(turn - other) <= NEIGHBOURS for turn in turns for other in others)


def payment_errors(gold: Gold, guess: Predicted) -> Counter[str]:
    """What is wrong with the payments of a call: pairs that differ in one half, then those missed and those added."""
    missed, added = gold.payments - guess.payments, guess.payments - gold.payments
    errors: Counter[str] = Counter()
    for half, name in ((0, "金额对、日期不同"), (1, "日期对、金额不同")):
        for wanted in list(missed.elements()):
            other = next((given for given in added if given[half] == wanted[half]), None)
            if other is not None:
                missed, added = missed - Counter([wanted]), added - Counter([other])
                errors[name] += 1
    return errors + Counter({"漏记": missed.total(), "多记": added.total()})


def key_errors(gold: Gold, guess: Predicted) -> Iterator[tuple[str, str, str]]:
    """Disclosures and checklist items judged otherwise than labelled, as (key, labelled, judged)."""
    for key, labelled in gold.disclosures.items():
        if guess.disclosures.get(key) != labelled:
            yield key, labelled, str(guess.disclosures.get(key))
    for key, ticked in gold.checklist.items():
        if guess.checklist.get(key) is not ticked:
            yield key, str(ticked), str(guess.checklist.get(key))
