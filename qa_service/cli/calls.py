"""``qa-service calls`` and ``qa-service review``: looking after calls on the machine itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from qa_service.actions import queries
from qa_service.actions.queueing import retry_call
from qa_service.actions.review import ReviewFilter, list_review_items
from qa_service.actions.voices import set_voice_role
from qa_service.cli import console
from qa_service.cli.local import local_backend, operator
from qa_service.cli.tables import calls_table, queue_table
from qa_service.cli.voices import parse_voice, sound_lines
from qa_service.errors import NotFound, QaError
from qa_service.judgement import Queue
from qa_service.predictions import report_lines
from qa_service.states import CallState, ReviewState

calls = typer.Typer(help="通话：列表、细看、重新处理。", no_args_is_help=True)
review = typer.Typer(help="复核队列。", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, max=200, help="最多列几条。")]
Agent = Annotated[str | None, typer.Option(help="坐席工号。")]
Team = Annotated[str | None, typer.Option(help="班组。")]


@calls.command("list")
def list_(
    state: Annotated[CallState | None, typer.Option(help="处理状态。")] = None,
    agent: Agent = None,
    team: Team = None,
    limit: Limit = 50,
) -> None:
    """列出通话，最近的在前。"""
    which = queries.CallFilter(agent=agent, team=team, state=state)
    with local_backend() as backend:
        page = queries.list_calls(backend, operator(), which, limit=limit)
    out = console.output()
    console.show(out, calls_table(page.items))
    if page.next is not None:
        out.print(f"只列出最近 {limit} 条；用 --limit 或筛选条件看其余。")


@calls.command()
def show(call_id: Annotated[str, typer.Argument(help="通话编号。")]) -> None:
    """细看一通通话：经过、告知、发现与原话、承诺、评分。"""
    out = console.output()
    with local_backend() as backend:
        detail = queries.show_call(backend, operator(), call_id)
        out.print(f"通话 {call_id}    {detail.view.state.label}    坐席 {detail.view.agent_id or '—'}")
        for move in detail.moves:
            out.print(f"  {move.at:%Y-%m-%d %H:%M:%S} {move.state.label}  {move.reason or ''}".rstrip())
        try:
            judged = queries.show_analysis(backend, operator(), call_id)
        except NotFound:
            return
        transcript = queries.show_transcript(backend, operator(), call_id)
        card = queries.show_scorecard(backend, operator(), call_id)
    for line in sound_lines(transcript):
        out.print(line)
    out.print("\n".join(report_lines(replace(detail.call, turns=transcript.turns), judged)))
    for decision in card.decisions:
        out.print(
            f"  {decision.at:%Y-%m-%d %H:%M} {decision.actor} {decision.state.label}：{decision.note or '（无说明）'}"
        )
    if card.decisions:
        out.print(f"  生效得分 {card.effective.mark}（机器 {card.machine.mark}）")


@calls.command()
def voice(
    call_id: Annotated[str, typer.Argument(help="通话编号。")],
    role: Annotated[str, typer.Argument(help="声音=角色，例如 voice_1=agent、left=customer。")],
) -> None:
    """指定整通通话中一个声音（或声道）是谁，并按此重新质检。"""
    named, speaker = parse_voice(role)
    with local_backend() as backend:
        changed = set_voice_role(backend, operator(), call_id, named, speaker)
    done = "，已重新排队质检" if changed else "（此前已如此指定，没有变化）"
    console.output().print(f"通话 {call_id}：{named.label}是{speaker.label}{done}。")


@calls.command()
def retry(call_ids: Annotated[list[str], typer.Argument(help="通话编号，可给多个。")]) -> None:
    """把无法受理或已隔离的通话放回失败的那一步。"""
    refused = 0
    with local_backend() as backend:
        for call_id in call_ids:
            try:
                stage = retry_call(backend, call_id, operator())
            except QaError as error:
                refused += 1
                typer.echo(str(error), err=True)
            else:
                console.output().print(f"通话 {call_id} 重新进入“{stage.label}”。")
    if refused:
        raise typer.Exit(1)


@review.command("list")
def list_items(
    queue: Annotated[Queue | None, typer.Option(help="队列。")] = None,
    state: Annotated[ReviewState | None, typer.Option(help="复核状态。")] = None,
    agent: Agent = None,
    team: Team = None,
    rule: Annotated[str | None, typer.Option(help="规则编号，或其点号之前的部分。")] = None,
    limit: Limit = 50,
) -> None:
    """列出复核队列，最紧急的在前。"""
    which = ReviewFilter(queue=queue, state=state, agent=agent, team=team, rule=rule)
    with local_backend() as backend:
        page = list_review_items(backend, operator(), which, limit=limit)
    console.show(console.output(), queue_table(page.items))
