"""Sentences that the other side breaks with a 嗯: read as one, each piece quoted; what is not broken stays apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue import call_of

from qa_service.call import Call, Suspicion
from qa_service.judgement import By, Category, DisclosureStatus
from qa_service.pipeline import Judge
from qa_service.reading import Reader

OPENING = ("坐席：您好，请问是张伟先生吗？", "客户：是我。")
BROKEN = [
    ("a hum", ["坐席：你今天不还，我就闹到", "客户：嗯。", "坐席：你们单位去。"], ["闹到", "你们单位"]),
    ("a yes", ["坐席：你今天不还，我就闹到", "客户：好的。", "坐席：你们单位去。"], ["闹到", "你们单位"]),
    ("nothing between", ["坐席：你今天不还，我就闹到", "坐席：你们单位去。"], ["闹到", "你们单位"]),
    ("a dash", ["坐席：你今天不还，我就闹到——", "客户：你说。", "坐席：你们单位去。"], ["闹到", "你们单位"]),
    ("dots", ["坐席：你今天不还，我就闹到……", "客户：嗯嗯。", "坐席：你们单位去。"], ["闹到", "你们单位"]),
    ("a filler at the joint", ["坐席：我就闹到呃", "客户：嗯。", "坐席：呃你们单位去。"], ["闹到", "你们单位"]),
    ("in one piece after all", ["坐席：你要是不还", "客户：嗯。", "坐席：我就闹到你们单位去。"], ["闹到你们单位"]),
]
NOT_BROKEN = [
    ("a finished sentence", ["坐席：这事会闹到。", "客户：嗯。", "坐席：你们单位在哪？"]),
    ("a question", ["坐席：你要闹到吗？", "客户：嗯。", "坐席：你们单位在哪？"]),
    ("a final particle", ["坐席：别把事情闹到了吧", "客户：嗯。", "坐席：你们单位在哪"]),
    ("a real answer", ["坐席：你今天不还，我就闹到", "客户：我下午就还。", "坐席：你们单位发工资了吧。"]),
    ("a question back", ["坐席：你今天不还，我就闹到", "客户：是吗？", "坐席：你们单位发工资了吧。"]),
    ("a clause that ended", ["坐席：这事别再闹到，", "客户：嗯。", "坐席：你们单位发工资了吧。"]),
    ("denied in the piece before", ["坐席：我们绝不会", "客户：嗯。", "坐席：闹到你们单位去的。"]),
    ("denied across the joint", ["坐席：我们不会", "客户：嗯。", "坐席：闹到", "客户：好。", "坐席：你们单位去。"]),
    ("another voice answers", ["坐席：我就闹到", "客户：嗯。", "坐席：喂，你们单位去。"]),
    ("the pieces are of two speakers", ["坐席：我就闹到", "客户：你们单位去。"]),
]


def quotes(judge: Judge, call: Call) -> list[list[str]]:
    threats = [f for f in judge.judge(call).analysis.findings if (f.category, f.by) == (Category.THREAT, By.PATTERN)]
    return [[quote.text for quote in found.quotes] for found in threats]


@pytest.mark.parametrize(("lines", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_sentence_is_found_and_each_piece_quoted(judge: Judge, lines: list[str], expected: list[str]) -> None:
    assert quotes(judge, call_of(*lines)) == [expected]


@pytest.mark.parametrize("lines", [case[1] for case in NOT_BROKEN], ids=[case[0] for case in NOT_BROKEN])
def test_what_is_not_one_sentence_is_not_read_as_one(judge: Judge, lines: list[str]) -> None:
    assert quotes(judge, call_of(*lines)) == []


def test_the_quotes_are_the_words_of_their_turns(judge: Judge) -> None:
    call = call_of("坐席：您今天不还，我就闹到呢", "客户：嗯。", "坐席：那个，您们单位去。")
    findings = judge.judge(replace(call, turns=call.turns)).analysis.findings
    for finding in findings:
        for quote in finding.quotes:
            assert call.turns[quote.turn].text[quote.start : quote.end] == quote.text


def test_an_engine_s_full_stop_in_the_middle_is_no_end(judge: Judge) -> None:
    call = call_of("坐席：你今天不还，我就闹到。", "客户：嗯。", "坐席：你们单位去。")
    heard = tuple(replace(turn, confidence=0.95) for turn in call.turns)
    assert quotes(judge, call) == []
    assert quotes(judge, replace(call, turns=heard)) == [["闹到", "你们单位"]]


@pytest.mark.parametrize(("hums", "joined"), [(1, True), (2, True), (3, False)])
def test_the_other_side_may_hum_twice(judge: Judge, hums: int, *, joined: bool) -> None:
    call = call_of("坐席：你今天不还，我就闹到", *["客户：嗯。"] * hums, "坐席：你们单位去。")
    quick = [replace(turn, start_ms=n * 1000, end_ms=n * 1000 + 900) for n, turn in enumerate(call.turns)]
    assert bool(quotes(judge, replace(call, turns=tuple(quick)))) is joined


def test_pieces_far_apart_are_two_sentences(judge: Judge) -> None:
    call = call_of("坐席：你今天不还，我就闹到", "客户：嗯。", "坐席：你们单位去。")
    late = replace(call.turns[2], start_ms=40_000, end_ms=42_000)
    assert quotes(judge, replace(call, turns=(*call.turns[:2], late))) == []


def test_suspect_text_joins_nothing(judge: Judge) -> None:
    call = call_of("坐席：你今天不还，我就闹到", "客户：嗯。", "坐席：你们单位去。")
    doubtful = replace(call.turns[2], suspicions=(Suspicion.INVENTED_PHRASE,))
    assert quotes(judge, replace(call, turns=(*call.turns[:2], doubtful))) == []


def test_a_hit_within_one_piece_keeps_its_single_quote(judge: Judge) -> None:
    call = call_of("坐席：我就闹到你们单位去，让", "客户：嗯。", "坐席：大家都看看。")
    assert [found[0] for found in quotes(judge, call)] == ["闹到你们单位"]


def test_a_broken_notice_of_recording_counts_where_it_ends(judge: Judge) -> None:
    call = call_of(*OPENING, "坐席：我是诚达资产的，本次通话", "客户：嗯。", "坐席：有录音，您的贷款逾期了。")
    recording = judge.judge(call).analysis.disclosures.recording
    assert recording.status is DisclosureStatus.OK
    assert recording.quote is not None
    assert recording.quote.turn == 4


def test_a_broken_introduction_names_the_house(judge: Judge) -> None:
    call = call_of(*OPENING, "坐席：我是诚达", "客户：嗯。", "坐席：资产的李明，您的贷款逾期了。")
    said = judge.judge(call).analysis.disclosures
    assert (said.agent.status, said.company.status) == (DisclosureStatus.OK, DisclosureStatus.OK)


def test_only_broken_sentences_are_read_twice(reader: Reader) -> None:
    call = call_of(
        *OPENING, "坐席：您的贷款逾期了。", "客户：嗯。", "坐席：您看什么时候能还？", "客户：好。", "坐席：再见。"
    )
    assert reader.read(call).passages == ()
