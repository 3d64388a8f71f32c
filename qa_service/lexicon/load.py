"""From a folder of TOML files to a ``Rulebook``; a house's own folder is laid over the shipped one.

A house's file of the same name adds rules, and replaces those whose id it repeats; word sets, framings, limits and
the scheme are replaced by name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import time
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel

from qa_service.call import Speaker
from qa_service.errors import LexiconInvalid
from qa_service.lexicon.examples import parse_example
from qa_service.lexicon.files import (
    FactDocument,
    FactsFile,
    FamiliesFile,
    FramingsFile,
    ProfileFile,
    RuleDocument,
    RuleFile,
    SchemeFile,
    SourcesFile,
    WordsFile,
    read_file,
)
from qa_service.lexicon.learned import CARD, read_learned
from qa_service.lexicon.learned_model import LearnedModel
from qa_service.lexicon.model import Cue, Fact, Framing, Limits, Rule, Rulebook, Scheme, Source
from qa_service.lexicon.patterns import compile_pattern

SHIPPED = Path(__file__).resolve().parents[2] / "lexicons"
WordSets = Mapping[str, tuple[str, ...]]
RuleFiles = list[tuple[str, RuleFile]]
"""The rule files of one folder with their names."""


def load_rulebook(
    house: Path | None = None,
    *,
    profile: str = "cn_default",
    shipped: Path = SHIPPED,
    proposed: Path | None = None,
    learned: bool = True,
) -> Rulebook:
    """Read the shipped lexicons and, over them, the house's own folder where one is named.

    ``proposed`` is a folder laid over both, to see what its rules would do. Without ``learned`` the learned reader is
    left out, as where the profile says so.

    Raises:
        LexiconInvalid: naming the file, the rule, and what to change.
    """
    if house is not None and not house.is_dir():
        raise LexiconInvalid(f"QA_LEXICON_DIR 指向的文件夹不存在：{house}。")
    folders = [folder for folder in (shipped, house, proposed) if folder is not None]
    word_sets = _word_sets(folders)
    framings = _framings(folders, word_sets)
    rule_files = [_rule_files(folder) for folder in folders]
    facts = _facts(folders, rule_files, word_sets)
    families = _families(folders)
    rules = tuple(
        replace(rule, family=_family_of(rule.id, families)) for rule in _rules(rule_files, word_sets, framings)
    )
    sources = _sources(folders)
    _check_sources(rules, sources)
    limits = _limits(folders, profile)
    scheme = _scheme(folders)
    model = _learned(folders, profile) if learned else None
    parts = [
        *(rule.fingerprint for rule in rules),
        _digest({name: [[c.pattern.source, c.reach, c.within] for c in f.cues] for name, f in framings.items()}),
        _digest([[fact.name, fact.unless, [p.source for p in fact.patterns]] for fact in facts]),
        _digest(limits),
        _digest(scheme),
        *([] if model is None else [model.fingerprint]),
    ]
    return Rulebook(
        rules=rules,
        framings=framings,
        facts=facts,
        word_sets=word_sets,
        sources=sources,
        limits=limits,
        scheme=scheme,
        fingerprint=_digest(parts),
        learned=model,
    )


def _existing(folders: Iterable[Path], relative: str) -> list[Path]:
    return [folder / relative for folder in folders if (folder / relative).is_file()]


def _required(folders: list[Path], relative: str) -> list[Path]:
    return _existing(folders, relative) or [folders[0] / relative]


def _word_sets(folders: list[Path]) -> dict[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for path in _required(folders, "words.toml"):
        merged.update(read_file(path, WordsFile).words)
    return merged


def _framings(folders: list[Path], word_sets: WordSets) -> dict[str, Framing]:
    merged: dict[str, Framing] = {}
    for path in _required(folders, "framings.toml"):
        for document in read_file(path, FramingsFile).framing:
            cues = tuple(
                Cue(
                    pattern=compile_pattern(source, word_sets, f"{path.name} {document.name}"),
                    reach=line.reach,
                    within=line.within,
                )
                for line in document.cue
                for source in line.match
            )
            merged[document.name] = Framing(name=document.name, label=document.label, cues=cues)
    return merged


def _rule_files(folder: Path) -> RuleFiles:
    return [(path.name, read_file(path, RuleFile)) for path in sorted((folder / "rules").glob("*.toml"))]


def _facts(folders: list[Path], rule_files: Iterable[RuleFiles], word_sets: WordSets) -> tuple[Fact, ...]:
    merged: dict[str, Fact] = {}
    files: list[tuple[str, FactsFile | RuleFile]] = [
        (path.name, read_file(path, FactsFile)) for path in _required(folders, "facts.toml")
    ]
    files += [named for of_folder in rule_files for named in of_folder]
    for name, file in files:
        sets = {**word_sets, **file.words}
        merged |= {document.name: _fact(document, name, sets) for document in file.fact}
    return tuple(merged.values())


def _fact(document: FactDocument, file: str, word_sets: WordSets) -> Fact:
    where = f"{file} {document.name}"
    speaker = document.speaker or Speaker.AGENT
    return Fact(
        name=document.name,
        label=document.label,
        speaker=document.speaker,
        patterns=tuple(compile_pattern(source, word_sets, where) for source in document.match),
        unless=document.unless,
        hits=tuple(parse_example(source, speaker, where) for source in document.hits),
        misses=tuple(parse_example(source, speaker, where) for source in document.misses),
        file=file,
    )


def _families(folders: list[Path]) -> frozenset[str]:
    return frozenset(
        name for path in _required(folders, "families.toml") for name in read_file(path, FamiliesFile).family
    )


def _family_of(rule_id: str, families: frozenset[str]) -> str:
    """The longest family that the id begins with; a rule outside of all is one of its own."""
    fitting = (family for family in families if rule_id == family or rule_id.startswith(f"{family}_"))
    return max(fitting, key=len, default=rule_id)


def _rules(rule_files: Iterable[RuleFiles], word_sets: WordSets, framings: Mapping[str, Framing]) -> tuple[Rule, ...]:
    merged: dict[str, Rule] = {}
    for of_folder in rule_files:
        seen: set[str] = set()
        for name, document in of_folder:
            sets = {**word_sets, **document.words}
            for rule in document.rule:
                if rule.id in seen:
                    raise LexiconInvalid(f"{name}：规则 {rule.id} 出现了两次，请改名或删去一条。")
                seen.add(rule.id)
                merged[rule.id] = _rule(rule, document, name, sets, framings)
    return tuple(merged.values())


def _rule(
    document: RuleDocument, file: RuleFile, name: str, word_sets: WordSets, framings: Mapping[str, Framing]
) -> Rule:
    where = f"{name} 规则 {document.id}"
    if document.learned and document.match:
        raise LexiconInvalid(f"{where}：learned 的规则由学习模型判断，不能再写 match，请删去其中一项。")
    if document.agreement and not document.match:
        raise LexiconInvalid(f"{where}：agreement 要学习模型同意词句的命中，这条没有写 match，请补上或删去 agreement。")
    for framing in document.unless:
        if framing not in framings:
            raise LexiconInvalid(f"{where}：unless 里的“{framing}”不是 framings.toml 里的语境。")
    return Rule(
        id=document.id,
        version=document.version,
        status=document.status,
        category=file.category,
        severity=document.severity,
        label=document.label,
        why=document.why,
        speaker=document.speaker,
        sources=document.sources,
        patterns=tuple(compile_pattern(source, word_sets, where) for source in document.match),
        unless=document.unless,
        listeners=frozenset(document.listeners),
        lawful_stages=frozenset(document.lawful_stages),
        waiver_lawful=document.waiver_lawful,
        learned=document.learned,
        agreement=document.agreement,
        say_instead=document.say_instead,
        hits=tuple(parse_example(source, document.speaker, where) for source in document.hits),
        misses=tuple(parse_example(source, document.speaker, where) for source in document.misses),
        blind_spots=document.blind_spots,
        retired_because=document.retired_because,
        fingerprint=_rule_fingerprint(document, file, word_sets),
        file=name,
        words=MappingProxyType(file.words),
    )


def _rule_fingerprint(document: RuleDocument, file: RuleFile, word_sets: WordSets) -> str:
    """Changes with anything of the rule's content, its word sets included, but not with its version."""
    used = {name: word_sets[name] for name in sorted(word_sets) if any(f"<{name}>" in m for m in document.match)}
    unset = {name for name in ("learned", "agreement") if not getattr(document, name)}
    content = document.model_dump(mode="json", exclude={"version", *unset})
    return _digest({"category": file.category, "rule": content, "words": used})


