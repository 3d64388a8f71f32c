"""Named sets of labelled calls that accuracy is measured on: the corpus' splits, the blind set, and files of one's own.

A call counts as noisy where its words read like recognised speech: its id ends in ``-noisy``, or a file
``NAME-noisy.txt`` beside ``NAME.jsonl`` lists it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_service.call import Call
from qa_service.documents import parse_call
from qa_service.errors import InputRefused
from qa_service.testing.corpus import CORPUS, Split, read_dialogues
from qa_service.testing.evaluation import Gold, read_gold

BLIND = CORPUS.parent / "tests" / "corpus" / "blind.jsonl"
_NOISY_SUFFIX = "-noisy"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCall:
    """A call with its labels; ``noisy`` where its words read like recognised speech."""

    call: Call
    gold: Gold
    noisy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """Calls measured together; ``shown`` is whether single errors may be printed (sets kept unseen give counts)."""

    name: str
    label: str
    calls: tuple[LabelledCall, ...]
    shown: bool = False

    @property
    def noisy(self) -> tuple[LabelledCall, ...]:
        """The noisy calls of the set."""
        return tuple(labelled for labelled in self.calls if labelled.noisy)


def shipped_sets() -> Iterator[LabelledSet]:
    """The sets of the repository: train (in sample), validation, held-back, and the blind set."""
    for split in Split:
        rows = [dialogue.row for dialogue in read_dialogues(splits=[split])]
        shown = split is not Split.HELD_BACK
        yield LabelledSet(name=split.value, label=split.label, calls=tuple(_labelled(rows, set())), shown=shown)
    yield from_file("blind", "盲集", BLIND)


def from_file(name: str, label: str, path: Path) -> LabelledSet:
    """The labelled calls of one file, with the list of noisy ones beside it where there is one.

    Raises:
        InputRefused: naming the file, or the line of it that is no labelled call.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise InputRefused(f"读不了标注文件 {path}（{error}），请检查路径与内容：每行一通 {{call, gold}}。") from error
    beside = path.with_name(f"{path.stem}-noisy.txt")
    noisy = set(beside.read_text(encoding="utf-8").split()) if beside.exists() else set()
    try:
        return LabelledSet(name=name, label=label, calls=tuple(_labelled(rows, noisy)))
    except KeyError as error:
        raise InputRefused(f"标注文件 {path} 里有一行缺少 {error}，请检查：每行一通 {{call, gold}}。") from error


def _labelled(rows: Iterable[Mapping[str, Any]], noisy: set[str]) -> Iterator[LabelledCall]:
    for row in rows:
        call_id, gold = read_gold(row)
        call = parse_call(row["call"], call_id)
        yield LabelledCall(call=call, gold=gold, noisy=call_id in noisy or call_id.endswith(_NOISY_SUFFIX))
