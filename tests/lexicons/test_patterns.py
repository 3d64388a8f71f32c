"""The pattern language: what each mark matches, what is refused, and that no pattern runs away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.errors import LexiconInvalid
from qa_service.lexicon.anchors import PatternIndex
from qa_service.lexicon.patterns import compile_pattern
from qa_service.lexicon.text import CLAUSE_MARKS, view_of

SETS = {"place": ("单位", "公司", "你们村")}

MATCHES = [
    ("literal", "闹到单位", "明天就闹到单位去", "闹到单位"),
    ("gap", "找…<place>", "找人到你家对面的单位", "找人到你家对面的单位"),
    ("short gap", "找~单位", "找你们单位", "找你们单位"),
    ("choice", "[闹|捅]到<place>", "捅到公司", "捅到公司"),
    ("empty alternative", "[天天|]上门", "上门", "上门"),
    ("polite you", "你单位", "您单位", "您单位"),
    ("filler inside", "闹到单位", "闹呃到嗯单位", "闹呃到嗯单位"),
    ("stutter", "我去单位", "我我我去单位", "我去单位"),
    ("traditional", "找到单位", "找到單位", "找到單位"),
    ("across a comma", "不还，我就", "不还，我就去", "不还，我就"),
    ("across no comma", "不还，我就", "不还我就去", "不还我就"),
    ("start of turn", "^喂", "喂，你好", "喂"),
    ("end of turn", "再见$", "好的再见。", "再见。"),
    ("not after", "{<跟、和}你说", "刚才你说还", "你说"),
    ("not before", "转到我{>手里、这里}", "转到我卡上", "转到我"),
    ("sum", "还<sum>", "我还三千五吧", "还三千五"),
]
SILENT = [
    ("gap too wide", "找…单位", "找" + "人" * 13 + "单位"),
    ("gap over a comma", "找…单位", "找人，单位"),
    ("start in the middle", "^喂", "你好，喂"),
    ("no such word", "[闹|捅]到<place>", "送到公司"),
    ("after a word that forbids it", "{<跟、和}你说", "我跟您说"),
    ("before a word that forbids it", "转到我{>手里、这里}", "还是转到我手里"),
    ("counted things are no sum", "打<sum>", "打一百五十个电话"),
]
REFUSED = [
    ("open choice", "[闹|捅到单位"),
    ("unknown set", "到<nowhere>"),
    ("nothing but gaps", "…~"),
    ("only a filler", "[是|嗯]我"),
    ("too many gaps", "一…二…三…四…五…六"),
    ("a particle lost", "[是啊|对]我"),
    ("nothing certain", "[是|]…[我|]"),
]


@pytest.mark.parametrize(("pattern", "text", "quoted"), [case[1:] for case in MATCHES], ids=[c[0] for c in MATCHES])
def test_a_pattern_quotes_the_words_as_said(pattern: str, text: str, quoted: str) -> None:
    view = view_of(text)
    found = list(PatternIndex([compile_pattern(pattern, SETS, "test")]).find_all(view.text))
    assert found
    start, end = view.original(found[0][1], found[0][2])
    assert text[start:end] == quoted


@pytest.mark.parametrize(("pattern", "text"), [case[1:] for case in SILENT], ids=[case[0] for case in SILENT])
def test_a_pattern_is_silent(pattern: str, text: str) -> None:
    assert list(PatternIndex([compile_pattern(pattern, SETS, "test")]).find_all(view_of(text).text)) == []


@pytest.mark.parametrize("pattern", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_wrong_pattern_is_refused_with_file_rule_and_pattern(pattern: str) -> None:
    with pytest.raises(LexiconInvalid) as refusal:
        compile_pattern(pattern, SETS, "threat.toml 规则 threat.x")
    assert "threat.toml 规则 threat.x" in str(refusal.value)
    assert pattern in str(refusal.value)


INSIDE, MARK = f"[^{re.escape(CLAUSE_MARKS)}]", f"[{re.escape(CLAUSE_MARKS)}]"
PLAIN = {"…": f"{INSIDE}{{0,12}}?", "~": f"{INSIDE}{{0,4}}?", "，": f"{MARK}?"}
"""Each mark by itself: what a run of them must match, however it is put together."""


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(["…", "~", "~~", "，", "…，", "，~", "~，~", "…，~", "…，…", "，…，", "~~，~"]),
    st.text("甲乙丙，。", max_size=45),
)
def test_gaps_in_a_row_match_what_each_would_after_the_other(marks: str, text: str) -> None:
    pattern = compile_pattern(f"甲{marks}乙", {}, "test")
    plain = re.compile("甲" + "".join(PLAIN[mark] for mark in marks) + "乙")
    assert [each.span() for each in pattern.matches(text)] == [each.span() for each in plain.finditer(text)]


def test_a_pattern_is_tried_only_where_each_of_its_words_is() -> None:
    index = PatternIndex([compile_pattern("闹到…<place>", SETS, "test"), compile_pattern("找[人|你]", SETS, "test")])
    assert list(index.find_all("闹到半夜")) == []
    assert list(index.find_all("闹到公司找人")) == [(0, 0, 4), (1, 4, 6)]
    assert list(index.find_all("")) == []
