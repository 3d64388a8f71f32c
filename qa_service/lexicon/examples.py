"""Examples as rule files write them, read into turns.

``客户：我是他妈｜坐席：【他欠了三千】`` is two turns; without a speaker it is the rule's own. ``【…】`` marks exactly
what must be quoted. A leading ``〔…〕`` gives the circumstances and is not spoken: ``〔第三人〕`` or ``〔未知〕`` is
the dialler's callee, ``〔已立案〕`` (any legal stage's label), ``〔已批减免〕`` for a granted waiver.
"""

from __future__ import annotations

import re

from qa_service.call import Callee, LegalStage, Speaker
from qa_service.errors import LexiconInvalid
from qa_service.lexicon.model import Example, ExampleTurn

TURN_SEPARATOR = "｜"
WAIVER_MARK = "已批减免"
_CIRCUMSTANCE = re.compile(r"〔([^〔〕]*)〕")
_SPEAKERS = {"坐席：": Speaker.AGENT, "客户：": Speaker.CUSTOMER}
_CALLEES = {"第三人": Callee.THIRD_PARTY, "未知": Callee.UNKNOWN, "本人": Callee.DEBTOR}
_STAGES = {stage.label: stage for stage in LegalStage}


def parse_example(source: str, speaker: Speaker, where: str) -> Example:
    """Read one example.

    Raises:
        LexiconInvalid: where a circumstance is unknown or a mark does not close.
    """
    callee, stage, waiver = Callee.DEBTOR, None, False
    for mark in _CIRCUMSTANCE.findall(source):
        if mark in _CALLEES:
            callee = _CALLEES[mark]
        elif mark in _STAGES:
            stage = _STAGES[mark]
        elif mark == WAIVER_MARK:
            waiver = True
        else:
            known = "、".join([*_CALLEES, *_STAGES, WAIVER_MARK])
            raise LexiconInvalid(f"{where}：例句“{source}”的情境〔{mark}〕不认识，可用：{known}。")
    spoken = _CIRCUMSTANCE.sub("", source)
    turns = tuple(_turn(part, speaker, where) for part in spoken.split(TURN_SEPARATOR) if part.strip())
    return Example(source=source, turns=turns, callee=callee, legal_stage=stage, waiver=waiver)


def _turn(part: str, speaker: Speaker, where: str) -> ExampleTurn:
    for prefix, named in _SPEAKERS.items():
        if part.startswith(prefix):
            speaker, part = named, part.removeprefix(prefix)
    text, marked, opened = "", [], None
    for character in part:
        if character == "【" and opened is None:
            opened = len(text)
        elif character == "】" and opened is not None:
            marked.append((opened, len(text)))
            opened = None
        elif character in "【】":
            raise LexiconInvalid(f"{where}：例句“{part}”的【】不成对。")
        else:
            text += character
    if opened is not None:
        raise LexiconInvalid(f"{where}：例句“{part}”的【没有收尾。")
    return ExampleTurn(speaker=speaker, text=text, marked=tuple(marked))
