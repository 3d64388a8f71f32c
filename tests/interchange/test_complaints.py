"""What is wrong in a file is said with its place, and nothing of it is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qa_service.interchange.read import read_transcript
from qa_service.interchange.roles import cast
from qa_service.interchange.said import Conversation
from tests.interchange.conftest import complaint, conversation


def whisper(**segment: Any) -> str:
    good = {"start": 0, "end": 1, "text": "好的"}
    return json.dumps({"segments": [good, {"start": 1.0, "end": 2.0, "text": "您好"} | segment]})


def aws(**turn: Any) -> str:
    good = {"BeginOffsetMillis": 0, "EndOffsetMillis": 900, "Content": "您好", "ParticipantRole": "AGENT"}
    return json.dumps({"JobStatus": "COMPLETED", "Transcript": [good | turn]})


def aliyun(**line: Any) -> str:
    good = {"Role": "客服", "Words": "您好", "Begin": 0, "End": 900}
    return json.dumps({"Data": {"ResultInfo": [{"AsrResult": {"AsrResult": [good | line]}}]}})


def funasr(**sentence: Any) -> str:
    return json.dumps(
        [{"text": "您好", "sentence_info": [{"text": "您好", "start": 0, "end": 900, "spk": 0} | sentence]}]
    )


def srt(times: str) -> str:
    return f"1\n00:00:00,000 --> 00:00:01,000\n坐席：您好\n\n2\n{times}\n客户：好\n"


def table(row: str) -> str:
    return f"speaker,start,end,text\nagent,0.0,1.0,您好\n{row}\n"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (whisper(start=None), "t 的 segments[1]", "缺少 start"),
        (whisper(start=-0.5), "t 的 segments[1].start", "-0.5"),
        (whisper(end=float("nan")), "t 的 segments[1].end", "NaN"),
        (whisper(end=1e300), "t 的 segments[1].end", "24 小时"),
        (whisper(end="later"), "t 的 segments[1].end", "数字"),
        (whisper(text=["x"]), "t 的 segments[1].text", "文字"),
        (whisper(words={}), "t 的 segments[1].words", "列表"),
        (whisper(words=[{"word": "您", "start": 0, "end": 1, "score": 7}]), "segments[1].words[0].score", "0 到 1"),
        (json.dumps({"segments": [3]}), "t 的 segments[0]", "缺少 start"),
        (json.dumps({"segments": []}), "t：", "没有一句话"),
        (aws(BeginOffsetMillis=-1), "t 的 Transcript[0].BeginOffsetMillis", "-1"),
        (aws(EndOffsetMillis=None), "t 的 Transcript[0]", "缺少 EndOffsetMillis"),
        (
            aws(Items=[{"Content": "您", "BeginOffsetMillis": 0, "EndOffsetMillis": 9, "Confidence": "x"}]),
            "Items[0]",
            "数字",
        ),
        (json.dumps({"JobStatus": "FAILED", "Transcript": []}), "t 的 JobStatus", "FAILED"),
        (aliyun(Begin=True), "t 的 Data.ResultInfo[0].AsrResult.AsrResult[0].Begin", "数字"),
        (aliyun(Words=None), "t 的 Data.ResultInfo[0].AsrResult.AsrResult[0]", "缺少 Words"),
        (json.dumps({"Data": {"ResultInfo": [{"Recording": {}}]}}), "t 的 Data.ResultInfo[0]", "requiredFields"),
        (json.dumps({"Success": False, "Message": "no", "Data": {"ResultInfo": []}}), "t：", "失败（no）"),
        (funasr(end=10**400), "t 的 [0].sentence_info[0].end", "数字"),
        (funasr(start="-1"), "t 的 [0].sentence_info[0].start", "-1"),
        (json.dumps([{"text": "您好。", "timestamp": [[0, 100]]}]), "t 的 [0]", "2 个字词而 timestamp 有 1 对"),
        (json.dumps([{"text": "您好", "timestamp": [[0, 100], [3]]}]), "t 的 [0].timestamp[1]", "[开始, 结束]"),
        (json.dumps({"text": "您好", "timestamp": "x"}), "t 的 timestamp", "[[开始, 结束], …]"),
        (srt("00:00:01,000 -> 00:00:02,000") + "\n00:61:00,000 --> 00:62:00,000\n好\n", "t 第 9 行", "小于 60"),
        (srt("00:00:01 --> soon"), "t 第 6 行", "00:00:01,200"),
        (srt("25:00:01,000 --> 25:00:02,000"), "t 第 6 行", "24 小时"),
        ("WEBVTT\n\nNOTE nothing\n", "t：", "没有一句话"),
        (table("agent,-1,2,好"), "t 第 3 行 的 start", "-1"),
        (table("agent,nan,2,好"), "t 第 3 行 的 start", "nan"),
        (table("agent,,2,好"), "t 第 3 行 的 start", "缺少开始时间"),
        (table("agent,soon,2,好"), "t 第 3 行 的 start", "soon"),
        (table("agent,1,2,好,还有"), "t 第 3 行", "引号"),
        ("speaker,text\nagent,您好\n", "t 第 1 行", "开始"),
        ("speaker,start,text,confidence\nagent,1,您好,120%\n", "t 第 2 行 的 confidence", "0 到 1"),
        ("speaker,start,text\n", "t：", "没有一句话"),
    ],
)
def test_the_place_and_what_to_do(text: str, place: str, says: str) -> None:
    said = complaint(text)
    assert place in said
    assert says in said


def test_of_a_page_of_results_the_good_ones_are_read() -> None:
    lines = [{"Role": "客服", "Words": "您好", "Begin": 0, "End": 900}]
    results = [{"AsrResult": lines}, {"TaskId": "x"}, {"AsrResult": lines}]
    found = read_transcript(json.dumps({"Data": {"ResultInfo": results}}), "t")
    assert [isinstance(one, Exception) for one in found or ()] == [False, True, False]


def test_times_are_put_in_order_and_an_end_before_its_start_is_drawn_to_it() -> None:
    segments = [
        {"start": 5, "end": 4, "text": "后说的"},
        {"start": 1, "end": 2, "text": "先说的"},
        {"start": 3, "end": 3, "text": " "},
    ]
    said = conversation(json.dumps({"segments": segments})).utterances
    assert [(one.text, one.start_ms, one.end_ms) for one in said] == [("先说的", 1000, 2000), ("后说的", 5000, 5000)]


def test_keys_that_the_format_does_not_have_are_named() -> None:
    text = json.dumps({"mood": 1, "segments": [{"start": 0, "end": 1, "text": "好", "colour": 2, "id": 0}]})
    assert conversation(text).unknown == ("mood", "segments.colour")


def test_more_turns_than_a_call_has_and_more_bytes_than_a_transcript_are_refused() -> None:
    many = "speaker,start,text\n" + "".join(f"agent,{i},好\n" for i in range(20_001))
    assert "20000 句" in complaint(many)
    assert "8 MiB" in complaint("speaker,start,text\n" + f"agent,1,{'好' * 1000}\n" * 3000)


@pytest.mark.parametrize("text", ['{"segments": [', '{"segments": [1,]}', "[" * 100_000, '{"a": "\\ud800"}'])
def test_broken_json_is_no_transcript_and_breaks_nothing(text: str) -> None:
    assert read_transcript(text, "t") is None


MUCH = 300_000


@pytest.mark.parametrize(
    "text",
    [
        srt("00:00:01,000 --> 00:00:02,000") + "<a" * MUCH,
        srt("00:00:01,000 --> 00:00:02,000") + "<v a " * MUCH,
        srt("00:00:01,000 --> 00:00:02,000") + "{\\" * MUCH,
        srt("00:00:01,000 --> 00:00:02,000") + "[" * MUCH + "：",
        table("agent,1,2," + "（" * 100_000),
        whisper(speaker="1" * MUCH + "x"),
        whisper(text="我" * MUCH),
        whisper(text=" " * MUCH + "好"),
        funasr(text="<|" * MUCH),
    ],
    ids=["tags", "voices", "styles", "brackets", "cells", "labels", "loops", "spaces", "funasr-tags"],
)
def test_much_of_anything_takes_no_longer_than_much(text: str) -> None:
    for one in read_transcript(text, "t") or ():
        assert isinstance(one, Conversation)
        assert cast(one, {}).turns


@pytest.mark.parametrize(
    "text",
    [
        funasr(spk=0).replace('"spk": 0', '"spk": ' + "9" * 5000),
        json.dumps({"text": "您好", "timestamp": "[" * MUCH}),
        "（" * 100_000 + ",speaker,start,text\n",
        "x" * 200_000 + ",speaker,start,text\nagent,1,2,好\n",
    ],
    ids=["digits", "brackets", "headings", "cells"],
)
def test_absurd_values_are_refused_or_no_transcript(text: str) -> None:
    for one in read_transcript(text, "t") or ():
        assert not isinstance(one, Conversation)
