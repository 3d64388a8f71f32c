"""Error rates of the exported model, measured through the same path as the product's.

The Opus file is decoded to 16 kHz, Silero voice activity detection finds the utterances of each channel,
consecutive ones are joined into packs of at most `chunk_length` seconds with 300 ms of silence between them, and
each pack goes through faster-whisper alone.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from texts import plain, unseen

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

os.environ["HF_HUB_OFFLINE"] = "1"
SAMPLES = Path(__file__).resolve().parent.parent
RATE = 16000
GAP = np.zeros(RATE * 300 // 1000, dtype=np.float32)
TAIL_SECONDS = 1.0
"""The engine listens again behind the last word; what it says of less than this is left out, as the product does."""
OPTIONS: dict[str, Any] = {
    "language": "zh",
    "task": "transcribe",
    "vad_filter": False,
    "word_timestamps": True,
    "condition_on_previous_text": False,
    "temperature": [0.0, 0.2, 0.4],
    "beam_size": 2,
    "without_timestamps": True,
}
FIGURE = re.compile("[零一二两三四五六七八九十百千万]+[块元号日月]?|周[一二三四五六日]|月底|大后天|[今明后]天")
"""A spoken amount, day or number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Character errors and characters spoken."""

    errors: int
    spoken: int

    def __add__(self, other: Score) -> Score:
        return Score(errors=self.errors + other.errors, spoken=self.spoken + other.spoken)

    def __str__(self) -> str:
        return f"{100 * self.errors / max(1, self.spoken):.1f} % ({self.errors} of {self.spoken})"


def distance(heard: str, spoken: str) -> int:
    """Fewest insertions, deletions and replacements between the two."""
    row = list(range(len(spoken) + 1))
    for i, a in enumerate(heard, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(spoken, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def score(heard: str, spoken: str) -> Score:
    """Punctuation does not count."""
    return Score(errors=distance(plain(heard), plain(spoken)), spoken=len(plain(spoken)))


def utterances(channel: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Start and end samples of the utterances of one channel (n,) at 16 kHz."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(threshold=0.5, min_silence_duration_ms=300, speech_pad_ms=100, max_speech_duration_s=9.5)
    return [(found["start"], found["end"]) for found in get_speech_timestamps(channel, options)]


def packs(found: Sequence[tuple[int, int]], seconds: float) -> list[list[tuple[int, int]]]:
    """Consecutive utterances in packs of at most `seconds`, gaps included."""
    made: list[list[tuple[int, int]]] = []
    used = 0
    for start, end in found:
        length = end - start
        if not made or used + len(GAP) + length > seconds * RATE:
            made.append([])
            used = -len(GAP)
        made[-1].append((start, end))
        used += len(GAP) + length
    return made


def recognise(model: WhisperModel, channel: NDArray[np.float32], options: dict[str, Any]) -> str:
    """The whole text of one channel (n,) at 16 kHz."""
    text = ""
    for pack in packs(utterances(channel), model.feature_extractor.chunk_length):
        pieces = [piece for start, end in pack for piece in (GAP, channel[start:end])][1:]
        clip = np.concatenate(pieces)
        segments, _ = model.transcribe(clip, **options)
        text += "".join(s.text for s in segments if s.seek == 0 or len(clip) / RATE - s.seek / 100 >= TAIL_SECONDS)
    return text


def calls() -> list[tuple[dict[str, Any], Path]]:
    """Every demo call's script and audio file."""
    lines = (SAMPLES / "scripts.jsonl").read_text(encoding="utf-8").splitlines()
    return [(script, SAMPLES / "calls" / f"{script['call_id']}.opus") for script in map(json.loads, lines)]


def call_channels(script: dict[str, Any], path: Path) -> list[tuple[str, NDArray[np.float32]]]:
    """What is said in each channel (one where the file is mono) and its sound (n,) at 16 kHz."""
    import av
    from faster_whisper.audio import decode_audio

    with av.open(str(path)) as file:
        mono = file.streams.audio[0].channels == 1
    if mono:
        return [("".join(turn["text"] for turn in script["turns"]), decode_audio(str(path)))]
    left, right = decode_audio(str(path), split_stereo=True)
    spoken = {who: "".join(t["text"] for t in script["turns"] if t["speaker"] == who) for who in ("agent", "customer")}
    return [(spoken["agent"], left), (spoken["customer"], right)]


def spoken_unseen(folder: Path) -> list[tuple[str, NDArray[np.float32]]]:
    """The unseen sentences, three a file, voices alternating, through line and Opus; text and sound at 16 kHz."""
    from faster_whisper.audio import decode_audio
    from line import hiss, write_opus
    from speak import VOICES, speak

    made, held = [], unseen()
    for index in range(0, len(held), 3):
        voice = tuple(VOICES.values())[index // 3 % 2]
        silence = np.zeros(11025, dtype=np.float32)
        pieces = [piece for text in held[index : index + 3] for piece in (silence, speak(text, voice).samples * 0.45)]
        audio = np.concatenate([*pieces, silence])
        audio = np.clip(audio + hiss(audio.shape, index), -32767, 32767)
        path = folder / f"{index}.opus"
        write_opus(audio.astype(np.int16), path)
        made.append(("".join(held[index : index + 3]), decode_audio(str(path))))
    return made


def figures(heard: str, spoken: str) -> tuple[int, int]:
    """How many of the amounts, days and numbers spoken were heard, and how many there are."""
    rest = FIGURE.findall(plain(heard))
    right = 0
    wanted = [found for found in FIGURE.findall(plain(spoken)) if len(found) > 1]
    for found in wanted:
        if found in rest:
            rest.remove(found)
            right += 1
    return right, len(wanted)


def measure(
    model: WhisperModel, pairs: Iterable[tuple[str, NDArray[np.float32]]], options: dict[str, Any], show: bool
) -> None:
    """Print the error rate over all pairs, and the share of figures heard."""
    total, right, wanted, started = Score(errors=0, spoken=0), 0, 0, time.monotonic()
    for spoken, sound in pairs:
        heard = recognise(model, sound, options)
        result = score(heard, spoken)
        total += result
        counted = figures(heard, spoken)
        right, wanted = right + counted[0], wanted + counted[1]
        if show:
            print(f"{result}\n  said  {spoken}\n  heard {heard}")
    print(
        f"character error rate {total}; amounts, days, numbers right {right} of {wanted}; "
        f"{time.monotonic() - started:.0f} s"
    )


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SAMPLES / "model")
    parser.add_argument("--options", type=json.loads, default={}, help="JSON over the transcribe options")
    parser.add_argument("--show", action="store_true", help="print every text")
    parser.add_argument("--part", choices=("calls", "unseen", "both"), default="both")
    chosen = parser.parse_args()
    from faster_whisper import WhisperModel

    random.seed(0)
    model = WhisperModel(str(chosen.model), device="cpu", compute_type="int8", cpu_threads=2)
    assert model.model.is_multilingual
    if chosen.part != "unseen":
        print("demo calls:")
        pairs = [pair for script, path in calls() for pair in call_channels(script, path)]
        measure(model, pairs, OPTIONS | chosen.options, chosen.show)
    if chosen.part != "calls":
        print(f"unseen sentences ({len(unseen())}):")
        with tempfile.TemporaryDirectory() as folder:
            measure(model, spoken_unseen(Path(folder)), OPTIONS | chosen.options, chosen.show)


if __name__ == "__main__":
    main()
