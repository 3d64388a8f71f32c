"""Turns in which a speaker loses composure, by the words alone: from the rules of the category ``emotion``."""

from __future__ import annotations

from collections.abc import Sequence

from qa_service.judgement import Category, EmotionSpike, Finding


def spikes_of(findings: Sequence[Finding]) -> tuple[EmotionSpike, ...]:
    """One spike per turn and speaker, with the words that show it, in the order of the call."""
    signals: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.category is Category.EMOTION and finding.turn is not None:
            signals.setdefault(finding.turn, []).append(finding)
    return tuple(
        EmotionSpike(speaker=group[0].speaker, turn=turn, signals=tuple(f.quotes[0].text for f in group))
        for turn, group in sorted(signals.items())
    )
