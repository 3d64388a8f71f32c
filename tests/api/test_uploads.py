"""Uploads on hostile ground: names that lie, files of both sides, and nothing left behind whatever happens."""

from __future__ import annotations

import errno
import json
import os
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.submission import LONGEST_NAME, shown_name
from qa_service.actions import intake
from qa_service.actions.housekeeping import KEEP_INCOMING, clear_incoming

AGENT, CUSTOMER = b"RIFF the agent's side", b"RIFF the customer's side"
TRICKS = [
    "../../x.wav",
    "..\\..\\x.wav",
    "/etc/passwd",
    "C:\\Windows\\x.wav",
    "a\0b.wav",
    "\u202egnp.wav",
    "x" * 4000 + ".wav",
    "concat:a|b",
    "http://a.example/x.m3u8",
    ".",
    "..",
    "13800138000.wav",
]


def form(call_id: str, **more: Any) -> dict[str, str]:
    return {"call": json.dumps({"call_id": call_id, "started_at": "2026-03-12T14:05:00+08:00", **more})}


def files_below(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "sqlite" not in path.name}


@pytest.mark.parametrize("name", TRICKS, ids=ascii)
def test_a_senders_file_name_is_kept_nowhere(house: Any, name: str) -> None:
    folder = house.backend.settings.data_dir
    before, number = files_below(folder), TRICKS.index(name)
    sound = f"RIFF {number}".encode()
    answer = house.post("admin", "/api/v1/calls", data=form(f"u-{number}"), files={"recording": (name, sound)})
    assert answer.status_code == 202
    (kept,) = files_below(folder) - before
    assert kept.parts[0] == "recordings" and kept.suffix == ".audio" and len(kept.stem) == 64
    assert (folder / kept).read_bytes() == sound
    assert list((folder / "incoming").iterdir()) == []
    told = house.get("qa", f"/api/v1/calls/u-{number}").json()
    assert told["call"]["recording"]["path"] == f"u-{number}.audio"


