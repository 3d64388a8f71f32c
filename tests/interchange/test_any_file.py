"""Whatever becomes of a file on its way here: it is read whole or refused in a sentence, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.errors import InputRefused
from qa_service.interchange.dialler import CallLog
from qa_service.interchange.pseudonyms import Pseudonyms
from qa_service.interchange.read import read_transcript
from qa_service.interchange.roles import cast
from qa_service.interchange.said import MAX_TURNS, Conversation
from qa_service.interchange.text import decoded
from tests.interchange.conftest import FILES
from tests.interchange.test_dialler import LOG

NAMES = sorted(path.name for path in FILES.iterdir())
JSON_NAMES = [name for name in NAMES if name.endswith(".json")]
ODD = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        1e308,
        float("nan"),
        float("inf"),
        10**30,
        "",
        "x",
        "\0",
        "nan",
        "-1",
        [],
        {},
        [[]],
        {"a": 1},
        "您" * 99,
    ]
)
few = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def read_all(raw: bytes) -> None:
    """Read it to the end; anything but a refusal is a failure of the test."""
    for one in read_transcript(decoded(raw), "t") or ():
        if isinstance(one, Conversation):
            turns = cast(one, {}).turns
            assert 0 < len(turns) <= MAX_TURNS
            assert all(0 <= turn.start_ms <= turn.end_ms for turn in turns)
            assert all(word.probability is None or 0 <= word.probability <= 1 for turn in turns for word in turn.words)
            LOG.read(one.call, "t")
        else:
            assert str(one).endswith("。")


@pytest.mark.parametrize("name", NAMES)
@few
@given(data=st.data())
def test_cut_overwritten_and_repeated(name: str, data: st.DataObject) -> None:
    raw = bytearray((FILES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(["cut", "write", "double", "drop"])):
            case "cut":
                raw = raw[: at + 1]
            case "write":
                raw[at : at + 3] = data.draw(st.binary(min_size=1, max_size=3))
            case "double":
                raw = raw[:at] + raw[at : at + 200] * 2 + raw[at + 200 :]
            case "drop":
                del raw[at : at + 20]
        raw = raw or bytearray(b"{")
    try:
        read_all(bytes(raw))
    except InputRefused as error:
        assert str(error).endswith("。")


@pytest.mark.parametrize("name", JSON_NAMES)
@few
@given(data=st.data())
def test_any_value_in_any_place(name: str, data: st.DataObject) -> None:
    document = json.loads((FILES / name).read_text("utf-8"))
    put = data.draw(st.sampled_from(list(_places(document))))
    put(data.draw(ODD))
    try:
        read_all(json.dumps(document).encode())
    except InputRefused as error:
        assert str(error).endswith("。")


def _places(value: Any) -> list[Callable[[Any], None]]:
    """What puts a value in each place of a document, one for each path that is not a mere repetition."""
    found: list[Callable[[Any], None]] = []
    keys = value.keys() if isinstance(value, dict) else range(min(len(value), 2)) if isinstance(value, list) else ()
    for key in keys:
        found.append(lambda new, key=key: value.__setitem__(key, new))  # type: ignore[misc]
        found.extend(_places(value[key]))
    return found


@few
@given(
    row=st.dictionaries(
        st.sampled_from(
            ["流水号", "呼叫时间", "接通时间", "通话时长", "被叫", "呼叫方向", "接通状态", "身份证", "日期", "备注"]
        ),
        st.text(max_size=30)
        | st.sampled_from(["2026/3/12 14:05", "0.5", "1e9", "99:99:99", "99999999999999", "138****0000"]),
    )
)
def test_any_row_of_a_call_log(row: dict[str, str]) -> None:
    try:
        CallLog(pseudonyms=Pseudonyms(b"k" * 32), zone=LOG.zone).read(row, "t")
    except InputRefused as error:
        assert str(error).startswith("t 的 ")
