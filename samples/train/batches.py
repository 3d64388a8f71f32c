"""Training batches: packs of utterances, 300 ms of digital silence between them, as the product makes them.

The sound is log-mel frames from the bank; joining frames is joining sound, but for one frame at each seam.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from bank import FLOOR, MELS, STEP
from numpy.typing import NDArray
from speak import PUNCTUATION
from texts import inventory
from tokens import characters, ids, timestamp
from torch import Tensor

GAP = 30
"""Frames (10 ms) of digital silence between utterances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A place in a shard: its text, the syllable class and the span in seconds of every character."""

    shard: int
    text: str
    sounds: tuple[int, ...]
    spans: NDArray[np.float32]

    @property
    def frames(self) -> int:
        """Its length with the widest margins."""
        return int((self.spans[-1, 1] - self.spans[0, 0]) * 100) + 42


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one step learns from.

    mel (b, 80, frames); inputs and targets (b, l), -100 where nothing is asked; sounds and signs (b, width)
    classes of the frames; frames (n, 2) window and place of those that count; guide (n, 4) window, text position,
    first and last encoder position of a character.
    """

    mel: Tensor
    inputs: Tensor
    targets: Tensor
    sounds: Tensor
    signs: Tensor
    frames: Tensor
    guide: Tensor


class Bank:
    """All shards, mapped into memory."""

    def __init__(self, shards: list[Path]) -> None:
        self.frames = [np.load(path, mmap_mode="r") for path in shards]
        self.syllables: dict[str, int] = {"": 0}
        self.signs = {character: index + 1 for index, character in enumerate(inventory())}
        self.utterances = [entry for number, path in enumerate(shards) for entry in self._read(number, path)]
        self.utterances.sort(key=lambda utterance: utterance.frames)
        self.lengths = np.array([utterance.frames for utterance in self.utterances])

    def _read(self, shard: int, path: Path) -> list[Utterance]:
        entries = []
        for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            sounds = tuple(
                0 if part in ",.?" else self.syllables.setdefault(part, len(self.syllables)) for part in entry["sounds"]
            )
            spans = np.array(entry["spans"], dtype=np.float32)
            entries.append(Utterance(shard=shard, text=entry["text"], sounds=sounds, spans=spans))
        return entries

    def pick(self, room: int, chance: random.Random) -> Utterance | None:
        """Any utterance of at most `room` frames."""
        count = int(np.searchsorted(self.lengths, room, side="right"))
        return self.utterances[chance.randrange(count)] if count else None

    def sound(self, utterance: Utterance, chance: random.Random) -> tuple[NDArray[np.float32], float]:
        """Its frames (n, 80), log10 power at a random level, and the time in seconds of the first."""
        begin = int((utterance.spans[0, 0] - chance.uniform(0.03, 0.22)) * 100)
        end = int((utterance.spans[-1, 1] + chance.uniform(0.05, 0.22)) * 100)
        frames = self.frames[utterance.shard][begin:end].astype(np.float32) * STEP + FLOOR
        return frames + chance.uniform(-0.8, 0.4), begin / 100


def clause(utterance: Utterance, chance: random.Random) -> Utterance:
    """Sometimes only some of the clauses, as a pause may cut it."""
    marks = [
        i
        for i, c in enumerate(utterance.text[:-1])
        if c in PUNCTUATION and utterance.spans[i + 1, 0] - utterance.spans[i, 1] > 0.08
    ]
    if not marks or chance.random() > 0.15:
        return utterance
    cut = chance.choice(marks) + 1
    part = slice(0, cut) if chance.random() < 0.5 else slice(cut, None)
    return Utterance(
        shard=utterance.shard,
        text=utterance.text[part],
        sounds=utterance.sounds[part],
        spans=utterance.spans[part],
    )


def normalise(frames: NDArray[np.float32], total: int, peak: float) -> NDArray[np.float32]:
    """(n, 80) log10 power to Whisper's features (80, total), zero where there is no sound."""
    frames = np.maximum(frames, peak - 8.0)
    out = np.zeros((MELS, total), dtype=np.float32)
    out[:, : len(frames)] = ((frames + 4.0) / 4.0).T
    return out


