"""Suspect text stays to be read and proves nothing, neither for anybody nor against them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from dialogue import call_of

from qa_service.call import (
    Call,
    ChannelQuality,
    Grade,
    HeardWord,
    Noise,
    NoiseKind,
    Span,
    Speaker,
    Suspicion,
    Transcript,
    Voice,
)
from qa_service.judgement import DisclosureStatus, Judged
from qa_service.pipeline import Judge

OK, CANNOT, MISSING = DisclosureStatus.OK, DisclosureStatus.CANNOT_JUDGE, DisclosureStatus.MISSING
OPENING = "坐席：您好，我是诚达资产的李明，工号三零七二，受东江银行委托，本次通话有录音，请问是张伟先生吗？"
YES = "客户：是我，什么事？"
DEBT = "坐席：您的信用卡逾期了，欠款三千二百元。"
BYE = "坐席：好的，感谢您的配合，再见。"
PROMISE = ["坐席：您看什么时候能还？", "客户：我下周五还三千二。"]
RECAP = "坐席：好的，那您下周五还三千二百元。"
CALL = [OPENING, YES, DEBT, *PROMISE, RECAP, BYE]


def suspect(call: Call, *turns: int, doubt: Suspicion = Suspicion.INVENTED_PHRASE) -> Call:
    marked = [replace(turn, suspicions=(doubt,)) if at in turns else turn for at, turn in enumerate(call.turns)]
    return replace(call, turns=tuple(marked))


def rules(judged: Judged) -> set[str]:
    return {finding.rule for finding in judged.analysis.findings}


def statuses(judged: Judged) -> list[DisclosureStatus]:
    duties = judged.analysis.disclosures
    return [duty.status for duty in (duties.agent, duties.company, duties.principal, duties.recording)]


def test_the_call_is_clean_where_all_of_it_was_heard(judge: Judge) -> None:
    judged = judge.judge(call_of(*CALL))
    assert statuses(judged) == [OK] * 4
    assert judged.analysis.checklist.recap is True
    assert len(judged.analysis.promises) == 1
    assert not rules(judged)


@pytest.mark.parametrize("doubt", Suspicion)
def test_a_duty_heard_only_in_suspect_text_cannot_be_judged(judge: Judge, doubt: Suspicion) -> None:
    judged = judge.judge(suspect(call_of(*CALL), 0, doubt=doubt))
    assert statuses(judged) == [CANNOT] * 4
    assert not {rule for rule in rules(judged) if rule.startswith("disclosure")}
    assert {item.rule for item in judged.analysis.cannot_judge} >= {"disclosure.recording", "disclosure.agent"}
    assert judged.triage is not None, "a person listens"


def test_a_duty_named_late_in_suspect_text_is_not_called_missing(judge: Judge) -> None:
    lines = ["坐席：您好，请问是张伟先生吗？", YES, DEBT, "坐席：我是诚达资产的李明，本次通话有录音。"]
    assert statuses(judge.judge(suspect(call_of(*lines), 3)))[3] is CANNOT
    assert statuses(judge.judge(suspect(call_of(*lines[:3], "坐席：好的。"), 3)))[3] is MISSING


def test_who_is_there_may_have_been_said_in_suspect_text(judge: Judge) -> None:
    call = call_of("坐席：您好，请问是张伟先生吗？", YES, "坐席：你信用卡欠了四万二。")
    for doubtful in ((0,), (1,)):
        judged = judge.judge(suspect(call, *doubtful))
        assert "disclosure.party_not_verified" not in rules(judged)
        assert "disclosure.party_not_verified" in {item.rule for item in judged.analysis.cannot_judge}


def test_verification_is_not_denied_where_the_question_was_not_heard_well(judge: Judge) -> None:
    call = call_of(*CALL)
    assert judge.judge(suspect(call, 0)).analysis.checklist.verification is None
    assert judge.judge(call_of(DEBT, "客户：嗯。")).analysis.checklist.verification is False


def test_a_debt_in_suspect_text_was_not_told(judge: Judge) -> None:
    judged = judge.judge(suspect(call_of("坐席：喂，你信用卡欠了四万二。", "客户：喂，听不清。"), 0))
    assert not rules(judged)


@pytest.mark.parametrize("turn", [3, 4], ids=["question", "answer"])
def test_no_promise_is_made_of_suspect_words(judge: Judge, turn: int) -> None:
    call = call_of(OPENING, YES, DEBT, "坐席：您下周五还三千二可以吗？", "客户：可以，没问题。")
    assert judge.judge(call).analysis.promises
    assert not judge.judge(suspect(call, turn)).analysis.promises


def test_a_recap_that_may_lie_in_suspect_text_is_not_denied(judge: Judge) -> None:
    call = call_of(*CALL)
    assert judge.judge(suspect(call, 5)).analysis.checklist.recap is None
    assert judge.judge(suspect(call, 2)).analysis.checklist.recap is True


def test_a_promise_left_open_needs_a_person_where_the_rest_was_not_heard(judge: Judge) -> None:
    call = call_of(OPENING, YES, DEBT, "坐席：那您什么时候还？", "客户：我下周五还。", "坐席：那您还多少？")
    assert "promise.incomplete" not in rules(judge.judge(call))
    found = [f for f in judge.judge(suspect(call, 5)).analysis.findings if f.rule == "promise.incomplete"]
    assert all(finding.needs_confirmation for finding in found)


def test_a_farewell_that_may_lie_in_suspect_text_is_not_denied(judge: Judge) -> None:
    call = call_of(*CALL)
    assert judge.judge(call).analysis.checklist.closing is True
    assert judge.judge(suspect(call, 6)).analysis.checklist.closing is None
    assert judge.judge(call_of(*CALL[:-1])).analysis.checklist.closing is False


def test_a_greeting_that_may_lie_in_suspect_text_is_not_denied(judge: Judge) -> None:
    assert judge.judge(suspect(call_of(*CALL), 0)).analysis.checklist.greeting is None


def test_outbursts_and_distress_in_suspect_text_are_nobodys(judge: Judge) -> None:
    call = call_of("客户：你们给我滚！我不想活了，我要去投诉你们！", "坐席：你今天不还，我就闹到你们单位去。")
    assert rules(judge.judge(call))
    judged = judge.judge(suspect(call, 0, 1))
    assert (rules(judged), judged.analysis.emotion, judged.analysis.promises) == (set(), (), ())


BARE = ["坐席：您好，请问是张伟先生吗？", YES, DEBT]


def heard(call: Call, sure: float, **sound: object) -> tuple[Call, Transcript]:
    """The call as recognised from a stereo recording, every word equally sure."""
    turns = tuple(
        replace(
            turn,
            confidence=sure,
            voice=Voice.LEFT if at % 2 == 0 else Voice.RIGHT,
            words=(
                HeardWord(start=0, end=len(turn.text), start_ms=turn.start_ms, end_ms=turn.end_ms, probability=sure),
            ),
        )
        for at, turn in enumerate(call.turns)
    )
    return call, Transcript(turns=turns, duration_ms=20_000, engine="e", **sound)  # type: ignore[arg-type]


def quality(voice: Voice, grade: Grade) -> ChannelQuality:
    return ChannelQuality(
        voice=voice, grade=grade, level_db=-40, clipped=0.2, noise_db=3, bandwidth_hz=2000, dropouts=9
    )


def music(voice: Voice, start_ms: int, end_ms: int) -> Noise:
    return Noise(kind=NoiseKind.HOLD_MUSIC, voice=voice, span=Span(start_ms=start_ms, end_ms=end_ms))


@pytest.mark.parametrize(
    ("sure", "sound", "expected"),
    [
        (0.9, {}, MISSING),
        (0.72, {}, MISSING),
        (0.65, {}, CANNOT),
        (0.9, {"quality": (quality(Voice.LEFT, Grade.POOR),)}, CANNOT),
        (0.9, {"quality": (quality(Voice.LEFT, Grade.FAIR),)}, MISSING),
        (0.9, {"quality": (quality(Voice.RIGHT, Grade.POOR),)}, MISSING),
        (0.9, {"noises": (music(Voice.LEFT, 3000, 11_000),)}, CANNOT),
        (0.9, {"noises": (music(Voice.LEFT, 15_000, 20_000),)}, MISSING),
        (0.9, {"noises": (music(Voice.RIGHT, 3000, 11_000),)}, MISSING),
        (0.9, {"partial": "录音只有计费时长的一半。"}, CANNOT),
    ],
    ids=[
        "well", "just-well", "weakly", "poor-line", "fair-line", "the-customers-line-is-poor", "under-music",
        "music-afterwards", "music-for-the-customer", "partial",
    ],
)  # fmt: skip
def test_nothing_is_missing_from_an_opening_that_was_not_heard_well(
    judge: Judge, sure: float, sound: dict[str, object], expected: DisclosureStatus
) -> None:
    call, transcript = heard(call_of(*BARE), sure, **sound)
    judged = judge.judge(call, transcript=transcript)
    assert judged.analysis.disclosures.recording.status is expected
    assert ("disclosure.recording_missing" in rules(judged)) == (expected is MISSING)


@pytest.mark.parametrize(("sure", "closing"), [(0.9, False), (0.5, None)], ids=["well", "weakly"])
def test_a_farewell_is_not_denied_where_the_end_was_heard_weakly(
    judge: Judge, sure: float, closing: bool | None
) -> None:
    call, transcript = heard(call_of(*CALL[:-1]), sure)
    assert judge.judge(call, transcript=transcript).analysis.checklist.closing is closing


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ([(0, 4000), (10_000, 14_000)], MISSING),
        ([(0, 4000), (5000, 5900), (10_000, 14_000)], MISSING),
        ([(0, 4000), (5000, 8500), (10_000, 14_000)], CANNOT),
        ([(0, 4000), (10_000, 14_000), (15_000, 19_000)], MISSING),
        ([], MISSING),
    ],
    ids=["all-told", "a-word", "a-sentence", "after-the-debt", "unknown"],
)
def test_nothing_is_missing_from_an_opening_in_which_speech_has_no_text(
    judge: Judge, agent: list[tuple[int, int]], expected: DisclosureStatus
) -> None:
    activity = {Speaker.AGENT: tuple(Span(start_ms=start, end_ms=end) for start, end in agent)}
    call, transcript = heard(call_of(*BARE), 0.9, activity=activity)
    assert judge.judge(call, transcript=transcript).analysis.disclosures.recording.status is expected


@pytest.mark.parametrize("text", [[], ["坐席：谢谢观看"]], ids=["no-text", "invented"])
def test_speech_without_trusted_text_is_not_called_silence(judge: Judge, text: list[str]) -> None:
    activity = {Speaker.CUSTOMER: (Span(start_ms=0, end_ms=9000),)}
    turns = suspect(call_of(*text), 0).turns
    transcript = Transcript(turns=turns, duration_ms=20_000, engine="e", activity=activity)
    judged = judge.judge(call_of(), transcript=transcript)
    assert rules(judged) == set()
    assert judged.triage is not None, "a person listens"


@pytest.mark.parametrize(
    ("doubts", "silent"),
    [
        ((), True),
        ((Suspicion.NO_SPEECH, Suspicion.INVENTED_PHRASE, Suspicion.PROMPT_ECHO), True),
        ((Suspicion.LOOP, Suspicion.NO_SPEECH), False),
        ((Suspicion.CROSSTALK,), False),
    ],
    ids=["no-text", "invented", "loop-over-speech", "crosstalk"],
)
def test_a_recording_without_a_voice_is_a_finding_and_never_a_clean_call(
    judge: Judge, doubts: tuple[Suspicion, ...], silent: bool
) -> None:
    call = call_of(*["坐席：谢谢观看"] * len(doubts))
    turns = tuple(replace(turn, suspicions=(doubt,)) for turn, doubt in zip(call.turns, doubts, strict=True))
    judged = judge.judge(call, transcript=Transcript(turns=turns, duration_ms=20_000, engine="e"))
    assert rules(judged) == ({"recording.no_speech"} if silent else set())
    assert MISSING not in statuses(judged)
    assert judged.triage is not None, "a person listens"


def test_a_promise_is_of_the_words_that_were_heard(judge: Judge) -> None:
    call = call_of(*CALL[:5], "客户：我后天还一万。")
    (promise,) = judge.judge(suspect(call, 5)).analysis.promises
    assert promise.payments[0].amount == Decimal(3200)
