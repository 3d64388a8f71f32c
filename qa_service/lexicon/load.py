"""From folders of TOML files to a ``Rulebook``: the shipped one, a house's own over it, and one that is proposed.

What each folder adds, replaces or changes is told in ``docs/writing-rules.md``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from qa_service.errors import LexiconInvalid
from qa_service.judgement import Severity
from qa_service.lexicon.digests import digest
from qa_service.lexicon.files import FramingsFile, ProfileFile, SchemeFile, SourcesFile, WordsFile, read_file
from qa_service.lexicon.folders import Folder, LexiconFile, files_named, required, unread_file
from qa_service.lexicon.learned import CARD, read_learned
from qa_service.lexicon.learned_model import LearnedModel
from qa_service.lexicon.model import Cue, Framing, Layer, Rulebook, Scheme, Source
from qa_service.lexicon.patterns import check_words, compile_pattern
from qa_service.lexicon.profiles import profile_names, read_profiles, stacked_limits
from qa_service.lexicon.rules import (
    WordSets,
    build_facts,
    build_rules,
    check_sources,
    read_families,
    read_rule_files,
)

SHIPPED = Path(__file__).resolve().parents[2] / "lexicons"


def load_rulebook(
    house: Path | None = None,
    *,
    profile: str = "cn_default",
    shipped: Path = SHIPPED,
    proposed: Path | None = None,
    learned: bool = True,
) -> Rulebook:
    """Read the shipped lexicons and, over them, the house's own folder where one is named.

    ``profile`` is one name of ``profiles`` or several with commas between them: the strictest value of each limit is
    in force. ``proposed`` is a folder laid over both, to see what its rules would do. Without ``learned`` the learned
    reader is left out, as where the profile says so.

    Raises:
        LexiconInvalid: naming the file, the rule, and what to change.
    """
    folders = _folders(shipped, house, proposed)
    word_sets = _word_sets(folders)
    framings = _framings(folders, word_sets)
    files = read_rule_files(folders)
    facts = build_facts(folders, files, word_sets)
    families = read_families(folders)
    rules = build_rules(folders, files, word_sets, framings, families)
    sources = _sources(folders)
    check_sources(rules, sources)
    profiles = read_profiles(folders, profile_names(profile))
    limits, origins = stacked_limits(profiles, sources)
    scheme = _scheme(folders)
    model = _learned(folders, profiles) if learned else None
    parts = [
        *(rule.fingerprint for rule in rules),
        digest({name: [[c.pattern.expression, c.reach, c.within] for c in f.cues] for name, f in framings.items()}),
        digest([[fact.name, fact.unless, [p.expression for p in fact.patterns]] for fact in facts]),
        digest(word_sets),
        digest(families),
        digest([limits, origins]),
        digest(scheme),
        *([] if model is None else [model.fingerprint]),
    ]
    return Rulebook(
        rules=rules,
        framings=framings,
        facts=facts,
        word_sets=word_sets,
        sources=sources,
        limits=limits,
        limit_origins=origins,
        scheme=scheme,
        fingerprint=digest(parts),
        learned=model,
    )


def _folders(shipped: Path, house: Path | None, proposed: Path | None) -> list[Folder]:
    """The folders that there are, from the lowest layer to the uppermost."""
    # os.path takes a folder that may not be looked into for one that is not there.
    if house is not None and not os.path.isdir(house):  # noqa: PTH112
        raise LexiconInvalid(f"机构规则文件夹不存在或没有权限：{house}，请核对 QA_LEXICON_DIR 或 --dir。")
    if proposed is not None and not os.path.isdir(proposed):  # noqa: PTH112
        raise LexiconInvalid(f"拟用规则文件夹不存在或没有权限：{proposed}，请核对 --rules。")
    named = ((Layer.SHIPPED, shipped), (Layer.HOUSE, house), (Layer.PROPOSED, proposed))
    folders = [Folder(layer=layer, path=path) for layer, path in named if path is not None]
    for unread in filter(None, map(unread_file, folders)):
        raise LexiconInvalid(
            f"{unread} 不在会读到的地方，写了也不生效：请改成说明里的文件名，或移到 rules 里，或删去。"
        )
    return folders


def _word_sets(folders: Sequence[Folder]) -> dict[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for file in required(folders, "words.toml"):
        words = read_file(file.path, WordsFile, str(file)).words
        check_words(words, str(file))
        merged |= words
    return merged


def _framings(folders: Sequence[Folder], word_sets: WordSets) -> dict[str, Framing]:
    merged: dict[str, Framing] = {}
    for file in required(folders, "framings.toml"):
        for document in read_file(file.path, FramingsFile, str(file)).framing:
            where = f"{file} 语境 {document.name}"
            cues = tuple(
                Cue(pattern=compile_pattern(source, word_sets, where), reach=line.reach, within=line.within)
                for line in document.cue
                for source in line.match
            )
            merged[document.name] = Framing(name=document.name, label=document.label, cues=cues)
    return merged


def _sources(folders: Sequence[Folder]) -> dict[str, Source]:
    merged: dict[str, Source] = {}
    for file in required(folders, "sources.toml"):
        for key, document in read_file(file.path, SourcesFile, str(file)).source.items():
            merged[key] = Source(key=key, layer=file.layer, **document.model_dump())
    return merged


def _learned(
    folders: Sequence[Folder], profiles: Mapping[str, Sequence[tuple[LexiconFile, ProfileFile]]]
) -> LearnedModel | None:
    """The model of the folder laid uppermost that has one, None where a profile switches the reader off.

    Folders of somebody else's may come without; ours never does, and its absence is no way to switch it off.
    """
    if not all(document.learned for files in profiles.values() for _, document in files):
        return None
    cards = files_named(folders, str(CARD))
    if not cards and folders[0].path != SHIPPED:
        return None
    return read_learned(cards[-1].folder.path if cards else SHIPPED)


def _scheme(folders: Sequence[Folder]) -> Scheme:
    file = required(folders, "scheme.toml")[-1]
    document = read_file(file.path, SchemeFile, str(file))
    missing = [severity for severity in Severity if severity not in document.points]
    if missing:
        raise LexiconInvalid(f"{file}：[points] 缺少 {'、'.join(missing)} 的分值，请补上。")
    return Scheme(**document.model_dump())
