"""Users and their tokens; a token is shown once and kept as its SHA-256 alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select, update

from qa_service.access import Actor, Role
from qa_service.actions.backend import Backend
from qa_service.errors import InputRefused, NotFound, NotSignedIn
from qa_service.storage.tables import AccessTokenRow, UserRow

TOKEN_BYTES = 32
MAX_TOKEN_LENGTH = 200
MAX_NAME = 100


def add_user(
    backend: Backend, name: str, roles: Iterable[Role], *, agent_id: str | None = None, teams: Iterable[str] = ()
) -> Actor:
    """Create a user, or set the roles, agent and teams of one that exists; a retired user is active again.

    Raises:
        InputRefused: no role; an agent without ``agent_id``; a team lead without teams; an unusable name.
    """
    actor = Actor(name=name, roles=frozenset(roles), agent_id=agent_id, teams=frozenset(teams))
    _check(actor)
    with backend.write() as session:
        row = session.get(UserRow, name)
        if row is None:
            row = UserRow(name=name, created_at=datetime.now(UTC))
            session.add(row)
        row.roles = sorted(role.value for role in actor.roles)
        row.agent_id = actor.agent_id
        row.teams = sorted(actor.teams)
        row.active = True
    return actor


def _check(actor: Actor) -> None:
    names = [actor.name, *([actor.agent_id] if actor.agent_id is not None else []), *actor.teams]
    for name in names:
        if not 0 < len(name) <= MAX_NAME or not name.isprintable():
            raise InputRefused(f"名称 {name!r} 不能用：须为 1 到 {MAX_NAME} 个可见字符。")
    if not actor.roles:
        raise InputRefused(f"用户 {actor.name} 没有角色：请至少给一个，例如 --role qa。")
    if Role.AGENT in actor.roles and actor.agent_id is None:
        raise InputRefused(f"坐席 {actor.name} 缺工号：请用 --agent-id 指明，否则看不到自己的通话。")
    if Role.TEAM_LEAD in actor.roles and not actor.teams:
        raise InputRefused(f"班组长 {actor.name} 缺班组：请用 --team 指明，否则看不到任何通话。")


def issue_token(backend: Backend, name: str) -> str:
    """A new bearer token of a user, 32 random bytes as text; it cannot be read again later.

    Raises:
        NotFound: there is no such user.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with backend.write() as session:
        if session.get(UserRow, name) is None:
            raise NotFound(f"没有名为 {name} 的用户：请先运行 qa-service user add {name} --role …。")
        session.add(AccessTokenRow(token_sha256=_digest(token), user_name=name, created_at=datetime.now(UTC)))
    return token


def revoke_tokens(backend: Backend, name: str) -> int:
    """Make every token of a user worthless; how many there were."""
    statement = (
        update(AccessTokenRow)
        .where(AccessTokenRow.user_name == name, AccessTokenRow.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
        .returning(AccessTokenRow.token_sha256)
    )
    with backend.write() as session:
        return len(session.execute(statement).all())


def actor_of_token(backend: Backend, token: str) -> Actor:
    """The user a token belongs to.

    Raises:
        NotSignedIn: the token is unknown or revoked, or its user is no longer active.
    """
    query = (
        select(UserRow)
        .join(AccessTokenRow, AccessTokenRow.user_name == UserRow.name)
        .where(AccessTokenRow.token_sha256 == _digest(token), AccessTokenRow.revoked_at.is_(None), UserRow.active)
    )
    with backend.read() as session:
        row = session.scalar(query)
    if row is None or len(token) > MAX_TOKEN_LENGTH:
        raise NotSignedIn("令牌无效或已停用：请向管理员领取新的令牌。")
    return Actor(
        name=row.name,
        roles=frozenset(Role.of(role) for role in row.roles),
        agent_id=row.agent_id,
        teams=frozenset(row.teams),
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
