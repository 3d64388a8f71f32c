"""The reading of a call: everything that more than one check needs, read once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa_service.call import Call, Grade, Speaker, Transcript, Turn
from qa_service.lexicon.model import Listener, Rulebook
from qa_service.reading.channels import may_be_swapped, swapped_because
from qa_service.reading.introductions import NOBODY, IntroductionReader, Introductions
from qa_service.reading.listener import listeners_of
from qa_service.reading.passages import BACKCHANNELS, Passage, PassageFinder, with_passages
from qa_service.reading.promises import PromiseReading, find_promises
from qa_service.reading.turns import FactHit, ReadTurn, TurnReader

HEARD_WELL = 0.7
"""Mean word probability of a part of the call below which nothing is called missing from it: clean lines keep above
0.8, noise that garbles the words brings it below 0.65 (``docs/decisions/transcription.md``)."""

MOST_WORDLESS_MS = 1000
"""Speech of the agent without any text from which on an opening was not heard; the demo calls have none."""


NOT_HEARD = "录音里没有听到坐席说话。"
NOT_CHINESE = "坐席说的没有一句中文，规则读不了，请收听。"
_CHINESE = re.compile(r"[\u3400-\u9fff]")

GUESSED_SPEAKER = "说话人为推测，请收听确认是谁说的。"
"""Why a verdict waits for a person where the machine only guessed who spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A call with its turns read.

    ``first_debt`` is the first agent turn that mentions the debt and where in its view it does, None where it never
    is. ``verification_asked`` says whether the agent asked who is there before that. ``partial`` is the reason why the
    recording is incomplete, None where it is whole. ``hints`` are introductions in suspect text: they prove nothing,
    but what they name may not be called missing. ``sound`` is what was heard of the recording, None for imported text.
    ``swapped`` is why the channels may be the wrong way round: every speaker is then doubtful, and nothing is missing.
    ``passages`` are the sentences that the other side broke with a word of assent.
    """

    call: Call
    turns: tuple[ReadTurn, ...]
    listeners: tuple[Listener, ...]
    first_debt: tuple[int, int] | None
    introductions: Introductions
    promises: PromiseReading
    hints: Introductions = NOBODY
    partial: str | None = None
    sound: Transcript | None = None
    swapped: str | None = None
    passages: tuple[Passage, ...] = ()

    def passage(self, turn: int) -> Passage | None:
        """The broken sentence that turn number ``turn`` is a piece of, None where it is none."""
        return next((passage for passage in self.passages if turn in passage.turns), None)

    @property
    def verification_asked(self) -> bool:
        """Whether the agent asked who is listening before the first word of the debt."""
        limit = self.first_debt or (len(self.turns), 0)
        asked = ((turn.index, hit.start) for turn in self.turns for hit in _asking(turn))
        return any(place < limit for place in asked)

    @property
    def opening_unheard(self) -> bool:
        """Whether the opening was not heard well enough to say that something is missing from it.

        It is incomplete, or part of it is suspect, or the agent's words in it were recognised weakly or not at all, or
        their channel is poor or covered by music or a tone.
        """
        last = self.first_debt[0] if self.first_debt else len(self.turns)
        opening = self.turns[: last + 1]
        doubtful = self.partial is not None or any(not turn.turn.trusted for turn in opening)
        said = [turn for turn in opening if turn.speaker is Speaker.AGENT]
        return doubtful or not heard_well(said) or (self.sound is not None and self._drowned(said, self.sound))

    def _drowned(self, said: Sequence[ReadTurn], sound: Transcript) -> bool:
        """Whether the sound of the opening shows that the agent's words ``said`` in it may not be all of them."""
        until = self.turns[self.first_debt[0]].turn.end_ms if self.first_debt else sound.duration_ms
        lost = wordless_ms(sound, Speaker.AGENT, until)
        return lost > MOST_WORDLESS_MS or _covered([turn.turn for turn in said], sound)

    @property
    def opening_guessed(self) -> bool:
        """Whether it is a guess who says something in the opening, and so who has left something unsaid in it."""
        last = self.first_debt[0] if self.first_debt else len(self.turns)
        return self.guessed_by(last)

    def guessed_by(self, turn: int) -> bool:
        """Whether it is a guess who speaks in turn number ``turn`` or one before it."""
        return any(one.turn.speaker_doubtful for one in self.turns[: turn + 1])

    def unheard_after(self, turn: int, speaker: Speaker) -> bool:
        """Whether something that ``speaker`` says after turn number ``turn`` was not heard, or not well."""
        later = [one for one in self.turns[turn + 1 :] if one.speaker is speaker]
        return self.partial is not None or not heard_well(later)

    def identity_unheard(self, turn: int) -> bool:
        """Whether the listener of turn number ``turn`` is unconfirmed and suspect text before it may say who it is."""
        unknown = self.listeners[turn] in (Listener.UNKNOWN, Listener.CLAIMED)
        return unknown and any(not earlier.turn.trusted for earlier in self.turns[:turn])

    def listener(self, turn: int) -> Listener:
        """Who hears turn number ``turn``."""
        return self.listeners[turn]

    def by(self, speaker: Speaker) -> tuple[ReadTurn, ...]:
        """The turns of one speaker."""
        return tuple(turn for turn in self.turns if turn.speaker is speaker)

    @property
    def agent_unread(self) -> str | None:
        """Why nothing can be called missing from what the agent says: not a word of it, or not a Chinese one."""
        said = [turn.turn.text for turn in self.by(Speaker.AGENT)]
        if any(_CHINESE.search(text) for text in said):
            return None
        return NOT_CHINESE if any(letter.isalpha() for text in said for letter in text) else NOT_HEARD


