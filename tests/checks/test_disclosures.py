"""The opening: who counts as having said what, when it is late, and what is never called missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue import call_of

from qa_service.call import Call, Org, OrgKind, Suspicion, Transcript
from qa_service.checks.disclosures import CLAIMED_ONLY
from qa_service.judgement import DisclosureStatus
from qa_service.pipeline import Judge

ASK, YES = "坐席：您好，请问是张伟先生吗？", "客户：是我，什么事？"
OPENINGS = [
    (
        "agency all said",
        "我是诚达资产的李明，工号三零七二，受东江银行委托，本次通话有录音。您的信用卡逾期了。",
        "ok ok ok ok",
    ),
    ("bank's own house", "我是东江银行信用卡中心的王芳，通话会录音。您这期账单三千二。", "ok ok ok ok"),
    ("surname is enough", "我是东江银行的，我姓孟，电话有录音，您的贷款逾期五天了。", "ok ok ok ok"),
    ("title is not a name", "我是东江银行的客服，通话录音，您的贷款逾期了。", "missing ok ok ok"),
    ("vague house", "我们是清收组的，我姓刘，你名下的欠款今天处理掉。", "ok missing missing missing"),
    ("our company", "我们公司的，姓刘，电话录音，你那笔欠款怎么说。", "ok missing missing ok"),
    ("agency without creditor", "我是诚达资产的，工号二零一，电话有录音，您的欠款有一万二。", "ok ok missing ok"),
    ("product names the creditor", "您在明禾消费金融有笔借款逾期了，我姓廖，电话有录音。", "ok missing ok ok"),
    ("service quality is no notice", "我是东江银行的，我姓孟，为保证服务质量请您听好，您逾期了。", "ok ok ok missing"),
]


@pytest.mark.parametrize(("said", "expected"), [case[1:] for case in OPENINGS], ids=[case[0] for case in OPENINGS])
def test_what_an_opening_discloses(judge: Judge, said: str, expected: str) -> None:
    found = judge.judge(call_of(ASK, YES, f"坐席：{said}")).analysis.disclosures
    got = [found.agent, found.company, found.principal, found.recording]
    assert " ".join(item.status.value for item in got) == expected


def test_said_after_the_debt_is_late_and_deducts_as_one_minor(judge: Judge) -> None:
    call = call_of(
        ASK, YES, "坐席：我是东江银行的，我姓孟，您的贷款逾期了。", "客户：知道了。", "坐席：这通电话有录音的。",
        org=Org(kind=OrgKind.IN_HOUSE, names=("东江银行",)),
    )  # fmt: skip
    judged = judge.judge(call)
    assert judged.analysis.disclosures.recording.status is DisclosureStatus.LATE
    assert [(d.rule, d.points) for d in judged.scorecard.deductions] == [("disclosure.recording_missing", 5)]


UNREAD = [
    pytest.param(
        ["坐席：Hello, this is the bank calling about your card.", "客户：Yes?"], "没有一句中文", id="english"
    ),
    pytest.param(["坐席：안녕하세요 은행입니다", "客户：네"], "没有一句中文", id="korean"),
    pytest.param(["坐席：", "客户：喂？"], "没有听到坐席说话", id="empty"),
    pytest.param(["坐席：……，。", "客户：喂？"], "没有听到坐席说话", id="punctuation"),
    pytest.param(["客户：喂？说话呀"], "没有听到坐席说话", id="customer-alone"),
]


@pytest.mark.parametrize(("lines", "because"), UNREAD)
def test_nothing_is_missing_from_words_that_the_rules_cannot_read(judge: Judge, lines: list[str], because: str) -> None:
    analysis = judge.judge(call_of(*lines)).analysis
    said = analysis.disclosures
    for duty in (said.agent, said.company, said.principal, said.recording):
        assert duty.status is DisclosureStatus.CANNOT_JUDGE
        assert because in (duty.because or "")
    assert (analysis.checklist.greeting, analysis.checklist.closing) == (None, None)
    assert any(because in item.because and item.needs_person for item in analysis.cannot_judge)


def test_one_chinese_word_among_others_is_read(judge: Judge) -> None:
    analysis = judge.judge(call_of("坐席：Hello，您好", "客户：Yes?")).analysis
    assert (analysis.disclosures.agent.status, analysis.checklist.greeting) == (DisclosureStatus.MISSING, True)


def test_a_call_that_never_mentions_the_debt_owes_no_disclosure_findings(judge: Judge) -> None:
    analysis = judge.judge(call_of(ASK, "客户：他不在。", "坐席：那我晚点再打，打扰了。")).analysis
    assert [f.rule for f in analysis.findings if f.rule.startswith("disclosure")] == []


def test_the_voice_menu_may_give_the_recording_notice(judge: Judge) -> None:
    call = call_of(ASK, YES, "坐席：我是东江银行的，我姓孟，您逾期了。", ivr_recording_notice=True)
    assert judge.judge(call).analysis.disclosures.recording.status is DisclosureStatus.OK


VERIFIED = [
    ("never asked", ["坐席：喂，你信用卡欠了四万二。"], [("disclosure.party_not_verified", False)]),
    (
        "asked, unclear answer",
        [ASK, "客户：你谁啊？", "坐席：你信用卡欠了四万二。"],
        [("disclosure.party_not_verified", True)],
    ),
    ("asked and confirmed", [ASK, YES, "坐席：您信用卡欠了四万二。"], []),
    (
        "asked by name, only told to go on",
        [ASK, "客户：你说。", "坐席：您信用卡欠了四万二。"],
        [("disclosure.party_not_verified", True)],
    ),
    (
        "asked without a name, a yes",
        ["坐席：请问是本人吗？", "客户：是的。", "坐席：您信用卡欠了四万二。"],
        [("disclosure.party_not_verified", True)],
    ),
    (
        "last digits given",
        ["坐席：麻烦报一下证件后四位。", "客户：零三一八。", "坐席：您信用卡欠了四万二。"],
        [],
    ),
    ("someone else: that is a leak", [ASK, "客户：我是他妈。", "坐席：他信用卡欠了四万二。"], []),
]


@pytest.mark.parametrize(("lines", "expected"), [case[1:] for case in VERIFIED], ids=[case[0] for case in VERIFIED])
def test_the_debt_is_told_only_to_a_verified_party(
    judge: Judge, lines: list[str], expected: list[tuple[str, bool]]
) -> None:
    findings = judge.judge(call_of(*lines)).analysis.findings
    assert [(f.rule, f.needs_confirmation) for f in findings if f.rule.startswith("disclosure.party")] == expected


def test_a_claim_is_told_as_one(judge: Judge) -> None:
    analysis = judge.judge(call_of(ASK, "客户：你说。", "坐席：您信用卡欠了四万二。")).analysis
    (finding,) = [f for f in analysis.findings if f.rule == "disclosure.party_not_verified"]
    assert finding.because == CLAIMED_ONLY


def transcript_of(call: Call, **changes: object) -> Transcript:
    return Transcript(turns=call.turns, duration_ms=20_000, engine="e", **changes)  # type: ignore[arg-type]


def test_nothing_is_missing_from_a_partial_recording(judge: Judge) -> None:
    call = call_of(ASK, YES, "坐席：你的贷款逾期了。")
    found = judge.judge(call, transcript=transcript_of(call, partial="录音只有计费时长的一半。")).analysis
    assert found.disclosures.recording.status is DisclosureStatus.CANNOT_JUDGE
    assert found.disclosures.recording.because == "录音只有计费时长的一半。"


def test_nothing_is_missing_from_an_opening_heard_badly(judge: Judge) -> None:
    call = call_of("坐席：字幕由志愿者提供", ASK, YES, "坐席：你的贷款逾期了。")
    doubtful = replace(call.turns[0], suspicions=(Suspicion.INVENTED_PHRASE,))
    call = replace(call, turns=(doubtful, *call.turns[1:]))
    assert judge.judge(call).analysis.disclosures.recording.status is DisclosureStatus.CANNOT_JUDGE


def test_an_agency_that_poses_as_the_bank_is_found(judge: Judge) -> None:
    call = call_of(
        ASK, YES, "坐席：我是东江银行信用卡中心的王芳，通话有录音，您逾期了。",
        org=Org(kind=OrgKind.AGENCY, names=("诚达资产",)), principal_names=("东江银行",),
    )  # fmt: skip
    assert "authority.impersonate_creditor" in [f.rule for f in judge.judge(call).analysis.findings]


def test_an_agency_that_names_its_client_does_not_pose(judge: Judge) -> None:
    call = call_of(
        ASK, YES, "坐席：我是诚达资产的王芳，受东江银行委托，通话有录音，您逾期了。",
        org=Org(kind=OrgKind.AGENCY, names=("诚达资产",)), principal_names=("东江银行",),
    )  # fmt: skip
    assert "authority.impersonate_creditor" not in [f.rule for f in judge.judge(call).analysis.findings]
