"""The bank: spoken training sentences as log-mel frames on disk, with the time of every character.

A shard is one long recording of some hundred sentences put through the telephone line and (mostly) Opus, as
the demo's calls are. Its sentences are cut out later as voice activity detection would: a little silence at both
ends.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from line import decode, hiss, mulaw, opus
from numpy.typing import NDArray
from speak import RATE, VOICES, Voice, speak, syllables
from texts import sentences

MELS = 80
FLOOR, STEP = -10.0, 14.0 / 255
"""Frames are stored as uint8: log10 power = FLOOR + STEP * value."""


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float32]:
    filters: NDArray[np.float32] = FeatureExtractor.get_mel_filters(16000, 400, MELS).astype(np.float32)
    return filters


def log_mel(samples: NDArray[np.floating]) -> NDArray[np.float32]:
    """(n,) float at 16 kHz in -1..1 to (n // 160, 80) log10 mel power, floor 1e-10, not yet normalised."""
    padded = np.pad(samples, 200, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][: len(samples) // 160]
    window = np.hanning(401)[:-1].astype(np.float32)
    out = np.empty((len(frames), MELS), dtype=np.float32)
    for start in range(0, len(frames), 4096):
        power = np.abs(np.fft.rfft(frames[start : start + 4096] * window, axis=1)) ** 2
        out[start : start + 4096] = power @ _filters().T
    return np.log10(np.maximum(out, 1e-10))


def _vary(voice: Voice, chance: random.Random) -> Voice:
    """The voice a little faster or slower, higher or lower."""
    speed, pitch = voice.speed + chance.randint(-25, 30), voice.pitch + chance.randint(-10, 20)
    return replace(voice, speed=speed, pitch=pitch, range=voice.range + chance.randint(-12, 12))


def _record(texts: list[str], chance: random.Random) -> tuple[NDArray[np.int16], list[dict[str, object]]]:
    """All texts in one recording (n,) int16 at 22,050 Hz; the times of the characters are in seconds of it."""
    pieces: list[NDArray[np.float32]] = []
    entries: list[dict[str, object]] = []
    clock = 0
    for text in texts:
        speaker = chance.choice(tuple(VOICES))
        speech = speak(text, _vary(VOICES[speaker], chance))
        gain = np.float32(10 ** (chance.uniform(-14, -1) / 20))
        lead = np.zeros(int(chance.uniform(0.25, 0.5) * RATE), dtype=np.float32)
        start = (clock + len(lead)) / RATE
        pieces += [lead, speech.samples.astype(np.float32) * gain]
        clock += len(lead) + len(speech.samples)
        spans = [[round(start + a, 3), round(start + b, 3)] for a, b in speech.spans]
        entries.append({"text": text, "speaker": speaker, "sounds": syllables(text), "spans": spans})
    audio = np.concatenate([*pieces, np.zeros(RATE, dtype=np.float32)])
    audio += hiss(audio.shape, chance.randrange(2**31))
    return np.clip(audio, -32767, 32767).astype(np.int16), entries


def make_shard(number: int, size: int, seed: int, folder: Path) -> Path:
    """Write shard `number` (frames `.npy`, index `.jsonl`) unless it is there."""
    frames_path = folder / f"{number:03d}.npy"
    if frames_path.exists():
        return frames_path
    chance = random.Random(f"{seed}-{number}")
    audio, entries = _record(sentences(size, chance.randrange(2**31)), chance)
    wav = mulaw(audio)
    heard = decode(opus(wav, chance.choice((12, 16, 24))) if chance.random() < 0.8 else wav)
    mel = log_mel(heard.astype(np.float32) / 32768)
    np.save(folder / f"{number:03d}.tmp.npy", np.clip(np.round((mel - FLOOR) / STEP), 0, 255).astype(np.uint8))
    index = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    (folder / f"{number:03d}.jsonl").write_text(index, encoding="utf-8")
    (folder / f"{number:03d}.tmp.npy").rename(frames_path)
    return frames_path


def _job(task: tuple[int, int, int, str]) -> str:
    number, size, seed, folder = task
    return str(make_shard(number, size, seed, Path(folder)))


def make_bank(folder: Path, shards: int, size: int, seed: int, processes: int) -> list[Path]:
    """Make all shards; those already there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(number, size, seed, str(folder)) for number in range(shards)]
    with get_context("spawn").Pool(processes) as pool:
        return [Path(done) for done in pool.imap(_job, tasks)]
