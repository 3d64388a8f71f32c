"""The engine's spelling becomes ours."""

from __future__ import annotations

import pytest

from qa_service.transcription.wording import clean, clean_words, joined


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("您好，請問是張偉先生嗎", "您好，请问是张伟先生吗"),
        ("我 在 路上 ，等 我 一下 。", "我在路上，等我一下。"),
        ("用 App 还款", "用App还款"),
        ("Thank you very much", "Thank you very much"),
        ("還 1000 塊", "还1000块"),
        ("還剩 10 20 兩筆", "还剩10 20两笔"),
        ("我等著您，您跟著說", "我等着您，您跟着说"),
        ("著名的顯著的著作", "著名的显著的著作"),
        ("說甚麼", "说什么"),
        ("甚至於", "甚至于"),
        ("王\ufffd晓\x08", "王晓"),
        ("  ", ""),
        ("\u3000好\u3000的", "好的"),
    ],
    ids=range(13),
)
def test_clean(written: str, read: str) -> None:
    assert clean(written) == read


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["您", "好", "，", "請", "問"], ["您", "好", "，", "请", "问"]),
        ([" 您", " 好", " ，", "我 在 "], ["您", "好", "，", "我在"]),
        (["用", " App", " 还", "款"], ["用", "App", "还", "款"]),
        (["Thank", " you", "  very", " much "], ["Thank", " you", " very", " much"]),
        (["甚", "麼", "，等", "著"], ["什", "么", "，等", "着"]),
        (["王", "\ufffd", "\x08", "晓"], ["王", "", "", "晓"]),
        ([" ", "\u3000好", " "], ["", "好", ""]),
        (["10 ", " 20", " 笔"], ["10 ", "20", "笔"]),
        ([], []),
    ],
    ids=["traditional", "spaces", "latin", "english", "folded", "no-text", "blank", "between", "none"],
)
def test_every_word_is_found_again_in_the_clean_text(words: list[str], read: list[str]) -> None:
    text, places = clean_words(words)
    assert text == clean("".join(words))
    assert [text[start:end] for start, end in places] == read
    assert "".join(text[start:end] for start, end in places) == text


@pytest.mark.parametrize(
    ("first", "second", "pause_ms", "whole"),
    [
        ("我明天还", "你放心", 400, "我明天还，你放心"),
        ("我明天还", "你放心", 900, "我明天还。你放心"),
        ("我明天还。", "你放心", 400, "我明天还。你放心"),
        ("我明天还？", "你放心", 900, "我明天还？你放心"),
        ("我明天", "还", 0, "我明天还"),
        ("", "好", 900, "好"),
        ("好", "", 900, "好"),
    ],
    ids=["breath", "pause", "has-stop", "has-question", "our-own-cut", "nothing-before", "nothing-after"],
)
def test_joined(first: str, second: str, pause_ms: int, whole: str) -> None:
    assert joined(first, second, pause_ms) == whole
