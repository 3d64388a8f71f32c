"""Make the demo's calls: `dialogues.toml` to `calls/*.opus`, `calls.jsonl` and `scripts.jsonl`.

Run `python3 samples/make_calls.py`; it needs espeak-ng, ffmpeg, numpy and pypinyin (train/requirements.txt).
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from train.line import hiss, write_opus
from train.speak import RATE, VOICES, speak

HERE = Path(__file__).resolve().parent
OVERLAP_MS = 700
LEAD_MS = 500
TAIL_MS = 600
CUSTOMER_CATEGORIES = {"distress", "complaint", "dispute", "hardship", "stop_contact"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn as written: who, what, with its marks; times in milliseconds once it is placed."""

    speaker: str
    text: str
    raised: bool
    overlaps: bool
    labels: tuple[str, ...]
    start: int = 0
    end: int = 0


def parse_turn(line: str) -> Turn:
    """`A!#threat|…` to a turn."""
    head, _, text = line.partition("|")
    labels = tuple(re.findall(r"#([a-z_+:]+)", head))
    marks = head.split("#")[0]
    speaker = "agent" if marks.startswith("A") else "customer"
    return Turn(speaker=speaker, text=text, raised="!" in marks, overlaps="<" in marks, labels=labels)


def say(turn: Turn, chance: random.Random) -> NDArray[np.float32]:
    """The turn's speech (n,) float32 in int16 steps at 22,050 Hz, silence at both ends cut off."""
    voice = VOICES[turn.speaker]
    change = chance.randint(-8, 8) + (12 if turn.raised else 0)
    pitch = voice.pitch + (14 if turn.raised else chance.randint(-3, 3))
    voice = replace(voice, speed=voice.speed + change, pitch=pitch)
    samples = speak(turn.text, voice).samples.astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 150)
    return samples[loud[0] : loud[-1] + 1] * (0.75 if turn.raised else 0.45)


def place(turns: list[Turn], seed: str, mono: bool, cut: bool) -> tuple[list[Turn], NDArray[np.int16]]:
    """Put the turns one after the other; the audio is (n, 2) int16, or (n,) for a mono call."""
    chance = random.Random(seed)
    placed: list[Turn] = []
    pieces: list[tuple[int, int, NDArray[np.float32]]] = []
    clock = LEAD_MS
    for turn in turns:
        speech = say(turn, chance)
        gap = -OVERLAP_MS if turn.overlaps else chance.randint(400, 1000)
        start = clock + (gap if placed else 0)
        clock = start + round(len(speech) * 1000 / RATE)
        placed.append(replace(turn, start=start, end=clock))
        pieces.append((0 if turn.speaker == "agent" else 1, start * RATE // 1000, speech))
    length = (clock + (0 if cut else TAIL_MS)) * RATE // 1000
    audio = hiss((length, 2), seed=int(hashlib.sha256(seed.encode()).hexdigest()[:8], 16))
    for channel, offset, speech in pieces:
        room = audio[offset : offset + len(speech), channel]
        room += speech[: len(room)]
    mixed = audio.sum(axis=1) if mono else audio
    return placed, np.clip(mixed, -32767, 32767).astype(np.int16)


def findings(turns: list[Turn]) -> list[dict[str, Any]]:
    """The labels of the guide: consecutive turns or one group letter make one finding."""
    found: dict[str, dict[str, Any]] = {}
    for index, turn in enumerate(turns):
        for label in turn.labels:
            if label == "p":
                continue
            key, _, also = label.partition("+")
            group = key if ":" in key else f"{key}:{index}"
            entry = found.setdefault(group, {"category": key.split(":")[0], "turns": [], "also": []})
            entry["turns"].append(index)
            entry["also"] += [also] if also and also not in entry["also"] else []
    return [entry if entry["also"] else {k: v for k, v in entry.items() if k != "also"} for entry in found.values()]


def gold(call: dict[str, Any], turns: list[Turn]) -> dict[str, Any]:
    """The labels of one call in the guide's format."""
    spoken = {
        speaker: [i for i, t in enumerate(turns) if t.raised and t.speaker == speaker]
        for speaker in ("agent", "customer")
    }
    promise = [i for i, turn in enumerate(turns) if "p" in turn.labels]
    return {
        "disclosures": call["disclosures"],
        "checklist": {key: call["checklist"].get(key) for key in ("greeting", "verification", "recap", "closing")},
        "findings": findings(turns),
        "emotion": [{"speaker": who, "turns": [i]} for who, indexes in spoken.items() for i in indexes],
        "promises": [{"turns": promise, "payments": call["payments"]}] if promise else [],
    }


def call_data(call: dict[str, Any], path: Path, seconds: float) -> dict[str, Any]:
    """The row of `calls.jsonl`: the product's call data."""
    number = call["call_id"][-2:]
    channels = {"left": "agent", "right": "customer"}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    recording: dict[str, Any] = {"path": f"calls/{path.name}", "sha256": digest}
    return {
        "call_id": call["call_id"],
        "started_at": call["started_at"],
        "direction": "outbound",
        "agent_id": call["agent_id"],
        "team": call["team"],
        "org": {"kind": call.get("org_kind", "agency"), "names": [call["org"]]},
        "principal": {"names": [call["principal"]]},
        "case_id": f"k-{number}",
        "debtor_id": f"d-{number}",
        "number_id": f"n-{number}",
        "callee": call["callee"],
        "ai_voice": False,
        "billed_seconds": call.get("billed_seconds", round(seconds)),
        "recording": recording if call.get("mono") else recording | {"channels": channels},
        "case": call["case"] | {"repay_channels": ["手机银行"]},
    }


def make(call: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write one Opus file; its row of `calls.jsonl` and of `scripts.jsonl`."""
    turns = [parse_turn(line) for line in call["turns"]]
    cut = "billed_seconds" in call
    placed, audio = place(turns, call["call_id"], bool(call.get("mono")), cut)
    path = HERE / "calls" / f"{call['call_id']}.opus"
    write_opus(audio, path)
    row = call_data(call, path, len(audio) / RATE)
    spoken = [{"speaker": t.speaker, "start_ms": t.start, "end_ms": t.end, "text": t.text} for t in placed]
    script = {
        "call_id": call["call_id"],
        "note": call["note"],
        "duration_ms": round(len(audio) * 1000 / RATE),
        "turns": spoken,
        "gold": gold(call, placed),
    }
    return row, script


def main() -> None:
    """Make all calls."""
    (HERE / "calls").mkdir(exist_ok=True)
    source = tomllib.loads((HERE / "dialogues.toml").read_text(encoding="utf-8"))
    made = [make(call) for call in source["call"]]
    for name, rows in (("calls.jsonl", [m[0] for m in made]), ("scripts.jsonl", [m[1] for m in made])):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (HERE / name).write_text(text, encoding="utf-8")
    for row, script in made:
        print(row["call_id"], f"{script['duration_ms'] / 1000:.1f} s", len(script["turns"]), "turns")


if __name__ == "__main__":
    main()
