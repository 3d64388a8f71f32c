"""Several people at once: one of them gets it, the others are told so."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from qa_service.states import Stage
from qa_service.storage.tables import StageTaskRow, VoiceRoleRow
from tests.api.conftest import call_json


def test_one_of_many_claims_the_item(house: Any) -> None:
    path = f"/api/v1/review-items/{house.items['c-mine']}/claim"
    with ThreadPoolExecutor(6) as pool:
        people = ("qa", "other_qa", "qa_lead") * 2
        answers = list(pool.map(lambda who: (who, house.post(who, path).status_code), people))
    holders = {who for who, status in answers if status == 200}
    assert len(holders) == 1
    assert {status for _, status in answers} <= {200, 409}


def test_the_same_call_sent_by_many_is_taken_in_once(house: Any) -> None:
    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(lambda _: house.post("admin", "/api/v1/calls", json=call_json("r-1")), range(6)))
    assert Counter(answer.status_code for answer in sent) == {202: 1, 200: 5}
    assert len(house.get("qa", "/api/v1/calls/r-1").json()["moves"]) == 2


def test_of_two_different_calls_of_one_name_one_is_taken_in(house: Any) -> None:
    with ThreadPoolExecutor(2) as pool:
        bodies = [call_json("r-2", agent=agent) for agent in ("A101", "A102")]
        sent = list(pool.map(lambda body: house.post("admin", "/api/v1/calls", json=body), bodies))
    assert sorted(answer.status_code for answer in sent) == [202, 409]


def test_of_many_who_say_the_same_of_a_voice_one_changes_something(house: Any) -> None:
    assert house.post("admin", "/api/v1/calls", json=call_json("r-3")).status_code == 202
    body = {"voice": "left", "speaker": "customer"}
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(lambda _: house.post("qa", "/api/v1/calls/r-3/voices", json=body), range(6)))
    assert Counter(answer.status_code for answer in said) == {202: 1, 200: 5}


def test_many_who_contradict_each_other_end_with_one_word(house: Any) -> None:
    assert house.post("admin", "/api/v1/calls", json=call_json("r-4")).status_code == 202
    bodies = [{"voice": "left", "speaker": speaker} for speaker in ("agent", "customer")] * 4
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda body: house.post("qa", "/api/v1/calls/r-4/voices", json=body), bodies))
    assert {answer.status_code for answer in said} <= {200, 202}
    with house.backend.read() as session:
        words = session.scalars(
            select(VoiceRoleRow).where(VoiceRoleRow.call_id == "r-4").order_by(VoiceRoleRow.id)
        ).all()
        task = session.get_one(StageTaskRow, ("r-4", Stage.JUDGE))
    assert len(words) == sum(answer.status_code == 202 for answer in said)
    assert task.token == 1 + len(words), "handed out again for each change"
    assert all(one.speaker is not other.speaker for one, other in pairwise(words))
    shown = house.get("qa", "/api/v1/calls/r-4/transcript").json()["voices"]["roles"]
    assert shown["left"] == words[-1].speaker
