"""One place that opens the database: SQLite or PostgreSQL, told apart by the URL alone.

SQLite runs in WAL mode with full synchronisation; a writer takes the write lock when it begins (a read transaction that
turns into a write fails under load whatever the timeout), and reads have an engine of their own that cannot write.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from qa_service.errors import SettingsInvalid, in_words
from qa_service.settings import Settings

BUSY_TIMEOUT_S = 5
SQLITE_FILE = "qa.sqlite3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The two ways into the database; make it once per process and hand it on."""

    url: URL
    writer: Engine
    reader: Engine

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all if the block raises."""
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one snapshot and cannot write."""
        with Session(self.reader, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give every connection back; the object can be used again afterwards."""
        self.writer.dispose()
        self.reader.dispose()


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name; without a URL, the SQLite file in the data folder.

    Raises:
        SettingsInvalid: the URL cannot be read or names another kind of database, or the data folder is not usable.
    """
    make_data_folder(settings)
    if settings.database_url is not None:
        return open_url(settings.database_url)
    if not os.access(settings.data_dir, os.W_OK):
        raise _unusable(settings.data_dir, "不能写入")
    return open_url(f"sqlite:///{settings.data_dir.absolute() / SQLITE_FILE}")


def make_data_folder(settings: Settings) -> None:
    """Make the data folder where it is absent, for this user alone: recordings and transcripts are personal data.

    Raises:
        SettingsInvalid: it cannot be made.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(settings.data_dir, in_words(error)) from error


def _unusable(data_dir: Path, why: str) -> SettingsInvalid:
    return SettingsInvalid(f"数据目录 {data_dir} 不能使用（{why}）：请检查权限与磁盘，或用 QA_DATA_DIR 换一个目录。")


def open_url(text: str) -> Database:
    """Open a database by its SQLAlchemy URL: ``sqlite:///path`` or ``postgresql+psycopg://user@host/name``.

    Raises:
        SettingsInvalid: the URL cannot be read or names another kind of database.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise SettingsInvalid("QA_DATABASE_URL 读不懂；例如 postgresql+psycopg://用户:口令@主机/库名。") from error
    match url.get_backend_name():
        case "sqlite":
            if url.database in (None, "", ":memory:"):
                raise SettingsInvalid("QA_DATABASE_URL：SQLite 须指定文件，例如 sqlite:////数据目录/qa.sqlite3。")
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url.set(drivername="postgresql+psycopg"))
        case other:
            raise SettingsInvalid(f"QA_DATABASE_URL：不支持 {other}，请用 sqlite 或 postgresql+psycopg。")


def _sqlite(url: URL) -> Database:
    writer = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    reader = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    _listen(writer, begin="BEGIN IMMEDIATE", query_only=False)
    _listen(reader, begin="BEGIN", query_only=True)
    return Database(url=url, writer=writer, reader=reader)


def _listen(engine: Engine, *, begin: str, query_only: bool) -> None:
    def connected(connection: SqliteConnection, _record: object) -> None:
        # The driver's own transaction handling begins late and deferred; ours begins below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if query_only:
            connection.execute("PRAGMA query_only = ON")

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _postgresql(url: URL) -> Database:
    writer = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_TIMEOUT_S})
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(url=url, writer=writer, reader=reader)
