"""What is neither speech nor silence: tones of the exchange and music, found on each channel before anything is heard.

Tones are certain: where they sound the detector is overruled and nothing goes to the engine. Music is only marked,
because people also talk over it; the detector does not fire on music without singing (0 of 13 minutes of hold music).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qa_service.call import Noise, NoiseKind, Span, Voice
from qa_service.transcription.music import Marked, find_music, marked
from qa_service.transcription.samples import Beat, no_beat
from qa_service.transcription.spectrum import spectra
from qa_service.transcription.tones import Lines, find_tones, joined, lines_of
from qa_service.transcription.vad import FRAME_MS, TURNS, Probabilities

RING_PAUSE_MS = 5500
"""Longest pause between two rings that belong together; the longest cadences pause for 5 s."""


def find_noises(
    channel: NDArray[np.int16], voice: Voice, probabilities: Probabilities, beat: Beat = no_beat
) -> tuple[Noise, ...]:
    """Tones and music of one channel (int16 of shape (samples,) at 16 kHz), in order of their start.

    Rings and the pauses between them are one noise, unless somebody speaks in the pause.
    """
    lines: list[Lines] = []
    marks: list[Marked] = []
    for block in spectra(channel):
        lines.append(lines_of(block))
        marks.append(marked(block))
        beat()
    if not lines:
        return ()
    music = find_music(marks, probabilities >= TURNS.threshold)
    tones = [(kind, span) for kind, span in find_tones(joined(lines)) if not _mostly(span, music)]
    rings = _one_ringing([span for kind, span in tones if kind is NoiseKind.RING_BACK], probabilities)
    others = [span for kind, span in tones if kind is NoiseKind.TONE]
    found = [
        *(Noise(kind=NoiseKind.RING_BACK, voice=voice, span=span) for span in rings),
        *(Noise(kind=NoiseKind.TONE, voice=voice, span=span) for span in others),
        *(Noise(kind=NoiseKind.HOLD_MUSIC, voice=voice, span=span) for span in music),
    ]
    return tuple(sorted(found, key=lambda noise: noise.span.start_ms))


def without_tones(probabilities: Probabilities, noises: Sequence[Noise]) -> Probabilities:
    """The speech probabilities of a channel, 0 where it carries one of its tones; music takes nothing away."""
    cleared = probabilities.copy()
    for noise in noises:
        if noise.kind is not NoiseKind.HOLD_MUSIC:
            cleared[_frames(noise.span)] = 0
    return cleared


def _frames(span: Span) -> slice:
    """The frames of the detector whose middle lies in ``span``."""
    return slice(-(-(span.start_ms - FRAME_MS // 2) // FRAME_MS), (span.end_ms + FRAME_MS // 2) // FRAME_MS)


def _one_ringing(rings: Sequence[Span], probabilities: Probabilities) -> list[Span]:
    joined_rings: list[Span] = []
    for ring in rings:
        before = joined_rings[-1] if joined_rings else None
        if before is not None and _only_pause(before, ring, probabilities):
            joined_rings[-1] = Span(start_ms=before.start_ms, end_ms=ring.end_ms)
        else:
            joined_rings.append(ring)
    return joined_rings


def _only_pause(before: Span, ring: Span, probabilities: Probabilities) -> bool:
    pause = Span(start_ms=before.end_ms, end_ms=ring.start_ms)
    spoken = bool((probabilities[_frames(pause)] >= TURNS.threshold).any())
    return pause.end_ms - pause.start_ms <= RING_PAUSE_MS and not spoken


def _mostly(span: Span, others: Sequence[Span]) -> bool:
    covered = sum(max(0, min(span.end_ms, one.end_ms) - max(span.start_ms, one.start_ms)) for one in others)
    return covered * 2 > span.end_ms - span.start_ms
