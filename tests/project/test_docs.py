"""What the documents say is true of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from typer.core import TyperGroup

from qa_service.cli.app import app
from qa_service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
CLI = typer.main.get_command(app)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
BOOTSTRAP_WORDS = {"test", "check", "bench", "accuracy", "train"}
COMMAND = re.compile(
    r"(?:qa-service|qa\.py|-m qa_service|compose run --rm (?:-v \S+ )?api)[ ]"
    r"(?P<first>[a-z][a-z-]*)(?: (?P<second>[a-z][a-z-]*))?"
)


def test_the_settings_table_is_the_settings() -> None:
    documented = dict(re.findall(r"^\| `(QA_\w+)` \| (\S.*?) \|", OPERATIONS, re.MULTILINE))
    actual = {
        PREFIX + name.upper(): "—" if field.default is None else f"`{field.default}`"
        for name, field in Settings.model_fields.items()
    }
    assert documented == actual


def test_no_setting_has_a_secret_by_default() -> None:
    secrets = [
        field for field in Settings.model_fields.values() if SecretStr in getattr(field.annotation, "__args__", ())
    ]
    assert secrets
    assert [field.default for field in secrets] == [None] * len(secrets)


def test_every_relative_link_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []


def problem(first: str, second: str | None) -> str | None:
    """What is wrong with a command line that begins so, None where it exists."""
    if first in BOOTSTRAP_WORDS:
        return None
    with typer.Context(CLI) as context:
        command = CLI.get_command(context, first)
        if command is None:
            return f"no command {first}"
        if isinstance(command, TyperGroup) and command.get_command(context, second or "") is None:
            return f"no command {first} {second}"
    return None


def test_every_command_line_in_the_documents_exists() -> None:
    wrong = {
        f"{document.relative_to(ROOT)}: {found.group()}": complaint
        for document in DOCUMENTS
        for found in COMMAND.finditer(document.read_text())
        if (complaint := problem(found["first"], found["second"]))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("python3 qa.py demo --once", None),
        ("python3 qa.py test tests/lexicons", None),
        ("qa-service worker --stage decode", None),
        ("qa-service db upgrade", None),
        ("python -m qa_service db downgrade", "no command db downgrade"),
        ("docker compose run --rm -v /a:/b:ro api enlist x", "no command enlist"),
        ("qa-service enqueue", "no command enqueue"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line: str, wrong: str | None) -> None:
    found = COMMAND.search(line)
    assert found is not None
    assert problem(found["first"], found["second"]) == wrong


def test_the_bootstrap_names_the_commands_that_there_are() -> None:
    listed = re.search(r"其他命令（(.+?) 等）", (ROOT / "qa.py").read_text())
    assert listed is not None
    assert {word for word in listed.group(1).split("、") if problem(word, None) == f"no command {word}"} == set()