def _sources(folders: list[Path]) -> dict[str, Source]:
    merged: dict[str, Source] = {}
    for path in _required(folders, "sources.toml"):
        for key, document in read_file(path, SourcesFile).source.items():
            merged[key] = Source(key=key, **document.model_dump())
    return merged


def _check_sources(rules: tuple[Rule, ...], sources: Mapping[str, Source]) -> None:
    for rule in rules:
        for source in rule.sources:
            key = source.partition(":")[0]
            if key not in sources:
                raise LexiconInvalid(f"{rule.file} 规则 {rule.id}：依据 {key} 不在 sources.toml 里，请补上。")


def _limits(folders: list[Path], profile: str) -> Limits:
    values: dict[str, int | float | time] = {}
    for path in _required(folders, f"profiles/{profile}.toml"):
        for name, limit in read_file(path, ProfileFile).limit.items():
            values[name] = limit.value
    try:
        return Limits(name=profile, **values)  # type: ignore[arg-type]  # the shape is checked by the call itself
    except TypeError as error:
        raise LexiconInvalid(f"profiles/{profile}.toml 的参数不全或有多余：{error}。") from error


def _learned(folders: list[Path], profile: str) -> LearnedModel | None:
    """The model of the folder laid uppermost that has one, None where the profile switches the reader off."""
    if not read_file(_required(folders, f"profiles/{profile}.toml")[-1], ProfileFile).learned:
        return None
    return read_learned(_required(folders, str(CARD))[-1].parents[1])


def _scheme(folders: list[Path]) -> Scheme:
    document = read_file(_required(folders, "scheme.toml")[-1], SchemeFile)
    return Scheme(**document.model_dump())


def _digest(content: object) -> str:
    """A short stable fingerprint (16 hex digits of SHA-256) of plain data or a frozen value."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()[:16]


def _canonical(content: object) -> str:
    if isinstance(content, BaseModel):
        content = content.model_dump(mode="json")
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=repr)
