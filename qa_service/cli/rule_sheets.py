"""What the lexicons hold, for people to read: lists of rules, limits and sources, and everything about one rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.table import Table

from qa_service.cli.console import table
from qa_service.lexicon.files import LockedRule
from qa_service.lexicon.model import Example, LimitOrigin, Rule, Rulebook, Source

VERIFIED = {True: "已核对原文", False: "未核对原文"}


def rules_table(rules: Iterable[Rule], rulebook: Rulebook) -> Table:
    """One line a rule; beside each source whether a person has read the original."""
    made = table("规则", "版本", "状态", "级别", "来自", "依据", "指纹")
    for rule in rules:
        sources = [f"{named}（{VERIFIED[source.source_verified]}）" for named, source in sources_of(rule, rulebook)]
        made.add_row(
            f"{rule.id}\n{rule.label}",
            str(rule.version),
            rule.status.label,
            rule.severity.label,
            layer_of(rule),
            "\n".join(sources) or "—",
            rule.fingerprint,
        )
    return made


def rule_line(rule: Rule, rulebook: Rulebook) -> dict[str, Any]:
    """The same as a JSON object."""
    return {
        "id": rule.id,
        "version": rule.version,
        "status": rule.status.value,
        "category": rule.category.value,
        "severity": rule.severity.value,
        "label": rule.label,
        "layer": rule.layer.value,
        "changed_by": [change.layer.value for change in rule.changes],
        "sources": [
            {"source": named, "grade": source.grade, "source_verified": source.source_verified}
            for named, source in sources_of(rule, rulebook)
        ],
        "retired_on": rule.retired_on.isoformat() if rule.retired_on else None,
        "retired_because": rule.retired_because,
        "fingerprint": rule.fingerprint,
    }


def limits_table(origins: Iterable[tuple[str, LimitOrigin]]) -> Table:
    """The limits in force, each with the profile and the layer that it comes from and its source."""
    made = table("限额", "值", "出自", "依据", "等级", "起用", "说明")
    for name, origin in origins:
        made.add_row(
            name,
            str(origin.value),
            f"{origin.profile}\n{origin.layer.label}",
            f"{origin.source}\n{VERIFIED[origin.source_verified]}",
            origin.grade,
            origin.since.isoformat(),
            origin.note,
        )
    return made


def sources_table(sources: Iterable[Source]) -> Table:
    """Every source with its force and grade, and whether a person has read the original."""
    made = table("依据", "名称", "效力", "等级", "核对", "来自")
    for source in sources:
        verified = VERIFIED[source.source_verified]
        made.add_row(source.key, source.title, source.force, source.grade, verified, source.layer.label)
    return made


def rule_sheet(rule: Rule, rulebook: Rulebook, locked: LockedRule | None) -> list[str]:
    """Everything of one rule, line by line; ``locked`` is what the lock knows of it."""
    sections = [
        ("不算的语境", [f"{name} {rulebook.framings[name].label}" for name in rule.unless]),
        ("只在听的人是", [listener.label for listener in sorted(rule.listeners)]),
        ("案件到了这些阶段就不算", [stage.label for stage in sorted(rule.lawful_stages)]),
        ("依据", list(_sources(rule, rulebook))),
        ("所用限额", list(_limits(rule, rulebook))),
        ("模式", [pattern.source for pattern in rule.patterns] or ["由程序判断，没有模式"]),
        ("词集", list(_word_sets(rule, rulebook))),
        ("正例", _examples(rule.hits)),
        ("反例", _examples(rule.misses)),
        ("已知会漏", list(rule.blind_spots)),
        ("改动", [f"{change.layer.label}改了 {'、'.join(change.keys)}：{change.because}" for change in rule.changes]),
        ("历史（LOCK.toml）", list(_history(locked))),
    ]
    lines = [*_heading(rule)]
    for title, items in sections:
        lines += [f"{title}：", *(f"  {item}" for item in items)] if items else []
    return lines


def sources_of(rule: Rule, rulebook: Rulebook) -> Sequence[tuple[str, Source]]:
    """The sources of a rule as it names them (``CBA26:第三条``), with what is known of each."""
    return [(named, rulebook.sources[named.partition(":")[0]]) for named in rule.sources]


def layer_of(rule: Rule) -> str:
    """Where a rule comes from, and who changed it since."""
    changed = dict.fromkeys(change.layer.label for change in rule.changes)
    return "，".join([rule.layer.label, *(f"{label}改过" for label in changed)])


def _heading(rule: Rule) -> Iterator[str]:
    yield f"{rule.id} {rule.label}"
    state = f"{rule.status.label}，{rule.severity.label}"
    yield f"  {layer_of(rule)}，版本 {rule.version}，{state}，指纹 {rule.fingerprint}"
    yield f"  文件 {rule.file}，类别 {rule.category.label}，{rule.speaker.label}说的，计分时算作 {rule.family}"
    if rule.retired_on is not None:
        yield f"停用：{rule.retired_on}，{rule.retired_because}"
    yield f"为什么：{rule.why}"
    if rule.say_instead is not None:
        yield f"建议用语：{rule.say_instead}"
    if rule.waiver_lawful:
        yield "有减免批复就不算。"


def _sources(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    for named, source in sources_of(rule, rulebook):
        yield f"{named} {source.title}（{source.force}），等级 {source.grade}，{VERIFIED[source.source_verified]}"


def _limits(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    for name in rule.limits:
        origin = rulebook.limit_origins.get(name)
        where = "缺省"
        if origin is not None:
            where = f"出自 {origin.profile}，{origin.source}，{VERIFIED[origin.source_verified]}"
        yield f"{name} = {getattr(rulebook.limits, name)}，{where}"


def _word_sets(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    for name, words in sorted({**rulebook.word_sets, **rule.words}.items()):
        if any(f"<{name}>" in pattern.source for pattern in rule.patterns):
            yield f"<{name}> {'、'.join(words)}"


def _examples(examples: Iterable[Example]) -> list[str]:
    return [example.source for example in examples]


def _history(locked: LockedRule | None) -> Iterator[str]:
    if locked is None:
        yield "还没有锁定"
        return
    for entry in (*locked.earlier, locked):
        day = "" if entry.locked_on is None else f"，{entry.locked_on} 锁定"
        yield f"版本 {entry.version}，指纹 {entry.fingerprint}{day}"
