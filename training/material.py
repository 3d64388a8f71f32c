"""The labelled corpus as the learned reader sees it: readings of dialogues with their labels, and single lines."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qa_service.call import Call, Speaker, Turn
from qa_service.judgement import Category
from qa_service.learned.features import Features
from qa_service.learned.reader import features_in, places_of, readable
from qa_service.lexicon import Rulebook
from qa_service.lexicon.learned_model import Floats
from qa_service.reading import Reader
from qa_service.testing.corpus import Dialogue, Line, PlacedLine, Split, read_dialogues, read_lines
from qa_service.testing.evaluation import AGENT_CATEGORIES, CUSTOMER_CATEGORIES, Gold, read_gold

CATEGORIES: Mapping[Speaker, tuple[Category, ...]] = {
    Speaker.AGENT: (*AGENT_CATEGORIES, Category.EMOTION),
    Speaker.CUSTOMER: (*CUSTOMER_CATEGORIES, Category.EMOTION),
}

LABELLED_IN_SOME = frozenset({Category.EMOTION})
"""Categories that only some families label in their lines: the other families' lines say nothing of them."""

FEWEST_LABELS = 5
"""Lines of a family that bear such a label, from which on the family counts as one that labels it."""

_WHEN = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line or turn to learn from: its features and the categories it belongs to.

    ``silent_on`` are categories that the absence of a label says nothing of.
    """

    family: str
    features: Features
    labels: frozenset[Category]
    is_line: bool = False
    silent_on: frozenset[Category] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTurns:
    """One side's readable turns of a dialogue, in order: numbers, what was said, and where (see ``places_of``)."""

    turns: tuple[int, ...]
    said: tuple[Said, ...]
    places: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledReading:
    """A dialogue of the corpus, read."""

    family: str
    call: Call
    gold: Gold
    sides: Mapping[Speaker, SideTurns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything of one split."""

    dialogues: tuple[LabelledReading, ...]
    lines: Mapping[Speaker, tuple[Said, ...]]
    fingerprint: str

    @property
    def families(self) -> tuple[str, ...]:
        """The families of the split, sorted."""
        said = (one for lines in self.lines.values() for one in lines)
        return tuple(sorted({one.family for one in said} | {dialogue.family for dialogue in self.dialogues}))


def read_material(root: Path, split: Split, rulebook: Rulebook) -> Material:
    """Read one split of a corpus the way calls are read.

    Raises:
        InputRefused: naming file, line and what is wrong there.
    """
    reader = Reader(rulebook)
    dialogues = tuple(read_dialogues(root, [split]))
    placed = tuple(read_lines(root, [split]))
    silent = _families_without(placed)
    return Material(
        dialogues=tuple(_read(dialogue, reader) for dialogue in dialogues),
        lines={
            speaker: tuple(_line(one, reader, silent) for one in placed if one.line.speaker is speaker)
            for speaker in Speaker
        },
        fingerprint=_fingerprint(dialogues, placed),
    )


def _read(dialogue: Dialogue, reader: Reader) -> LabelledReading:
    reading = reader.read(dialogue.call)
    gold = read_gold(dialogue.row)[1]
    labels = [frozenset(_labels_at(gold, number, turn.speaker)) for number, turn in enumerate(reading.turns)]
    sides = {}
    for speaker in Speaker:
        turns = [turn for turn in reading.by(speaker) if readable(turn)]
        sides[speaker] = SideTurns(
            turns=tuple(turn.index for turn in turns),
            said=tuple(
                Said(family=dialogue.family, features=features_in(turn, reading.turns), labels=labels[turn.index])
                for turn in turns
            ),
            places=places_of(turns, reading),
        )
    return LabelledReading(family=dialogue.family, call=dialogue.call, gold=gold, sides=sides)


def _labels_at(gold: Gold, turn: int, speaker: Speaker) -> Iterator[Category]:
    for category in CATEGORIES[speaker]:
        if any(turn in turns for turns in marked(gold, speaker, category)):
            yield category


def marked(gold: Gold, speaker: Speaker, category: Category) -> list[frozenset[int]]:
    """The turns of each labelled thing of one category."""
    if category is Category.EMOTION:
        return [item.turns for item in gold.spikes if item.key == speaker]
    return [item.turns for item in gold.findings if item.key == category]


def excused(gold: Gold, category: Category) -> frozenset[int]:
    """The turns in which a careful reader might also give the category."""
    return frozenset(turn for item in gold.findings if category in item.also for turn in item.turns)


def _line(placed: PlacedLine, reader: Reader, silent: Mapping[str, frozenset[Category]]) -> Said:
    reading = reader.read(_call_of(placed.line))
    return Said(
        family=placed.family,
        features=features_in(reading.turns[-1], reading.turns),
        labels=frozenset(placed.line.labels),
        is_line=True,
        silent_on=silent[placed.family],
    )


def _call_of(line: Line) -> Call:
    """A line as a call of its own, after what the other side said before it."""
    said = [(line.speaker.other, line.before)] if line.before else []
    turns = [
        Turn(speaker=speaker, start_ms=number * 5000, end_ms=number * 5000 + 4500, text=text)
        for number, (speaker, text) in enumerate([*said, (line.speaker, line.text)])
    ]
    return Call(call_id="line", started_at=_WHEN, callee=line.listener, turns=tuple(turns))


def _families_without(placed: Sequence[PlacedLine]) -> dict[str, frozenset[Category]]:
    labels = Counter((one.family, label) for one in placed for label in one.line.labels)
    return {
        family: frozenset(category for category in LABELLED_IN_SOME if labels[family, category] < FEWEST_LABELS)
        for family in {one.family for one in placed}
    }


def _fingerprint(dialogues: Iterable[Dialogue], placed: Iterable[PlacedLine]) -> str:
    """Of texts and labels (16 hex digits of SHA-256), so that a card names the corpus it was made from."""
    content = [dialogue.row for dialogue in dialogues], [one.line.model_dump(mode="json") for one in placed]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]
