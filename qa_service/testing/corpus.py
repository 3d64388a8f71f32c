"""The project's own labelled corpus (``corpus/``): reading it, and checking that it can be trusted.

One file per story family; a family lies in one split only, so that what is learned from one never meets its twin in
another. Dialogues are in the format of labelled calls (``{"call": …, "gold": …}``); lines stand alone::

    {"speaker": "agent", "text": "…", "labels": ["threat"], "rule": "threat.exposure", "before": "…",
     "listener": "debtor", "like": null}

``labels`` may be empty: then ``like`` names the category the line is easily taken for, if any. ``before`` is what the
other side said just before, ``listener`` who hears it (``debtor``, ``third_party``, ``unknown``).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from qa_service.call import Call, Callee, Speaker
from qa_service.documents import describe, parse_call
from qa_service.errors import InputRefused
from qa_service.judgement import Category, DisclosureStatus
from qa_service.labelled import Labelled
from qa_service.testing.evaluation import AGENT_CATEGORIES, CUSTOMER_CATEGORIES, SCORED_CATEGORIES

CORPUS = Path(__file__).resolve().parents[2] / "corpus"

GRAM = 4
"""Characters of the pieces that two texts are compared by."""

NEAR = 0.6
"""Share of the shorter text's pieces found in the other from which on the two are near-duplicates."""

SHORTEST = 12
"""Characters below which a text (好的，那再见) is nobody's property and is not compared."""

_PLAIN = re.compile(r"[^\w]+")


class Split(Labelled):
    """What a family is for: learning, choosing thresholds, or the table of results only."""

    TRAIN = "train", "训练"
    VALIDATION = "validation", "验证"
    HELD_BACK = "held_back", "留出"


