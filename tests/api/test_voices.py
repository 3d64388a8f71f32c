"""One act says who a voice is for the whole call: everything heard stays, and the call is judged again by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from qa_service.actions.intake import receive_call
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner, Work
from qa_service.call import ChannelLayout, Speaker, Transcript, Turn, Voice
from qa_service.documents import parse_call
from qa_service.states import CallState, Stage, Ticket
from qa_service.storage.calls import move_call
from qa_service.storage.judgements import write_transcript
from qa_service.storage.tables import AccessLogRow, AnalysisRow, CallRow, StageTaskRow, TranscriptRow, VoiceRoleRow
from qa_service.storage.tasks import hand_out

A, C = Speaker.AGENT, Speaker.CUSTOMER
CALL = "/api/v1/calls/v-1"
SWAP = {"voice": "left", "speaker": "customer"}
SWAP_BACK = {"voice": "left", "speaker": "agent"}
SAID = (
    (C, "您好，请问是张伟先生吗"),
    (A, "是我，什么事"),
    (C, "我是诚达资产的李明，工号三零七二，受东江银行委托，本次通话有录音，您的信用卡逾期了"),
    (A, "知道了，别催了"),
    (C, "今天不还，我就闹到你们单位去"),
)


def spoken(call_id: str) -> dict[str, Any]:
    """A typed call whose speakers are the wrong way round."""
    turns = [{"speaker": who, "start": n * 5, "end": n * 5 + 4, "text": text} for n, (who, text) in enumerate(SAID)]
    said_by = {"agent_id": "A101", "team": "T1"}
    return {"call_id": call_id, "started_at": "2026-03-12T14:00:00+08:00", **said_by, "turns": turns}


@pytest.fixture
def work(scratch: Any) -> Mapping[Stage, Work]:
    """The real stages, the rules read once."""
    return stage_work(scratch.backend)


@pytest.fixture
def judge_again(scratch: Any, work: Mapping[Stage, Work]) -> Callable[[], Outcome]:
    """Run the newest hand-out of judging ``v-1``."""
    runner = StageRunner(backend=scratch.backend, work=work)

    def judge() -> Outcome:
        with scratch.backend.read() as session:
            token = session.get_one(StageTaskRow, ("v-1", Stage.JUDGE)).token
        return runner.run(Ticket(call_id="v-1", stage=Stage.JUDGE, token=token))

    return judge


@pytest.fixture
def swapped(scratch: Any, judge_again: Any) -> Any:
    receive_call(scratch.backend, parse_call(spoken("v-1")))
    assert judge_again() is Outcome.DONE
    return scratch


def rules(house: Any) -> dict[str, bool]:
    """What the current judgement does not owe to the learned reader: rules, and whether they need confirmation."""
    findings = house.get("qa", f"{CALL}/analysis").json()["findings"]
    return {each["rule"]: each["needs_confirmation"] for each in findings if each["by"] != "learned"}


def speakers(house: Any) -> list[str]:
    return [turn["speaker"] for turn in house.get("qa", f"{CALL}/transcript").json()["turns"]]


def rows(house: Any, table: type) -> int:
    with house.backend.read() as session:
        return session.scalar(select(func.count()).select_from(table).where(table.call_id == "v-1"))


def test_the_word_of_a_person_exchanges_the_speakers_and_has_the_call_judged_again(
    swapped: Any, judge_again: Any
) -> None:
    assert "recording.channels" in {
        item["rule"] for item in swapped.get("qa", f"{CALL}/analysis").json()["cannot_judge"]
    }
    answer = swapped.post("qa", f"{CALL}/voices", json=SWAP)
    assert (answer.status_code, answer.json()["state"]) == (202, "judging")
    assert [(move["state"], move["actor"]) for move in answer.json()["moves"][-2:]] == [
        ("judged", None),
        ("judging", "qa"),
    ]
    assert judge_again() is Outcome.DONE
    assert rules(swapped)["threat.exposure_workplace"] is False
    assert swapped.get("qa", f"{CALL}/scorecard").json()["effective"]["veto"] == "pending"
    shown = swapped.get("qa", f"{CALL}/transcript").json()
    assert [turn["speaker"] for turn in shown["turns"]] == ["agent", "customer", "agent", "customer", "agent"]
    assert shown["voices"]["roles"] == {"left": "customer", "right": "agent"}
    assert shown["voices"]["said_by"] == "qa"
    assert swapped.get("qa", CALL).json()["call"].get("turns") is None
    with swapped.backend.read() as session:
        first = session.get_one(CallRow, "v-1").document["turns"][0]
    assert first["speaker"] == "customer", "kept as it was sent"


def test_it_is_journalled_and_nothing_is_overwritten(swapped: Any, judge_again: Any) -> None:
    for body in (SWAP, SWAP_BACK):
        assert swapped.post("qa_lead", f"{CALL}/voices", json=body).status_code == 202
        assert judge_again() is Outcome.DONE
    assert (rows(swapped, VoiceRoleRow), rows(swapped, AnalysisRow)) == (2, 3)
    with swapped.backend.read() as session:
        log = session.scalars(select(AccessLogRow).where(AccessLogRow.action == "call.voices")).all()
        current = session.scalars(select(AnalysisRow.id).where(AnalysisRow.call_id == "v-1", AnalysisRow.current)).all()
    assert [(row.actor, row.call_id) for row in log] == [("qa_lead", "v-1")] * 2
    assert len(current) == 1
    assert speakers(swapped)[0] == "customer", "back as it was sent"


@pytest.mark.parametrize(
    "again", [SWAP, {"voice": "right", "speaker": "agent"}], ids=["the same", "the same by the other voice"]
)
def test_saying_it_twice_is_saying_it_once(swapped: Any, judge_again: Any, again: dict[str, str]) -> None:
    assert swapped.post("qa", f"{CALL}/voices", json=SWAP).status_code == 202
    assert judge_again() is Outcome.DONE
    answer = swapped.post("other_qa", f"{CALL}/voices", json=again)
    assert (answer.status_code, answer.json()["state"]) == (200, "judged")
    assert rows(swapped, VoiceRoleRow) == 1


def test_what_is_said_while_the_call_is_being_judged_counts(
    swapped: Any, judge_again: Any, work: Mapping[Stage, Work]
) -> None:
    assert swapped.post("qa", f"{CALL}/voices", json=SWAP).status_code == 202

    def interrupted(ticket: Ticket, beat: Any) -> Any:
        write = work[Stage.JUDGE](ticket, beat)
        assert swapped.post("qa", f"{CALL}/voices", json=SWAP_BACK).status_code == 202
        return write

    slow = StageRunner(backend=swapped.backend, work={**work, Stage.JUDGE: interrupted})
    assert slow.run(Ticket(call_id="v-1", stage=Stage.JUDGE, token=2)) is Outcome.LEASE_LOST
    assert judge_again() is Outcome.DONE
    assert speakers(swapped)[0] == "customer"
    assert "recording.channels" not in {
        item["rule"] for item in swapped.get("qa", f"{CALL}/analysis").json()["cannot_judge"]
    }, "a person has said that it is as it was sent"


WRONG = [
    ("no such voice", "v-1", {"voice": "voice_1", "speaker": "agent"}, 422, "left"),
    ("no voice at all", "v-1", {"voice": "middle", "speaker": "agent"}, 422, ""),
    ("nobody's role", "v-1", {"voice": "left", "speaker": "ghost"}, 422, ""),
    ("something more", "v-1", {"voice": "left", "speaker": "agent", "turn": 3}, 422, "turn"),
    ("not judged", "c-broken", SWAP, 409, "质检之后"),
    ("a dialler record", "c-cdr", SWAP, 409, "质检之后"),
    ("no such call", "c-none", SWAP, 404, "c-none"),
]


@pytest.mark.parametrize(("call_id", "body", "status", "says"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_what_cannot_be_said_is_refused(
    swapped: Any, call_id: str, body: dict[str, Any], status: int, says: str
) -> None:
    answer = swapped.post("qa", f"/api/v1/calls/{call_id}/voices", json=body)
    assert answer.status_code == status
    assert says in answer.text
    assert rows(swapped, VoiceRoleRow) == 0


def test_a_guess_on_one_channel_is_settled_but_for_the_turns_that_are_weak(scratch: Any, judge_again: Any) -> None:
    sure = (0.95, 0.6, 0.9, 0.9, 0.9)
    turns = tuple(
        Turn(
            speaker=who, start_ms=n * 5000, end_ms=n * 5000 + 4000, text=text, confidence=0.9,
            speaker_doubtful=True, speaker_confidence=sure[n], voice=Voice.FIRST if who is C else Voice.SECOND,
        )
        for n, (who, text) in enumerate(SAID)
    )  # fmt: skip
    heard = Transcript(turns=turns, duration_ms=25_000, engine="e", layout=ChannelLayout.MONO)
    document = {**spoken("v-1"), "turns": [], "recording": {"path": "a.wav"}}
    receive_call(scratch.backend, parse_call(document), b"not decoded here")
    with scratch.backend.write() as session:
        now = session.get_one(CallRow, "v-1").received_at
        write_transcript(session, "v-1", heard, debtor_speech_ms=12_000, token=1, now=now)
        for state in (CallState.DECODING, CallState.TRANSCRIBING, CallState.JUDGING):
            move_call(session, "v-1", state, at=now)
        hand_out(session, "v-1", Stage.JUDGE, now=now)
    assert judge_again() is Outcome.DONE
    assert rules(scratch) == {}, "by the guess it is the customer who threatens"

    assert scratch.post("qa", f"{CALL}/voices", json={"voice": "voice_1", "speaker": "agent"}).status_code == 202
    assert judge_again() is Outcome.DONE
    assert rules(scratch)["threat.exposure_workplace"] is False
    shown = scratch.get("qa", f"{CALL}/transcript").json()
    assert [turn["speaker"] for turn in shown["turns"]] == ["agent", "customer", "agent", "customer", "agent"]
    assert [turn["speaker_doubtful"] for turn in shown["turns"]] == [False, True, False, False, False]
    assert (shown["layout"], shown["turns"][1]["speaker_confidence"]) == ("mono", 0.6)
    with scratch.backend.read() as session:
        stored = session.get_one(TranscriptRow, "v-1").document
        assert stored["turns"][0]["speaker"] == "customer", "what was heard stays as it was"
        assert session.get_one(CallRow, "v-1").debtor_speech_ms == 8000, "the other voice is the debtor now"
