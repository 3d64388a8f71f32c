"""What of a raised voice is noticed: turns of the demo calls made louder, higher or faster by known steps.

``python -m bench.composure`` prints the table of ``docs/decisions/transcription.md``. Turns are those of the scripts,
so that the measure is of the sound alone; the voices are synthetic and even, which real ones are not.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from qa_service.call import Speaker, Turn
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.model import Limits
from qa_service.reading.composure import Raised, raised_turns
from qa_service.transcription.audio import RATE, decode
from qa_service.transcription.sound import measure_channel, turn_sound
from qa_service.transcription.vad import FRAME_MS, FRAME_SAMPLES, frame_probabilities

SAMPLES = Path(__file__).parents[1] / "samples"
SHORTEST_MS = 4500
"""Turns of the scripts that are at least as long are raised: said faster they still have three seconds of speech."""

CONTEXT_FRAMES = 64
"""Two seconds before a changed turn are heard again by the detector, which goes by what came before."""

Sound = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done to a turn: decibels, and factors of pitch and pace."""

    gain_db: float = 0.0
    pitch: float = 1.0
    pace: float = 1.0

    def __str__(self) -> str:
        parts = (
            f"+{self.gain_db:g} dB" if self.gain_db else "",
            f"pitch +{self.pitch - 1:.0%}" if self.pitch != 1 else "",
            f"pace +{self.pace - 1:.0%}" if self.pace != 1 else "",
        )
        return ", ".join(filter(None, parts)) or "as recorded"


CHANGES = (
    Change(),
    *(Change(gain_db=step) for step in (3, 6, 9)),
    *(Change(pitch=step) for step in (1.1, 1.2, 1.3)),
    *(Change(pace=step) for step in (1.1, 1.2, 1.3)),
    Change(gain_db=6, pitch=1.2),
    Change(gain_db=9, pitch=1.3, pace=1.2),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One speaker of one demo call: the channel, the detector's word on it, and the turns with their places."""

    call: str
    channel: Sound
    probabilities: NDArray[np.float32]
    turns: tuple[Turn, ...]
    raisable: tuple[int, ...]


def sides(folder: Path) -> Iterator[Side]:
    """Every side of every demo call that has a channel of its own; ``folder`` takes the decoded audio."""
    for line in (SAMPLES / "scripts.jsonl").read_text(encoding="utf-8").splitlines():
        script = json.loads(line)
        audio = decode(SAMPLES / "calls" / f"{script['call_id']}.opus", folder / f"{script['call_id']}.npy")
        if audio.channels == 1:
            continue
        spikes = {(spike["speaker"], turn) for spike in script["gold"]["emotion"] for turn in spike["turns"]}
        for speaker, channel in zip(Speaker, audio.samples, strict=True):
            own = [
                (number, turn)
                for number, turn in enumerate(script["turns"])
                if turn["speaker"] == speaker and turn["end_ms"] <= audio.duration_ms
            ]
            yield Side(
                call=script["call_id"],
                channel=np.asarray(channel),
                probabilities=frame_probabilities(channel),
                turns=tuple(
                    Turn(speaker=speaker, start_ms=turn["start_ms"], end_ms=turn["end_ms"], text=turn["text"])
                    for _, turn in own
                ),
                raisable=tuple(
                    place
                    for place, (number, turn) in enumerate(own)
                    if turn["end_ms"] - turn["start_ms"] >= SHORTEST_MS and (speaker.value, number) not in spikes
                ),
            )


def noticed(side: Side, number: int, change: Change, limits: Limits) -> Raised | None:
    """What is noticed of turn ``number`` of a side after the change; None if nothing."""
    turn = side.turns[number]
    first, last = turn.start_ms // FRAME_MS, turn.end_ms // FRAME_MS
    place = slice(first * FRAME_SAMPLES, last * FRAME_SAMPLES)
    said = changed(side.channel[place], change)[: place.stop - place.start]
    channel, probabilities = side.channel.copy(), side.probabilities.copy()
    channel[place] = np.pad(said, (0, place.stop - place.start - len(said)))
    begin = max(0, first - CONTEXT_FRAMES)
    heard = frame_probabilities(channel[begin * FRAME_SAMPLES : place.stop])
    probabilities[first:last] = heard[first - begin :]
    sound = measure_channel(channel, probabilities)
    turns = [replace(one, sound=turn_sound(one, sound)) for one in side.turns]
    return raised_turns(turns, limits).get(number)


def changed(said: Sound, change: Change) -> Sound:
    """The sound after the change, int16 at 16 kHz; it is shorter where the pace is faster."""
    if change.pitch != 1 or change.pace != 1:
        said = _filtered(said, change)
    louder = said * 10 ** (change.gain_db / 20)
    return np.asarray(np.round(louder).clip(-32_768, 32_767), dtype=np.int16)


def _filtered(said: Sound, change: Change) -> Sound:
    """Played faster, which raises pitch and pace alike, then brought to the pace wanted."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono")
    chain = [
        graph.add("asetrate", str(round(RATE * change.pitch))),
        graph.add("aresample", str(RATE)),
        graph.add("atempo", f"{change.pace / change.pitch:.4f}"),
        graph.add("aformat", "sample_fmts=s16:channel_layouts=mono"),
        graph.add("abuffersink"),
    ]
    for before, following in pairwise([source, *chain]):
        before.link_to(following)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(said).reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = RATE
    source.push(frame)
    source.push(None)
    pieces = []
    with suppress(av.error.EOFError, av.error.BlockingIOError):
        while isinstance(piece := chain[-1].pull(), av.AudioFrame):
            pieces.append(piece.to_ndarray().reshape(-1))
    return np.concatenate(pieces)


@dataclass(slots=True)
class Tally:
    """Of how many turns something was noticed."""

    turns: int = 0
    level: int = 0
    pitch: int = 0
    pace: int = 0
    alone: int = 0

    def add(self, raised: Raised | None) -> None:
        """Count one turn."""
        self.turns += 1
        if raised is not None:
            self.level += raised.level_db is not None
            self.pitch += raised.pitch is not None
            self.pace += raised.pace is not None
            self.alone += raised.alone


def measure(*, most: int | None = None) -> Mapping[Change, Tally]:
    """Raise every turn that is long enough (``most`` of each side) by each change; about five minutes for all."""
    limits = load_rulebook().limits
    tallies = {change: Tally() for change in CHANGES}
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as folder:
        for side in sides(Path(folder)):
            for number in side.raisable[:most]:
                for change, tally in tallies.items():
                    tally.add(noticed(side, number, change, limits))
    return tallies


def main() -> None:
    """Print the table."""
    print("| change | turns | level noticed | pitch noticed | pace noticed | shown by sound alone |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for change, tally in measure().items():
        shares = (f"{count / tally.turns:.0%}" for count in (tally.level, tally.pitch, tally.pace, tally.alone))
        print(f"| {change} | {tally.turns} | {' | '.join(shares)} |")


if __name__ == "__main__":
    main()
