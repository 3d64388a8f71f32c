"""Judging a transcript, one core: against its budget, and against what a plain list of regular expressions costs."""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.figures import Figure, Stopwatch
from qa_service.call import Call, Speaker, Turn
from qa_service.documents import parse_call
from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.text import view_of
from qa_service.pipeline import Judge

SAMPLES = Path(__file__).parents[1] / "samples"
BUDGET_MS = 15.0
"""CPU for a call of five minutes by patterns alone: a million calls are four hours of one core."""

BUDGET_LEARNED_MS = 40.0
"""The same with the learned reader: eleven hours."""

SEARCHES = 300

HOUSE_PATTERNS = 2_700
PATTERNS_A_RULE = 10


def five_minute_calls() -> tuple[Call, ...]:
    """Calls of five minutes: the demo dialogues one after the other, each time beginning with another one."""
    call = parse_call(json.loads((SAMPLES / "calls.jsonl").read_text().splitlines()[0]))
    scripts = [json.loads(line) for line in (SAMPLES / "scripts.jsonl").read_text().splitlines()]
    return tuple(
        replace(call, recording=None, turns=tuple(_turns(scripts[start:] + scripts[:start])))
        for start in range(len(scripts))
    )


def _turns(scripts: Iterable[dict[str, object]]) -> Iterable[Turn]:
    offset = 0
    for script in scripts:
        turns, duration = script["turns"], script["duration_ms"]
        assert isinstance(turns, list) and isinstance(duration, int)  # noqa: S101
        for turn in turns:
            if offset + turn["end_ms"] > 300_000:
                return
            yield Turn(
                speaker=Speaker.of(turn["speaker"]),
                start_ms=offset + turn["start_ms"],
                end_ms=offset + turn["end_ms"],
                text=turn["text"],
            )
        offset += duration


def measure(*, rounds: int = 10) -> Iterable[Figure]:
    """Milliseconds of CPU for a five-minute call; the rulebook is loaded and indexed once, as in a worker."""
    calls = five_minute_calls()
    loading = Stopwatch()
    with loading.running():
        both = Judge(load_rulebook())
    alone = Judge(load_rulebook(learned=False))
    patterns = [re.compile(phrase) for phrase in _phrases(calls)]

    def search(call: Call) -> None:
        for turn in call.turns:
            for pattern in patterns:
                pattern.search(turn.text)

    ours, learned = _mean_ms(alone.judge, calls, rounds), _mean_ms(both.judge, calls, rounds)
    plain = _mean_ms(search, calls, rounds)
    what = f"judge a 300 s call ({sum(len(call.turns) for call in calls) / len(calls):.0f} turns) by patterns alone"
    yield Figure(what="load and index the rulebook, once a process", value=loading.cpu * 1000, unit="CPU ms")
    yield Figure(what=what, value=ours, unit="CPU ms", against="budget", reference=BUDGET_MS)
    yield Figure(
        what="the same with the learned reader",
        value=learned,
        unit="CPU ms",
        against="budget",
        reference=BUDGET_LEARNED_MS,
    )
    yield Figure(what=what, value=ours, unit="CPU ms", against=f"{SEARCHES} plain re searches a turn", reference=plain)
    yield from measure_growth(calls, rounds=rounds)


def measure_growth(calls: Sequence[Call], *, rounds: int) -> Iterable[Figure]:
    """The same calls judged by word rules alone, without and with a house's many patterns on top, in turns."""
    shipped = load_rulebook(learned=False)
    with tempfile.TemporaryDirectory() as folder:
        write_house(Path(folder), shipped, calls)
        house = load_rulebook(Path(folder), learned=False)
    few, many = Judge(shipped), Judge(house)
    pairs = [(_mean_ms(few.judge, calls, 1), _mean_ms(many.judge, calls, 1)) for _ in range(rounds)]
    yield Figure(
        what=f"judge a 300 s call by {_patterns_of(house)} patterns of rules",
        value=min(ours for _, ours in pairs),
        unit="CPU ms",
        against=f"by the shipped {_patterns_of(shipped)}",
        reference=min(plain for plain, _ in pairs),
    )


def write_house(folder: Path, shipped: Rulebook, calls: Sequence[Call]) -> None:
    """A house's own folder of patterns as long and as gappy as the shipped ones, made of the words of those.

    Every third word is one that the calls themselves hold, so that many are begun and some are tried.
    """
    chance = random.Random(20260312)  # noqa: S311  # no secret, and the same every time
    rules = [rule for rule in shipped.rules if rule.patterns]
    known = sorted({word for rule in rules for p in rule.patterns for word in p.phrases if 2 <= len(word) <= 5})
    said = [phrase[at : at + 2] for phrase in _phrases(calls) for at in (0, 3)]
    said = sorted({word for word in said if word.isalpha() and len(word) == len(view_of(word).text)})
    shapes = ("{0}{1}", "{0}~{1}", "[{0}|{2}]~{1}", "{0}…[{1}|{2}|{3}]", "{0}，[{1}|{2}]~{3}")
    written = [
        chance.choice(shapes).format(*(chance.choice(said if chance.random() < 1 / 3 else known) for _ in range(4)))
        for _ in range(HOUSE_PATTERNS)
    ]
    text = ['category = "conduct"']
    for number in range(0, HOUSE_PATTERNS, PATTERNS_A_RULE):
        some = json.dumps(written[number : number + PATTERNS_A_RULE], ensure_ascii=False)
        text.append(
            f'[[rule]]\nid = "conduct.house_{number}"\nversion = 1\nseverity = "note"\nlabel = "本机构规则"\n'
            f'why = "测量用。"\nsources = ["HOUSE"]\nunless = ["denial", "quotation"]\nmatch = {some}'
        )
    (folder / "rules").mkdir()
    (folder / "rules" / "house.toml").write_text("\n".join(text), encoding="utf-8")


def _patterns_of(rulebook: Rulebook) -> int:
    return sum(len(rule.patterns) for rule in rulebook.rules)


def cpu_of_judging(judge: Judge, *, rounds: int = 3) -> float:
    """Milliseconds of CPU that ``judge`` takes for a five-minute call."""
    return _mean_ms(judge.judge, five_minute_calls(), rounds)


def _phrases(calls: Sequence[Call]) -> Sequence[str]:
    """As many different phrases of five characters as are searched for, all of which occur somewhere."""
    texts = [turn.text for call in calls for turn in call.turns]
    return list(dict.fromkeys(text[at : at + 5] for text in texts for at in range(0, len(text) - 5, 5)))[:SEARCHES]


def _mean_ms(work: Callable[[Call], object], calls: Sequence[Call], rounds: int) -> float:
    for call in calls:
        work(call)  # what is cached at first use is cached in a worker, too
    watch = Stopwatch()
    with watch.running():
        for _ in range(rounds):
            for call in calls:
                work(call)
    return watch.cpu * 1000 / (rounds * len(calls))
