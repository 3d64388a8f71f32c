"""The migrated database is the one that the tables describe, on both kinds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from qa_service.errors import SettingsInvalid
from qa_service.storage import schema
from qa_service.storage.engine import open_url
from qa_service.storage.tables import Table


def test_migrations_lead_to_the_tables(database_url: str) -> None:
    database = open_url(database_url)
    assert not schema.is_current(database)
    schema.upgrade(database)
    assert schema.is_current(database)
    with database.writer.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
        partial = [i for i in inspect(connection).get_indexes("analysis") if i["name"] == "uq_analysis_current"]
    assert partial and partial[0]["unique"]
    assert str(partial[0]["dialect_options"][f"{database.url.get_backend_name()}_where"]) == "current"
    database.close()


def test_upgrading_twice_or_at_once_changes_nothing(database_url: str) -> None:
    database = open_url(database_url)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(schema.upgrade, [database] * 3)) == [None] * 3
    assert schema.is_current(database)
    database.close()


def test_a_reader_cannot_write(database_url: str) -> None:
    database = open_url(database_url)
    schema.upgrade(database)
    with pytest.raises(DBAPIError), database.read() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO user_account VALUES ('x', '[]', NULL, '[]', true, '2026-01-01')"
        )
    database.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("no url at all", "读不懂"),
        ("mysql://root@host/qa", "不支持 mysql"),
        ("sqlite://", "须指定文件"),
        ("sqlite:///:memory:", "须指定文件"),
    ],
    ids=["garbage", "mysql", "memory", "memory-by-name"],
)
def test_other_databases_are_refused(url: str, says: str) -> None:
    with pytest.raises(SettingsInvalid, match=says):
        open_url(url)
