"""Stretches of speech become clips for the engine, and the engine's words go back to where they were said.

On a CPU a window costs the same full or nearly empty, so the utterances of a channel share clips, apart by a short
silence. Times are milliseconds of the call except inside a clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qa_service.call import Span
from qa_service.transcription.audio import SAMPLES_PER_MS
from qa_service.transcription.engine import Samples, Word
from qa_service.transcription.vad import FRAME_MS, Probabilities

GAP_MS = 300
"""Digital silence between utterances that share a clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One utterance in a clip: where it lies in the call, and at what millisecond of the clip it begins."""

    span: Span
    at_ms: int

    @property
    def until_ms(self) -> int:
        """The millisecond of the clip at which it is over."""
        return self.at_ms + self.span.end_ms - self.span.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What the engine hears at a time: pieces in order, silence between them."""

    pieces: tuple[Piece, ...]

    @property
    def length_ms(self) -> int:
        """Length of the clip."""
        return self.pieces[-1].until_ms


def cut_to_window(spans: Sequence[Span], probabilities: Probabilities, window_ms: int) -> tuple[Span, ...]:
    """Cut each span longer than the window at the frame of its second half-window that is least likely speech."""
    pieces: list[Span] = []
    for span in spans:
        rest = span
        while rest.end_ms - rest.start_ms > window_ms:
            earliest = (rest.start_ms + window_ms // 2) // FRAME_MS
            latest = (rest.start_ms + window_ms) // FRAME_MS
            cut_ms = (earliest + int(np.argmin(probabilities[earliest:latest]))) * FRAME_MS
            pieces.append(Span(start_ms=rest.start_ms, end_ms=cut_ms))
            rest = Span(start_ms=cut_ms, end_ms=rest.end_ms)
        pieces.append(rest)
    return tuple(pieces)


def pack(spans: Sequence[Span], window_ms: int, *, together: bool = True) -> tuple[Clip, ...]:
    """Fill clips of at most ``window_ms`` with consecutive spans, or give each span a clip of its own."""
    clips: list[Clip] = []
    for span in spans:
        at_ms = clips[-1].length_ms + GAP_MS if clips else 0
        if clips and together and at_ms + span.end_ms - span.start_ms <= window_ms:
            clips[-1] = Clip(pieces=(*clips[-1].pieces, Piece(span=span, at_ms=at_ms)))
        else:
            clips.append(Clip(pieces=(Piece(span=span, at_ms=0),)))
    return tuple(clips)


def render(clip: Clip, channel: NDArray[np.int16]) -> Samples:
    """The clip as float32 samples (-1 to 1) at 16 kHz, cut from the int16 samples of its channel."""
    sound = np.zeros(clip.length_ms * SAMPLES_PER_MS, dtype=np.float32)
    for piece in clip.pieces:
        said = channel[piece.span.start_ms * SAMPLES_PER_MS : piece.span.end_ms * SAMPLES_PER_MS]
        at = piece.at_ms * SAMPLES_PER_MS
        sound[at : at + len(said)] = said.astype(np.float32) / np.float32(32768)
    return sound


def put_back(clip: Clip, words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """The words of a clip by piece, in times of the call.

    A word belongs to the piece its middle falls into, or lies nearest to, and never to an earlier piece than the word
    before it; its times are kept inside that piece.
    """
    placed: list[list[Word]] = [[] for _ in clip.pieces]
    reached = 0
    for word in words:
        middle = (word.start_ms + word.end_ms) / 2
        candidates = range(reached, len(clip.pieces))
        reached = min(candidates, key=lambda index: _distance(clip.pieces[index], middle))
        placed[reached].append(_in_call(word, clip.pieces[reached]))
    return tuple(tuple(those) for those in placed)


def _distance(piece: Piece, moment: float) -> float:
    return max(piece.at_ms - moment, moment - piece.until_ms, 0)


def _in_call(word: Word, piece: Piece) -> Word:
    shift = piece.span.start_ms - piece.at_ms
    start = min(max(word.start_ms + shift, piece.span.start_ms), piece.span.end_ms)
    end = min(max(word.end_ms + shift, start), piece.span.end_ms)
    return replace(word, start_ms=start, end_ms=end)