class Line(BaseModel):
    """One labelled line outside of any dialogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speaker: Speaker
    text: str = Field(min_length=2, max_length=200)
    labels: tuple[Category, ...] = ()
    rule: str | None = None
    before: str | None = None
    listener: Callee = Callee.DEBTOR
    like: Category | None = None


class _Marked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    turns: tuple[int, ...] = Field(min_length=1)


class _Found(_Marked):
    category: Category
    also: tuple[Category, ...] = ()


class _Spike(_Marked):
    speaker: Speaker


class _Instalment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: float | None
    due: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")


class _Promised(_Marked):
    payments: tuple[_Instalment, ...] = Field(min_length=1)


class _Disclosures(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agent: DisclosureStatus
    company: DisclosureStatus
    principal: DisclosureStatus
    recording: DisclosureStatus


class _Checklist(BaseModel):
    model_config = ConfigDict(extra="forbid")

    greeting: bool
    verification: bool
    recap: bool | None
    closing: bool


class Labels(BaseModel):
    """The labels of a dialogue, as the labelling guide defines them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    disclosures: _Disclosures
    checklist: _Checklist
    findings: tuple[_Found, ...] = ()
    emotion: tuple[_Spike, ...] = ()
    promises: tuple[_Promised, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One labelled dialogue of the corpus."""

    split: Split
    family: str
    call: Call
    labels: Labels
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """One labelled line and where it is from."""

    split: Split
    family: str
    number: int
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicate:
    """Two texts of different splits that say nearly the same: ``share`` of the shorter one is in the other."""

    one: str
    other: str
    share: float


def read_dialogues(root: Path = CORPUS, splits: Iterable[Split] = Split) -> Iterator[Dialogue]:
    """The dialogues of some splits, by family.

    Raises:
        InputRefused: naming file, line and what is wrong with the labels there.
    """
    for split in splits:
        for path in sorted((root / split.value / "dialogues").glob("*.jsonl")):
            for number, row in _rows(path):
                where = f"{path.name} 第 {number} 行"
                call = parse_call(row.get("call", {}), where)
                if call.extra:
                    raise InputRefused(f"{where}：通话数据里不认识的键 {'、'.join(call.extra)}。")
                labels = _checked(TypeAdapter(Labels), row.get("gold"), where)
                _check_places(call, labels, where)
                yield Dialogue(split=split, family=path.stem, call=call, labels=labels, row=row)


def read_lines(root: Path = CORPUS, splits: Iterable[Split] = Split) -> Iterator[PlacedLine]:
    """The lines of some splits, by family.

    Raises:
        InputRefused: naming file, line and what is wrong there.
    """
    for split in splits:
        for path in sorted((root / split.value / "lines").glob("*.jsonl")):
            for number, row in _rows(path):
                line = _checked(TypeAdapter(Line), row, f"{path.name} 第 {number} 行")
                _check_side(line, f"{path.name} 第 {number} 行")
                yield PlacedLine(split=split, family=path.stem, number=number, line=line)


def near_duplicates(texts: Iterable[tuple[str, str, str]], limit: float = NEAR) -> list[NearDuplicate]:
    """Pairs of different splits that share at least ``limit`` of the shorter text.

    ``texts`` are (split, name, text). Cost grows with the number of texts that share a piece, not with all pairs.
    """
    pieces: dict[str, list[int]] = defaultdict(list)
    known: list[tuple[str, str, frozenset[str]]] = []
    found: list[NearDuplicate] = []
    for split, name, text in texts:
        grams = _grams(text)
        if len(grams) + GRAM - 1 < SHORTEST:
            continue
        shared: dict[int, int] = defaultdict(int)
        for gram in grams:
            for index in pieces[gram]:
                shared[index] += 1
            pieces[gram].append(len(known))
        for index, count in shared.items():
            other_split, other, others = known[index]
            share = count / min(len(grams), len(others))
            if split != other_split and share >= limit:
                found.append(NearDuplicate(one=other, other=name, share=round(share, 2)))
        known.append((split, name, grams))
    return found


def corpus_texts(root: Path = CORPUS) -> Iterator[tuple[str, str, str]]:
    """Every turn and line as (split, where, text), for ``near_duplicates``."""
    for dialogue in read_dialogues(root):
        for index, turn in enumerate(dialogue.call.turns):
            yield dialogue.split.value, f"{dialogue.family}:{dialogue.call.call_id}#{index}", turn.text
    for placed in read_lines(root):
        yield placed.split.value, f"{placed.family}:{placed.number}", placed.line.text


def _grams(text: str) -> frozenset[str]:
    plain = _PLAIN.sub("", text)
    return frozenset(plain[start : start + GRAM] for start in range(len(plain) - GRAM + 1))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputRefused(f"{path.name} 第 {number} 行：不是有效的 JSON（{error}）。") from error
        yield number, row


def _checked(adapter: TypeAdapter[Any], data: object, where: str) -> Any:  # noqa: ANN401
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        raise InputRefused(f"{where}：{describe(error)}") from error


def _side_of(category: Category) -> Speaker:
    return Speaker.CUSTOMER if category in CUSTOMER_CATEGORIES else Speaker.AGENT


def _check_side(line: Line, where: str) -> None:
    for category in line.labels:
        if category in SCORED_CATEGORIES and _side_of(category) is not line.speaker:
            raise InputRefused(f"{where}：{category.label} 不是{line.speaker.label}的标签。")


def _check_places(call: Call, labels: Labels, where: str) -> None:
    marks = [(f.category.label, _side_of(f.category), f.turns) for f in labels.findings]
    marks += [("情绪", spike.speaker, spike.turns) for spike in labels.emotion]
    for name, speaker, turns in marks:
        for turn in turns:
            if not 0 <= turn < len(call.turns) or call.turns[turn].speaker is not speaker:
                raise InputRefused(f"{where}：{name} 标在第 {turn} 句，那里不是{speaker.label}在说话。")
    for promise in labels.promises:
        if any(not 0 <= turn < len(call.turns) for turn in promise.turns):
            raise InputRefused(f"{where}：承诺所标的句子超出通话。")
    if any(f.category not in AGENT_CATEGORIES + CUSTOMER_CATEGORIES for f in labels.findings):
        raise InputRefused(f"{where}：只标注坐席与客户的十一个类别。")
