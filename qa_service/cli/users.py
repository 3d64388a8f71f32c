"""``qa-service db`` and ``qa-service user``: done on the machine itself, by whoever runs it."""

from __future__ import annotations

from typing import Annotated

import typer

from qa_service.access import Role
from qa_service.actions.housekeeping import upgrade_database
from qa_service.actions.users import add_user, issue_token, revoke_tokens
from qa_service.cli import console
from qa_service.cli.local import local_backend

database = typer.Typer(help="数据库。", no_args_is_help=True)
users = typer.Typer(help="用户与令牌。", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="用户名。")]


@database.command()
def upgrade() -> None:
    """建表，或把表结构升级到本版本；可重复运行。"""
    with local_backend() as backend:
        upgrade_database(backend)
    console.output().print("数据库已是本版本的结构。")


@users.command()
def add(
    name: Name,
    role: Annotated[list[Role], typer.Option("--role", help="角色，可给多个。")],
    agent_id: Annotated[str | None, typer.Option(help="坐席的工号：决定看得到哪些通话。")] = None,
    team: Annotated[list[str] | None, typer.Option("--team", help="班组长的班组，可给多个。")] = None,
) -> None:
    """新增用户，或更改已有用户的角色。"""
    with local_backend() as backend:
        actor = add_user(backend, name, role, agent_id=agent_id, teams=team or ())
    labels = "、".join(role.label for role in Role if role in actor.roles)
    console.output().print(f"用户 {actor.name}：{labels}。发放令牌：qa-service user token {actor.name}")


@users.command()
def token(
    name: Name,
    revoke: Annotated[bool, typer.Option("--revoke", help="同时停用此前的令牌。")] = False,
) -> None:
    """发放访问令牌；只显示这一次。"""
    with local_backend() as backend:
        if revoke:
            revoke_tokens(backend, name)
        issued = issue_token(backend, name)
    typer.echo(issued)
    console.errors().print("请妥善保存：令牌只显示这一次，服务只存它的摘要。")


@users.command()
def retire(name: Name) -> None:
    """停用一名用户的全部令牌。"""
    with local_backend() as backend:
        count = revoke_tokens(backend, name)
    console.output().print(f"已停用 {name} 的 {count} 个令牌。")
