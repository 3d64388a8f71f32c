"""``python3 chaos/damage.py``: spoil copies of good recordings at random; each must be refused, partial or heard.

Five formats whose files say how long they are, and AMR, which does not. Bits flip, blocks are zeroed, swapped, put in
and taken out, and the end is cut off. Nothing may crash or hang; a copy that lost a piece must be noticed by what the
file itself says, or at the latest by the seconds that were billed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":  # as a script, the repository is not on the path yet
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from qa_service.errors import RecordingRefused
from qa_service.testing.audio import utterances, write_recording
from qa_service.transcription.audio import decode

SECONDS = 15
LONGEST_WAIT_S = 60.0
"""Wall-clock seconds after which a decoding counts as hung; the usual one takes a third of one."""

BILLED_LOSS = 0.12
"""Share of the sound that must be gone before the billed seconds can tell: a tenth is left to ringing and rounding."""

_LEAST, _MOST, _LEAST_BLOCK = 0.01, 0.98, 0.03
"""Shares of the bytes that a cut takes, and the least that goes with a block: half a second of sound."""

FORMATS: Mapping[str, tuple[int, str | None]] = {
    "wav": (8_000, "pcm_alaw"),
    "mp3": (16_000, None),
    "opus": (48_000, None),
    "m4a": (16_000, None),
    "flac": (16_000, None),
    "amr": (8_000, "libopencore_amrnb"),
}
"""By suffix: the rate and the codec, None for the suffix's usual one."""

BLIND = frozenset({"amr"})
"""Formats without a word on their length: only a last frame cut in two, or the billing, can tell."""

Harm = Callable[[bytes, np.random.Generator], bytes]


def flip(data: bytes, rng: np.random.Generator) -> bytes:
    """Turn 1 to 100 bits around."""
    changed = np.frombuffer(data, np.uint8).copy()
    places = rng.integers(len(changed), size=rng.integers(1, 101))
    np.bitwise_xor.at(changed, places, np.uint8(1) << rng.integers(8, size=len(places), dtype=np.uint8))
    return changed.tobytes()


def zero(data: bytes, rng: np.random.Generator) -> bytes:
    """Blank a block, as a bad disk does."""
    start, end = _block(data, rng)
    return data[:start] + bytes(end - start) + data[end:]


def swap(data: bytes, rng: np.random.Generator) -> bytes:
    """Exchange two neighbouring blocks of one size."""
    start, end = _block(data, rng)
    middle = (start + end) // 2
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def insert(data: bytes, rng: np.random.Generator) -> bytes:
    """Put a block of noise in."""
    start, end = _block(data, rng)
    return data[:start] + rng.bytes(end - start) + data[start:]


def drop(data: bytes, rng: np.random.Generator) -> bytes:
    """Take a block out of the middle."""
    start, end = _block(data, rng, least=_LEAST_BLOCK)
    return data[:start] + data[end:]


def cut(data: bytes, rng: np.random.Generator) -> bytes:
    """Lose the end, as a transfer that breaks off does."""
    return data[: int(len(data) * (1 - rng.uniform(_LEAST, _MOST)))]


HARMS: Mapping[str, Harm] = {
    "flipped": flip,
    "zeroed": zero,
    "swapped": swap,
    "inserted": insert,
    "dropped": drop,
    "cut": cut,
}
SHORTENING = ("dropped", "cut")
"""Harms after which sound is missing for certain and the rest is as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A spoiled copy: its format, what was done to it, the share of the bytes that are gone, and the file."""

    suffix: str
    harm: str
    lost: float
    data: bytes


