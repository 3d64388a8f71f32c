"""Where it is a guess who speaks, nothing is held against anybody before a person has listened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue import call_of

from qa_service.call import Call, Callee, Org, OrgKind, Voice
from qa_service.judgement import Finding, VetoState
from qa_service.pipeline import Judge

OPENING = ("坐席：您好，请问是张伟先生本人吗？", "客户：我是，你哪位？")
DIALOGUES = {
    "threat": (*OPENING, "坐席：你今天不还，我就闹到你们单位去。"),
    "insult": (*OPENING, "坐席：你就是个老赖，你要不要脸。"),
    "nothing said of house and recording": (*OPENING, "坐席：您的信用卡逾期了二十三天，欠款两千三百块。"),
    "notice too late": (*OPENING, "坐席：您的信用卡逾期了二十三天，欠款两千三百块。", "坐席：本次通话有录音。"),
    "debt told unasked": ("客户：喂。", "坐席：您的信用卡逾期了二十三天，欠款两千三百块。"),
    "debt told to a third party": (
        "坐席：请问是张伟先生吗？",
        "客户：不是，我是他同事。",
        "坐席：他的信用卡逾期了，欠款两千三百块，你转告他。",
    ),
    "posing as the bank": (*OPENING, "坐席：我们是东江银行信用卡中心的，您的信用卡逾期了。"),
    "promise after a threat": (
        *OPENING,
        "坐席：你今天不还，我就闹到你们单位去。",
        "客户：那我下周五还一千块。",
        "坐席：好的，下周五还一千块。",
    ),
    "promise left open": (*OPENING, "坐席：您看怎么处理？", "客户：我下周五还一点吧。", "坐席：好的，再见。"),
    "guarantee": (*OPENING, "坐席：您还了这笔，我保证给您免掉所有利息。"),
}
AGENCY = Org(kind=OrgKind.AGENCY, names=("诚达资产",))


def call(name: str, *, guessed: range | None = None) -> Call:
    """A dialogue whose turns in ``guessed`` (all by default) are by a guessed speaker."""
    made = call_of(*DIALOGUES[name], org=AGENCY, principal_names=("东江银行",), callee=Callee.UNKNOWN)
    numbers = range(len(made.turns)) if guessed is None else guessed
    turns = [replace(turn, voice=Voice.FIRST) for turn in made.turns]
    for number in numbers:
        turns[number] = replace(turns[number], speaker_doubtful=True, speaker_confidence=0.99)
    return replace(made, turns=tuple(turns))


def said(judge: Judge, about: Call) -> list[Finding]:
    return [finding for finding in judge.judge(about).analysis.findings if finding.quotes]


@pytest.mark.parametrize("name", DIALOGUES)
def test_every_finding_on_a_guessed_speaker_waits_for_a_person(judge: Judge, name: str) -> None:
    judged = judge.judge(call(name))
    found = [finding for finding in judged.analysis.findings if finding.quotes]
    assert found
    assert all(finding.needs_confirmation and finding.because for finding in found)
    assert judged.scorecard.veto in (VetoState.NONE, VetoState.PENDING)
    assert judged.scorecard.mark == 100
    assert judged.triage is not None, "a person listens"


@pytest.mark.parametrize("name", DIALOGUES)
def test_the_same_words_by_a_known_speaker_stand_by_themselves(judge: Judge, name: str) -> None:
    assert any(not finding.needs_confirmation for finding in said(judge, call(name, guessed=range(0))))


@pytest.mark.parametrize(
    ("name", "guessed", "rule"),
    [
        ("nothing said of house and recording", range(1), "disclosure.identity_missing"),
        ("nothing said of house and recording", range(1), "disclosure.recording_missing"),
        ("debt told unasked", range(1), "disclosure.party_not_verified"),
        ("debt told to a third party", range(1, 2), "privacy.debt_to_third_party"),
        ("promise after a threat", range(3, 4), "promise.coerced"),
    ],
    ids=["who-introduces", "who-tells-of-the-recording", "who-asks", "who-answers", "who-promises"],
)
def test_one_guessed_turn_that_a_finding_rests_on_is_enough(judge: Judge, name: str, guessed: range, rule: str) -> None:
    (found,) = [one for one in said(judge, call(name, guessed=guessed)) if rule in (one.rule, one.family)]
    assert found.needs_confirmation


def test_a_guessed_turn_elsewhere_does_not_matter(judge: Judge) -> None:
    (found,) = [one for one in said(judge, call("threat", guessed=range(1))) if one.rule.startswith("threat")]
    assert not found.needs_confirmation
