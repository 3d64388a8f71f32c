"""What is read across calls: an agent's scorecards, promises, and the rules in force."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, TypeAdapter

from api.paging import MAX_INTEGER, Cursor, Limit, decode_cursor, encode_cursor
from api.problems import declared
from api.routes.calls import CALL_KEY
from api.rule_schemas import RuleOut, RulesOut
from api.schemas import Key, PageOf, PromiseOut, ScorecardOut
from api.security import BackendOf, PromiseReader, RulesReader, ScorecardReader
from qa_service.actions import queries
from qa_service.actions.rules import Rulebook, list_rules, verified_sources
from qa_service.actions.views import PromiseKey

router = APIRouter()

_Bounded = Annotated[int, Query(ge=0, le=MAX_INTEGER)]
PROMISE_KEY: TypeAdapter[PromiseKey] = TypeAdapter(tuple[AwareDatetime, Key, _Bounded, _Bounded])

_LIST = ("not-signed-in", "too-many-attempts", "not-allowed", "input-refused", "database-unavailable")


@router.get(
    "/agents/{agent_id}/scorecards",
    tags=["评分"],
    summary="一名坐席的评分",
    responses=declared(*_LIST, "not-found"),
)
def list_agent_scorecards(
    agent_id: Annotated[Key, Path(description="坐席工号", examples=["A102"])],
    actor: ScorecardReader,
    backend: BackendOf,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOf[ScorecardOut]:
    """逐通列出，最近的在前；坐席只能看自己的。"""
    after = decode_cursor(cursor, CALL_KEY)
    page = queries.list_agent_scorecards(backend, actor, agent_id, after=after, limit=limit)
    return PageOf(
        items=[ScorecardOut.model_validate(view, from_attributes=True) for view in page.items],
        next=encode_cursor(page.next, CALL_KEY) if page.next is not None else None,
    )


@router.get("/promises", tags=["还款承诺"], summary="还款承诺列表", responses=declared(*_LIST))
def list_promises(
    actor: PromiseReader,
    backend: BackendOf,
    agent: Annotated[Key | None, Query(description="坐席工号")] = None,
    team: Annotated[Key | None, Query(description="班组")] = None,
    due_from: Annotated[date | None, Query(description="承诺日期不早于")] = None,
    due_to: Annotated[date | None, Query(description="承诺日期不晚于")] = None,
    standing: Annotated[bool | None, Query(description="通话结束时仍然有效")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOf[PromiseOut]:
    """客户在通话里答应的每一笔还款：金额（元）与日期，未说明的为 null。"""
    which = queries.PromiseFilter(agent=agent, team=team, due_from=due_from, due_to=due_to, standing=standing)
    page = queries.list_promises(backend, actor, which, after=decode_cursor(cursor, PROMISE_KEY), limit=limit)
    return PageOf(
        items=[PromiseOut.model_validate(view) for view in page.items],
        next=encode_cursor(page.next, PROMISE_KEY) if page.next is not None else None,
    )


@router.get(
    "/rules",
    tags=["规则"],
    summary="规则",
    responses=declared("not-signed-in", "too-many-attempts", "not-allowed", "database-unavailable"),
)
def show_rules(actor: RulesReader, request: Request) -> RulesOut:
    """现行规则库的每一条：为何、依据、该怎么说，以及已知的盲区。"""
    rulebook: Rulebook = request.app.state.rulebook
    rules = [
        RuleOut.model_validate(rule).model_copy(update={"verified_sources": list(verified_sources(rulebook, rule))})
        for rule in list_rules(rulebook, actor)
    ]
    return RulesOut(rulebook=rulebook.fingerprint, rules=rules)
