"""Saying on the command line who a voice is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qa_service.actions.backend import open_backend
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.settings import Settings
from qa_service.states import Stage, Ticket
from tests.cli.conftest import Run, a_call, write_json

SAID = (
    "您好，请问是张伟先生吗？",
    "是我，什么事？",
    "我是诚达资产的李明，本次通话有录音。",
    "今天不还，我就闹到你们单位去。",
)
SPEAKERS = ("customer", "agent", "customer", "customer")


def swapped(**more: Any) -> dict[str, Any]:
    """A call whose channels are the wrong way round."""
    turns = [
        {"speaker": speaker, "start": n * 5, "end": n * 5 + 4, "text": text}
        for n, (speaker, text) in enumerate(zip(SPEAKERS, SAID, strict=True))
    ]
    return a_call("c-1", **{"turns": turns, **more})


def judged(told: str) -> tuple[dict[str, Any], list[str]]:
    line = json.loads(told)
    return {f["rule"]: f["needs_confirmation"] for f in line["findings"]}, [i["rule"] for i in line["cannot_judge"]]


def test_judge_takes_a_persons_word(run: Run, tmp_path: Path) -> None:
    file = write_json(tmp_path / "c.json", swapped())
    _, undecided = judged(run("judge", file, "--format", "jsonl").out)
    assert "recording.channels" in undecided
    findings, undecided = judged(run("judge", file, "--format", "jsonl", "--voice", "left=customer").out)
    assert findings["threat.exposure_workplace"] is False
    assert "recording.channels" not in undecided


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("left", "声音=角色"),
        ("middle=agent", "声音=角色"),
        ("left=ghost", "声音=角色"),
        ("voice_1=agent", "left、right"),
    ],
    ids=["no role", "no voice", "nobody", "another voice"],
)
def test_a_word_that_cannot_be_meant_is_refused(run: Run, tmp_path: Path, word: str, says: str) -> None:
    file = write_json(tmp_path / "c.json", swapped())
    told = run("judge", file, "--voice", word)
    assert (told.status, told.out) == (1, "")
    assert says in told.err


def test_one_command_has_a_call_of_the_service_judged_again(run: Run, tmp_path: Path) -> None:
    run("import", write_json(tmp_path / "c.json", swapped()))
    backend = open_backend(Settings(data_dir=tmp_path / "data"))
    runner = StageRunner(backend=backend, work=stage_work(backend))
    assert runner.run(Ticket(call_id="c-1", stage=Stage.JUDGE, token=1)) is Outcome.DONE
    assert "声道可能接反" in run("calls", "show", "c-1").out.replace("\n", "")
    told = run("calls", "voice", "c-1", "left=customer")
    assert (told.status, "已重新排队质检" in told.out) == (0, True)
    assert "没有变化" in run("calls", "voice", "c-1", "right=agent").out
    assert runner.run(Ticket(call_id="c-1", stage=Stage.JUDGE, token=2)) is Outcome.DONE
    shown = run("calls", "show", "c-1").out
    assert "指定：左声道是客户，右声道是坐席" in shown.replace("\n", "")
    assert run("calls", "voice", "c-2", "left=customer").status == 1
    backend.close()
