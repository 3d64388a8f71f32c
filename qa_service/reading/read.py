"""The reading of a call: everything that more than one check needs, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa_service.call import Call, Speaker, Transcript
from qa_service.lexicon.model import Listener, Rulebook
from qa_service.reading.introductions import IntroductionReader, Introductions
from qa_service.reading.listener import listeners_of
from qa_service.reading.promises import PromiseReading, find_promises
from qa_service.reading.turns import ReadTurn, TurnReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A call with its turns read.

    ``first_debt`` is the first agent turn that mentions the debt and where in its view it does, None where it never
    is. ``verification_asked`` says whether the agent asked who is there before that. ``partial`` is the reason why the
    recording is incomplete, None where it is whole; ``opening_unheard`` that nothing may be called missing from the
    opening, because it is partial or was recognised doubtfully.
    """

    call: Call
    turns: tuple[ReadTurn, ...]
    listeners: tuple[Listener, ...]
    first_debt: tuple[int, int] | None
    introductions: Introductions
    promises: PromiseReading
    partial: str | None = None

    @property
    def verification_asked(self) -> bool:
        """Whether the agent asked who is listening before the first word of the debt."""
        limit = self.first_debt or (len(self.turns), 0)
        asked = ((turn.index, hit.start) for turn in self.turns if (hit := turn.fact("asks_identity")))
        return any(place < limit for place in asked)

    @property
    def opening_unheard(self) -> bool:
        """Whether the opening was not heard well enough to say that something is missing from it."""
        last = self.first_debt[0] if self.first_debt else len(self.turns)
        return self.partial is not None or any(not turn.turn.trusted for turn in self.turns[: last + 1])

    def listener(self, turn: int) -> Listener:
        """Who hears turn number ``turn``."""
        return self.listeners[turn]

    def by(self, speaker: Speaker) -> tuple[ReadTurn, ...]:
        """The turns of one speaker."""
        return tuple(turn for turn in self.turns if turn.speaker is speaker)


class Reader:
    """Reads calls with one rulebook; built once per rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Prepare the reader of turns."""
        self._turns = TurnReader(rulebook.framings, rulebook.facts)
        self._introductions = IntroductionReader(rulebook)

    def read(self, call: Call, transcript: Transcript | None = None) -> Reading:
        """Read a call; a transcript's turns take the place of the call's own."""
        if transcript is not None:
            call = replace(call, turns=transcript.turns)
        turns = tuple(self._turns.read(index, turn) for index, turn in enumerate(call.turns))
        return Reading(
            call=call,
            turns=turns,
            listeners=listeners_of(turns, call.callee),
            first_debt=_first_debt(turns),
            introductions=self._introductions.read(turns, call),
            promises=find_promises(call.turns, call.started_at.date(), call.case.balance),
            partial=transcript.partial if transcript else None,
        )


def _first_debt(turns: tuple[ReadTurn, ...]) -> tuple[int, int] | None:
    for turn in turns:
        hit = turn.fact("debt_mention")
        if hit is not None:
            return turn.index, hit.start
    return None
