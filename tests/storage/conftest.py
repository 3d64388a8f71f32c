"""A backend on a database of its own, migrated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_service.actions.backend import Backend, open_backend
from qa_service.settings import Settings
from qa_service.storage import schema


@pytest.fixture
def backend(database_url: str, tmp_path: Path) -> Iterator[Backend]:
    backend = open_backend(Settings(database_url=database_url, data_dir=tmp_path / "data", max_upload_mib=1))
    schema.upgrade(backend.database)
    yield backend
    backend.close()