class Reader:
    """Reads calls with one rulebook; built once per rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Prepare the reader of turns."""
        self._turns = TurnReader(rulebook)
        self._passages = PassageFinder(self._turns.read, rulebook.word_sets[BACKCHANNELS])
        self._introductions = IntroductionReader(rulebook)

    def read(self, call: Call, transcript: Transcript | None = None, *, settled: bool = False) -> Reading:
        """Read a call; a transcript's turns take the place of the call's own.

        ``settled`` where a person has said who speaks: then no channel is taken for the other one.
        """
        if transcript is not None:
            call = replace(call, turns=transcript.turns)
        turns = tuple(self._turns.read(index, turn) for index, turn in enumerate(call.turns))
        passages = self._passages.find(turns)
        turns = with_passages(turns, passages)
        introductions = self._introduced(turns, call, passages)
        suspect = [turn for turn in turns if not turn.turn.trusted]
        swapped = None if settled else self._swapped(turns, introductions, call)
        if swapped is not None:
            call = replace(call, turns=tuple(replace(turn, speaker_doubtful=True) for turn in call.turns))
            turns = tuple(replace(read, turn=turn) for read, turn in zip(turns, call.turns, strict=True))
        return Reading(
            call=call,
            turns=turns,
            listeners=listeners_of(turns, call.callee),
            first_debt=_first_debt(turns),
            introductions=introductions,
            hints=self._introductions.read(suspect, call) if suspect else NOBODY,
            promises=find_promises(call.turns, call.started_at.date(), call.case.balance),
            partial=transcript.partial if transcript else None,
            sound=transcript,
            swapped=swapped,
            passages=passages,
        )

    def _introduced(self, turns: Sequence[ReadTurn], call: Call, passages: Sequence[Passage] = ()) -> Introductions:
        return self._introductions.read([turn for turn in turns if turn.turn.trusted], call, passages)

    def _swapped(self, turns: Sequence[ReadTurn], said: Introductions, call: Call) -> str | None:
        guessed = any(turn.turn.speaker_doubtful for turn in turns)
        if guessed or not may_be_swapped(turns, said):
            return None
        other = [turn.exchanged() for turn in turns]
        return swapped_because(turns, said, other, self._introduced(other, call), call.direction)


def heard_well(said: Sequence[ReadTurn]) -> bool:
    """Whether nothing in these turns is suspect and their words were recognised surely enough to miss one."""
    turns = [turn.turn for turn in said]
    known = [(turn.confidence, len(turn.text)) for turn in turns if turn.confidence is not None]
    characters = sum(length for _, length in known)
    weak = bool(characters) and sum(sure * length for sure, length in known) / characters < HEARD_WELL
    return not weak and all(turn.trusted for turn in turns)


def wordless_ms(sound: Transcript, speaker: Speaker, until_ms: int) -> int:
    """How long ``speaker`` speaks up to ``until_ms`` where no text of theirs lies; 0 where channels say nothing."""
    turns = [turn for turn in sound.turns if turn.speaker is speaker]
    lost = 0
    for span in sound.activity.get(speaker, ()):
        end = min(span.end_ms, until_ms)
        told = sum(max(0, min(turn.end_ms, end) - max(turn.start_ms, span.start_ms)) for turn in turns)
        lost += max(0, end - span.start_ms - told)
    return lost


def _covered(said: Sequence[Turn], sound: Transcript) -> bool:
    """Whether the channel of these turns is of poor quality, or music or a tone lies over them."""
    voices = {turn.voice for turn in said if turn.voice is not None}
    if any(channel.voice in voices and channel.grade is Grade.POOR for channel in sound.quality):
        return True
    begin, end = min((turn.start_ms for turn in said), default=0), max((turn.end_ms for turn in said), default=0)
    return any(n.voice in voices and n.span.start_ms < end and begin < n.span.end_ms for n in sound.noises)


def _asking(turn: ReadTurn) -> Iterator[FactHit]:
    """Where a turn asks who is there; a question for somebody's kinship is no verification of the debtor."""
    kinship = [hit for hit in turn.facts if hit.name == "asks_relation"]
    for hit in turn.facts if turn.turn.trusted else ():
        if hit.name == "asks_identity" and not any(turn.one_question(hit, other) for other in kinship):
            yield hit


def _first_debt(turns: tuple[ReadTurn, ...]) -> tuple[int, int] | None:
    for turn in turns:
        hit = turn.fact("debt_mention")
        if hit is not None:
            return turn.index, hit.start
    return None
