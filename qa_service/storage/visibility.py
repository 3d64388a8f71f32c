"""Which rows an actor may see: one query per readable thing, the starting point of every read.

An agent sees their own calls, a team lead those of their teams, everybody else all of them; roles add up. What is not
in the query does not exist for the actor, which is why a foreign object is answered as *not found*.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from qa_service.access import Actor, Role
from qa_service.storage.tables import AnalysisRow, CallRow, PromisePaymentRow, ReviewItemRow

_SEES_ALL = frozenset({Role.QA, Role.QA_LEAD, Role.COMPLIANCE, Role.ADMIN})


def calls_visible_to(actor: Actor) -> Select[CallRow]:
    """Calls."""
    return select(CallRow).where(_scope(actor, CallRow.agent_id, CallRow.team))


def scorecards_visible_to(actor: Actor) -> Select[AnalysisRow, CallRow]:
    """The current judgement of each call, with the call."""
    return (
        select(AnalysisRow, CallRow)
        .join(CallRow, CallRow.call_id == AnalysisRow.call_id)
        .where(AnalysisRow.current, _scope(actor, CallRow.agent_id, CallRow.team))
    )


def promises_visible_to(actor: Actor) -> Select[PromisePaymentRow, CallRow]:
    """The instalments promised, by the current judgement of each call, with the call."""
    return (
        select(PromisePaymentRow, CallRow)
        .join(AnalysisRow, and_(AnalysisRow.id == PromisePaymentRow.analysis_id, AnalysisRow.current))
        .join(CallRow, CallRow.call_id == PromisePaymentRow.call_id)
        .where(_scope(actor, CallRow.agent_id, CallRow.team))
    )


def review_items_visible_to(actor: Actor) -> Select[ReviewItemRow]:
    """Review items."""
    return select(ReviewItemRow).where(_scope(actor, ReviewItemRow.agent_id, ReviewItemRow.team))


def _scope(
    actor: Actor, agent_id: InstrumentedAttribute[str | None], team: InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    mine: list[ColumnElement[bool]] = []
    if Role.AGENT in actor.roles and actor.agent_id is not None:
        mine.append(agent_id == actor.agent_id)
    if Role.TEAM_LEAD in actor.roles and actor.teams:
        mine.append(team.in_(sorted(actor.teams)))
    return or_(*mine) if mine else false()
