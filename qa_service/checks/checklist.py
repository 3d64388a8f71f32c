"""Good conduct ticked: greeting, verification, recap of a promise, closing."""

from __future__ import annotations

from qa_service.call import Speaker
from qa_service.judgement import Checklist
from qa_service.reading import Reading

CLOSING_TURNS = 2


def check_list(reading: Reading) -> Checklist:
    """The checklist of a call; None where an item does not apply or was not heard."""
    agent = reading.by(Speaker.AGENT)
    if not agent:
        return Checklist(greeting=None, verification=None, recap=None, closing=None)
    greeting = agent[0].fact("greeting") is not None
    closing = any(turn.fact("closing") for turn in agent[-CLOSING_TURNS:])
    return Checklist(
        greeting=None if not greeting and reading.opening_unheard else greeting,
        verification=reading.verification_asked,
        recap=reading.promises.recap,
        closing=None if not closing and reading.partial else closing,
    )
