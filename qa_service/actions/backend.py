"""What every action needs: the settings and the database, opened once per process and handed on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from qa_service.errors import DatabaseUnavailable
from qa_service.settings import Settings
from qa_service.storage.engine import Database, open_database

_NO_DATABASE = "数据库连不上或其中的表不属于本版本：请检查 QA_DATABASE_URL，并运行 qa-service db upgrade。"

_DISK_FULL = "数据库所在的磁盘已满，没有写入：请清出空间，已写入的都在，之后重来即可。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """The way to the stored truth; safe to share between threads."""

    settings: Settings
    database: Database

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one snapshot.

        Raises:
            DatabaseUnavailable: the database is down, locked for too long, or not migrated.
        """
        with database_faults(), self.database.read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits at the end of the block, or not at all.

        Raises:
            DatabaseUnavailable: the database is down, locked for too long, or not migrated.
        """
        with database_faults(), self.database.write() as session:
            yield session

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()


def open_backend(settings: Settings) -> Backend:
    """Open what the settings name; nothing is connected to before the first action."""
    return Backend(settings=settings, database=open_database(settings))


@contextmanager
def database_faults() -> Iterator[None]:
    """Turn the driver's faults (not our own mistakes in SQL or data) into ``DatabaseUnavailable``."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable(_NO_DATABASE) from error
    except DBAPIError as error:
        if "disk is full" in str(error.orig) or "No space left" in str(error.orig):
            raise DatabaseUnavailable(_DISK_FULL) from error
        if error.connection_invalidated or _is_outage(error):
            raise DatabaseUnavailable(_NO_DATABASE) from error
        raise


def _is_outage(error: DBAPIError) -> bool:
    # OperationalError: down, locked, missing table on SQLite; UndefinedTable is PostgreSQL's word for the last.
    cause = type(error.orig).__name__ if error.orig is not None else ""
    return type(error).__name__ in {"OperationalError", "InterfaceError"} or cause == "UndefinedTable"
