"""FLAC: the number of samples, which an encoder that writes to a pipe leaves at zero."""

from __future__ import annotations

from qa_service.transcription.containers.source import Promise, Source, ratio


def read_flac(source: Source, start: int = 0) -> Promise:
    """The promise of a FLAC file whose mark is at ``start``."""
    packed = source.big(start + 18, 8)  # rate 20 bits, channels 3, bits a sample 5, samples 36
    rate, samples = packed >> 44, packed & (2**36 - 1)
    return Promise(seconds=ratio(samples, rate) if samples else None)
