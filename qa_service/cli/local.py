"""What commands on the machine itself have in common: the backend, and the operator who types them."""

from __future__ import annotations

import getpass
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from qa_service.access import Actor, Role
from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.housekeeping import upgrade_database
from qa_service.settings import Settings, load_settings


@contextmanager
def local_backend(settings: Settings | None = None) -> Iterator[Backend]:
    """The backend of the settings; the embedded database is brought to this version, any other must be so already."""
    backend = open_backend(settings or load_settings())
    try:
        if backend.settings.database_url is None:
            upgrade_database(backend)
        yield backend
    finally:
        backend.close()


def operator() -> Actor:
    """Whoever has the machine has all rights; journals name the account."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        account = str(os.getuid())
    return Actor(name=f"{account}@local", roles=frozenset({Role.ADMIN, Role.QA_LEAD}))


def start_logging(settings: Settings) -> None:
    """Log to standard error at the level set."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
