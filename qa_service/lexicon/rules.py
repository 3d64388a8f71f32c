"""Rule files into rules: those of one folder after the other, each laid over the ones below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from qa_service.call import Speaker
from qa_service.errors import LexiconInvalid
from qa_service.judgement import RuleStatus
from qa_service.lexicon.digests import digest
from qa_service.lexicon.examples import parse_example
from qa_service.lexicon.files import (
    ChangeDocument,
    ChangesFile,
    FactDocument,
    FactsFile,
    FamiliesFile,
    RuleDocument,
    RuleFile,
    read_file,
)
from qa_service.lexicon.folders import Folder, LexiconFile, files_named, required, rule_files
from qa_service.lexicon.model import Fact, Framing, Rule, RuleChange, Source
from qa_service.lexicon.patterns import check_words, compile_pattern
from qa_service.lexicon.profiles import LIMIT_NAMES

CHANGES = "changes.toml"
WordSets = Mapping[str, tuple[str, ...]]

_LATER_KEYS = frozenset({"learned", "agreement", "limits", "retired_on"})
"""Keys added since rules were first locked: left out of a rule's fingerprint while they say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRules:
    """The rule files of all folders, from the lowest to the uppermost, with the file each was read from."""

    files: tuple[tuple[LexiconFile, RuleFile], ...]


def read_rule_files(folders: Sequence[Folder]) -> ReadRules:
    """Read every rule file of the folders.

    Raises:
        LexiconInvalid: where one has another shape, or a word in it would match nearly everything.
    """
    files = tuple(
        (file, read_file(file.path, RuleFile, str(file))) for folder in folders for file in rule_files(folder)
    )
    for file, document in files:
        check_words(document.words, str(file))
    return ReadRules(files=files)


def build_facts(folders: Sequence[Folder], read: ReadRules, word_sets: WordSets) -> tuple[Fact, ...]:
    """The facts of ``facts.toml`` and of the rule files; a later one of the same name takes the earlier's place."""
    documents: list[tuple[LexiconFile, FactsFile | RuleFile]] = [
        (file, read_file(file.path, FactsFile, str(file))) for file in required(folders, "facts.toml")
    ]
    for file, facts in documents:
        check_words(facts.words, str(file))
    merged: dict[str, Fact] = {}
    for file, document in (*documents, *read.files):
        sets = {**word_sets, **document.words}
        merged |= {fact.name: _fact(fact, file, sets) for fact in document.fact}
    return tuple(merged.values())


def _fact(document: FactDocument, file: LexiconFile, word_sets: WordSets) -> Fact:
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
        file=file.name,
    )


def read_families(folders: Sequence[Folder]) -> Mapping[str, str]:
    """The names of the provisions that rules are finer parts of, by the beginning of their ids."""
    merged: dict[str, str] = {}
    for file in required(folders, "families.toml"):
        merged |= read_file(file.path, FamiliesFile, str(file)).family
    return merged


def build_rules(
    folders: Sequence[Folder],
    read: ReadRules,
    word_sets: WordSets,
    framings: Mapping[str, Framing],
    families: Iterable[str],
) -> tuple[Rule, ...]:
    """All rules: of each folder first its own, which replace those of the same id below, then its changes to others.

    Raises:
        LexiconInvalid: naming file, rule and remedy.
    """
    known = frozenset(families)
    merged: dict[str, Rule] = {}
    for folder in folders:
        merged |= {
            rule.id: replace(rule, family=_family_of(rule.id, known))
            for rule in _own(folder, read, word_sets, framings)
        }
        for file in files_named([folder], CHANGES):
            for change in _changes(file):
                merged[change.id] = _changed(merged.get(change.id), change, file)
    return tuple(merged.values())


def check_sources(rules: Iterable[Rule], sources: Mapping[str, Source]) -> None:
    """Every source that a rule names must be known.

    Raises:
        LexiconInvalid: naming file, rule and source.
    """
    for rule in rules:
        for source in rule.sources:
            key = source.partition(":")[0]
            if key not in sources:
                raise LexiconInvalid(f"{rule.file} 规则 {rule.id}：依据 {key} 不在 sources.toml 里，请补上。")


def _own(folder: Folder, read: ReadRules, word_sets: WordSets, framings: Mapping[str, Framing]) -> Iterable[Rule]:
    seen: dict[str, LexiconFile] = {}
    for file, document in read.files:
        if file.folder != folder:
            continue
        sets = {**word_sets, **document.words}
        for rule in document.rule:
            if rule.id in seen:
                raise LexiconInvalid(f"{file}：规则 {rule.id} 在 {seen[rule.id]} 里已有一条，请改名或删去一条。")
            seen[rule.id] = file
            yield _rule(rule, document, file, sets, framings)