class Maker:
    """Makes batches; everything random comes from one seed."""

    def __init__(self, bank: Bank, seed: int) -> None:
        self.bank = bank
        self.chance = random.Random(seed)
        self.noise = np.random.default_rng(seed)
        known = ids()
        self.start, self.language, self.task = (known[f"<|{n}|>"] for n in ("startoftranscript", "zh", "transcribe"))
        self.end, self.plain, self.nospeech = (known[f"<|{n}|>"] for n in ("endoftext", "notimestamps", "nospeech"))
        self.letters = list(characters().values())

    def _pack(self, width: int) -> tuple[NDArray[np.float32], list[tuple[Utterance, float, float]]]:
        """Frames (n, 80) and each utterance with the seconds to add to its spans and its end in the pack."""
        chance = self.chance
        parts: list[NDArray[np.float32]] = []
        placed, used = [], 0
        for _ in range(9 if chance.random() < 0.85 else chance.randint(1, 3)):
            found = self.bank.pick(min(width * 2 - used - (GAP if parts else 0), 1000), chance)
            if found is None:
                break
            utterance = clause(found, chance)
            frames, begin = self.bank.sound(utterance, chance)
            if parts:
                parts.append(np.full((GAP, MELS), -10.0, dtype=np.float32))
                used += GAP
            placed.append((utterance, used / 100 - begin, (used + len(frames)) / 100))
            parts.append(frames)
            used += len(frames)
        return np.concatenate(parts), placed

    def _silence(self) -> tuple[NDArray[np.float32], float]:
        """Frames (n, 80) without speech, and the peak of the recording they are from.

        Half are what is left of a window when the engine goes on behind the last word, half are plain hiss.
        """
        utterance = self.bank.pick(1000, self.chance)
        assert utterance is not None
        frames, begin = self.bank.sound(utterance, self.chance)
        if self.chance.random() < 0.5:
            left = int((float(utterance.spans[-1, 1]) - begin - self.chance.uniform(-0.02, 0.06)) * 100)
            return frames[min(left, len(frames) - 2) :], float(frames.max())
        quiet = np.tile(frames[-4:], (self.chance.randint(2, 60), 1))
        quiet += self.noise.standard_normal(quiet.shape, dtype=np.float32) * 0.3
        return quiet, float(frames.max()) if self.chance.random() < 0.5 else float(quiet.max())

    def _text(self, placed: list[tuple[Utterance, float, float]]) -> tuple[list[int], list[tuple[int, float, float]]]:
        """Tokens of a pack, prompt included; for each character its position and its span in the window."""
        stamped = self.chance.random() < 0.15
        letters = characters()
        tokens = [self.start, self.language, self.task] + ([] if stamped else [self.plain])
        spans = []
        for utterance, shift, end in placed:
            if stamped:
                tokens.append(timestamp(float(utterance.spans[0, 0]) + shift))
            for character, (begin, stop) in zip(utterance.text, utterance.spans.tolist(), strict=True):
                if character not in PUNCTUATION:
                    spans.append((len(tokens), begin + shift, stop + shift))
                tokens.append(letters[character])
            if stamped:
                tokens.append(timestamp(min(end, float(utterance.spans[-1, 1]) + shift)))
        return [*tokens, self.end], spans

    def _augment(self, mel: NDArray[np.float32]) -> None:
        if self.chance.random() < 0.3:
            low = self.chance.randrange(MELS - 6)
            mel[low : low + self.chance.randint(1, 6)] = 0.0
        if self.chance.random() < 0.5:
            mel += self.noise.standard_normal(mel.shape, dtype=np.float32) * self.chance.uniform(0.0, 0.06) * (mel != 0)

    def _classes(self, placed: list[tuple[Utterance, float, float]]) -> list[tuple[int, int]]:
        """Syllable and character class of every character of a pack."""
        return [
            (utterance.sounds[index], self.bank.signs[character])
            for utterance, _, _ in placed
            for index, character in enumerate(utterance.text)
            if character not in PUNCTUATION
        ]

    def batch(self, width: int, size: int) -> Batch:
        """One batch of `size` windows of `width` positions."""
        mel = np.zeros((size, MELS, 2 * (width + 1)), dtype=np.float32)
        sounds, signs = (np.zeros((size, width), dtype=np.int64) for _ in range(2))
        rows: list[list[int]] = []
        guide = []
        for item in range(size):
            if self.chance.random() < 0.03:
                quiet, peak = self._silence()
                mel[item] = normalise(quiet[: 2 * width], mel.shape[2], peak)
                rows.append([self.start, self.language, self.task, self.plain, self.end])
                continue
            frames, placed = self._pack(width)
            mel[item] = normalise(frames, mel.shape[2], float(frames.max()))
            self._augment(mel[item])
            tokens, spans = self._text(placed)
            rows.append(tokens)
            for (position, begin, stop), (sound, sign) in zip(spans, self._classes(placed), strict=True):
                first, last = round(begin * 50), min(width - 1, max(round(begin * 50), round(stop * 50) - 1))
                sounds[item, first : last + 1], signs[item, first : last + 1] = sound, sign
                guide.append((item, position - 1, first, last))
        inputs, targets = self._tokens(rows)
        chosen = self.noise.random((size, width)) < np.where(sounds > 0, 0.35, 0.08)
        return Batch(
            mel=torch.from_numpy(mel),
            inputs=inputs,
            targets=targets,
            sounds=torch.from_numpy(sounds),
            signs=torch.from_numpy(signs),
            frames=torch.from_numpy(np.argwhere(chosen)),
            guide=torch.tensor(guide),
        )

    def _tokens(self, rows: list[list[int]]) -> tuple[Tensor, Tensor]:
        """Inputs (some characters wrong, so that the decoder listens) and targets, both (b, longest - 1)."""
        longest = max(map(len, rows))
        inputs = torch.full((len(rows), longest - 1), self.end)
        targets = torch.full((len(rows), longest - 1), -100)
        for index, row in enumerate(rows):
            wrong = [
                self.chance.choice(self.letters) if token < self.end and self.chance.random() < 0.07 else token
                for token in row
            ]
            first = 3 if row[3] == self.plain else 2
            inputs[index, : len(row) - 1] = torch.tensor(wrong[:-1])
            targets[index, first : len(row) - 1] = torch.tensor(row[first + 1 :])
            targets[index, 0] = self.nospeech if len(row) == 5 and row[4] == self.end else self.language
        return inputs, targets
