"""Who is listening, turn by turn: not yet known, the debtor as confirmed, or somebody else.

A call is cut where the telephone changes hands. Within such a stretch the listener is one person, so what is said of
them later holds for the words before it too: a debt told to somebody who then turns out to be the mother was told to
the mother.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_service.call import Callee, Speaker
from qa_service.lexicon.model import Listener
from qa_service.reading.turns import ReadTurn


def listeners_of(turns: Sequence[ReadTurn], callee: Callee) -> tuple[Listener, ...]:
    """The listener at each turn (same length as ``turns``).

    ``VERIFIED`` starts with the customer's confirming turn; ``NOT_DEBTOR`` holds for the whole stretch in which it
    comes out; a third party by the dialler's word stays one until the words say otherwise.
    """
    states: list[Listener] = []
    for stretch in _stretches(turns):
        states.extend(_of_stretch(stretch, callee if not states else Callee.UNKNOWN))
    return tuple(states)


# What a customer says who is not the debtor.
_SOMEBODY_ELSE = ("other_person", "denies_identity", "debtor_absent")


def _stretches(turns: Sequence[ReadTurn]) -> list[list[ReadTurn]]:
    """Cut after each turn in which the telephone is handed over, and before one in which the debtor takes it."""
    stretches: list[list[ReadTurn]] = [[]]
    for turn in turns:
        if turn.fact("takes_over") and any(earlier.fact(*_SOMEBODY_ELSE) for earlier in stretches[-1]):
            stretches.append([])
        stretches[-1].append(turn)
        if turn.fact("handover"):
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def _of_stretch(stretch: list[ReadTurn], callee: Callee) -> list[Listener]:
    """The states of one stretch: what settles the listener first holds, whatever relatives are talked of later."""
    verdicts = [_said_of_identity(turn, stretch[max(0, at - 3) : at]) for at, turn in enumerate(stretch)]
    first = next((verdict for verdict in verdicts if verdict is not None), None)
    if first is Listener.NOT_DEBTOR or (callee is Callee.THIRD_PARTY and first is None):
        return [Listener.NOT_DEBTOR] * len(stretch)
    current, states = Listener.UNKNOWN, []
    for verdict in verdicts:
        current = Listener.VERIFIED if verdict is Listener.VERIFIED else current
        states.append(current)
    return states


def _said_of_identity(turn: ReadTurn, before: Sequence[ReadTurn]) -> Listener | None:
    """What this turn settles; ``before`` are the last three turns, in which somebody may have asked who is there."""
    if turn.speaker is not Speaker.CUSTOMER:
        return None
    if turn.fact("other_person", "denies_identity"):
        return Listener.NOT_DEBTOR
    affirms = turn.fact("affirms")
    if affirms and before and before[-1].fact("asks_relation"):
        return Listener.NOT_DEBTOR
    if not any(earlier.fact("asks_identity") for earlier in before):
        return None
    if affirms:
        return Listener.VERIFIED
    return Listener.NOT_DEBTOR if turn.fact("debtor_absent") else None
