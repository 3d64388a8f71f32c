"""The accuracy table and the errors by reason, as the Chinese document that compliance staff read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.accuracy_sets import Ordinary, SetResult, SpokenForms
from qa_service.judgement import Category
from qa_service.predictions import CHECKLIST_LABELS, DISCLOSURE_LABELS
from qa_service.testing.error_reasons import FalseReason, FindingError, MissReason
from qa_service.testing.evaluation import AGENT_CATEGORIES, CUSTOMER_CATEGORIES, Evaluation

EXAMPLES = 4
"""Errors of each kind and category printed of a set whose errors may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: how a figure is made of an evaluation, and what it must reach (None: nothing set)."""

    label: str
    figure: Callable[[Evaluation], float]
    at_least: float | None = None
    aim: float | None = None


def _worst(result: Evaluation) -> float:
    return min(result.findings[category].f1 for category in AGENT_CATEGORIES)


def _disclosed(key: str) -> Callable[[Evaluation], float]:
    return lambda result: result.disclosures[key].accuracy


def _ticked(key: str) -> Callable[[Evaluation], float]:
    return lambda result: result.checklist[key].accuracy


ROWS: tuple[Row, ...] = (
    Row(label="坐席违规 F1", figure=lambda r: r.micro(AGENT_CATEGORIES).f1, at_least=0.82, aim=0.92),
    Row(label="其中最差的类别", figure=_worst, at_least=0.65, aim=0.85),
    Row(label="客户信号 F1", figure=lambda r: r.micro(CUSTOMER_CATEGORIES).f1, at_least=0.85, aim=0.92),
    Row(label="承诺（金额与日期都对）F1", figure=lambda r: r.payments.f1, at_least=0.82, aim=0.92),
    *(
        Row(label=f"告知：{label}", figure=_disclosed(key), at_least=0.92, aim=0.95)
        for key, label in DISCLOSURE_LABELS.items()
    ),
    Row(label="核实本人", figure=_ticked("verification"), at_least=0.88, aim=0.93),
    Row(label="复述承诺", figure=_ticked("recap"), at_least=0.88, aim=0.93),
    Row(label="情绪激动 F1", figure=lambda r: r.spikes.f1, at_least=0.60, aim=0.80),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the document tells; ``patterns_alone`` are the same sets judged without the learned reader."""

    rulebook: str
    results: Sequence[SetResult]
    patterns_alone: Mapping[str, Evaluation]
    ordinary: Ordinary | None
    spoken: Mapping[str, SpokenForms]
    cpu_ms: Mapping[str, float]


def lines_of(report: Report) -> Iterator[str]:
    """The document, line by line (Markdown)."""
    yield from _main_table(report)
    yield from _beside_the_table(report)
    yield from _category_tables(report)
    yield from _reader_table(report)
    yield from _reasons(report.results)
    yield from _other_errors(report.results)
    for result in report.results:
        if result.shown:
            yield from _examples(result)


def _main_table(report: Report) -> Iterator[str]:
    by_name = {result.name: result.evaluation for result in report.results}
    yield "## 总表"
    yield ""
    yield from _table(
        ["", *(f"{r.label}（{r.evaluation.calls} 通）" for r in report.results), "开发集减留出", "至少", "目标"],
        (
            [
                row.label,
                *(f"{row.figure(result.evaluation):.2f}" for result in report.results),
                _gap(row, by_name),
                _number(row.at_least),
                _number(row.aim),
            ]
            for row in ROWS
        ),
        [
            "无违规通话误报",
            *(f"{r.evaluation.clean_flagged} / {r.evaluation.clean}" for r in report.results),
            "",
            "2 / 26",
            "0",
        ],
    )


def _gap(row: Row, by_name: Mapping[str, Evaluation]) -> str:
    if "dev" not in by_name:
        return "—"
    return f"{row.figure(by_name['dev']) - row.figure(by_name['held_back']):+.2f}"


def _beside_the_table(report: Report) -> Iterator[str]:
    if report.ordinary is not None:
        found = len(report.ordinary.findings)
        yield f"* 普通电话对话（非催收，{report.ordinary.calls} 通）中的坐席发现：{found} 处（至多 3，目标 0）。"
        for call_id, rule, words in report.ordinary.findings:
            yield f"  * {call_id} `{rule}`：{words}"
    for name, forms in report.spoken.items():
        yield f"* {name}：{forms.right} / {forms.total} = {forms.share:.3f}（至少 0.92，目标 0.97）。"
    for name, cost in report.cpu_ms.items():
        yield f"* 五分钟通话的判断耗时，{name}：{cost:.1f} 毫秒 CPU。"
    yield f"* 规则指纹：`{report.rulebook}`。"
    yield ""


