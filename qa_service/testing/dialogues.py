"""Dialogues as data: what rules that need several turns, call data or earlier calls find in them, and what not.

A file holds an ``opening`` that every dialogue begins with (unless it says ``opening = false``) and ``[[dialogue]]``
tables: ``rule``, ``name``, ``talk`` (lines ``坐席：…`` and ``客户：…``, with ``【】`` around exactly what the rule must
quote), ``call`` (keys of the contract over the usual ones), ``earlier`` (calls before it, each ``days`` ago ``at`` a
time, with its own ``talk`` and keys) and ``limits`` of the profile. It is a hit where words are marked or ``fact``
names part of the call data quoted; ``confirm`` is then part of the reason why a person must confirm. Everything else is
a miss, in which the rule is silent or, with ``cannot = true``, says that it cannot judge.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qa_service.call import Call, Speaker
from qa_service.documents import parse_call
from qa_service.judgement import CallFact, Finding
from qa_service.lexicon.examples import parse_example
from qa_service.lexicon.model import Example
from qa_service.past import PastCall
from qa_service.pipeline import Judge, past_call

NOON = datetime.fromisoformat("2026-03-12T12:00:00+08:00")
"""A Thursday; the day of every dialogue that does not say otherwise."""

ABSENT = "-"
"""The value of a key of ``call`` that the call does not have; TOML knows no null."""

USUAL: Mapping[str, Any] = MappingProxyType(
    {
        "call_id": "now",
        "callee": "debtor",
        "debtor_id": "d-1",
        "number_id": "n-1",
        "org": {"kind": "agency", "names": ["诚达资产"]},
        "principal": {"names": ["东江银行"]},
        "case": {"balance": "10900.00", "overdue_days": 46, "legal_stage": "none"},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One dialogue of a file and what the rule makes of it."""

    rule: str
    name: str
    talk: Example
    call: Mapping[str, Any] = field(default_factory=dict)
    earlier: tuple[Mapping[str, Any], ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    fact: str | None = None
    confirm: str | None = None
    cannot: bool = False

    @property
    def marked(self) -> list[tuple[int, int, int]]:
        """Turn, start and end of everything that must be quoted."""
        return [(n, start, end) for n, turn in enumerate(self.talk.turns) for start, end in turn.marked]

    @property
    def hit(self) -> bool:
        """Whether the rule must find something."""
        return bool(self.marked) or self.fact is not None


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """The dialogues of one file."""
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_dialogue(table, file.get("opening", "")) for table in file["dialogue"])


def _dialogue(table: Mapping[str, Any], opening: str) -> Dialogue:
    earlier = tuple({**call, "talk": _talk(opening, call)} for call in table.get("earlier", ()))
    given = {key: value for key, value in table.items() if key != "opening"}
    return Dialogue(**{**given, "talk": _talk(opening, table), "earlier": earlier})


def _talk(opening: str, table: Mapping[str, Any]) -> Example:
    """The lines of a call; one without any of its own has none, not even the opening."""
    opening = opening if table.get("opening", True) else ""
    said = table.get("talk", "").strip()
    lines = "｜".join(f"{opening.strip()}\n{said}".strip().splitlines()) if said else ""
    return parse_example(lines, Speaker.AGENT, "dialogue")


def complaint_of(dialogue: Dialogue, judge: Judge) -> str | None:
    """What the rule does otherwise than the dialogue says, as a sentence; None where it does as it says."""
    rulebook = judge.rulebook
    if dialogue.limits:
        limits = replace(rulebook.limits, **dialogue.limits)
        judge = Judge(replace(rulebook, limits=limits))
    analysis = judge.judge(_call(dialogue.talk, dialogue.call), history=tuple(_history(dialogue, judge))).analysis
    found = [finding for finding in analysis.findings if finding.rule == dialogue.rule]
    if not dialogue.hit:
        if dialogue.cannot is not any(item.rule == dialogue.rule for item in analysis.cannot_judge):
            return "本应说明无法判断，却没有。" if dialogue.cannot else "不该说无法判断。"
        return f"不该有发现，却有：{_told(found)}。" if found else None
    quoted = sorted((quote.turn, quote.start, quote.end) for finding in found for quote in finding.quotes)
    if not found or quoted != dialogue.marked:
        return f"应引用标出的词，实际：{_told(found) or '没有发现'}。"
    return _wrong_ground(dialogue, found[0])


def _wrong_ground(dialogue: Dialogue, finding: Finding) -> str | None:
    facts = "".join(item.text for item in finding.evidence if isinstance(item, CallFact))
    if dialogue.fact is not None and dialogue.fact not in facts:
        return f"随录依据应含“{dialogue.fact}”，实际：{facts or '没有'}。"
    if (dialogue.confirm is not None) is not finding.needs_confirmation:
        return f"是否要人确认与所写不符，实际：{finding.because or '不用确认'}。"
    if dialogue.confirm is not None and dialogue.confirm not in (finding.because or ""):
        return f"要人确认的原因应含“{dialogue.confirm}”，实际：{finding.because}。"
    return None


def _told(found: list[Finding]) -> str:
    return "；".join("、".join(item.text for item in finding.evidence) for finding in found)


def _history(dialogue: Dialogue, judge: Judge) -> Iterator[PastCall]:
    for number, given in enumerate(dialogue.earlier):
        data = {key: value for key, value in given.items() if key not in ("days", "at", "talk", "opening")}
        hour, minute = map(int, given.get("at", "12:00").split(":"))
        moment = (NOON - timedelta(days=given["days"])).replace(hour=hour, minute=minute)
        call = _call(given["talk"], {"call_id": f"before-{number}", "started_at": moment.isoformat(), **data})
        yield past_call(call, None, judge.judge(call).analysis)


def _call(talk: Example, data: Mapping[str, Any]) -> Call:
    turns = [
        {"speaker": turn.speaker.value, "start": 5 * n, "end": 5 * n + 4, "text": turn.text}
        for n, turn in enumerate(talk.turns)
    ]
    given = {"started_at": NOON.isoformat(), **USUAL, "turns": turns, **data}
    return parse_call({key: value for key, value in given.items() if value != ABSENT})


def counts(dialogues: Iterator[Dialogue]) -> Mapping[str, tuple[int, int]]:
    """Hits and misses of each rule."""
    totals: dict[str, tuple[int, int]] = {}
    for dialogue in dialogues:
        hits, misses = totals.get(dialogue.rule, (0, 0))
        totals[dialogue.rule] = (hits + dialogue.hit, misses + (not dialogue.hit))
    return totals
