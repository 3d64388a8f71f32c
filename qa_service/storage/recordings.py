"""Recordings on disk, named by their content: ``recordings/ab/abcdef….audio`` under the data folder.

A file appears whole or not at all, and is on disk before anything in the database speaks of it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024 * 1024


def recording_path(data_dir: Path, sha256: str) -> Path:
    """Where the recording of this content lies."""
    return data_dir / "recordings" / sha256[:2] / f"{sha256}.audio"


def store_recording(data_dir: Path, source: BinaryIO) -> str:
    """Copy a recording into the data folder and return the SHA-256 of its content; storing it again changes nothing."""
    folder = data_dir / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, prefix="incoming-", delete=False) as file:
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
