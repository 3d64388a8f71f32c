"""Calls in which an agent says one thing, and how the command ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The calls that change, of ``--format jsonl``."""
        return [json.loads(line) for line in self.out.splitlines()][:-1]

    @property
    def totals(self) -> dict[str, Any]:
        """The sums, of ``--format jsonl``."""
        totals: dict[str, Any] = json.loads(self.out.splitlines()[-1])["totals"]
        return totals


Run = Callable[..., Outcome]
Rules = Callable[..., Path]


def a_call(call_id: str, said: str = "今天天气不错。", **more: Any) -> dict[str, Any]:
    """A call with a lawful opening, in which the agent then says this (turn 4)."""
    texts = [
        ("agent", "您好，请问是张伟先生吗？"),
        ("customer", "是我，什么事。"),
        ("agent", "我是东江银行的王芳，工号三零七二，通话有录音。您的信用卡逾期了，欠三千五。"),
        ("customer", "知道了。"),
        ("agent", said),
    ]
    turns = [
        {"speaker": who, "start": 5.0 * n, "end": 5.0 * n + 4, "text": text} for n, (who, text) in enumerate(texts)
    ]
    started_at = "2026-03-12T14:05:00+08:00"
    return {"call_id": call_id, "started_at": started_at, "callee": "debtor", "turns": turns, **more}


def write_lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
