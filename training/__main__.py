"""``python -m training``: train the learned reader from ``corpus/`` and write ``lexicons/learned/``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from qa_service.errors import QaError
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.load import SHIPPED
from qa_service.lexicon.lock import write_lock
from qa_service.testing.corpus import CORPUS
from training import files
from training.report import ablation, ablation_table, card_table
from training.train import train


def main(arguments: Sequence[str]) -> int:
    """Train and write, or print the ablation; exit code 0 done, 1 an input refused (the sentence says why)."""
    parser = argparse.ArgumentParser(prog="qa.py train", description="用标注语料训练学习模型。")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="标注语料的文件夹")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="写到哪个规则文件夹的 learned/ 里")
    parser.add_argument("--ablation", action="store_true", help="只打印各部分的作用，不写文件（约十分钟）")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 180)
    try:
        if options.ablation:
            console.print(ablation_table(ablation(options.corpus)))
            return 0
        trained = train(options.corpus)
        files.write(options.out, trained.card, trained.content)
        if options.out == SHIPPED:
            write_lock(load_rulebook())
    except QaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    console.print(card_table(trained.card))
    console.print(f"模型 {len(trained.content) / 1e6:.2f} MB，指纹 {trained.card.sha256[:16]}。")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