def _rule(
    document: RuleDocument, file: RuleFile, place: LexiconFile, word_sets: WordSets, framings: Mapping[str, Framing]
) -> Rule:
    where = f"{place} 规则 {document.id}"
    if document.learned and document.match:
        raise LexiconInvalid(f"{where}：learned 的规则由学习模型判断，不能再写 match，请删去其中一项。")
    if document.agreement and not document.match:
        raise LexiconInvalid(f"{where}：agreement 要学习模型同意词句的命中，这条没有写 match，请补上或删去 agreement。")
    for framing in document.unless:
        if framing not in framings:
            raise LexiconInvalid(f"{where}：unless 里的“{framing}”不是 framings.toml 里的语境，请改正或删去。")
    if unknown := [name for name in document.limits if name not in LIMIT_NAMES]:
        known = "、".join(LIMIT_NAMES)
        raise LexiconInvalid(f"{where}：limits 里的 {'、'.join(unknown)} 不是限额，请改成 {known} 之一。")
    check_retirement(document.status, document.retired_on, document.retired_because, where)
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
        limits=document.limits,
        say_instead=document.say_instead,
        hits=tuple(parse_example(source, document.speaker, where) for source in document.hits),
        misses=tuple(parse_example(source, document.speaker, where) for source in document.misses),
        blind_spots=document.blind_spots,
        retired_because=document.retired_because,
        retired_on=document.retired_on,
        layer=place.layer,
        fingerprint=_fingerprint(document, file, word_sets),
        file=place.name,
        words=MappingProxyType(file.words),
    )


def check_retirement(status: RuleStatus, on: date | None, because: str | None, where: str) -> None:
    """A retired rule says why and since when, any other neither.

    Raises:
        LexiconInvalid: where it is otherwise.
    """
    if status is RuleStatus.RETIRED and (on is None or because is None):
        raise LexiconInvalid(
            f'{where}：status 是 retired，请写明停用原因 retired_because = "…" 和停用日期 retired_on = 2026-04-01。'
        )
    if status is not RuleStatus.RETIRED and (on is not None or because is not None):
        raise LexiconInvalid(
            f"{where}：写了停用原因或日期，status 却是 {status}，请改成 retired，或删去 retired_because 和 retired_on。"
        )


def _fingerprint(document: RuleDocument, file: RuleFile, word_sets: WordSets) -> str:
    """Changes with anything of the rule's content, its word sets included, but not with its version."""
    used = {name: word_sets[name] for name in sorted(word_sets) if any(f"<{name}>" in m for m in document.match)}
    silent = {key for key in _LATER_KEYS if not getattr(document, key)}
    content = document.model_dump(mode="json", exclude={"version", *silent})
    return digest({"category": file.category, "rule": content, "words": used})


def _changes(file: LexiconFile) -> Iterable[ChangeDocument]:
    seen: set[str] = set()
    for change in read_file(file.path, ChangesFile, str(file)).change:
        if change.id in seen:
            raise LexiconInvalid(f"{file}：规则 {change.id} 改了两次，请合成一条 [[change]]。")
        seen.add(change.id)
        yield change


def _changed(rule: Rule | None, change: ChangeDocument, file: LexiconFile) -> Rule:
    where = f"{file} 规则 {change.id}"
    if rule is None:
        raise LexiconInvalid(f"{where}：没有这条规则可改，请核对编号（qa-service lexicons list 列出全部编号）。")
    if rule.layer is file.layer:
        raise LexiconInvalid(f"{where}：这条规则就在同一个文件夹里，请直接改 {rule.file}，再删去这条 [[change]]。")
    keys = {
        key: getattr(change, key) for key in ("severity", "status", "say_instead") if getattr(change, key) is not None
    }
    if not keys:
        raise LexiconInvalid(f"{where}：没有写要改什么，请写 severity、status、say_instead 中的至少一项。")
    status = change.status or rule.status
    retired = change.because if change.status is RuleStatus.RETIRED else None
    if change.status is not None or change.retired_on is not None:
        check_retirement(status, change.retired_on, retired, where)
        keys |= {"retired_on": change.retired_on, "retired_because": retired}
    made = RuleChange(layer=file.layer, keys=tuple(keys), because=change.because)
    return replace(
        rule,
        **keys,
        version=rule.version + change.version,
        changes=(*rule.changes, made),
        fingerprint=digest([rule.fingerprint, change.model_dump(mode="json", exclude={"version"})]),
    )


def _family_of(rule_id: str, families: frozenset[str]) -> str:
    """The longest family that the id begins with; a rule outside of all is one of its own."""
    fitting = (family for family in families if rule_id == family or rule_id.startswith(f"{family}_"))
    return max(fitting, key=len, default=rule_id)