def _category_tables(report: Report) -> Iterator[str]:
    yield "## 各类别：查准 / 查全 / F1"
    yield ""
    yield from _table(
        ["类别", *(result.label for result in report.results)],
        (
            [f"{category.label} `{category}`", *(_ratios(r.evaluation, category) for r in report.results)]
            for category in AGENT_CATEGORIES + CUSTOMER_CATEGORIES
        ),
    )


def _ratios(result: Evaluation, category: Category) -> str:
    tally = result.findings[category]
    return f"{tally.precision:.2f} / {tally.recall:.2f} / **{tally.f1:.2f}**"


def _reader_table(report: Report) -> Iterator[str]:
    yield "## 学习模型带来什么：只用词句规则 → 加学习模型（F1）"
    yield ""
    both = {result.name: result.evaluation for result in report.results if result.name in report.patterns_alone}
    names = {result.name: result.label for result in report.results}
    yield from _table(
        ["类别", *(names[name] for name in both)],
        (
            [
                category.label,
                *(
                    f"{report.patterns_alone[name].findings[category].f1:.2f} → {full.findings[category].f1:.2f}"
                    for name, full in both.items()
                ),
            ]
            for category in AGENT_CATEGORIES + CUSTOMER_CATEGORIES
        ),
        [
            "情绪激动",
            *(f"{report.patterns_alone[name].spikes.f1:.2f} → {full.spikes.f1:.2f}" for name, full in both.items()),
        ],
        [
            "无违规通话误报",
            *(f"{report.patterns_alone[name].clean_flagged} → {full.clean_flagged}" for name, full in both.items()),
        ],
    )


def _reasons(results: Sequence[SetResult]) -> Iterator[str]:
    for title, reasons, missed in (("漏判的原因", MissReason, True), ("误判的情形", FalseReason, False)):
        yield f"## {title}（处）"
        yield ""
        chosen = {r.name: [e for e in r.errors if (e.by is None) is missed] for r in results}
        counts = {name: Counter(error.reason for error in errors) for name, errors in chosen.items()}
        rows = [[reason.label, *(str(counts[r.name][reason]) for r in results)] for reason in reasons]
        by = sorted({error.by for errors in chosen.values() for error in errors if error.by is not None})
        rows += [
            [f"其中出自{maker.label}", *(str(sum(e.by is maker for e in chosen[r.name])) for r in results)]
            for maker in by
        ]
        yield from _table(["", *(result.label for result in results)], rows)


def _other_errors(results: Sequence[SetResult]) -> Iterator[str]:
    yield "## 承诺、告知与规范的差错（处）"
    yield ""
    payments = sorted({name for result in results for name in result.payment_errors})
    labels = {**DISCLOSURE_LABELS, **CHECKLIST_LABELS}
    keys = sorted({error for result in results for error in result.key_errors})
    yield from _table(
        ["", *(result.label for result in results)],
        ([f"承诺：{name}", *(str(r.payment_errors.get(name, 0)) for r in results)] for name in payments),
        *(
            [f"{labels[error[0]]}：标 {error[1]}，判 {error[2]}", *(str(r.key_errors.get(error, 0)) for r in results)]
            for error in keys
        ),
    )


def _examples(result: SetResult) -> Iterator[str]:
    yield f"## {result.label}中的差错举例"
    yield ""
    groups: dict[tuple[bool, Category], list[FindingError]] = {}
    for error in result.errors:
        groups.setdefault((error.by is None, error.category), []).append(error)
    for (missed, category), errors in sorted(groups.items(), key=lambda item: (not item[0][0], item[0][1].value)):
        yield f"**{'漏' if missed else '误'}：{category.label}**（{len(errors)} 处）"
        yield ""
        for error in errors[:EXAMPLES]:
            by = "" if error.by is None else f"，{error.by.label}"
            yield f"* {error.words}（{error.call_id} 第 {error.turn} 句；{error.reason.label}{by}）"
        yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *more: Sequence[str]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in (*rows, *more):
        yield "| " + " | ".join(row) + " |"
    yield ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
