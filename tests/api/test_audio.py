"""Listening: whole or in part, and never unseen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from qa_service.storage.tables import AccessLogRow

AUDIO = "/api/v1/calls/c-mine/audio"


def journal(house: Any) -> list[tuple[str, str, str | None, bool]]:
    with house.backend.read() as session:
        rows = session.scalars(select(AccessLogRow).order_by(AccessLogRow.id))
        return [(row.actor, row.action, row.call_id, row.granted) for row in rows]


def test_the_recording_comes_whole_and_is_not_to_be_kept_by_caches(house: Any) -> None:
    answer = house.get("agent", AUDIO)
    assert answer.content[:4] == b"RIFF"
    assert answer.headers["content-type"] == "audio/wav"
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "length"),
    [("bytes=0-3", 4), ("bytes=10-10", 1), ("bytes=-4", 4), ("bytes=0-99999999", 16044), ("bytes=40-", 16004)],
)
def test_a_part_can_be_asked_for(house: Any, asked: str, length: int) -> None:
    answer = house.get("qa", AUDIO, headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (206, length)


@pytest.mark.parametrize(
    "asked",
    ["bytes=99999999-", "bytes=x-y", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=", "lines=1-2", "bytes=1-2-3", "x"],
)
def test_a_part_that_is_not_there_is_a_problem_that_tells_the_size(house: Any, asked: str) -> None:
    answer = house.get("qa", AUDIO, headers={"Range": asked})
    assert (answer.status_code, answer.json()["type"]) == (416, "/problems/range-not-satisfiable")
    assert answer.headers["content-range"] == "bytes */16044"


def test_a_stale_part_is_answered_with_the_whole(house: Any) -> None:
    answer = house.get("qa", AUDIO, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert (answer.status_code, len(answer.content)) == (200, 16044)


def test_each_listening_is_journalled_with_ids_alone(scratch: Any) -> None:
    scratch.get("agent", AUDIO)
    scratch.get("qa", AUDIO, headers={"Range": "bytes=0-3"})
    assert journal(scratch) == [("agent", "call.listen", "c-mine", True), ("qa", "call.listen", "c-mine", True)]


def test_what_was_not_heard_is_not_journalled_as_heard(scratch: Any) -> None:
    for file in (scratch.backend.settings.data_dir / "recordings").rglob("*.audio"):
        file.unlink()
    assert scratch.get("qa", AUDIO).status_code == 404
    assert scratch.get("agent", "/api/v1/calls/c-other/audio").status_code == 404
    assert journal(scratch) == [("qa", "call.listen", "c-mine", False)]
