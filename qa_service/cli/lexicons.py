"""``qa-service lexicons``: check, test and lock the rule files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qa_service.lexicon import load_rulebook
from qa_service.lexicon.lock import changes_against, write_lock
from qa_service.testing.lexicon_examples import complaints_of

app = typer.Typer(help="检查、测试、锁定规则文件。", no_args_is_help=True)

House = Annotated[Path | None, typer.Option("--dir", help="机构自己的规则文件夹，叠加在自带规则之上。")]


@app.command()
def check(house: House = None) -> None:
    """读入全部规则文件，核对版本锁。"""
    rulebook = load_rulebook(house)
    changes = changes_against(rulebook, house)
    for change in changes:
        typer.echo(change, err=True)
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
