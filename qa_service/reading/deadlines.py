"""The last days that an agent names: today is the last day, before five o'clock this afternoon, 25号之前必须."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from qa_service.call import Speaker
from qa_service.judgement import Quote
from qa_service.reading.dates import DueDate, find_dates
from qa_service.reading.read import Reading

_FARTHEST_DAYS = 31
"""A day further off than this is a plan, not a deadline under which somebody is put."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A last day that the agent names: the words and the day, local to the call."""

    quote: Quote
    day: date


def stated_deadlines(reading: Reading) -> tuple[Deadline, ...]:
    """What the agent calls the last day, in the order of the call; words without a day mean the day of the call."""
    return tuple(_deadlines(reading))


def _deadlines(reading: Reading) -> Iterator[Deadline]:
    on = reading.call.started_at.date()
    for turn in reading.by(Speaker.AGENT):
        hit = turn.fact("states_deadline")
        if hit is None:
            continue
        quote = turn.quote(hit.start, hit.end)
        said = [due for due in find_dates(turn.turn.text, on) if not due.past and due.value is not None]
        day = min((_distance(due, quote), due.value) for due in said)[1] if said else on
        if day is not None and 0 <= (day - on).days <= _FARTHEST_DAYS:
            yield Deadline(quote=quote, day=day)


def _distance(due: DueDate, quote: Quote) -> int:
    return max(0, quote.start - due.end, due.start - quote.end)
