"""What the documents say is true of the code."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr

from qa_service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


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
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []
