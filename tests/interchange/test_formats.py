"""Each published format, told by what is in it and read whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa_service.call import HeardWord, Suspicion, Voice
from qa_service.documents import call_document, parse_call
from qa_service.interchange.read import is_transcript
from qa_service.interchange.roles import cast
from qa_service.interchange.said import Format
from qa_service.interchange.text import decoded
from tests.interchange.conftest import AGENT, CUSTOMER, FILES, conversation, of_file, spoken

PLAIN_CALL = [
    (CUSTOMER, 300, 900, "喂，你好。"),
    (AGENT, 1200, 3900, "您好，请问是王先生本人吗？"),
    (CUSTOMER, 4300, 4900, "是我。"),
    (AGENT, 5200, 9100, "我是诚达资产的工号一零二，通话有录音。"),
]
FUNASR_CALL = [
    (CUSTOMER, 300, 880, "喂，你好。"),
    (AGENT, 1500, 3680, "您好，请问是王先生本人吗？"),
    (CUSTOMER, 4300, 5280, "是我，你哪位？"),
    (AGENT, 6500, 9880, "我是诚达资产的工号一零二，通话有录音。"),
]
CALLS = {
    "aliyun_plain.json": (Format.ALIYUN, PLAIN_CALL),
    "aliyun_review.json": (Format.ALIYUN, PLAIN_CALL),
    "aliyun_task.json": (Format.ALIYUN, PLAIN_CALL),
    "aliyun_tickets.json": (Format.ALIYUN, PLAIN_CALL),
    "aws_call_analytics.json": (
        Format.AWS,
        [
            (CUSTOMER, 320, 950, "喂，你好。"),
            (AGENT, 1200, 3510, "您好，请问是王先生本人吗？"),
            (CUSTOMER, 4300, 4720, "是我。"),
            (AGENT, 5200, 8770, "我是诚达资产的工号一零二，通话有录音。"),
        ],
    ),
    "funasr_speakers.json": (Format.FUNASR, FUNASR_CALL),
    "funasr_text.json": (Format.FUNASR, FUNASR_CALL),
    "roles.srt": (Format.SUBTITLES, PLAIN_CALL),
    "turns.csv": (
        Format.TABLE,
        [*PLAIN_CALL[:3], (AGENT, 5200, 9100, "我是诚达资产的工号一零二, 通话有录音。")],
    ),
    "voices.vtt": (
        Format.SUBTITLES,
        [
            PLAIN_CALL[0],
            (AGENT, 1200, 4206, "您好，请问是王先生本人吗？"),
            (CUSTOMER, 4206, 4900, "是我。"),
            (AGENT, 5200, 9100, "我是诚达资产的工号一零二 & 通话有录音。"),
        ],
    ),
    "whisperx.srt": (
        Format.SUBTITLES,
        [
            (CUSTOMER, 300, 900, "喂你好"),
            (AGENT, 1200, 3900, "您好请问是王先生本人吗"),
            (CUSTOMER, 4300, 4900, "是我你哪位"),
            (AGENT, 5200, 9100, "我是诚达资产的工号一零二通话有录音"),
        ],
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_as_the_format_writes_it(name: str) -> None:
    (only,) = of_file(name)
    assert only.format is CALLS[name][0]
    assert spoken(cast(only, {}).turns) == CALLS[name][1]


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_every_published_key_is_known_and_the_call_survives_our_own_json(path: Path) -> None:
    bare = parse_call({"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"})
    for one in of_file(path.name):
        assert one.unknown == ()
        call = replace(bare, turns=cast(one, {}).turns)
        assert parse_call(json.loads(json.dumps(call_document(call)))) == call


def test_words_keep_time_score_and_place_and_the_text_is_simplified() -> None:
    (only,) = of_file("whisperx.json")
    turns = cast(only, {}).turns
    assert turns[1].text == "您好请问是王先生本人吗"
    assert turns[1].words[0] == HeardWord(start=0, end=1, start_ms=1500, end_ms=1700, probability=0.95)
    assert all(turn.text[word.start : word.end].strip() for turn in turns for word in turn.words)
    assert turns[1].confidence == 0.895
    debt = next(turn for turn in turns if "46" in turn.text)
    assert "46" not in {debt.text[word.start : word.end] for word in debt.words}, "what was not aligned has no time"


@pytest.mark.parametrize("name", ["funasr_speakers.json", "funasr_text.json", "funasr_server.json"])
def test_funasr_tells_when_each_character_was_said_but_not_how_surely(name: str) -> None:
    (only,) = of_file(name)
    second = cast(only, {}).turns[1]
    assert second.words[2] == HeardWord(
        start=second.text.index("请"), end=second.text.index("请") + 1, start_ms=1900, end_ms=2080, probability=None
    )
    assert second.confidence is None


def test_times_that_do_not_match_the_text_are_left_out() -> None:
    sentence = {"text": "您好，王先生", "start": 0, "end": 900, "timestamp": [[0, 100]]}
    assert conversation(json.dumps([{"text": "x", "sentence_info": [sentence]}])).utterances[0].words == ()


def test_two_voices_of_a_file_are_voices_that_a_person_can_name() -> None:
    (only,) = of_file("whisperx.json")
    turns = cast(only, {}).turns
    assert {(turn.speaker, turn.voice) for turn in turns} == {(CUSTOMER, Voice.FIRST), (AGENT, Voice.SECOND)}
    assert all(turn.speaker_doubtful and turn.speaker_confidence for turn in turns)


def test_a_segment_is_cut_where_its_words_change_the_speaker() -> None:
    def word(text: str, start: float, speaker: str) -> dict[str, object]:
        return {"word": text, "start": start, "end": start + 0.1, "score": 0.9, "speaker": speaker}

    words = [word(c, i * 0.2, "SPEAKER_00" if i < 3 else "SPEAKER_01") for i, c in enumerate("您好吗我很好")]
    segment = {"start": 0, "end": 1.3, "text": "您好吗我很好", "speaker": "SPEAKER_00", "words": words}
    said = conversation(json.dumps({"segments": [segment]})).utterances
    assert [(one.label, one.text, one.start_ms) for one in said] == [
        ("SPEAKER_00", "您好吗", 0),
        ("SPEAKER_01", "我很好", 600),
    ]
    words[2]["speaker"] = "SPEAKER_01"
    words[3]["speaker"] = words[4]["speaker"] = words[5]["speaker"] = "SPEAKER_00"
    said = conversation(json.dumps({"segments": [segment]})).utterances
    assert [one.label for one in said] == ["SPEAKER_00"], "one word alone is a flicker"


@pytest.mark.parametrize(
    ("text", "suspicion"),
    [
        ("谢谢观看", Suspicion.INVENTED_PHRASE),
        ("我没钱" * 12, Suspicion.LOOP),
        ("谢谢您的理解", None),
        ("我没钱我没钱", None),
    ],
)
def test_what_whisper_makes_up_is_doubted_here_too(text: str, suspicion: Suspicion | None) -> None:
    segments = [
        {"start": 0, "end": 9, "text": text, "speaker": "坐席"},
        {"start": 9, "end": 10, "text": "好", "speaker": "坐席"},
    ]
    first, *rest = cast(conversation(json.dumps({"segments": segments})), {}).turns
    assert first.suspicions == ((suspicion,) if suspicion else ())
    assert len(rest) == (1 if suspicion else 0), "doubt does not spread"
    (typed,) = cast(conversation(f"speaker,start,text\nagent,1,{text}\n"), {}).turns
    assert typed.suspicions == ()


def test_a_page_of_results_is_several_calls_with_their_data() -> None:
    first, second = of_file("aliyun_get_result.json")
    assert first.call["callid"] == "sca-0007"
    assert second.call == {
        "callid": "sca-0008",
        "calltime": "2026-03-12 14:20:00",
        "callernumber": "02161000000",
        "calleenumber": "13900139000",
        "agent_id": "A102",
        "team": "T3",
        "direction": "outbound",
    }


def test_rows_of_several_calls_are_told_apart_by_their_column() -> None:
    first, second = of_file("calls.csv")
    assert [one.text for one in second.utterances] == ["您好，这里是诚达资产。", "打错了。"]
    assert first.call == {"通话ID": "c-0007", "坐席工号": "A102", "通话开始时间": "2026-03-12 14:05:00"}


@pytest.mark.parametrize(
    ("times", "start_ms", "end_ms"),
    [
        ("start,end\n1.5,3.25", 1500, 3250),
        ("start_ms,end_ms\n1500,3250", 1500, 3250),
        ("开始(毫秒),结束(毫秒)\n1500,3250", 1500, 3250),
        ("开始（秒）,结束（秒）\n1,3", 1000, 3000),
        ("start,end\n1500,3250", 1500, 3250),
        ("start,end\n1,3", 1000, 3000),
        ("开始时间,结束时间\n00:00:01.5,00:00:03.25", 1500, 3250),
        ("开始,结束\n0:01,0:03", 1000, 3000),
        ('start,end\n"00:00:01,500","00:00:03,250"', 1500, 3250),
        ("start\n2", 2000, 2000 + 13 * 200),
    ],
)
def test_times_of_a_table_in_their_spellings(times: str, start_ms: int, end_ms: int) -> None:
    header, row = times.split("\n")
    (one,) = conversation(f"{header},speaker,text\n{row},agent,您好请问是王先生本人吗对吧").utterances
    assert (one.start_ms, one.end_ms) == (start_ms, end_ms)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_in_any_encoding_and_with_any_delimiter(encoding: str, delimiter: str) -> None:
    text = delimiter.join(("角色", "开始", "结束", "内容")) + "\n" + delimiter.join(("客服", "0.5", "2.0", "您好请问"))
    (one,) = conversation(decoded(text.encode(encoding))).utterances
    assert (one.label, one.text) == ("客服", "您好请问")


@pytest.mark.parametrize(
    "text",
    [
        '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "turns": []}',
        '{"call_id": "c-1", "segments": []}',
        "call_id,started_at,turns\n",
        "流水号,开始时间,通话时长\n",
        "[]",
        "{}",
        '{"results": {"transcripts": []}}',
        "这里什么都没有",
        "内容\n你好",
        "1 --> 2",
    ],
)
def test_what_is_no_transcript_is_not_taken_for_one(text: str) -> None:
    assert not is_transcript(text)
