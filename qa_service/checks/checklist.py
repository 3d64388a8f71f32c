"""Good conduct ticked: greeting, verification, recap of a promise, closing."""

from __future__ import annotations

from qa_service.call import Speaker
from qa_service.judgement import Checklist
from qa_service.reading import Reading
from qa_service.reading.read import heard_well

CLOSING_TURNS = 2


def check_list(reading: Reading) -> Checklist:
    """The checklist of a call; None where an item does not apply or was not heard."""
    agent = reading.by(Speaker.AGENT)
    if reading.agent_unread is not None or reading.swapped is not None:
        return Checklist(greeting=None, verification=None, recap=None, closing=None)
    greeting = agent[0].fact("greeting") is not None
    closing = any(turn.fact("closing") for turn in agent[-CLOSING_TURNS:])
    end_unheard = bool(reading.partial) or not heard_well(agent[-CLOSING_TURNS:])
    asked = reading.verification_asked
    return Checklist(
        greeting=None if not greeting and reading.opening_unheard else greeting,
        verification=None if not asked and reading.opening_unheard else asked,
        recap=reading.promises.recap,
        closing=None if not closing and end_unheard else closing,
    )
