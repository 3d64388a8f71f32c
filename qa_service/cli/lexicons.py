"""``qa-service lexicons``: look at, check, test and lock the rule files."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qa_service.cli import console
from qa_service.cli.rule_sheets import limits_table, rule_line, rule_sheet, rules_table, sources_table
from qa_service.judgement import Category, RuleStatus
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.lock import changes_against, read_lock, write_lock
from qa_service.testing.lexicon_examples import complaints_of

app = typer.Typer(help="查看、检查、测试、锁定规则文件。", no_args_is_help=True)

House = Annotated[
    Path | None, typer.Option("--dir", envvar="QA_LEXICON_DIR", help="机构自己的规则文件夹，叠加在自带规则之上。")
]
Profile = Annotated[
    str, typer.Option("--profile", envvar="QA_PROFILE", help="限额，一份或用逗号隔开的几份，每项取最严的。")
]
DEFAULT_PROFILE = "cn_default"


class Format(StrEnum):
    """How a list is written."""

    TEXT = "text"
    JSONL = "jsonl"


@app.command("list")
def list_rules(
    category: Annotated[Category | None, typer.Option("--category", help="只列这一类。")] = None,
    status: Annotated[RuleStatus | None, typer.Option("--status", help="只列这一状态。")] = None,
    format_: Annotated[Format, typer.Option("--format", help="输出：text 或 jsonl。")] = Format.TEXT,
    house: House = None,
    profile: Profile = DEFAULT_PROFILE,
) -> None:
    """列出规则：版本、状态、级别、来自哪里、依据及是否核对过原文、指纹。"""
    rulebook = load_rulebook(house, profile=profile)
    chosen = sorted(
        (rule for rule in rulebook.rules if category in (None, rule.category) and status in (None, rule.status)),
        key=lambda rule: rule.id,
    )
    if format_ is Format.JSONL:
        for rule in chosen:
            typer.echo(json.dumps(rule_line(rule, rulebook), ensure_ascii=False))
        return
    console.show(console.output(), rules_table(chosen, rulebook))
    typer.echo(f"共 {len(chosen)} 条，规则库指纹 {rulebook.fingerprint}。")


@app.command()
def show(
    rule_id: Annotated[str, typer.Argument(metavar="规则", help="规则编号，例如 threat.violence_hint。")],
    house: House = None,
    profile: Profile = DEFAULT_PROFILE,
) -> None:
    """写出一条规则的全部：模式、道理、依据及等级、正反例、已知会漏的说法、改动与历史。"""
    rulebook = load_rulebook(house, profile=profile)
    rule = next((rule for rule in rulebook.rules if rule.id == rule_id), None)
    if rule is None:
        raise typer.BadParameter(f"没有规则 {rule_id}，全部编号见 lexicons list", param_hint="规则")
    typer.echo("\n".join(rule_sheet(rule, rulebook, read_lock(house).rule.get(rule_id))))


@app.command()
def limits(house: House = None, profile: Profile = DEFAULT_PROFILE) -> None:
    """列出在用的限额：值、出自哪份、依据及是否核对过原文。"""
    rulebook = load_rulebook(house, profile=profile)
    console.show(console.output(), limits_table(rulebook.limit_origins.items()))


@app.command()
def sources(house: House = None) -> None:
    """列出全部依据：名称、效力、等级、是否核对过原文。"""
    console.show(console.output(), sources_table(load_rulebook(house).sources.values()))


@app.command()
def check(house: House = None, profile: Profile = DEFAULT_PROFILE) -> None:
    """读入全部规则文件，核对版本锁。"""
    rulebook = load_rulebook(house, profile=profile)
    changes = changes_against(rulebook, house)
    for change in changes:
        typer.echo(str(change), err=True)
    typer.echo(f"规则 {len(rulebook.rules)} 条，指纹 {rulebook.fingerprint}。")
    if changes:
        raise typer.Exit(1)


@app.command("test")
def run_examples(
    only: Annotated[str | None, typer.Argument(help="只测一个文件名（threat.toml）或规则编号开头。")] = None,
    house: House = None,
) -> None:
    """运行规则里的全部正例与反例。"""
    rulebook = load_rulebook(house)
    complaints = complaints_of(rulebook, only)
    for complaint in complaints:
        typer.echo(str(complaint), err=True)
    typer.echo(f"{len(complaints)} 处需要修改。" if complaints else "全部例句通过。")
    if complaints:
        raise typer.Exit(1)


@app.command()
def lock(house: House = None) -> None:
    """把当前规则的版本与指纹写入 LOCK.toml。"""
    rulebook = load_rulebook(house)
    path = write_lock(rulebook, house)
    typer.echo(f"已写入 {path}：{len(rulebook.rules)} 条规则。")
