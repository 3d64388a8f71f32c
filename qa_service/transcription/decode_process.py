"""The process that decodes: ``main PARENT ORDER``, the recording on standard input, the samples to standard output.

It starts fresh for each recording, gives up all but these two before it looks at a single byte, and answers with one
line on standard error. Nothing is imported here that the decoding does not need: its start is most of its cost.
"""

from __future__ import annotations

import os
import sys

from qa_service.transcription.confine import Means, confine, die_with, leave_network
from qa_service.transcription.orders import Order, Refusal, Refused, Report
from qa_service.transcription.samples import RATE

MEMORY = 512 * 1024**2
"""Address space in bytes. Interpreter, NumPy and FFmpeg map 200 MiB, most of it never touched; decoding takes 10."""

_CPU_SECONDS = 10.0
_CPU_SHARE = 0.1
"""Seconds of CPU for the longest recording allowed; how they are dealt out as it advances is ``decoding``'s."""

_BYTES_A_SECOND = RATE * 2 * 2


def main() -> None:
    """Decode what standard input holds, for the process and by the order that the arguments name."""
    parent, order = int(sys.argv[-2]), Order.load(sys.argv[-1])
    die_with(parent)
    missing = leave_network()
    # Loaded while files may still be opened.
    from qa_service.transcription.decoding import decode_stream

    missing |= confine(
        Means(
            memory=MEMORY,
            cpu_seconds=round(_CPU_SECONDS + _CPU_SHARE * order.max_seconds),
            file_bytes=round((order.max_seconds + 60) * _BYTES_A_SECOND) + 65_536,
        )
    )
    try:
        with os.fdopen(0, "rb", closefd=False) as source, os.fdopen(1, "r+b", closefd=False) as sink:
            decode_stream(source, sink, order)
        report = Report(missing=missing)
    except Refused as refused:
        report = Report(refusal=refused.refusal, number=refused.number, missing=missing)
    except MemoryError:
        report = Report(refusal=Refusal.MEMORY, missing=missing)
    os.write(2, report.dump().encode())
