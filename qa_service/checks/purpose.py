"""Whether the debtor who is asked to pay was told what for: the product, and that or how far it is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from qa_service.call import Speaker
from qa_service.judgement import CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Listener, Rulebook
from qa_service.reading import GUESSED_SPEAKER, Reading
from qa_service.reading.money import find_amounts
from qa_service.reading.read import heard_well
from qa_service.reading.turns import ReadTurn

RULE: Final = "disclosure.purpose_unclear"
UNHEARD = "坐席的话没有听全，不能断言没有说明来意。"
FEWEST_TURNS: Final = 3
"""Agent turns to the debtor from which on there was room to say it; shorter calls end before."""


def check_purpose(reading: Reading, rulebook: Rulebook) -> tuple[Finding | CannotJudge, ...]:
    """A demand for payment to the verified debtor in a call that names no product, or says nothing of a delay."""
    return tuple(_unclear(reading, rulebook))


def _unclear(reading: Reading, rulebook: Rulebook) -> Iterator[Finding | CannotJudge]:
    if reading.swapped is not None:
        return
    agent = reading.by(Speaker.AGENT)
    told = [turn for turn in agent if reading.listener(turn.index) is Listener.VERIFIED]
    demand = next((turn for turn in told if turn.fact("demands_payment")), None)
    if demand is None or len(told) < FEWEST_TURNS or (_names_product(agent) and _names_delay(agent)):
        return
    if reading.partial is not None or not heard_well(agent):
        yield CannotJudge(rule=RULE, because=reading.partial or UNHEARD, needs_person=False)
        return
    because = GUESSED_SPEAKER if reading.guessed_by(demand.index) else None
    hit = demand.fact("demands_payment")
    if hit is not None:
        yield from found(rulebook, RULE, demand.quote(hit.start, hit.end), because=because)


def _names_product(agent: tuple[ReadTurn, ...]) -> bool:
    return any(turn.hint("names_product") for turn in agent)


def _names_delay(agent: tuple[ReadTurn, ...]) -> bool:
    """Days, an amount, or any word for being late: figures alone are compared with the case elsewhere."""
    return any(turn.hint("names_delay") for turn in agent) or any(find_amounts(turn.turn.text) for turn in agent)
