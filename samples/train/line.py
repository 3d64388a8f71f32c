"""The telephone line: 22,050 Hz speech to 8 kHz band-limited mu-law, then Opus; all of it through ffmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BAND = "highpass=f=220,lowpass=f=3500"
NOISE = 12.0
"""Root mean square of the line's hiss, in int16 steps (about -69 dB of full scale)."""


def hiss(shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    """White noise at the line's level, float32 in int16 steps."""
    return (np.random.default_rng(seed).standard_normal(shape) * NOISE).astype(np.float32)


def _ffmpeg(arguments: list[str], data: bytes) -> bytes:
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-threads", "1", *arguments]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def mulaw(samples: NDArray[np.int16], rate: int = 22050) -> bytes:
    """(n,) or (n, channels) int16 at `rate` to a band-limited 8 kHz mu-law WAV."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    source = ["-f", "s16le", "-ar", str(rate), "-ac", str(channels), "-i", "-"]
    return _ffmpeg([*source, "-af", BAND, "-ar", "8000", "-c:a", "pcm_mulaw", "-f", "wav", "-"], samples.tobytes())


def opus(wav: bytes, kbit: int) -> bytes:
    """A WAV to Ogg Opus at `kbit` kbit/s; the same input gives the same bytes."""
    codec = ["-c:a", "libopus", "-b:a", f"{kbit}k", "-application", "voip", "-ar", "8000"]
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    return _ffmpeg(["-i", "-", *codec, *plain, "-f", "ogg", "-"], wav)


def decode(data: bytes, rate: int = 16000) -> NDArray[np.int16]:
    """Any audio file to mono (n,) int16 at `rate`."""
    raw = _ffmpeg(["-i", "-", "-ac", "1", "-ar", str(rate), "-f", "s16le", "-"], data)
    return np.frombuffer(raw, dtype=np.int16)


def write_opus(samples: NDArray[np.int16], path: Path) -> None:
    """(n,) or (n, 2) int16 at 22,050 Hz through the line into a small Opus file."""
    path.write_bytes(opus(mulaw(samples), 16 if samples.ndim == 1 else 24))
