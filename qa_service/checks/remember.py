"""What later calls should know of this one besides its findings: requests noted or not, and last days named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from qa_service.call import Speaker
from qa_service.judgement import Category, Finding
from qa_service.lexicon.model import Listener
from qa_service.past import Remembered, StatedDeadline, StopRequest
from qa_service.reading import Reading
from qa_service.reading.deadlines import stated_deadlines

_ANSWER_TURNS: Final = 2
"""Agent turns after a request within which taking note of it is an answer to it."""


def remember(reading: Reading, findings: Sequence[Finding]) -> Remembered:
    """The requests among ``findings`` (those of the words of the call), and the agent's deadlines."""
    return Remembered(
        stop_requests=tuple(_requests(reading, findings)),
        deadlines=tuple(StatedDeadline(words=d.quote.text, day=d.day) for d in stated_deadlines(reading)),
    )


def _requests(reading: Reading, findings: Sequence[Finding]) -> Iterator[StopRequest]:
    for finding in findings:
        if finding.category is not Category.STOP_CONTACT or finding.speaker is not Speaker.CUSTOMER:
            continue
        quote = finding.quotes[0]
        answers = [turn for turn in reading.by(Speaker.AGENT) if turn.index > quote.turn][:_ANSWER_TURNS]
        yield StopRequest(
            rule=finding.rule,
            words=quote.text,
            doubtful=finding.needs_confirmation,
            acknowledged=any(turn.fact("notes_request") for turn in answers),
            by_third_party=reading.listener(quote.turn) is Listener.NOT_DEBTOR,
        )