@dataclass(slots=True, kw_only=True)
class Report:
    """Counts by format and harm: copies, those noticed by themselves, and those noticed with billed seconds.

    ``crashes`` and ``hangs`` name the copies that were neither refused nor heard in time.
    """

    copies: Counter[tuple[str, str]] = field(default_factory=Counter)
    noticed: Counter[tuple[str, str]] = field(default_factory=Counter)
    owing: Counter[str] = field(default_factory=Counter)
    owned_up: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    seconds: float = 0.0

    def rate(self, suffixes: Sequence[str], harms: Sequence[str]) -> float:
        """Share of the copies of these formats, harmed in these ways, that were refused or partial; 1 of none."""
        keys = [(suffix, harm) for suffix in suffixes for harm in harms]
        copies = sum(self.copies[key] for key in keys)
        return sum(self.noticed[key] for key in keys) / copies if copies else 1.0

    @property
    def told(self) -> float:
        """Share of the shortened copies that were noticed, of the formats that can tell."""
        return self.rate([suffix for suffix in FORMATS if suffix not in BLIND], SHORTENING)

    @property
    def billed(self) -> float:
        """Share of the copies cut by more than the billing leaves open that were noticed with billed seconds."""
        return self.owned_up.total() / self.owing.total() if self.owing else 1.0

    @property
    def clean(self) -> bool:
        """Nothing crashed or hung; 99 % of the shortened told of themselves; all that billing can tell were told."""
        return not self.crashes and not self.hangs and self.told >= 0.99 and self.billed == 1.0

    def __str__(self) -> str:
        """The table: noticed of copies for each format and harm, then the figures that must hold."""
        head = "          " + "".join(f"{harm:>12}" for harm in HARMS)
        rows = [
            f"{suffix + (' *' if suffix in BLIND else ''):<10}"
            + "".join(f"{self.noticed[suffix, harm]:>5} of {self.copies[suffix, harm]:<3}" for harm in HARMS)
            for suffix in FORMATS
        ]
        lines = [
            f"crashes   {len(self.crashes)} {' '.join(self.crashes[:10])}",
            f"hangs     {len(self.hangs)} {' '.join(self.hangs[:10])}",
            f"shortened {self.told:.1%} noticed by the file itself (dropped and cut, formats without *)",
            f"billed    {self.owned_up.total()} of {self.owing.total()} that lost more than {BILLED_LOSS:.0%} noticed",
            f"time      {self.seconds:.0f} s, slowest {self.slowest_s:.1f} s",
            "* has no word on its length: a cut between two frames cannot be told without billed seconds.",
        ]
        return "\n".join(["refused or partial, of copies:", head, *rows, *(line.rstrip() for line in lines)])


def spoil(folder: Path, *, files: int, seed: int) -> Iterator[Copy]:
    """Draw so many copies, formats and harms in turn; the same seed draws the same ones."""
    rng = np.random.default_rng(seed)
    good = {suffix: _good(folder, suffix) for suffix in FORMATS}
    for number in range(files):
        suffix = list(FORMATS)[number % len(FORMATS)]
        harm = list(HARMS)[number // len(FORMATS) % len(HARMS)]
        data = HARMS[harm](good[suffix], rng)
        yield Copy(suffix=suffix, harm=harm, lost=1 - len(data) / len(good[suffix]), data=data)


def run_damage(folder: Path, *, files: int, seed: int) -> Report:
    """Decode every copy in ``folder`` and count."""
    report = Report()
    started = time.monotonic()
    for number, copy in enumerate(spoil(folder, files=files, seed=seed)):
        path = folder / f"{number:04d}-{copy.harm}.{copy.suffix}"
        path.write_bytes(copy.data)
        _examine(copy, path, report)
        path.unlink()
    report.seconds = time.monotonic() - started
    return report


def _examine(copy: Copy, path: Path, report: Report) -> None:
    key = copy.suffix, copy.harm
    report.copies[key] += 1
    started = time.monotonic()
    noticed = _noticed(path, None, report)
    took = time.monotonic() - started
    report.slowest_s = max(report.slowest_s, took)
    if took > LONGEST_WAIT_S:
        report.hangs.append(path.name)
    report.noticed[key] += noticed
    if copy.harm == "cut" and copy.lost > BILLED_LOSS:
        report.owing[copy.suffix] += 1
        report.owned_up[copy.suffix] += noticed or _noticed(path, float(SECONDS), report)


def _noticed(path: Path, billed_seconds: float | None, report: Report) -> bool:
    """Whether the copy is refused or partial; anything else that is raised is a crash."""
    try:
        return decode(path, path.with_suffix(".decoded"), billed_seconds=billed_seconds).partial is not None
    except RecordingRefused:
        return True
    except Exception as error:  # noqa: BLE001 - a crash is what is looked for
        report.crashes.append(f"{path.name}:{type(error).__name__}")
        return False
    finally:
        path.with_suffix(".decoded").unlink(missing_ok=True)


def _good(folder: Path, suffix: str) -> bytes:
    rate, codec = FORMATS[suffix]
    agent = utterances((300, 4000), (7000, 11_000), length=SECONDS * 1000, pitch=190)
    customer = utterances((4200, 6700), (11_500, 14_600), length=SECONDS * 1000, pitch=120)
    sides = [agent + customer] if codec == "libopencore_amrnb" else [agent, customer]
    return write_recording(folder / f"good.{suffix}", *sides, rate=rate, codec=codec).read_bytes()


def _block(data: bytes, rng: np.random.Generator, *, least: float = 0.0) -> tuple[int, int]:
    """Where a block of up to a fifth of the file begins and ends."""
    length = int(len(data) * rng.uniform(max(least, 0.001), 0.2))
    start = int(rng.integers(len(data) - length))
    return start, start + length


def main(words: Sequence[str]) -> int:
    """Run from the command line: 0 where all is well, 1 where it is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=900)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="qa-damage-") as folder:
        report = run_damage(Path(folder), files=arguments.files, seed=arguments.seed)
    print(report)  # noqa: T201
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
