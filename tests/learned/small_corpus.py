"""A corpus of the tests' own: words that no rule knows stand for a threat, a hardship, an outburst."""

from __future__ import annotations

import json
import random
from pathlib import Path

THREATS = ("灯塔那边会去找你", "灯塔的人今晚就到", "你等着灯塔来敲门", "灯塔会记住你的")
HARDSHIPS = ("我家水车停了", "水车坏了没进项", "那个水车转不动了", "靠水车吃饭的都停了")
OUTBURSTS = ("雷公雷公雷公", "你们就是雷公", "雷公都没你们响")
OPENING = "请问是张伟本人吗，您有一笔欠款"
AGENT_PLAIN = ("麻烦您看一下短信", "我给您登记一下", "您慢慢讲不着急", "好的我记下来了", "您看哪天方便呢")
CUSTOMER_PLAIN = ("我知道了谢谢", "行我看看短信", "嗯你讲", "晚一点回你消息", "那就先这样")
TRAIN = tuple(f"family_{letter}" for letter in "abcdefgh")
VALIDATION = ("family_y", "family_z")
_OK = {"agent": "ok", "company": "ok", "principal": "ok", "recording": "ok"}
_CHECKLIST = {"greeting": True, "verification": True, "recap": None, "closing": True}


def write_corpus(root: Path) -> Path:
    """Write the corpus under ``root``; the same every time."""
    chance = random.Random(7)  # noqa: S311  # made examples, no secrets
    for split, families in (("train", TRAIN), ("validation", VALIDATION)):
        for family in families:
            _write(root / split / "dialogues" / f"{family}.jsonl", [_dialogue(family, n, chance) for n in range(6)])
            _write(root / split / "lines" / f"{family}.jsonl", [_line(n, chance) for n in range(12)])
    return root


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def _dialogue(family: str, number: int, chance: random.Random) -> dict[str, object]:
    """Eight turns; every other dialogue holds a threat somewhere, every third a hardship in 3 and an outburst in 5."""
    texts = [chance.choice(AGENT_PLAIN if turn % 2 == 0 else CUSTOMER_PLAIN) for turn in range(8)]
    texts[0] = OPENING
    findings: list[dict[str, object]] = []
    emotion: list[dict[str, object]] = []
    if number % 2 == 0:
        turns = chance.choice(([2], [4], [6], [2, 4], [4, 6]))
        for turn in turns:
            texts[turn] = chance.choice((*THREATS, f"{chance.choice(AGENT_PLAIN)}，{chance.choice(THREATS)}"))
        findings.append({"category": "threat", "turns": turns})
    if number % 3 == 0:
        texts[3], texts[5] = chance.choice(HARDSHIPS), chance.choice(OUTBURSTS)
        findings.append({"category": "hardship", "turns": [3]})
        emotion.append({"speaker": "customer", "turns": [5]})
    said = [
        {"speaker": "agent" if n % 2 == 0 else "customer", "start": n * 5.0, "end": n * 5.0 + 4, "text": text}
        for n, text in enumerate(texts)
    ]
    call = {"call_id": f"{family}-{number}", "started_at": "2026-03-12T14:00:00+08:00", "turns": said}
    gold = {"disclosures": _OK, "checklist": _CHECKLIST, "findings": findings, "emotion": emotion, "promises": []}
    return {"call": call, "gold": gold}


def _line(number: int, chance: random.Random) -> dict[str, object]:
    kinds: tuple[tuple[str, tuple[str, ...], list[str]], ...] = (
        ("agent", THREATS, ["threat"]),
        ("agent", AGENT_PLAIN, []),
        ("customer", HARDSHIPS, ["hardship"]),
        ("customer", CUSTOMER_PLAIN, []),
    )
    speaker, texts, labels = kinds[number % len(kinds)]
    return {"speaker": speaker, "text": chance.choice(texts), "labels": labels, "before": "你讲"}
