"""The folders that a rulebook is read from, laid over one another, and how messages name their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_service.lexicon.model import Layer

_OF_A_FOLDER = frozenset(
    f"{name}.toml"
    for name in ("LOCK", "changes", "facts", "families", "framings", "invented_phrases", "scheme", "sources", "words")
)
_INSIDE = frozenset({"rules", "profiles", "learned"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One folder of TOML files and which layer it is."""

    layer: Layer
    path: Path

    def place(self, relative: str | Path) -> str:
        """A file of it as a person looks for it: the folder's own name, then the path inside."""
        return f"{self.path.name}/{Path(relative).as_posix()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconFile:
    """One file of a folder."""

    folder: Folder
    relative: str

    @property
    def path(self) -> Path:
        """Where to read it."""
        return self.folder.path / self.relative

    @property
    def layer(self) -> Layer:
        """The layer it belongs to."""
        return self.folder.layer

    @property
    def name(self) -> str:
        """The file's own name (``threat.toml``), by which rules are listed and tested."""
        return Path(self.relative).name

    def __str__(self) -> str:
        """As messages name it."""
        return self.folder.place(self.relative)


def files_named(folders: Sequence[Folder], relative: str) -> list[LexiconFile]:
    """The files of this name, from the lowest layer to the uppermost; a folder need not have it."""
    found = [LexiconFile(folder=folder, relative=relative) for folder in folders]
    return [file for file in found if file.path.is_file()]


def required(folders: Sequence[Folder], relative: str) -> list[LexiconFile]:
    """The same, and where no folder has it the one that the lowest should have: reading it says so."""
    return files_named(folders, relative) or [LexiconFile(folder=folders[0], relative=relative)]


def rule_files(folder: Folder) -> Iterator[LexiconFile]:
    """The files of ``rules`` of one folder, by name."""
    for path in sorted((folder.path / "rules").glob("*.toml")):
        yield LexiconFile(folder=folder, relative=f"rules/{path.name}")


def unread_file(folder: Folder) -> str | None:
    """A TOML file of the folder that nothing would ever read (``rule/own.toml``), None where there is none.

    What lies deeper in a folder of another name is somebody's archive.
    """
    inside = (path.relative_to(folder.path) for path in sorted(folder.path.glob("**/*.toml")))
    return next((folder.place(path) for path in inside if not _read_or_archived(path.parts)), None)


def _read_or_archived(parts: tuple[str, ...]) -> bool:
    match parts:
        case (name,):
            return name in _OF_A_FOLDER
        case (inside, _):
            return inside in _INSIDE
        case (inside, *_):
            return inside not in _INSIDE
        case _:
            return True
