"""Utterances become turns: in order of time, those of one speaker joined across short pauses."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from qa_service.call import Span, Speaker, Suspicion, Turn
from qa_service.transcription.wording import joined

TURN_PAUSE_MS = 1200
"""A pause of one speaker from which on a new turn begins, though nobody else spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One utterance as recognised: who, where, what, how surely word by word, and why it may be wrong.

    ``speaker_doubtful`` is set where the speaker is a guess.
    """

    speaker: Speaker
    span: Span
    text: str
    word_probabilities: tuple[float, ...]
    suspicions: frozenset[Suspicion] = frozenset()
    speaker_doubtful: bool = False


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
        and before.suspicions == one.suspicions
        and one.span.start_ms - before.span.end_ms < TURN_PAUSE_MS
    )


def _turn(group: Sequence[Heard]) -> Turn:
    text = group[0].text
    for before, one in itertools.pairwise(group):
        text = joined(text, one.text, one.span.start_ms - before.span.end_ms)
    return Turn(
        speaker=group[0].speaker,
        start_ms=group[0].span.start_ms,
        end_ms=group[-1].span.end_ms,
        text=text,
        confidence=round(fmean(p for one in group for p in one.word_probabilities), 3),
        suspicions=tuple(doubt for doubt in Suspicion if doubt in group[0].suspicions),
        speaker_doubtful=group[0].speaker_doubtful,
    )
