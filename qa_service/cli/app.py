"""The commands of ``qa-service`` by name; each is imported when asked for, so that ``judge`` loads no web server."""

from __future__ import annotations

from importlib import import_module

import typer
from typer.core import TyperGroup

# Name: where the command (a function) or group of commands (a Typer application) is.
COMMANDS = {
    "demo": "qa_service.cli.demo:demo",
    "serve": "qa_service.cli.processes:serve",
    "worker": "qa_service.cli.processes:worker",
    "dispatcher": "qa_service.cli.processes:dispatcher",
    "clock": "qa_service.cli.processes:clock",
    "import": "qa_service.cli.importing:import_calls",
    "export": "qa_service.cli.exporting:export",
    "judge": "qa_service.cli.judge:judge",
    "lexicons": "qa_service.cli.lexicons:app",
    "backtest": "qa_service.cli.backtest:backtest",
    "lines": "qa_service.cli.lines:lines",
    "calls": "qa_service.cli.calls:calls",
    "review": "qa_service.cli.calls:review",
    "db": "qa_service.cli.users:database",
    "user": "qa_service.cli.users:users",
}


class Commands(TyperGroup):
    """A group whose commands are found in the table above."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str):  # type: ignore[no-untyped-def,override]  # noqa: ANN201
        """The command of this name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = cmd_name
            return group
        single = typer.Typer(add_completion=False)
        single.command(cmd_name)(found)
        return typer.main.get_command(single)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="催收通话质检服务。",
    epilog="设置用 QA_ 开头的环境变量，见 docs/operations.md。退出码：0 完成，1 有内容未被接受，2 用法有误。",
)


@app.callback()
def _root() -> None:
    """催收通话质检服务：录音进来，评好分的复核队列出去。"""
