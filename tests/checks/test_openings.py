"""Openings as they are really said: who, for which house, for whom, recorded or not, and to whom (openings.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from dialogue import call_of

from qa_service.pipeline import Judge

OPENINGS = tomllib.loads(Path(__file__).with_name("openings.toml").read_text(encoding="utf-8"))["opening"]


@pytest.mark.parametrize(
    "opening", [pytest.param(case, id=f"{n:02d}-{case['expect'].replace(' ', '-')}") for n, case in enumerate(OPENINGS)]
)
def test_what_an_opening_discloses(judge: Judge, opening: dict[str, Any]) -> None:
    analysis = judge.judge(call_of(*opening["turns"])).analysis
    said = analysis.disclosures
    statuses = [item.status.value for item in (said.agent, said.company, said.principal, said.recording)]
    assert " ".join(statuses) == opening["expect"]
    assert analysis.checklist.verification is opening["verified"]


def test_the_quote_is_the_name_that_was_said(judge: Judge) -> None:
    analysis = judge.judge(
        call_of("坐席：您好，我是诚达资产的，我姓孟，受东江银行委托，通话有录音，您的贷款逾期了。")
    ).analysis
    said = analysis.disclosures
    quotes = [item.quote.text for item in (said.agent, said.company, said.principal) if item.quote]
    assert quotes == ["姓孟", "诚达资产", "东江银行"]
