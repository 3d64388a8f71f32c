"""Promises and their recap, over the dialogues of ``promise_dialogues.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qa_service.call import Speaker, Turn
from qa_service.reading.promises import PromiseReading, find_promises

DIALOGUES = tomllib.loads(Path(__file__).with_name("promise_dialogues.toml").read_text(encoding="utf-8"))["dialogue"]
SPEAKERS = {"坐席": Speaker.AGENT, "客户": Speaker.CUSTOMER}
THURSDAY = date(2026, 3, 12)


def turns_of(says: str) -> list[Turn]:
    turns = []
    for number, line in enumerate(says.strip().splitlines()):
        speaker, _, text = line.partition("：")
        turns.append(
            Turn(speaker=SPEAKERS[speaker], start_ms=number * 4000, end_ms=number * 4000 + 3500, text=text.strip())
        )
    return turns


def read(dialogue: dict[str, Any]) -> PromiseReading:
    return find_promises(turns_of(dialogue["says"]), dialogue.get("on", THURSDAY))


def figures(reading: PromiseReading) -> list[list[tuple[Decimal | None, date | None]]]:
    return [[(payment.amount, payment.due) for payment in promise.payments] for promise in reading.promises]


def expected(promises: Sequence[Sequence[dict[str, Any]]]) -> list[list[tuple[Decimal | None, date | None]]]:
    def amount(payment: dict[str, Any]) -> Decimal | None:
        return Decimal(str(payment["amount"])) if "amount" in payment else None

    return [[(amount(payment), payment.get("due")) for payment in payments] for payments in promises]


def named(dialogues: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(dialogue, id=dialogue["id"]) for dialogue in dialogues]


@pytest.mark.parametrize("dialogue", named([d for d in DIALOGUES if "known_miss" not in d]))
def test_what_stands_at_the_end_is_promised(dialogue: dict[str, Any]) -> None:
    assert figures(read(dialogue)) == expected(dialogue["promises"])


@pytest.mark.parametrize("dialogue", named([d for d in DIALOGUES if "known_miss" not in d]))
def test_recap_is_what_the_agent_read_back_afterwards(dialogue: dict[str, Any]) -> None:
    assert read(dialogue).recap == dialogue.get("recap")
