"""Measure and print: ``python3 qa.py bench [--only hearing|judging|queueing] [--seconds 300] [--quick] [--json]``.

Bounded: under five minutes in all on two idle cores. CPU seconds are what to compare: on a busy machine wall seconds
say more about its other work.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bench import hearing, judging, queueing
from bench.figures import Figure

Part = Callable[[argparse.Namespace], Iterable[Figure]]

PARTS: dict[str, Part] = {
    "hearing": lambda options: hearing.quick() if options.quick else hearing.measure(seconds=options.seconds),
    "judging": lambda options: judging.measure(rounds=1 if options.quick else 10),
    "queueing": lambda options: queueing.measure(number=20 if options.quick else 200),
}


def main(arguments: list[str] | None = None) -> None:
    """Run the parts asked for; standard output is the table, or with ``--json`` one object a figure and line."""
    parser = argparse.ArgumentParser(prog="qa.py bench", description="性能测量：每个数字旁边都有对照。")
    parser.add_argument("--only", choices=PARTS, action="append", help="只测这一部分，可重复")
    parser.add_argument("--seconds", type=int, default=300, help="识别所用通话的长度，缺省 300 秒")
    parser.add_argument("--quick", action="store_true", help="几秒钟走一遍，数字不作数")
    parser.add_argument("--json", action="store_true", help="每行一个 JSON 对象")
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    for name, part in PARTS.items():
        if options.only is None or name in options.only:
            print(f"{name} …", file=sys.stderr, flush=True)
            figures += part(options)
    if options.json:
        for figure in figures:
            print(json.dumps({**asdict(figure), "ratio": figure.ratio}, ensure_ascii=False))
    else:
        Console(width=None if sys.stdout.isatty() else 140).print(table(figures))


def table(figures: Iterable[Figure]) -> Table:
    """The figures as a table, with the machine in its title."""
    made = Table(title=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for heading in ("what", "ours", "against", "reference", "ratio"):
        made.add_column(heading, justify="left" if heading in ("what", "against") else "right", overflow="fold")
    for figure in figures:
        reference = "" if figure.reference is None else f"{figure.reference:.3g} {figure.unit}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        made.add_row(figure.what, f"{figure.value:.3g} {figure.unit}", figure.against or "", reference, ratio)
    return made


if __name__ == "__main__":
    main()
