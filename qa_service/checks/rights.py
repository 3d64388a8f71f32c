"""Whether a debtor who disputes, complains or cannot pay is told where to turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qa_service.call import Speaker
from qa_service.judgement import CannotJudge, Category, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Listener, Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading
from qa_service.reading.debt_talk import speaks_of_debt

RULE: Final = "disclosure.rights_not_informed"
UNHEARD = "此后坐席的话没有听全，不能断言没有告知渠道。"
FEWEST_TURNS: Final = 2
"""Agent turns after the customer's words from which on there was room for an answer."""

_ASKING: Final = frozenset({Category.COMPLAINT, Category.HARDSHIP, Category.DISPUTE})
_NOT_THE_DEBTOR: Final = frozenset({"dispute.not_this_person", "dispute.not_my_debt"})
"""Who says not to be the debtor has no debt to object to: what they need is that nobody calls again."""


def check_rights(
    reading: Reading, findings: Sequence[Finding], rulebook: Rulebook
) -> tuple[Finding | CannotJudge, ...]:
    """One finding where a call about a debt names no channel at all; ``findings`` are those of its words."""
    agent = reading.by(Speaker.AGENT)
    if reading.swapped is not None or any(turn.hint("offers_channel") for turn in agent):
        return ()
    asked = next((each for each in findings if _asks(each, reading)), None)
    if asked is None or asked.turn is None or not speaks_of_debt(reading):
        return ()
    later = [turn for turn in agent if turn.index > asked.turn]
    if len(later) < FEWEST_TURNS:
        return ()
    if reading.unheard_after(asked.turn, Speaker.AGENT):
        return (CannotJudge(rule=RULE, because=reading.partial or UNHEARD, needs_person=False),)
    guessed = GUESSED_SPEAKER if reading.guessed_by(later[-1].index) else None
    return found(rulebook, RULE, *asked.quotes, because=asked.because or guessed)


def _asks(finding: Finding, reading: Reading) -> bool:
    """Whether the customer's words call for a channel; who promises to pay after all has had an answer."""
    if finding.speaker is not Speaker.CUSTOMER or finding.turn is None or finding.category not in _ASKING:
        return False
    promised = any(promise.turns[-1] > finding.turn for promise in reading.promises.promises)
    return (
        not (promised and finding.category is not Category.COMPLAINT)
        and finding.rule not in _NOT_THE_DEBTOR
        and reading.listener(finding.turn) is not Listener.NOT_DEBTOR
    )
