"""How a judgement stands after people have looked at it: machine, decisions and the mark that counts.

A decision stores the scorecard it led to, so that a later change of the marking scheme moves no past mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_service.actions.views import Decision, ScorecardView
from qa_service.judgement import Judged, Scorecard, Verdict
from qa_service.storage.payloads import read_judged
from qa_service.storage.tables import AnalysisRow, CallRow, ReviewEventRow, ReviewItemRow

_SCORECARD = TypeAdapter(Scorecard)


def decision_body(
    analysis_id: int, verdicts: Mapping[int, Verdict], note: str | None, effective: Scorecard
) -> dict[str, Any]:
    """What is stored with the event of a decision."""
    return {
        "analysis_id": analysis_id,
        "verdicts": {str(number): verdict.value for number, verdict in verdicts.items()},
        "note": note,
        "scorecard": _SCORECARD.dump_python(effective, mode="json"),
    }


def rulings_on(session: Session, analyses: Iterable[AnalysisRow]) -> Mapping[int, tuple[ReviewEventRow, ...]]:
    """The decisions on each of these judgements, by analysis id, oldest first; in one query."""
    by_call = {analysis.call_id: analysis.id for analysis in analyses}
    query = (
        select(ReviewEventRow, ReviewItemRow.call_id)
        .join(ReviewItemRow, ReviewItemRow.id == ReviewEventRow.item_id)
        .where(ReviewItemRow.call_id.in_(by_call))
        .order_by(ReviewEventRow.item_id, ReviewEventRow.seq)
    )
    found: dict[int, list[ReviewEventRow]] = {}
    for event, call_id in session.execute(query):
        # A decision on an earlier judgement of the call says nothing of this one.
        if "verdicts" in event.body and event.body["analysis_id"] == by_call[call_id]:
            found.setdefault(by_call[call_id], []).append(event)
    return {number: tuple(events) for number, events in found.items()}


def effective_scorecard(machine: Scorecard, rulings: tuple[ReviewEventRow, ...]) -> Scorecard:
    """The scorecard of the last decision, else the machine's."""
    return _SCORECARD.validate_python(rulings[-1].body["scorecard"]) if rulings else machine


def scorecard_view(analysis: AnalysisRow, call: CallRow, rulings: tuple[ReviewEventRow, ...]) -> ScorecardView:
    """The three readings of one judgement."""
    judged: Judged = read_judged(analysis.document)
    return ScorecardView(
        call_id=call.call_id,
        started_at=call.started_at,
        agent_id=call.agent_id,
        team=call.team,
        judged_at=analysis.created_at,
        rulebook=analysis.rulebook,
        machine=judged.scorecard,
        decisions=tuple(_decision(event) for event in rulings),
        effective=effective_scorecard(judged.scorecard, rulings),
    )


def _decision(event: ReviewEventRow) -> Decision:
    return Decision(
        actor=event.actor or "",
        at=event.at,
        state=event.state,
        verdicts={int(number): Verdict.of(verdict) for number, verdict in event.body["verdicts"].items()},
        note=event.body["note"],
    )
