"""The review queues."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, TypeAdapter

from api.paging import MAX_INTEGER, Cursor, Limit, decode_cursor, encode_cursor
from api.problems import declared
from api.schemas import DecisionIn, Key, PageOf, ReviewItemOut
from api.security import BackendOf, ReviewDecider, ReviewReader
from api.wire import review_item_out
from qa_service.actions import review
from qa_service.actions.rules import Rulebook
from qa_service.actions.views import ReviewKey
from qa_service.judgement import Queue, Severity
from qa_service.states import ReviewState

router = APIRouter(prefix="/review-items", tags=["复核"])

_Bounded = Annotated[int, Query(ge=0, le=MAX_INTEGER)]
REVIEW_KEY: TypeAdapter[ReviewKey] = TypeAdapter(tuple[_Bounded, AwareDatetime, _Bounded])
ItemId = Annotated[int, Path(ge=1, le=MAX_INTEGER, description="复核任务编号", examples=[41])]

_LIST = ("not-signed-in", "too-many-attempts", "not-allowed", "input-refused", "database-unavailable")
_ONE = (*_LIST, "not-found")


@router.get("", summary="复核队列", responses=declared(*_LIST))
def list_review_items(
    actor: ReviewReader,
    backend: BackendOf,
    queue: Annotated[Queue | None, Query(description="队列")] = None,
    agent: Annotated[Key | None, Query(description="坐席工号")] = None,
    team: Annotated[Key | None, Query(description="班组")] = None,
    rule: Annotated[Key | None, Query(description="规则编号，或其点号之前的部分", examples=["threat"])] = None,
    severity: Annotated[Severity | None, Query(description="严重程度")] = None,
    state: Annotated[ReviewState | None, Query(description="复核状态")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="通话开始不早于")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="通话开始早于")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOf[ReviewItemOut]:
    """待人工查看的通话：最紧急的队列在前，同一队列按时限先后。"""
    which = review.ReviewFilter(
        queue=queue, agent=agent, team=team, rule=rule, severity=severity, state=state, since=since, until=until
    )
    page = review.list_review_items(backend, actor, which, after=decode_cursor(cursor, REVIEW_KEY), limit=limit)
    return PageOf(
        items=[review_item_out(view) for view in page.items],
        next=encode_cursor(page.next, REVIEW_KEY) if page.next is not None else None,
    )


@router.get("/{item_id}", summary="一项复核任务", responses=declared(*_ONE))
def show_review_item(item_id: ItemId, actor: ReviewReader, backend: BackendOf) -> ReviewItemOut:
    """队列、原因、时限、最严重的一处及其原话。"""
    return review_item_out(review.show_review_item(backend, actor, item_id))


@router.post("/{item_id}/claim", summary="领取", responses=declared(*_ONE, "conflict"))
def claim(item_id: ItemId, actor: ReviewDecider, backend: BackendOf) -> ReviewItemOut:
    """领取后由本人作结论；重复领取无妨。"""
    return review_item_out(review.claim_item(backend, actor, item_id))


@router.post("/{item_id}/release", summary="退回", responses=declared(*_ONE, "conflict"))
def release(item_id: ItemId, actor: ReviewDecider, backend: BackendOf) -> ReviewItemOut:
    """退回队列；质检主管可以退回他人领取的任务。"""
    return review_item_out(review.release_item(backend, actor, item_id))


@router.post("/{item_id}/decisions", summary="作结论", responses=declared(*_ONE, "conflict", "too-large", "malformed"))
def decide(
    item_id: ItemId, decision: DecisionIn, actor: ReviewDecider, backend: BackendOf, request: Request
) -> ReviewItemOut:
    """结论：confirm 属实，overturn 不属实；可对全部发现一并给出，也可逐处给出。涉及一票否决的须逐一有结论。"""
    rulebook: Rulebook = request.app.state.rulebook
    ruling = review.Ruling(
        overall=decision.verdict,
        verdicts={item.finding: item.verdict for item in decision.verdicts},
        note=decision.note,
    )
    return review_item_out(review.decide_item(backend, actor, item_id, ruling, rulebook))
