"""The parts of the accuracy table: labelled sets judged and scored, ordinary dialogues, spoken dates and amounts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from qa_service.documents import parse_call
from qa_service.errors import InputRefused
from qa_service.pipeline import Judge
from qa_service.predictions import prediction_line
from qa_service.reading.dates import find_dates
from qa_service.reading.money import find_amounts
from qa_service.testing.error_reasons import ErrorReader, FindingError, key_errors, payment_errors
from qa_service.testing.evaluation import AGENT_CATEGORIES, Evaluation, evaluate, read_predicted
from qa_service.testing.labelled_sets import LabelledCall, LabelledSet


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """A set of labelled calls, judged: the scores and every error with its reason.

    ``payment_errors`` and ``key_errors`` are counts; the keys of the latter are (key, labelled, judged).
    """

    name: str
    label: str
    evaluation: Evaluation
    errors: tuple[FindingError, ...] = ()
    payment_errors: Mapping[str, int]
    key_errors: Mapping[tuple[str, str, str], int]
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinary:
    """Dialogues that are no collection calls: how many there are, and the findings about the agent in them."""

    calls: int
    findings: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenForms:
    """Right readings of spoken dates or amounts, of how many."""

    right: int
    total: int

    @property
    def share(self) -> float:
        """The share that is right."""
        return self.right / self.total


def judge_sets(sets: Iterable[LabelledSet], judge: Judge, together: Iterable[str]) -> list[SetResult]:
    """Every set judged, then the noisy calls of the sets named in ``together`` and those of all other sets."""
    reader = ErrorReader(judge.rulebook)
    chosen = set(together)
    results, noisy = [], list[LabelledCall]()
    others: list[LabelledSet] = []
    for labelled_set in sets:
        results.append(_judged(labelled_set, judge, reader))
        if labelled_set.name in chosen:
            noisy += labelled_set.noisy
        elif labelled_set.noisy and labelled_set.name != "train":
            label = f"{labelled_set.label}·误识别"
            others.append(LabelledSet(name=f"{labelled_set.name}-noisy", label=label, calls=labelled_set.noisy))
    others.append(LabelledSet(name="noisy", label="误识别", calls=tuple(noisy)))
    return results + [_judged(one, judge, reader) for one in others]


def _judged(labelled_set: LabelledSet, judge: Judge, reader: ErrorReader) -> SetResult:
    gold = {each.call.call_id: each.gold for each in labelled_set.calls}
    lines = {each.call.call_id: prediction_line(judge.judge(each.call)) for each in labelled_set.calls}
    guesses = dict(map(read_predicted, lines.values()))
    return SetResult(
        name=labelled_set.name,
        label=labelled_set.label,
        shown=labelled_set.shown,
        evaluation=evaluate(gold, guesses),
        errors=tuple(e for each in labelled_set.calls for e in reader.errors(each, lines[each.call.call_id])),
        payment_errors=sum((payment_errors(gold[call_id], guesses[call_id]) for call_id in gold), Counter[str]()),
        key_errors=Counter(error for call_id in gold for error in key_errors(gold[call_id], guesses[call_id])),
    )


def judge_ordinary(path: Path, judge: Judge) -> Ordinary:
    """The agent findings of the labelled categories in dialogues of which none should have any.

    Raises:
        InputRefused: naming the file that cannot be read, or the line that is no call.
    """
    found, calls = [], 0
    for row in _rows(path):
        calls += 1
        call = parse_call({key: row[key] for key in ("call_id", "started_at", "callee", "turns") if key in row})
        for finding in judge.judge(call).analysis.findings:
            if finding.category in AGENT_CATEGORIES:
                words = finding.quotes[0].text if finding.quotes else ""
                found.append((call.call_id, finding.rule, words))
    return Ordinary(calls=calls, findings=tuple(found))


def read_spoken(folder: Path) -> dict[str, SpokenForms]:
    """How many dates and amounts of a gold folder are read right, within the words marked there."""
    dates = [_date_right(row) for row in _rows(folder / "promise_date_gold.jsonl")]
    amounts = [_amount_right(row) for row in _rows(folder / "promise_money_gold.jsonl")]
    return {
        "口语日期": SpokenForms(right=sum(dates), total=len(dates)),
        "口语金额": SpokenForms(right=sum(amounts), total=len(amounts)),
    }


def _date_right(row: Mapping[str, Any]) -> bool:
    text, start, end = _span(row)
    found = find_dates(text, date.fromisoformat(row["reference_time"][:10]))
    return any(str(d.value) == row["due_date"] for d in found if d.start < end and d.end > start)


def _amount_right(row: Mapping[str, Any]) -> bool:
    text, start, end = _span(row)
    wanted = row["amount_yuan"][0] if isinstance(row["amount_yuan"], list) else row["amount_yuan"]
    sums = (a.value for a in find_amounts(text) if a.start < end and a.end > start and a.value is not None)
    return any(value == round(Decimal(str(wanted)), 2) for value in sums)


def _span(row: Mapping[str, Any]) -> tuple[str, int, int]:
    words = row["span"] or row["text"]
    start = row["text"].find(words)
    return row["text"], start, start + len(words)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputRefused(f"读不了文件 {path}：{error.strerror}，请检查路径。") from error
    for number, line in enumerate(lines, start=1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise InputRefused(f"{path} 第 {number} 行不是 JSON（{error}），请检查该行。") from error
