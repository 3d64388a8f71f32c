"""How right the verdicts are: ``python3 qa.py accuracy [--labelled dev=FILE.jsonl] [--ordinary FILE.jsonl] …``.

Judges every labelled call of the repository (train, validation, held-back, blind) and of the files named, scores them,
tells every error's reason, and writes ``docs/accuracy.md`` below its marker. What is written above it is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.accuracy_report import Report, lines_of
from bench.accuracy_sets import judge_ordinary, judge_sets, read_spoken
from bench.judging import cpu_of_judging
from qa_service.errors import InputRefused, QaError
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.testing.labelled_sets import LabelledSet, from_file, shipped_sets

DOCUMENT = Path(__file__).parents[1] / "docs" / "accuracy.md"
MARKER = "<!-- 以下由 python3 qa.py accuracy 生成，请勿手改 -->"
NOISY = ("validation", "held_back", "blind")
"""The sets whose noisy calls are told together."""

LABELS = {"dev": "开发集"}


def main(arguments: Sequence[str]) -> int:
    """Measure and write; exit code 0 done, 1 an input refused (its sentence on standard error)."""
    parser = argparse.ArgumentParser(
        prog="qa.py accuracy", description="在标注通话上重新测量准确率，写入 docs/accuracy.md。"
    )
    parser.add_argument(
        "--labelled", action="append", default=[], metavar="名称=文件", help="另外的标注文件，如 dev=dev.jsonl"
    )
    parser.add_argument("--ordinary", type=Path, help="不是催收的普通对话，每行一通")
    parser.add_argument("--spoken", type=Path, help="口语日期与金额的标准答案文件夹")
    parser.add_argument("--print", action="store_true", help="只打印，不写文件")
    options = parser.parse_args(arguments)
    try:
        report = measure(options)
        text = "\n".join(lines_of(report)) + "\n"
        if options.print:
            sys.stdout.write(text)
        else:
            write(DOCUMENT, text)
    except QaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def measure(options: argparse.Namespace) -> Report:
    """Judge everything asked for, with the learned reader and without."""
    sets = [*map(_named, options.labelled), *shipped_sets()]
    judge = Judge(load_rulebook())
    alone = Judge(load_rulebook(learned=False))
    return Report(
        rulebook=judge.rulebook.fingerprint,
        results=judge_sets(sets, judge, NOISY),
        patterns_alone={result.name: result.evaluation for result in judge_sets(sets, alone, NOISY)},
        ordinary=judge_ordinary(options.ordinary, judge) if options.ordinary else None,
        spoken=read_spoken(options.spoken) if options.spoken else {},
        cpu_ms={"只用词句规则": cpu_of_judging(alone), "加学习模型": cpu_of_judging(judge)},
    )


def _named(argument: str) -> LabelledSet:
    name, separator, path = argument.partition("=")
    if not separator or not name.isidentifier():
        raise InputRefused(f"--labelled {argument}：应写成 名称=文件，例如 dev=dev.jsonl。")
    return from_file(name, LABELS.get(name, name), Path(path))


def write(document: Path, text: str) -> None:
    """Replace what stands below the marker.

    Raises:
        InputRefused: where the document has no marker.
    """
    before, marker, _ = document.read_text(encoding="utf-8").partition(MARKER)
    if not marker:
        raise InputRefused(f"{document.name} 里没有标记行“{MARKER}”，请补上：它以下的内容由命令生成。")
    document.write_text(f"{before}{MARKER}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
