"""Utterances become turns: in order of time, those of one speaker joined across short pauses."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qa_service.call import HeardWord, Span, Speaker, Suspicion, Turn, Voice, mean_sureness
from qa_service.transcription.wording import joined

TURN_PAUSE_MS = 1200
"""A pause of one speaker from which on a new turn begins, though nobody else spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One utterance as recognised: who, where, what, how surely word by word, and why it may be wrong.

    ``words`` point into ``text``. ``voice`` is the channel, or which of two voices on one channel it is;
    ``speaker_doubtful`` is set where the speaker is a guess, ``speaker_confidence`` then says how good a one (0 to 1).
    """

    speaker: Speaker
    span: Span
    text: str
    words: tuple[HeardWord, ...]
    voice: Voice | None = None
    suspicions: frozenset[Suspicion] = frozenset()
    speaker_doubtful: bool = False
    speaker_confidence: float | None = None


def to_turns(utterances: Iterable[Heard]) -> tuple[Turn, ...]:
    """Turns in order of their start.

    Suspect utterances are not joined with trusted ones, so that doubt about one does not spread to the other.
    """
    groups: list[list[Heard]] = []
    for one in sorted(utterances, key=lambda heard: (heard.span.start_ms, heard.span.end_ms)):
        if groups and _continues(groups[-1][-1], one):
            groups[-1].append(one)
        else:
            groups.append([one])
    return tuple(_turn(group) for group in groups)


def _continues(before: Heard, one: Heard) -> bool:
    return (
        before.speaker is one.speaker
        and before.voice is one.voice
        and before.suspicions == one.suspicions
        and one.span.start_ms - before.span.end_ms < TURN_PAUSE_MS
    )


def _turn(group: Sequence[Heard]) -> Turn:
    first = group[0]
    text, words = first.text, list(first.words)
    for before, one in itertools.pairwise(group):
        text = joined(text, one.text, one.span.start_ms - before.span.end_ms)
        shift = len(text) - len(one.text)
        words.extend(replace(word, start=word.start + shift, end=word.end + shift) for word in one.words)
    sure = [one.speaker_confidence for one in group if one.speaker_confidence is not None]
    return Turn(
        speaker=first.speaker,
        start_ms=first.span.start_ms,
        end_ms=group[-1].span.end_ms,
        text=text,
        confidence=mean_sureness(words),
        suspicions=tuple(doubt for doubt in Suspicion if doubt in first.suspicions),
        speaker_doubtful=first.speaker_doubtful,
        speaker_confidence=min(sure, default=None),
        voice=first.voice,
        words=tuple(words),
    )
