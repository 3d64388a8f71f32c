"""Stored calls as they were judged, to be judged by other rules: read in pages, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from qa_service.access import Action, Actor
from qa_service.actions.backend import Backend
from qa_service.actions.materials import Material, read_material
from qa_service.actions.queries import CallFilter, filtered
from qa_service.actions.rejudging import known_verdicts, rulings_of
from qa_service.actions.views import CallKey
from qa_service.comparison import Verdicts
from qa_service.judgement import Verdict
from qa_service.states import CallState
from qa_service.storage.tables import CallRow, ReviewItemRow
from qa_service.storage.visibility import calls_visible_to

PAGE = 100
"""Calls read in one transaction, with their turns and history: what is held in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """A judged call: what it is judged from, and what people said of its findings."""

    material: Material
    verdicts: Verdicts


def count_judged(backend: Backend, actor: Actor, which: CallFilter) -> int:
    """How many judged calls there are of these."""
    actor.require(Action.CALL_READ)
    calls = filtered(calls_visible_to(actor), replace(which, state=CallState.JUDGED)).subquery()
    with backend.read() as session:
        return session.scalar(select(func.count()).select_from(calls)) or 0


def judged_calls(
    backend: Backend, actor: Actor, which: CallFilter, *, skip: Callable[[str], bool]
) -> Iterator[StoredCall]:
    """The judged calls of these, oldest first, without those whose id ``skip`` names."""
    actor.require(Action.CALL_READ)
    order = (CallRow.started_at, CallRow.call_id)
    chosen = filtered(calls_visible_to(actor), replace(which, state=CallState.JUDGED))
    query = chosen.with_only_columns(*order).order_by(*order).limit(PAGE)
    after: CallKey | None = None
    while True:
        with backend.read() as session:
            keys = session.execute(query if after is None else query.where(tuple_(*order) > after)).all()
            page = _read(session, [call_id for _, call_id in keys if not skip(call_id)])
        yield from page
        if len(keys) < PAGE:
            return
        after = (keys[-1][0], keys[-1][1])


def _read(session: Session, call_ids: Sequence[str]) -> list[StoredCall]:
    return [
        StoredCall(material=read_material(session, call_id), verdicts=_said(session, call_id)) for call_id in call_ids
    ]


def _said(session: Session, call_id: str) -> Verdicts:
    item_id = session.scalar(select(ReviewItemRow.id).where(ReviewItemRow.call_id == call_id))
    if item_id is None:
        return {}
    said: dict[tuple[str, int | None], Verdict] = {}
    for (rule, turn, _words), verdict in known_verdicts(session, rulings_of(session, item_id)).items():
        # Other rules may quote more or fewer words of the same turn; one confirmed place there is enough.
        if said.get((rule, turn)) is not Verdict.CONFIRMED:
            said[rule, turn] = verdict
    return said
