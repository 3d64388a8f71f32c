"""Who may do what: one table, action by role.

*Which* objects an actor may see is a query (``storage.visible_to``), not a matter of this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.errors import NotAllowed
from qa_service.labelled import Labelled


class Role(Labelled):
    """The kinds of user."""

    AGENT = "agent", "坐席"
    TEAM_LEAD = "team_lead", "班组长"
    QA = "qa", "质检员"
    QA_LEAD = "qa_lead", "质检主管"
    COMPLIANCE = "compliance", "合规"
    ADMIN = "admin", "管理员"


class Action(Labelled):
    """Everything a request can ask for."""

    CALL_SUBMIT = "call.submit", "提交通话"
    CALL_READ = "call.read", "查看通话"
    CALL_LISTEN = "call.listen", "收听录音"
    CALL_RETRY = "call.retry", "重新处理通话"
    CALL_VOICES = "call.voices", "指定说话人"
    REVIEW_READ = "review.read", "查看复核队列"
    REVIEW_DECIDE = "review.decide", "复核"
    REVIEW_ASSIGN = "review.assign", "分派复核"
    SCORECARD_READ = "scorecard.read", "查看评分"
    PROMISE_READ = "promise.read", "查看还款承诺"
    RULES_READ = "rules.read", "查看规则"
    METRICS_READ = "metrics.read", "查看运行指标"


_ALL = frozenset(Role)
_OVERSIGHT = frozenset({Role.TEAM_LEAD, Role.QA, Role.QA_LEAD, Role.COMPLIANCE, Role.ADMIN})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.CALL_SUBMIT: frozenset({Role.QA_LEAD, Role.ADMIN}),
    Action.CALL_READ: _ALL,
    Action.CALL_LISTEN: _ALL,
    Action.CALL_RETRY: frozenset({Role.QA_LEAD, Role.ADMIN}),
    Action.CALL_VOICES: frozenset({Role.QA, Role.QA_LEAD}),
    Action.REVIEW_READ: _OVERSIGHT,
    Action.REVIEW_DECIDE: frozenset({Role.QA, Role.QA_LEAD}),
    Action.REVIEW_ASSIGN: frozenset({Role.QA_LEAD}),
    Action.SCORECARD_READ: _ALL,
    Action.PROMISE_READ: _ALL,
    Action.RULES_READ: _ALL,
    Action.METRICS_READ: frozenset({Role.ADMIN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person (or machine) asking.

    ``agent_id`` ties an agent to their own calls; ``teams`` bounds what a team lead sees.
    """

    name: str
    roles: frozenset[Role]
    agent_id: str | None = None
    teams: frozenset[str] = frozenset()

    def may(self, action: Action) -> bool:
        """Whether any of the actor's roles includes the action."""
        return bool(self.roles & ALLOWED[action])

    def require(self, action: Action) -> None:
        """Pass, or raise ``NotAllowed`` with a sentence naming the action and who may do it."""
        if not self.may(action):
            who = "、".join(role.label for role in Role if role in ALLOWED[action])
            raise NotAllowed(f"您的角色不能{action.label}；可以的角色：{who}。")
