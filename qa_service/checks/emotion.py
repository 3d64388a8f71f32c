"""Turns in which a speaker loses composure: by the rules of the category ``emotion``, and by how they sound.

Sound alone is shown as what it is and is never a finding: no mark is taken for a loud voice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from qa_service.call import Turn
from qa_service.judgement import Category, EmotionSpike, Finding
from qa_service.reading.composure import Raised

SURER_BY = 0.5
"""Share of what a finding lacks in confidence that the sound of its turn makes up for."""

_NOTHING: Mapping[int, Raised] = MappingProxyType({})


def spikes_of(
    findings: Sequence[Finding], turns: Sequence[Turn] = (), raised: Mapping[int, Raised] = _NOTHING
) -> tuple[EmotionSpike, ...]:
    """One spike per turn and speaker, with the words and the sounds that show it, in the order of the call.

    ``raised`` are the turns of ``turns`` that sound beside themselves, by number; empty where there was no audio.
    """
    signals: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.category is Category.EMOTION and finding.turn is not None:
            signals.setdefault(finding.turn, []).append(finding)
    spoken = {
        turn: EmotionSpike(
            speaker=group[0].speaker,
            turn=turn,
            signals=(*(f.quotes[0].text for f in group), *(raised[turn].signals if turn in raised else ())),
        )
        for turn, group in signals.items()
    }
    heard = {
        number: EmotionSpike(speaker=turns[number].speaker, turn=number, signals=sound.signals, sound_alone=True)
        for number, sound in raised.items()
        if sound.alone and number not in spoken
    }
    return tuple(spike for _, spike in sorted({**heard, **spoken}.items()))


def surer_by_sound(findings: Sequence[Finding], raised: Mapping[int, Raised]) -> tuple[Finding, ...]:
    """The findings, those of words that also sound like it with a higher confidence."""
    return tuple(
        replace(finding, confidence=round(finding.confidence + SURER_BY * (1 - finding.confidence), 3))
        if finding.category is Category.EMOTION and finding.turn in raised
        else finding
        for finding in findings
    )
