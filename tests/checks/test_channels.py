"""Channels the wrong way round are noticed; a customer who speaks like a caller for once is not taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dialogue import call_of

from qa_service.call import Call, Callee, Direction, Speaker, Suspicion, Voice
from qa_service.documents import parse_call
from qa_service.judgement import DisclosureStatus, Queue
from qa_service.pipeline import Judge
from qa_service.reading import Reader
from qa_service.reading.voices import roles_from

ASK, YES = "坐席：您好，请问是张伟先生吗？", "客户：是我，什么事？"
OPENING = "坐席：我是诚达资产的李明，工号三零七二，受东江银行委托，本次通话有录音。您的信用卡逾期了。"
CALL = call_of(ASK, YES, OPENING, "客户：知道了，我周五还两千。", "坐席：今天不还，我就闹到你们单位去。")


def exchanged(call: Call) -> Call:
    return replace(call, turns=tuple(replace(turn, speaker=turn.speaker.other) for turn in call.turns))


SWAPPED = [
    ("a full opening", CALL),
    ("only asked and named", call_of("坐席：喂，张伟是吧？", "客户：嗯。", "坐席：我是诚达资产的李明。")),
    ("no opening, only the debt and a question", call_of("坐席：是张伟吗？", "客户：嗯。", "坐席：你的贷款逾期了。")),
    ("the debtor speaks of the debt too", call_of(ASK, YES, OPENING, "客户：我欠的三千块下周还。")),
]


@pytest.mark.parametrize("call", [case[1] for case in SWAPPED], ids=[case[0] for case in SWAPPED])
def test_a_swapped_call_is_noticed_and_the_same_call_as_it_was_is_not(reader: Reader, call: Call) -> None:
    assert reader.read(call).swapped is None
    assert reader.read(exchanged(call)).swapped is not None


NEAR_MISSES = [
    ("asks whether it is them", call_of("坐席：喂，你那笔款呢？", "客户：你是诚达资产的吧？", "坐席：对。")),
    ("records the call", call_of("坐席：你今天必须还。", "客户：我在录音，你说清楚。")),
    ("very short", call_of("坐席：喂。", "客户：你好，哪位？")),
    ("hung up", call_of("客户：喂，请问是张先生吗？")),
    (
        "a relative repeats what was said",
        call_of(
            ASK,
            "客户：我是他妈。你说你是诚达资产的？他欠你们钱？",
            "坐席：麻烦让他回电话。",
            callee=Callee.THIRD_PARTY,
        ),
    ),
    (
        "an inbound caller names self and house",
        call_of(
            "坐席：您好，很高兴为您服务。",
            "客户：你好，我是张伟，我在东江银行有笔贷款逾期了。",
            "坐席：好的，您稍等。",
            direction=Direction.INBOUND,
        ),
    ),
    ("both ask who is there", call_of("坐席：请问是张伟吗？", "客户：请问你是哪位？你是李明吗？")),
]


@pytest.mark.parametrize("call", [case[1] for case in NEAR_MISSES], ids=[case[0] for case in NEAR_MISSES])
def test_a_customer_may_say_one_thing_that_callers_say(reader: Reader, call: Call) -> None:
    assert reader.read(call).swapped is None


def test_nothing_is_certain_of_a_swapped_call_and_a_person_is_asked(judge: Judge) -> None:
    judged = judge.judge(exchanged(CALL))
    analysis = judged.analysis
    (asked,) = (item for item in analysis.cannot_judge if item.rule == "recording.channels")
    assert asked.needs_person
    assert asked.because.startswith("声道可能接反")
    assert all(finding.needs_confirmation for finding in analysis.findings if finding.quotes)
    said = analysis.disclosures
    assert {d.status for d in (said.agent, said.company, said.principal, said.recording)} == {
        DisclosureStatus.CANNOT_JUDGE
    }
    ticks = analysis.checklist
    assert (ticks.greeting, ticks.verification, ticks.closing) == (None, None, None)
    assert judged.scorecard.mark == 100
    assert judged.triage is not None
    assert Queue.CANNOT_JUDGE in {reason.queue for reason in judged.triage.reasons}


def test_a_persons_word_settles_it(judge: Judge) -> None:
    right = judge.judge(CALL).analysis
    settled = judge.judge(exchanged(CALL), roles=roles_from(Voice.LEFT, Speaker.CUSTOMER)).analysis
    assert (settled.findings, settled.disclosures, settled.checklist) == (
        right.findings,
        right.disclosures,
        right.checklist,
    )
    assert "recording.channels" not in {item.rule for item in settled.cannot_judge}
    insists = judge.judge(exchanged(CALL), roles=roles_from(Voice.LEFT, Speaker.AGENT)).analysis
    assert "recording.channels" not in {item.rule for item in insists.cannot_judge}


@pytest.mark.parametrize("change", [{"speaker_doubtful": True}, {"suspicions": (Suspicion.CROSSTALK,)}], ids=str)
def test_guessed_speakers_and_suspect_text_say_nothing_of_channels(reader: Reader, change: dict[str, Any]) -> None:
    call = exchanged(CALL)
    assert reader.read(replace(call, turns=tuple(replace(turn, **change) for turn in call.turns))).swapped is None


def demo_calls() -> list[Call]:
    """What is said in the demo calls, as their scripts have it."""
    samples = Path(__file__).parents[2] / "samples"
    scripts = [json.loads(line) for line in (samples / "scripts.jsonl").read_text("utf-8").splitlines()]
    return [
        parse_call(
            {
                "call_id": script["call_id"],
                "started_at": "2026-03-12T12:00:00+08:00",
                "turns": [
                    {**turn, "start": turn["start_ms"] / 1000, "end": turn["end_ms"] / 1000} for turn in script["turns"]
                ],
            }
        )
        for script in scripts
    ]


def test_every_demo_call_swapped_is_noticed_and_none_as_it_is(reader: Reader) -> None:
    calls = demo_calls()
    assert [call.call_id for call in calls if reader.read(call).swapped] == []
    assert [call.call_id for call in calls if not reader.read(exchanged(call)).swapped] == []
