"""Recordings on disk, named by their content: ``recordings/ab/abcdef….audio`` under the data folder.

A file appears whole or not at all, and is on disk before anything in the database speaks of it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024 * 1024

INCOMING = "incoming"
"""Folder of uploads under way, and how the files begin that are being copied among the recordings."""


def recording_path(data_dir: Path, sha256: str) -> Path:
    """Where the recording of this content lies."""
    return data_dir / "recordings" / sha256[:2] / f"{sha256}.audio"


def store_recording(data_dir: Path, source: BinaryIO) -> str:
    """Copy a recording into the data folder and return the SHA-256 of its content; storing it again changes nothing."""
    folder = data_dir / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f"{INCOMING}-", delete=False) as file:
        incoming = Path(file.name)
        try:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            _put(incoming, recording_path(data_dir, digest.hexdigest()))
        finally:
            incoming.unlink(missing_ok=True)
    return digest.hexdigest()


@contextmanager
def incoming_folder(data_dir: Path) -> Iterator[Path]:
    """A folder for what one sender uploads: its name is drawn at random, and it is gone afterwards whatever happens."""
    parent = data_dir / INCOMING
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix="") as folder:
        yield Path(folder)


def sweep_incoming(data_dir: Path, *, before: datetime) -> int:
    """Remove what a killed process left of uploads and copies begun before this instant; returns how many went."""
    left = [*(data_dir / INCOMING).glob("*"), *(data_dir / "recordings").glob(f"{INCOMING}-*")]
    stale = [path for path in left if _changed_at(path) < before]
    for path in stale:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(stale)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def _put(incoming: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    incoming.replace(target)
    for folder in (target.parent, target.parent.parent):
        # A rename lasts through a power cut only once its folder is synchronised.
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