@pytest.mark.parametrize("name", TRICKS, ids=ascii)
def test_a_refusal_names_the_file_in_a_form_fit_to_be_shown(house: Any, name: str) -> None:
    answer = house.post("admin", "/api/v1/calls", data=form("u-empty"), files={"recording": (name, b"")})
    assert answer.status_code == 422
    said = answer.json()["detail"]
    assert "空" in said and len(said) < 120
    assert not any(unicodedata.category(character)[0] == "C" for character in said)
    assert "/" not in said and "\\" not in said
    assert list((house.backend.settings.data_dir / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("录音 7.wav", "录音 7.wav"),
        ("../../录音.wav", "录音.wav"),
        ("a\nb\tc.wav", "abc.wav"),
        ("\u202e\u2066vaw.exe", "vaw.exe"),
        ("  a   b.wav ", "a b.wav"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
        ("x" * (LONGEST_NAME + 1), "x" * (LONGEST_NAME - 1) + "…"),
        ("folder/", "（未命名）"),
        ("\0", "（未命名）"),
        (None, "（未命名）"),
    ],
    ids=ascii,
)
def test_what_is_shown_of_a_name(name: str | None, shown: str) -> None:
    assert shown_name(name) == shown


def test_odd_part_names_are_cleaned_too(house: Any) -> None:
    files = {"\u202esound" + "x" * 500: ("a.wav", b"x")}
    said = house.post("admin", "/api/v1/calls", data=form("u-odd"), files=files).json()["detail"]
    assert "\u202e" not in said and len(said) < 200


def test_a_full_disk_is_said_and_the_call_can_be_sent_again(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    files = {"recording": ("a.wav", AGENT)}
    with monkeypatch.context() as patched:
        patched.setattr(intake, "store_recording", full)
        answer = house.post("admin", "/api/v1/calls", data=form("u-full"), files=files)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/storage-unavailable")
    assert "磁盘已满" in answer.json()["detail"]
    assert house.post("admin", "/api/v1/calls", data=form("u-full"), files=files).status_code == 202


def test_a_call_recorded_one_file_per_side_is_heard_side_by_side(house: Any) -> None:
    both = {"recording": ("a.wav", AGENT), "other_side": ("b.wav", CUSTOMER)}
    sides = {"path": "a.wav", "other_side": "b.wav"}
    answer = house.post("admin", "/api/v1/calls", data=form("u-sides", recording=sides), files=both)
    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    audio = "/api/v1/calls/u-sides/audio"
    heard = [house.get("qa", audio, params=params) for params in ({}, {"side": "agent"}, {"side": "customer"})]
    assert [answer.content for answer in heard] == [AGENT, AGENT, CUSTOMER]
    assert heard[0].headers["etag"] != heard[2].headers["etag"]
    again = house.post("admin", "/api/v1/calls", data=form("u-sides", recording=sides), files=both)
    assert (again.status_code, again.json()["already_known"]) == (200, True)
    exchanged = {"recording": ("a.wav", CUSTOMER), "other_side": ("b.wav", AGENT)}
    assert house.post("admin", "/api/v1/calls", data=form("u-sides"), files=exchanged).status_code == 409


def test_a_call_with_one_file_has_no_other_side(house: Any) -> None:
    assert house.get("qa", "/api/v1/calls/c-mine/audio", params={"side": "customer"}).status_code == 404
    assert house.get("qa", "/api/v1/calls/c-mine/audio", params={"side": "both"}).status_code == 422


@pytest.mark.parametrize(
    ("call", "files", "says"),
    [
        ({"recording": {"path": "a", "other_side": "b"}}, {"recording": ("a", AGENT)}, "other_side"),
        ({}, {"recording": ("a", AGENT), "other_side": ("b", AGENT)}, "同一个文件"),
        ({}, {"recording": ("a", AGENT), "other_side": ("b", b"")}, "空"),
        ({"recording": {"path": "a", "line": "nowhere"}}, {"recording": ("a", AGENT)}, "nowhere"),
        (
            {"recording": {"path": "a", "other_side": "b", "other_side_sha256": "0" * 64}},
            {"recording": ("a", AGENT), "other_side": ("b", CUSTOMER)},
            "客户侧录音与所给 sha256",
        ),
    ],
    ids=["one-side-missing", "one-file-twice", "one-side-empty", "unknown-line", "other-sha256"],
)
def test_sides_and_lines_that_cannot_be(house: Any, call: Any, files: Any, says: str) -> None:
    answer = house.post("admin", "/api/v1/calls", data=form("u-refused", **call), files=files)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert house.get("qa", "/api/v1/calls/u-refused").status_code == 404
    assert list((house.backend.settings.data_dir / "incoming").iterdir()) == []


def test_a_recording_that_follows_its_dialler_record(house: Any) -> None:
    start = {"call_id": "u-late", "started_at": "2026-03-12T14:05:00+08:00", "agent_id": "A101", "billed_seconds": 30}
    assert house.post("admin", "/api/v1/calls", json=start).json()["state"] == "recorded"
    late = house.post("admin", "/api/v1/calls", data=form("u-late"), files={"recording": ("a", b"RIFF late")})
    assert (late.status_code, late.json()["state"], late.json()["already_known"]) == (202, "received", False)
    assert house.post("admin", "/api/v1/calls", json=start).json()["already_known"] is True
    moves = house.get("qa", "/api/v1/calls/u-late").json()["moves"]
    assert [(move["state"], move["reason"]) for move in moves] == [
        ("recorded", None),
        ("received", "补充：recording。"),
    ]


def test_what_a_killed_process_left_is_swept_and_nothing_else(scratch: Any) -> None:
    data_dir = scratch.backend.settings.data_dir
    kept = files_below(data_dir / "recordings")
    (data_dir / "incoming" / "abc").mkdir(parents=True)
    (data_dir / "incoming" / "abc" / "def").write_bytes(b"half an upload")
    (data_dir / "recordings" / "incoming-xyz").write_bytes(b"half a copy")
    now = datetime.now(UTC)
    assert clear_incoming(scratch.backend, now=now) == 0, "an upload may be under way"
    assert clear_incoming(scratch.backend, now=now + KEEP_INCOMING + timedelta(seconds=1)) == 2
    assert list((data_dir / "incoming").iterdir()) == []
    assert files_below(data_dir / "recordings") == kept


def test_a_request_that_fails_in_the_middle_leaves_nothing(scratch: Any) -> None:
    data_dir = scratch.backend.settings.data_dir
    kept = files_below(data_dir)
    with scratch.backend.write() as session:
        session.execute(text("DROP TABLE outbox"))
    answer = scratch.post("admin", "/api/v1/calls", data=form("u-failed"), files={"recording": ("a", b"RIFF fail")})
    assert answer.status_code >= 500
    assert list((data_dir / "incoming").iterdir()) == []
    (left,) = files_below(data_dir) - kept
    assert left.parts[0] == "recordings", "content that a second attempt finds already there"
