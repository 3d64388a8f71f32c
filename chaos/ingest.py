"""``python -m chaos.ingest FOLDER``: sends in every call of a manifest, from its first line, as often as it is started.

The manifest (``calls.jsonl``) and the recordings it names lie in the folder. Intake is idempotent, so that whoever was
killed half-way simply begins again.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from qa_service.actions.backend import open_backend
from qa_service.actions.intake import locate_recording, receive_call
from qa_service.documents import parse_call
from qa_service.settings import load_settings
from workers.lifeline import hold_lifeline


def main(folder: Path, pause_s: float) -> None:
    """Send them in, ``pause_s`` apart where they are new."""
    hold_lifeline()
    backend = open_backend(load_settings())
    with (folder / "calls.jsonl").open(encoding="utf-8") as manifest:
        for line in manifest:
            call = parse_call(json.loads(line))
            received = receive_call(backend, call, locate_recording(call, folder))
            if not received.already_known:
                time.sleep(pause_s)
    backend.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
