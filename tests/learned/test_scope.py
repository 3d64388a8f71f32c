"""Which calls the learned reader speaks of: those in which money is collected, by words or by call data."""

from typing import Any

import pytest

from qa_service.documents import parse_call
from qa_service.learned.scope import is_collection
from qa_service.lexicon import load_rulebook
from qa_service.reading import Reader

READER = Reader(load_rulebook(learned=False))


def collects(*turns: str, **data: Any) -> bool:
    said = [
        {"speaker": "agent" if turn[0] == "坐" else "customer", "start": n * 5, "end": n * 5 + 4, "text": turn[3:]}
        for n, turn in enumerate(turns)
    ]
    call = parse_call({"call_id": "c", "started_at": "2026-03-12T14:05:00+08:00", "turns": said, **data})
    return is_collection(READER.read(call))


TAXI = ("坐席：您好，请问您要去哪里？", "客户：去火车站，微信付款行吗？", "坐席：可以的，已经为您安排了一辆车。")
COLLECTION = [
    pytest.param(("坐席：请问是张伟本人吗？", "客户：是。", "坐席：您的信用卡逾期了，今天能还吗？"), {}, id="a-debt"),
    pytest.param(("坐席：您好，找一下张伟，我是东江银行的。", "客户：他不在家。"), {}, id="the-debtor-is-away"),
    pytest.param(TAXI, {"case": {"overdue_days": 40}}, id="the-call-data-tell-of-a-case"),
    pytest.param(TAXI, {"principal": {"names": ["东江银行"]}}, id="the-call-data-name-a-principal"),
]
OTHER = [
    pytest.param(TAXI, {}, id="a-taxi"),
    pytest.param(("坐席：您的快递到了，放在门口可以吗？", "客户：可以，谢谢。"), {}, id="a-parcel"),
    pytest.param(("坐席：这款手机一共三千二百元。", "客户：能分期吗？"), {}, id="a-price"),
    pytest.param((), {}, id="nothing-said"),
]


@pytest.mark.parametrize(("turns", "data"), COLLECTION)
def test_collection_calls_are_spoken_of(turns: tuple[str, ...], data: dict[str, Any]) -> None:
    assert collects(*turns, **data)


@pytest.mark.parametrize(("turns", "data"), OTHER)
def test_other_calls_are_not(turns: tuple[str, ...], data: dict[str, Any]) -> None:
    assert not collects(*turns, **data)
