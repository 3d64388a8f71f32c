"""Several people at once: one of them gets it, the others are told so."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

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
