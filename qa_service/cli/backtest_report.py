"""What a backtest says: the calls that change, then the totals per rule, for people or as JSON lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from qa_service.cli.backtest_run import Labels, Line
from qa_service.cli.console import table
from qa_service.comparison import Change, Comparison, FindingChange, Hits, RuleHits, Standing
from qa_service.judgement import CallFact, Category, Finding, Queue, Verdict, VetoState
from qa_service.testing.evaluation import Tally


@dataclass(slots=True)
class Totals:
    """The sums of a run; their size depends on the rules, not on the calls."""

    calls: int = 0
    differing: int = 0
    marks: int = 0
    vetoes: int = 0
    queues: Counter[tuple[Queue | None, Queue | None]] = field(default_factory=Counter)
    changes: Counter[tuple[str, Change]] = field(default_factory=Counter)
    lost: int = 0
    cleared: int = 0
    hits: dict[str, RuleHits] = field(default_factory=dict)
    labels: dict[Category, Labels] = field(default_factory=dict)

    def add(self, line: Line) -> None:
        """Count one call."""
        compared = line.comparison
        self.calls += 1
        self.differing += compared.differs
        self.marks += compared.before.mark != compared.after.mark
        self.vetoes += compared.before.veto is not compared.after.veto
        if compared.before.queue is not compared.after.queue:
            self.queues[compared.before.queue, compared.after.queue] += 1
        for each in compared.changes:
            self.changes[each.finding.rule, each.change] += 1
            self.lost += each.change is Change.DISAPPEARED and each.verdict is Verdict.CONFIRMED
            self.cleared += each.change is Change.DISAPPEARED and each.verdict is Verdict.OVERTURNED
        for rule, hits in compared.hits.items():
            self.hits[rule] = self.hits.get(rule, RuleHits()) + hits
        for category, labels in (line.labels or {}).items():
            known = self.labels.get(category, Labels(before=Tally(), after=Tally()))
            self.labels[category] = Labels(before=known.before + labels.before, after=known.after + labels.after)

    @property
    def all_hits(self) -> RuleHits:
        """The hits of all rules together."""
        return sum(self.hits.values(), RuleHits())

    @property
    def changed_rules(self) -> list[str]:
        """The rules any finding of which comes, goes or changes."""
        return sorted({rule for rule, _ in self.changes})


def change_document(compared: Comparison) -> dict[str, Any]:
    """The JSON object of one call that changes."""
    return {
        "call_id": compared.call_id,
        "before": _standing(compared.before),
        "after": _standing(compared.after),
        "changes": [_change(each) for each in compared.changes],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    queue = standing.queue.value if standing.queue is not None else None
    return {"mark": standing.mark, "veto": standing.veto.value, "queue": queue}


def _change(each: FindingChange) -> dict[str, Any]:
    finding = each.finding
    return {
        "change": each.change.value,
        "rule": finding.rule,
        "label": finding.label,
        "category": finding.category.value,
        "speaker": finding.speaker.value,
        "turn": finding.turn,
        "before": _found(each.before),
        "after": _found(each.after),
        "verdict": each.verdict.value if each.verdict is not None else None,
    }


def _found(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {
        "severity": finding.severity.value,
        "status": finding.status.value,
        "needs_confirmation": finding.needs_confirmation,
        "quotes": [quote.text for quote in finding.quotes],
        "facts": [item.text for item in finding.evidence if isinstance(item, CallFact)],
    }


def totals_document(totals: Totals) -> dict[str, Any]:
    """The JSON object of the sums; ratios are None where there is nothing to tell them from."""
    return {
        "calls": totals.calls,
        "differing": totals.differing,
        "marks_changed": totals.marks,
        "vetoes_changed": totals.vetoes,
        "queues_changed": [
            {"before": old.value if old else None, "after": new.value if new else None, "calls": count}
            for (old, new), count in totals.queues.most_common()
        ],
        "rules": {rule: _rule_document(totals, rule) for rule in sorted(totals.hits)},
        "decisions": {
            **_sides(totals.all_hits),
            "confirmed_lost": totals.lost,
            "overturned_cleared": totals.cleared,
        },
        "labels": {
            category.value: {"before": _ratios(labels.before), "after": _ratios(labels.after)}
            for category, labels in totals.labels.items()
        },
    }


def _rule_document(totals: Totals, rule: str) -> dict[str, Any]:
    counts = {change.value: totals.changes[rule, change] for change in Change}
    return {**_sides(totals.hits.get(rule, RuleHits())), **counts}


def _sides(hits: RuleHits) -> dict[str, Any]:
    return {"before": _hits(hits.before), "after": _hits(hits.after)}


def _hits(hits: Hits) -> dict[str, Any]:
    counts = {"found": hits.found, "confirmed": hits.confirmed, "overturned": hits.overturned}
    return {**counts, "precision": hits.precision}


def _ratios(tally: Tally) -> dict[str, Any]:
    counts = {"found": tally.found, "missed": tally.missed, "false": tally.false}
    return {**counts, "precision": tally.precision, "recall": tally.recall, "f1": tally.f1}


def change_lines(compared: Comparison) -> Iterator[str]:
    """One call that changes, for people."""
    old, new = compared.before, compared.after
    parts = [f"通话 {compared.call_id}", f"得分 {_arrow(str(old.mark), str(new.mark))}"]
    if old.veto is not VetoState.NONE or new.veto is not VetoState.NONE:
        parts.append(f"一票否决 {_arrow(old.veto.label, new.veto.label)}")
    parts.append(f"队列 {_arrow(_queue(old.queue), _queue(new.queue))}")
    yield "  ".join(parts)
    for each in compared.changes:
        yield f"  {each.change.label} {_change_line(each)}"


def _arrow(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def _queue(queue: Queue | None) -> str:
    return "无须复核" if queue is None else queue.label


def _change_line(each: FindingChange) -> str:
    finding = each.finding
    place = "" if finding.turn is None else f"第 {finding.turn} 句 {finding.speaker.label}："
    grades = [_grade(found) for found in (each.before, each.after) if found is not None]
    words = [_words(found) for found in (each.before, each.after) if found is not None]
    said = f"（人工结论：{each.verdict.label}）" if each.verdict is not None else ""
    return (
        f"[{_arrow(grades[0], grades[-1])}] {finding.rule} {finding.label} {place}{_arrow(words[0], words[-1])}{said}"
    )


def _grade(finding: Finding) -> str:
    doubt = "·待确认" if finding.needs_confirmation else ""
    return f"{finding.severity.label}·{finding.status.label}{doubt}"


def _words(finding: Finding) -> str:
    return f"“{'；'.join(item.text for item in finding.evidence)}”"


def total_lines(totals: Totals) -> Iterator[str]:
    """The sums in sentences."""
    if not totals.calls:
        yield "没有可回测的通话。"
        return
    if not totals.differing:
        yield f"共比较 {totals.calls} 通，没有任何差别。"
    else:
        moved = totals.queues.total()
        yield (
            f"共比较 {totals.calls} 通，{totals.differing} 通有差别：得分变化 {totals.marks} 通，"
            f"一票否决变化 {totals.vetoes} 通，队列改变 {moved} 通。"
        )
    for (old, new), count in totals.queues.most_common():
        yield f"  队列 {_queue(old)} → {_queue(new)}：{count} 通"
    hits = totals.all_hits
    if hits.before.precision is not None or hits.after.precision is not None:
        yield (
            f"有人工结论的发现，属实的比例 {_share(hits.before)} → {_share(hits.after)}；"
            f"消失的发现里，属实的 {totals.lost} 处，不属实的 {totals.cleared} 处。"
        )


def _share(hits: Hits) -> str:
    if hits.precision is None:
        return "—"
    return f"{hits.precision:.0%}（{hits.confirmed}/{hits.confirmed + hits.overturned}）"


def rule_table(totals: Totals) -> Table:
    """The rules whose findings change."""
    made = table("规则", "此前", "此后", *(change.label for change in Change), "属实比例 此前", "属实比例 此后")
    for rule in totals.changed_rules:
        hits = totals.hits.get(rule, RuleHits())
        counts = (str(totals.changes[rule, change]) for change in Change)
        found = (str(hits.before.found), str(hits.after.found))
        made.add_row(rule, *found, *counts, _share(hits.before), _share(hits.after))
    return made


def label_table(totals: Totals) -> Table:
    """Findings against the labels of labelled calls, by category."""
    made = table("类别", "查准", "查全", "F1", title="与标注相比")
    for category, labels in totals.labels.items():
        if (labels.before + labels.after) == Tally():
            continue
        before, after = labels.before, labels.after
        pairs = ((before.precision, after.precision), (before.recall, after.recall), (before.f1, after.f1))
        made.add_row(category.label, *(_arrow(f"{old:.3f}", f"{new:.3f}") for old, new in pairs))
    return made
