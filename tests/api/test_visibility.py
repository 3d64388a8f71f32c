"""The one query per readable thing: what each mix of roles sees, asked of the database itself."""

from __future__ import annotations

from typing import Any

import pytest

from qa_service.access import Actor, Role
from qa_service.storage.visibility import (
    calls_visible_to,
    promises_visible_to,
    review_items_visible_to,
    scorecards_visible_to,
)

MINE = {"c-mine", "c-clean", "c-waiting", "c-broken"}
ALL = MINE | {"c-other", "c-cdr"}


def actor(*roles: Role, agent_id: str | None = None, teams: frozenset[str] = frozenset()) -> Actor:
    return Actor(name="x", roles=frozenset(roles), agent_id=agent_id, teams=teams)


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        pytest.param(actor(), set(), id="no-role"),
        pytest.param(actor(agent_id="A101", teams=frozenset({"T1"})), set(), id="bounds-without-a-role"),
        pytest.param(actor(Role.AGENT), set(), id="agent-of-nothing"),
        pytest.param(actor(Role.AGENT, agent_id="A101"), MINE, id="agent"),
        pytest.param(actor(Role.AGENT, agent_id="a101"), set(), id="agent-in-other-letters"),
        pytest.param(actor(Role.AGENT, agent_id="%"), set(), id="agent-with-a-wildcard"),
        pytest.param(actor(Role.AGENT, teams=frozenset({"T2"})), set(), id="agents-have-no-teams"),
        pytest.param(actor(Role.TEAM_LEAD), set(), id="lead-of-no-team"),
        pytest.param(actor(Role.TEAM_LEAD, agent_id="A101"), set(), id="leads-have-no-calls"),
        pytest.param(actor(Role.TEAM_LEAD, teams=frozenset({"T1", "T2"})), MINE | {"c-other"}, id="lead-of-two"),
        pytest.param(
            actor(Role.AGENT, Role.TEAM_LEAD, agent_id="A202", teams=frozenset({"T3"})),
            {"c-other", "c-cdr"},
            id="roles-add-up",
        ),
        pytest.param(actor(Role.AGENT, Role.QA, agent_id="A101"), ALL, id="the-wider-role-wins"),
        *(pytest.param(actor(role), ALL, id=role.value) for role in Role if role not in (Role.AGENT, Role.TEAM_LEAD)),
    ],
)
def test_each_query_holds_the_same_bounds(house: Any, who: Actor, seen: set[str]) -> None:
    with house.backend.read() as session:
        calls = {row.call_id for row in session.scalars(calls_visible_to(who))}
        items = {row.call_id for row in session.scalars(review_items_visible_to(who))}
        judged = {call.call_id for _, call in session.execute(scorecards_visible_to(who))}
        promised = {call.call_id for _, call in session.execute(promises_visible_to(who))}
    assert calls == seen
    assert items == seen & {"c-mine", "c-other"}
    assert judged == seen & {"c-mine", "c-other", "c-clean"}
    assert promised == seen & {"c-mine", "c-other"}
