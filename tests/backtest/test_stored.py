"""A change of rules, seen in the calls of the database: as they were heard, with people's word on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from qa_service.access import Actor, Role
from qa_service.actions import backtest as stored
from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.actions.queries import CallFilter
from qa_service.actions.review import Ruling, claim_item, decide_item
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.call import Speaker, Voice
from qa_service.documents import parse_call
from qa_service.judgement import Verdict
from qa_service.lexicon import load_rulebook
from qa_service.settings import Settings
from qa_service.states import Stage, Ticket
from qa_service.storage import schema
from qa_service.storage.tables import ReviewItemRow, Table, VoiceRoleRow
from tests.backtest.calls import Rules, Run, a_call

SAID = "你收下蓝色的气球。"
LEAD = Actor(name="li.na", roles=frozenset({Role.QA, Role.QA_LEAD}))
Judged = Callable[..., None]


@pytest.fixture
def house(rules: Rules) -> Path:
    """The rules in force while the calls are judged."""
    return rules("house", {})


@pytest.fixture
def backend(
    database_url: str, house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> Iterator[Backend]:
    settings = Settings(database_url=database_url, data_dir=tmp_path / "data", lexicon_dir=house)
    monkeypatch.setenv("QA_DATABASE_URL", database_url)
    monkeypatch.setenv("QA_LEXICON_DIR", str(house))
    backend = open_backend(settings)
    schema.upgrade(backend.database)
    yield backend
    backend.close()


@pytest.fixture
def judged(backend: Backend) -> Judged:
    """Take a call in and have it judged."""
    runner = StageRunner(backend=backend, work=stage_work(backend))

    def take_in(data: dict[str, Any]) -> None:
        receive_call(backend, parse_call(data))
        assert runner.run(Ticket(call_id=data["call_id"], stage=Stage.JUDGE, token=1)) is Outcome.DONE

    return take_in


def decide(backend: Backend, call_id: str, verdict: Verdict) -> None:
    with backend.read() as session:
        item = session.scalars(select(ReviewItemRow.id).where(ReviewItemRow.call_id == call_id)).one()
    claim_item(backend, LEAD, item)
    rulebook = load_rulebook(backend.settings.lexicon_dir)
    decide_item(backend, LEAD, item, Ruling(overall=verdict, verdicts={}), rulebook)


def contents(backend: Backend) -> dict[str, int]:
    with backend.read() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Table.metadata.tables.items()
        }


def test_precision_is_told_where_people_decided(backend: Backend, judged: Judged, run: Run, rules: Rules) -> None:
    """The words of the rule are narrowed to what was said in two calls of three."""
    for call_id, said in (("true", SAID), ("false", "我喜欢蓝色的气球。"), ("open", SAID)):
        judged(a_call(call_id, said))
    decide(backend, "true", Verdict.CONFIRMED)
    decide(backend, "false", Verdict.OVERTURNED)
    before = contents(backend)
    outcome = run("--rules", rules("proposed", {"match": '"收下蓝色的气球"'}), "--format", "jsonl")
    assert (outcome.status, outcome.err) == (0, "")
    decisions = outcome.totals["decisions"]
    assert decisions["before"] == {"found": 3, "confirmed": 1, "overturned": 1, "precision": 0.5}
    assert decisions["after"] == {"found": 2, "confirmed": 1, "overturned": 0, "precision": 1.0}
    assert (decisions["confirmed_lost"], decisions["overturned_cleared"]) == (0, 1)
    changes = {line["call_id"]: line["changes"][0] for line in outcome.lines}
    assert changes["false"]["change"] == "disappeared" and changes["false"]["verdict"] == "overturn"
    assert changes["true"]["change"] == "changed" and changes["true"]["verdict"] == "confirm"
    assert contents(backend) == before
    assert "属实的比例 50%（1/2） → 100%（1/1）" in run("--rules", rules("proposed", {"match": '"收下蓝色的气球"'})).out


FILTERS = {
    "all": ([], ["a", "b", "c"]),
    "from": (["--from", "2026-03-13"], ["b", "c"]),
    "to": (["--to", "2026-03-13"], ["a", "b"]),
    "one day": (["--from", "2026-03-13", "--to", "2026-03-13"], ["b"]),
    "team": (["--team", "T2"], ["c"]),
    "nothing": (["--team", "T9"], []),
}


@pytest.mark.parametrize(("words", "chosen"), FILTERS.values(), ids=FILTERS.keys())
def test_calls_are_chosen_by_day_and_team(
    backend: Backend, judged: Judged, run: Run, rules: Rules, words: list[str], chosen: list[str]
) -> None:
    days = {"a": "12T23:59:59", "b": "13T00:00:00", "c": "14T10:00:00"}
    for call_id, moment in days.items():
        team = "T2" if call_id == "c" else "T1"
        judged(a_call(call_id, SAID, team=team) | {"started_at": f"2026-03-{moment}+08:00"})
    outcome = run("--rules", rules("proposed", {"severity": "minor"}), *words, "--format", "jsonl")
    assert outcome.status == 0
    assert [line["call_id"] for line in outcome.lines] == chosen


def test_calls_that_are_not_judged_are_left_out(backend: Backend, judged: Judged, run: Run, rules: Rules) -> None:
    receive_call(backend, parse_call(a_call("waiting", SAID)))
    assert "没有可回测的通话" in run("--rules", rules("proposed", {"severity": "minor"})).out


def test_pages_leave_out_no_call(backend: Backend, judged: Judged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "PAGE", 2)
    ids = [f"c-{n}" for n in range(5)]
    for call_id in ids:  # all of one instant: the id alone tells them apart
        judged(a_call(call_id, SAID))
    read = stored.judged_calls(backend, LEAD, CallFilter(), skip=lambda call_id: call_id == "c-1")
    assert [each.material.call.call_id for each in read] == ["c-0", "c-2", "c-3", "c-4"]
    assert stored.count_judged(backend, LEAD, CallFilter()) == 5


def test_an_interrupted_run_over_stored_calls_goes_on(
    backend: Backend, judged: Judged, run: Run, rules: Rules, tmp_path: Path
) -> None:
    for n in range(4):
        judged(a_call(f"c-{n}", SAID))
    words = ("--rules", rules("proposed", {"severity": "veto"}), "--resume", tmp_path / "run.jsonl")
    whole = run(*words)
    lines = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "run.jsonl").write_bytes(b"".join(lines[:3]))
    again = run(*words)
    assert "此前已完成 2 通" in again.err
    assert again.out == whole.out
    other = run(*words, "--team", "T1")
    assert "从头开始" in other.err and "没有可回测的通话" in other.out


@pytest.mark.parametrize(("agent_is", "found"), [(Voice.LEFT, 1), (Voice.RIGHT, 0)], ids=["as heard", "swapped"])
def test_a_persons_word_on_who_speaks_counts(
    backend: Backend, judged: Judged, run: Run, rules: Rules, agent_is: Voice, found: int
) -> None:
    """The words are the agent's by the channels, and the customer's where a person says the channels are swapped."""
    judged(a_call("c-1", SAID))
    with backend.write() as session:
        now = datetime.now(UTC)
        row = VoiceRoleRow(call_id="c-1", voice=agent_is, speaker=Speaker.AGENT, actor=LEAD.name, at=now)
        session.add(row)
    outcome = run("--rules", rules("proposed", {"severity": "veto"}), "--format", "jsonl")
    changed = [each["rule"] for line in outcome.lines for each in line["changes"]]
    assert changed == ["threat.house"] * found
