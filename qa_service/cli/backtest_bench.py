"""The work of a backtest: every call judged by the rules in force and by those proposed, all else being equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pydantic_core

from qa_service.actions.backend import Backend
from qa_service.actions.backtest import StoredCall, count_judged, judged_calls
from qa_service.actions.queries import CallFilter
from qa_service.call import Call
from qa_service.cli.backtest_run import Labels, Line
from qa_service.cli.hearing import Ears, RunHistory
from qa_service.cli.items import Item, Read, Refusal
from qa_service.cli.local import operator
from qa_service.cli.voices import roles_for
from qa_service.comparison import compare
from qa_service.documents import call_document
from qa_service.errors import InputRefused, QaError
from qa_service.judgement import Category, Judged
from qa_service.lexicon import Rulebook
from qa_service.past import PastCall
from qa_service.pipeline import Judge, past_call
from qa_service.predictions import prediction_line
from qa_service.reading.voices import VoiceRoles, with_roles
from qa_service.testing.evaluation import SCORED_CATEGORIES, Gold, evaluate, read_gold, read_predicted

Done: TypeAlias = Mapping[str, tuple[PastCall, PastCall] | None]
"""The calls finished before, and what is remembered of those that are others' history."""

Step: TypeAlias = Line | Refusal | None
"""One call dealt with: judged, refused, or finished before (None)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be done: ``key`` is a fingerprint of the calls asked for, ``total`` their number."""

    key: str
    total: int
    steps: Callable[[Done], Iterator[Step]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """The two sides of a comparison."""

    before: Judge
    after: Judge

    @property
    def same(self) -> bool:
        """Whether the rules are the same on both sides."""
        return self.before.rulebook.fingerprint == self.after.rulebook.fingerprint


def judges_of(before: Rulebook, after: Rulebook) -> Judges:
    """Judges by both rulebooks."""
    return Judges(before=Judge(before), after=Judge(after))


def stored_work(backend: Backend, judges: Judges, which: CallFilter) -> Work:
    """The judged calls of the database."""

    def steps(done: Done) -> Iterator[Step]:
        yield from (None for _ in done)
        for stored in judged_calls(backend, operator(), which, skip=done.__contains__):
            yield _compared(judges, stored)

    place = str(backend.settings.database_url or backend.settings.data_dir.resolve())
    return Work(key=_digest([place, repr(which)]), total=count_judged(backend, operator(), which), steps=steps)


def _compared(judges: Judges, stored: StoredCall) -> Line | Refusal:
    material = stored.material
    try:
        before, after = (material.judged_by(judge) for judge in (judges.before, judges.after))
    except QaError as error:
        return Refusal(where=material.call.call_id, why=f"通话 {material.call.call_id}：{error}")
    return Line(comparison=compare(before, after, stored.verdicts))


def file_work(
    judges: Judges, reads: Sequence[Read], *, labels: Mapping[str, Gold], roles: VoiceRoles, ears: Ears
) -> Work:
    """The calls of files, each the history of later ones, as ``judge`` has it."""
    bench = _FileBench(judges, labels, roles, ears)
    return Work(
        key=_digest([roles, *map(_content, reads)]), total=len(reads), steps=lambda done: bench.run(reads, done)
    )


class _FileBench:
    """One run over files; each side has its own history, for what a call asks of later ones depends on the rules."""

    def __init__(self, judges: Judges, labels: Mapping[str, Gold], roles: VoiceRoles, ears: Ears) -> None:
        self._judges = (judges.before, judges.after)
        self._labels = labels
        self._roles = roles
        self._ears = ears
        self._histories = (RunHistory(), RunHistory())

    def run(self, reads: Iterable[Read], done: Done) -> Iterator[Step]:
        """Deal with every call that is not done."""
        seen: set[str] = set()
        for read in reads:
            if isinstance(read, Refusal):
                yield read
            elif read.call.call_id in seen:
                yield Refusal(
                    where=read.where, why=f"{read.where}：通话编号 {read.call.call_id} 出现了两次，只取第一次。"
                )
            else:
                seen.add(read.call.call_id)
                yield self._step(read, done)

    def _step(self, item: Item, done: Done) -> Step:
        if item.call.call_id in done:
            self._remember(done[item.call.call_id])
            return None
        try:
            return self._line(item)
        except QaError as error:
            return Refusal(where=item.where, why=str(error))

    def _line(self, item: Item) -> Line:
        transcript = self._ears.heard(item)
        roles = roles_for(item.call, transcript, self._roles)
        before, after = (
            judge.judge(item.call, history=history.of(item.call), transcript=transcript, roles=roles, judged_at=_NOW)
            for judge, history in zip(self._judges, self._histories, strict=True)
        )
        past = None
        if item.call.debtor_id or item.call.number_id:
            call, heard = with_roles(item.call, transcript, roles)
            past = past_call(call, heard, before.analysis), past_call(call, heard, after.analysis)
        self._remember(past)
        return Line(comparison=compare(before, after), labels=self._against_labels(item.call, before, after), past=past)

    def _remember(self, past: tuple[PastCall, PastCall] | None) -> None:
        for history, each in zip(self._histories, past or (), strict=False):
            history.add(each)

    def _against_labels(self, call: Call, before: Judged, after: Judged) -> Mapping[Category, Labels] | None:
        gold = self._labels.get(call.call_id)
        if gold is None:
            return None
        was, would = (
            evaluate({call.call_id: gold}, dict([read_predicted(prediction_line(judged))])).findings
            for judged in (before, after)
        )
        return {category: Labels(before=was[category], after=would[category]) for category in SCORED_CATEGORIES}


_NOW = datetime(2000, 1, 1, tzinfo=UTC)
"""Due times are no part of a comparison; a fixed moment keeps two runs the same."""


def labels_in(files: Iterable[Path]) -> Mapping[str, Gold]:
    """The labels of labelled rows (``{"call": …, "gold": …}``) of JSONL files, by call id.

    Raises:
        InputRefused: naming the line whose labels cannot be read.
    """
    found: dict[str, Gold] = {}
    for path in files:
        if path.is_file() and path.suffix.lower() in (".jsonl", ".ndjson"):
            found.update(_labels_of(path))
    return found


def _labels_of(path: Path) -> Iterator[tuple[str, Gold]]:
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        if b'"gold"' not in raw:
            continue
        try:
            row = pydantic_core.from_json(raw)
        except ValueError:
            continue  # the reader of the calls says so
        if not (isinstance(row, dict) and {"call", "gold"} <= row.keys()):
            continue
        try:
            yield read_gold(row)
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            raise InputRefused(f"{path} 第 {number} 行的标注（gold）读不懂（{error}），请改正或去掉 gold。") from error


def _content(read: Read) -> object:
    if isinstance(read, Refusal):
        return read.where
    sizes = [path.stat().st_size for path in (read.recording, read.other_side) if path is not None and path.is_file()]
    return [call_document(read.call), sizes]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()
