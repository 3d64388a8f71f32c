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


def _stretches(turns: Sequence[ReadTurn]) -> list[list[ReadTurn]]:
    """Cut after each turn in which the telephone is handed over."""
    stretches: list[list[ReadTurn]] = [[]]
    for turn in turns:
        stretches[-1].append(turn)
        if turn.fact("handover"):
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def _of_stretch(stretch: list[ReadTurn], callee: Callee) -> list[Listener]:
    """The states of one stretch: what settles the listener first holds, whatever relatives are talked of later."""
    verdicts = [_said_of_identity(turn, _asked_before(stretch, position)) for position, turn in enumerate(stretch)]
    first = next((verdict for verdict in verdicts if verdict is not None), None)
    if first is Listener.NOT_DEBTOR or (callee is Callee.THIRD_PARTY and first is None):
        return [Listener.NOT_DEBTOR] * len(stretch)
    current, states = Listener.UNKNOWN, []
    for verdict in verdicts:
        current = Listener.VERIFIED if verdict is Listener.VERIFIED else current
        states.append(current)
    return states


def _said_of_identity(turn: ReadTurn, asked: bool) -> Listener | None:
    if turn.speaker is not Speaker.CUSTOMER:
        return None
    if turn.fact("other_person", "denies_identity") or (asked and turn.fact("debtor_absent")):
        return Listener.NOT_DEBTOR
    return Listener.VERIFIED if asked and turn.fact("affirms") else None


def _asked_before(stretch: list[ReadTurn], position: int) -> bool:
    """Whether one of the last three turns asked who is there."""
    return any(turn.fact("asks_identity") for turn in stretch[max(0, position - 3) : position])
