"""Score predictions against labelled calls: ``python -m qa_service.testing.evaluation GOLD.jsonl PREDICTED.jsonl``.

A labelled row is ``{"call": {…}, "gold": {…}}``; a prediction is a line of ``qa-service judge --format jsonl``.
Findings and spikes are compared by turn, promises by their payments, disclosures and checklist key by key.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from rich.console import Console
from rich.table import Table

from qa_service.call import Speaker
from qa_service.errors import InputRefused
from qa_service.judgement import Category, DisclosureStatus
from qa_service.predictions import CHECKLIST_LABELS, DISCLOSURE_LABELS

AGENT_CATEGORIES = (
    Category.THREAT,
    Category.INSULT,
    Category.FALSE_AUTHORITY,
    Category.PRIVACY_LEAK,
    Category.OVERPROMISE,
    Category.IMPROPER_DEMAND,
)
CUSTOMER_CATEGORIES = (
    Category.DISTRESS,
    Category.COMPLAINT,
    Category.DISPUTE,
    Category.HARDSHIP,
    Category.STOP_CONTACT,
)
SCORED_CATEGORIES = AGENT_CATEGORIES + CUSTOMER_CATEGORIES

# Turns alternate between two speakers: those of one speaker that follow each other are two apart.
_RUN_STEP = 2

Row = TypeVar("Row")
PaymentPair: TypeAlias = tuple[Decimal | None, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Hits, misses and false alarms, and the usual ratios of them."""

    found: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(found=self.found + other.found, missed=self.missed + other.missed, false=self.false + other.false)

    @property
    def precision(self) -> float:
        """Share of what was predicted that is there; 1 where nothing was predicted."""
        return _ratio(self.found, self.found + self.false)

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1 where nothing is there."""
        return _ratio(self.found, self.found + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where nothing is there and nothing was predicted."""
        return _ratio(2 * self.found, 2 * self.found + self.missed + self.false)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often a key was judged as labelled; for disclosures also how well *not ok* was found."""

    right: int = 0
    calls: int = 0
    not_ok: Tally = Tally()

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            right=self.right + other.right, calls=self.calls + other.calls, not_ok=self.not_ok + other.not_ok
        )

    @property
    def accuracy(self) -> float:
        """Share of calls judged as labelled; 1 where there are none."""
        return _ratio(self.right, self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One labelled thing: its key (a category, or for a spike the speaker) and the turns acceptable for it."""

    key: str
    turns: frozenset[int]
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """The labels of one call."""

    findings: tuple[Marked, ...]
    spikes: tuple[Marked, ...]
    payments: Counter[PaymentPair]
    any_promise: bool
    disclosures: Mapping[str, str]
    checklist: Mapping[str, bool | None]

    @property
    def clean(self) -> bool:
        """Whether the agent did nothing wrong."""
        return not any(item.key in AGENT_CATEGORIES for item in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What was predicted of one call; findings and spikes as (key, turn) pairs."""

    findings: frozenset[tuple[str, int]]
    spikes: frozenset[tuple[str, int]]
    payments: Counter[PaymentPair]
    any_promise: bool
    disclosures: Mapping[str, str]
    checklist: Mapping[str, bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The scores of a set of calls."""

    calls: int
    findings: Mapping[Category, Tally]
    spikes: Tally
    payments: Tally
    any_promise: Tally
    disclosures: Mapping[str, Agreement]
    checklist: Mapping[str, Agreement]
    clean: int
    clean_flagged: int

    def micro(self, categories: Collection[Category]) -> Tally:
        """All hits, misses and false alarms of the categories together."""
        return sum((self.findings[category] for category in categories), Tally())

    def macro(self, categories: Collection[Category]) -> float:
        """Mean F1 of the categories, each weighing the same."""
        return sum(self.findings[category].f1 for category in categories) / len(categories)


def evaluate(gold: Mapping[str, Gold], predicted: Mapping[str, Predicted]) -> Evaluation:
    """Score the predictions of every labelled call, both by call id.

    Raises:
        InputRefused: naming the labelled calls that nothing was predicted of.
    """
    if absent := sorted(gold.keys() - predicted.keys()):
        raise InputRefused(f"预测文件里没有这些通话：{'、'.join(absent[:5])}（共 {len(absent)} 通），请补上后再比。")
    pairs = [(labels, predicted[call_id]) for call_id, labels in gold.items()]
    clean = [(labels, guess) for labels, guess in pairs if labels.clean]
    return Evaluation(
        calls=len(pairs),
        findings={category: _sum(_findings(*pair, category) for pair in pairs) for category in SCORED_CATEGORIES},
        spikes=_sum(_spikes(*pair) for pair in pairs),
        payments=_sum(_payments(*pair) for pair in pairs),
        any_promise=_sum(_tally(labels.any_promise, guess.any_promise) for labels, guess in pairs),
        disclosures={key: _disclosure(pairs, key) for key in DISCLOSURE_LABELS},
        checklist={key: _ticks(pairs, key) for key in CHECKLIST_LABELS},
        clean=len(clean),
        clean_flagged=sum(any(key in AGENT_CATEGORIES for key, _ in guess.findings) for _, guess in clean),
    )


def _findings(labels: Gold, guess: Predicted, category: Category) -> Tally:
    excused = {turn for item in labels.findings if category in item.also for turn in item.turns}
    return _by_turn(labels.findings, guess.findings, category, excused)


def _spikes(labels: Gold, guess: Predicted) -> Tally:
    return _sum(_by_turn(labels.spikes, guess.spikes, speaker, set()) for speaker in Speaker)


def _by_turn(items: Iterable[Marked], pairs: Iterable[tuple[str, int]], key: str, excused: set[int]) -> Tally:
    wanted = [item.turns for item in items if item.key == key]
    turns = {turn for predicted_key, turn in pairs if predicted_key == key}
    found = sum(bool(item & turns) for item in wanted)
    stray = turns - excused - frozenset().union(*wanted)
    return Tally(found=found, missed=len(wanted) - found, false=_runs(stray))


def _runs(turns: Collection[int]) -> int:
    ordered = sorted(turns)
    return sum(i == 0 or turn - ordered[i - 1] > _RUN_STEP for i, turn in enumerate(ordered))


def _payments(labels: Gold, guess: Predicted) -> Tally:
    return Tally(
        found=(labels.payments & guess.payments).total(),
        missed=(labels.payments - guess.payments).total(),
        false=(guess.payments - labels.payments).total(),
    )


def _disclosure(pairs: Iterable[tuple[Gold, Predicted]], key: str) -> Agreement:
    return sum(
        (_agreement(labels.disclosures[key], guess.disclosures.get(key)) for labels, guess in pairs), Agreement()
    )


def _agreement(labelled: str, guessed: str | None) -> Agreement:
    not_ok = _tally(labelled != DisclosureStatus.OK, guessed != DisclosureStatus.OK)
    return Agreement(right=labelled == guessed, calls=1, not_ok=not_ok)


def _ticks(pairs: Iterable[tuple[Gold, Predicted]], key: str) -> Agreement:
    right = [labels.checklist[key] is guess.checklist.get(key) for labels, guess in pairs]
    return Agreement(right=sum(right), calls=len(right))


def _tally(labelled: bool, guessed: bool) -> Tally:
    return Tally(found=labelled and guessed, missed=labelled and not guessed, false=guessed and not labelled)


def _sum(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def read_gold(row: Mapping[str, Any]) -> tuple[str, Gold]:
    """Call id and labels of one labelled row."""
    gold = row["gold"]
    return row["call"]["call_id"], Gold(
        findings=tuple(_marked(item, item["category"]) for item in gold["findings"]),
        spikes=tuple(_marked(item, item["speaker"]) for item in gold["emotion"]),
        payments=_all_payments(gold["promises"]),
        any_promise=bool(gold["promises"]),
        disclosures=gold["disclosures"],
        checklist=gold["checklist"],
    )


def read_predicted(line: Mapping[str, Any]) -> tuple[str, Predicted]:
    """Call id and predictions of one line; promises withdrawn before the end of the call are left out."""
    standing = [promise for promise in line["promises"] if promise.get("standing", True)]
    return line["call_id"], Predicted(
        findings=frozenset((f["category"], f["turn"]) for f in line["findings"] if f["turn"] is not None),
        spikes=frozenset((spike["speaker"], spike["turn"]) for spike in line["emotion"]),
        payments=_all_payments(standing),
        any_promise=bool(standing),
        disclosures=line["disclosures"],
        checklist=line["checklist"],
    )


def _marked(item: Mapping[str, Any], key: str) -> Marked:
    return Marked(key=key, turns=frozenset(item["turns"]), also=frozenset(item.get("also", ())))


def _all_payments(promises: Iterable[Mapping[str, Any]]) -> Counter[PaymentPair]:
    return Counter(_payment(payment) for promise in promises for payment in promise["payments"])


def _payment(payment: Mapping[str, Any]) -> PaymentPair:
    amount, due = payment["amount"], payment["due"]
    return (
        None if amount is None else Decimal(str(amount)).quantize(Decimal("0.01")),
        None if due is None else date.fromisoformat(due),
    )


def read_file(path: Path, read: Callable[[Mapping[str, Any]], tuple[str, Row]]) -> dict[str, Row]:
    """A JSONL file of rows that ``read`` understands, by call id.

    Raises:
        InputRefused: naming the file, or the line of it that is no such row.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(f"读不了文件 {path}：请检查路径、权限和编码（UTF-8）。") from error
    rows = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                call_id, row = read(json.loads(line))
            except (ValueError, KeyError, TypeError, ArithmeticError) as error:
                raise InputRefused(f"{path} 第 {number} 行不是所需的一行 JSON（{error}），请检查该行。") from error
            rows[call_id] = row
    return rows


def tables(result: Evaluation) -> Iterator[Table]:
    """The scores as tables for a person."""
    yield _finding_table(result)
    yield _promise_table(result)
    yield _key_table(result)


def _finding_table(result: Evaluation) -> Table:
    title = f"{result.calls} 通；无坐席违规的 {result.clean} 通中误报 {result.clean_flagged} 通"
    table = _table(title, "类别", "查准", "查全", "F1", "命中", "漏", "误")
    for name, categories in (("坐席", AGENT_CATEGORIES), ("客户", CUSTOMER_CATEGORIES)):
        for category in categories:
            _tally_row(table, f"{category.label} {category}", result.findings[category])
        _tally_row(table, f"{name}合计（类别平均 F1 {result.macro(categories):.3f}）", result.micro(categories))
        table.add_section()
    _tally_row(table, "情绪激动", result.spikes)
    return table


def _promise_table(result: Evaluation) -> Table:
    table = _table("还款承诺", "比较", "查准", "查全", "F1", "命中", "漏", "误")
    _tally_row(table, "金额与日期", result.payments)
    _tally_row(table, "有无承诺", result.any_promise)
    return table


def _key_table(result: Evaluation) -> Table:
    table = _table("告知与规范", "项目", "正确率", "违规 F1")
    for key, label in DISCLOSURE_LABELS.items():
        agreement = result.disclosures[key]
        table.add_row(label, f"{agreement.accuracy:.3f}", f"{agreement.not_ok.f1:.3f}")
    for key, label in CHECKLIST_LABELS.items():
        table.add_row(label, f"{result.checklist[key].accuracy:.3f}", "—")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right")
    return table


def _tally_row(table: Table, name: str, tally: Tally) -> None:
    ratios = (f"{value:.3f}" for value in (tally.precision, tally.recall, tally.f1))
    table.add_row(name, *ratios, str(tally.found), str(tally.missed), str(tally.false))


def main(arguments: Sequence[str]) -> int:
    """Print the tables; exit code 0 done, 1 an input refused (its sentence on standard error)."""
    parser = argparse.ArgumentParser(
        prog="python -m qa_service.testing.evaluation", description="用标注通话给判断结果打分"
    )
    parser.add_argument("gold", type=Path, help="标注文件，每行一通")
    parser.add_argument("predicted", type=Path, help="qa-service judge --format jsonl 的输出")
    files = parser.parse_args(arguments)
    try:
        result = evaluate(read_file(files.gold, read_gold), read_file(files.predicted, read_predicted))
    except InputRefused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    console = Console()
    for table in tables(result):
        console.print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
