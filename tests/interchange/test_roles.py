"""Who is the agent: as the operator says, as the names say, else by what is said, and then marked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa_service.call import Speaker, Voice
from qa_service.interchange.names import role_of
from tests.interchange.conftest import AGENT, CUSTOMER, told

LINES = (
    "喂你好",
    "您好请问是王先生吗我是诚达资产的工号一零二",
    "是我你哪位",
    "您的信用卡逾期了今天能还吗",
    "我没钱下个月再还",
)


def srt(*prefixes: str) -> str:
    cues = [
        f"00:00:{3 * n:02d},000 --> 00:00:{3 * n + 1:02d},000\n{p}{line}"
        for n, (p, line) in enumerate(zip(prefixes, LINES, strict=False))
    ]
    return "\n\n".join(cues)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *(
            (name, AGENT)
            for name in ("坐席", "座席1", "客服A", " Agent ", "AGENT_2", "催收员", "系统", "IVR", "agent:")
        ),
        *((name, CUSTOMER) for name in ("客户", "客户1", "Customer", "债务人", "借款人", "USER 01")),
        *((name, None) for name in ("SPEAKER_00", "A", "张三", "说话人1", "", "客户经理", "1", "坐席客户")),
    ],
)
def test_names_that_say_which_side_they_are(name: str, role: Speaker | None) -> None:
    assert role_of(name) is role


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("客户：", "坐席："),
        ("客户: ", "坐席: "),
        ("Customer: ", "Agent: "),
        ("[客户] ", "[坐席] "),
        ("【客户】", "【客服】"),
        ("（客户）：", "（客服）："),
        ("- 客户：", "- 客服："),
        ("<v 客户>", "<v 客服>"),
        ("<v.loud Customer>", "<v Agent>"),
        ("客户：", "SPEAKER_00: "),
        ("说话人2：", "客服："),
    ],
)
def test_a_prefix_that_names_the_side_is_no_guess(first: str, second: str) -> None:
    cast = told(srt(first, second, first, second, first))
    assert [turn.speaker for turn in cast.turns] == [CUSTOMER, AGENT, CUSTOMER, AGENT, CUSTOMER]
    assert not any(turn.speaker_doubtful or turn.voice for turn in cast.turns)
    assert cast.turns[0].text == LINES[0], "the prefix is not spoken"
    assert cast.notes == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [("[SPEAKER_01]: ", "[SPEAKER_00]: "), ("A：", "B："), ("说话人1：", "说话人2："), ("Speaker 2: ", "Speaker 1: ")],
)
def test_labels_that_say_nothing_are_guessed_by_all_their_words_and_marked(first: str, second: str) -> None:
    cast = told(srt(first, second, first, second, first))
    assert [turn.speaker for turn in cast.turns] == [CUSTOMER, AGENT, CUSTOMER, AGENT, CUSTOMER]
    assert all(turn.speaker_doubtful and (turn.speaker_confidence or 0) >= 0.5 for turn in cast.turns)
    assert [turn.voice for turn in cast.turns[:2]] == [Voice.FIRST, Voice.SECOND]
    (note,) = cast.notes
    assert "存疑" in note
    assert f"--speakers {second.strip('[]:： ')}=agent" in note, "the likelier agent is offered"


def test_the_operators_word_goes_before_names_and_guesses() -> None:
    cast = told(srt("A：", "B：", "A：", "B：", "A："), A=AGENT)
    assert [turn.speaker for turn in cast.turns[:2]] == [AGENT, CUSTOMER], "of two, the other one is the other"
    assert not any(turn.speaker_doubtful for turn in cast.turns)
    assert told(srt("客户：", "坐席："), 客户=AGENT, 坐席=CUSTOMER).turns[0].speaker is AGENT


def test_a_name_of_a_person_is_a_speaker_only_once_the_operator_says_so() -> None:
    text = srt("李华：", "王伟：")
    assert told(text).turns[0].text.startswith("李华：")
    assert [turn.text for turn in told(text, 李华=CUSTOMER, 王伟=AGENT).turns] == list(LINES[:2])


@pytest.mark.parametrize("said", ["注意：今天要还", "我跟你说：别再打了", "https://a.cn/x: y", "10:30 以前还"])
def test_a_colon_in_what_is_said_makes_no_speaker(said: str) -> None:
    turns = told(f"00:00:01,000 --> 00:00:02,000\n坐席：您好\n\n00:00:05,000 --> 00:00:06,000\n{said}").turns
    assert turns[-1].text.replace(" ", "") == said.replace(" ", "")


def test_a_cue_without_a_name_goes_on_for_the_one_before_but_in_doubt() -> None:
    turns = told(srt("客户：", "坐席：", "")).turns
    assert [(turn.speaker, turn.speaker_doubtful) for turn in turns] == [
        (CUSTOMER, False),
        (AGENT, False),
        (AGENT, True),
    ]


def test_without_any_label_every_turn_is_guessed_by_itself() -> None:
    cast = told(srt("", "", "", "", ""))
    assert all(turn.speaker_doubtful and turn.voice is None for turn in cast.turns)
    assert {turn.speaker for turn in cast.turns} == {AGENT, CUSTOMER}
    assert "没有写明说话人" in cast.notes[0]


def test_one_label_for_everybody_is_no_label() -> None:
    turns = told(srt(*["[SPEAKER_00]: "] * 5)).turns
    assert {turn.speaker for turn in turns} == {AGENT, CUSTOMER}


def test_the_houses_announcement_is_the_houses_word() -> None:
    cast = told(srt("客户：", "系统：", "坐席："))
    assert [turn.speaker for turn in cast.turns] == [CUSTOMER, AGENT, AGENT]
    assert "系统播报" in cast.notes[0]


def test_pieces_of_one_breath_are_one_turn_and_those_of_a_table_stay_as_they_are() -> None:
    cut = "00:00:01,000 --> 00:00:02,000\n坐席：你今天不还\n\n00:00:02,300 --> 00:00:03,000\n坐席：我就去你单位"
    assert [turn.text for turn in told(cut).turns] == ["你今天不还，我就去你单位"]
    rows = "speaker,start,end,text\nagent,1,2,你今天不还\nagent,2.3,3,我就去你单位\n"
    assert [turn.text for turn in told(rows).turns] == ["你今天不还", "我就去你单位"]


def test_two_labels_of_a_whole_call_are_told_apart_by_what_is_said() -> None:
    scripts = (Path(__file__).parents[2] / "samples" / "scripts.jsonl").read_text("utf-8").splitlines()
    for line in scripts:
        turns = json.loads(line)["turns"]
        rows = [f"S{turn['speaker'] == 'agent':d},{n},{turn['text']}" for n, turn in enumerate(turns)]
        cast = told("speaker,start,text\n" + "\n".join(rows))
        assert [turn.speaker for turn in cast.turns] == [turn["speaker"] for turn in turns], line[:40]
