"""The calls of a chaos run: short recordings, all different; some transcripts, dialler records and broken files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from qa_service.states import CallState
from qa_service.testing.audio import silence, utterances, write_recording

SCRIPT = "您好，我是东江银行的，您再不还款我就闹到你们单位去。"
"""What the scripted engine hears in every recording."""

TURNS = [
    {"speaker": "agent", "start": 0.0, "end": 2.0, "text": "您好，我是东江银行的委托方，本次通话有录音。"},
    {"speaker": "customer", "start": 2.1, "end": 3.0, "text": "我明天还一千块。"},
]


def write_calls(folder: Path, number: int) -> Mapping[str, CallState]:
    """Write ``calls.jsonl`` and its recordings; returns the state in which each call must end."""
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    with (folder / "calls.jsonl").open("w", encoding="utf-8") as manifest:
        for n in range(number):
            data, state = _call(folder, n)
            manifest.write(json.dumps(data, ensure_ascii=False) + "\n")
            expected[str(data["call_id"])] = state
    return expected


def _call(folder: Path, n: int) -> tuple[dict[str, object], CallState]:
    data: dict[str, object] = {
        "call_id": f"c-{n:05d}",
        "started_at": f"2026-03-{12 + n // 1000 % 15:02d}T{9 + n // 100 % 10:02d}:{n % 60:02d}:00+08:00",
        "agent_id": f"A{n % 7}",
        "debtor_id": f"d-{n % 40}",
    }
    match n % 25:
        case 5 | 15:
            return {**data, "turns": TURNS}, CallState.JUDGED
        case 10:
            return {**data, "billed_seconds": 0}, CallState.RECORDED
        case 20:
            (folder / f"{n:05d}.wav").write_bytes(b"RIFF but no recording " + str(n).encode())
            return {**data, "recording": {"path": f"{n:05d}.wav"}}, CallState.REFUSED
    _record(folder / f"{n:05d}.wav", n)
    channels = {"left": "agent", "right": "customer"}
    return {**data, "recording": {"path": f"{n:05d}.wav", "channels": channels}}, CallState.JUDGED


def _record(path: Path, n: int) -> None:
    agent = utterances((200, 900), length=1800)
    customer = utterances((1000, 1700), length=1800, pitch=210.0)
    # A few more samples of silence each time make every recording a different file.
    tail = silence(1)[: 1 + n % 16].repeat(1 + n // 16)
    write_recording(path, np.concatenate([agent, tail]), np.concatenate([customer, tail]))
