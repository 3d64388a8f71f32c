"""Calls written as lines, for tests that read like transcripts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from qa_service.call import Call, Speaker, Turn

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_SPEAKERS = {"坐席": Speaker.AGENT, "客户": Speaker.CUSTOMER}


def turns_of(*lines: str) -> tuple[Turn, ...]:
    """Turns from ``坐席：…`` / ``客户：…``, four seconds each, one second apart."""
    made = []
    for index, line in enumerate(lines):
        who, _, text = line.partition("：")
        made.append(Turn(speaker=_SPEAKERS[who], start_ms=index * 5000, end_ms=index * 5000 + 4000, text=text))
    return tuple(made)


def call_of(*lines: str, **data: object) -> Call:
    """A call at noon with these turns and call data."""
    given: dict[str, object] = {"call_id": "c-1", "started_at": NOON, "turns": turns_of(*lines)}
    return Call(**{**given, **data})  # type: ignore[arg-type]
