"""What holds for every file: readable in one sitting, and at home on any machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "__pycache__", "var", "build", "dist"}
TEXT = {".py", ".toml", ".md", ".txt", ".yaml", ".yml", ".json", ".jsonl", ".csv", ".html", ".css", ".js", ".mako", ""}

PLACES = re.compile(
    r"(?<![\w.>}])/(?:work|root|home/\w+|Users/\w+)/"  # a folder of one machine
    r"|\b(?:pypi[.](?:org|tuna)|pythonhosted[.]|registry[.]npm|deb[.]debian|mirrors?[.]\w+[.]\w+)"  # a registry
)


def is_ours(path: Path) -> bool:
    folders = path.relative_to(ROOT).parts
    return not any(
        part in NOT_OURS or part.endswith(("_cache", ".egg-info")) or part == ".hypothesis" for part in folders
    )


FILES = sorted(path for path in ROOT.rglob("*") if path.is_file() and is_ours(path))
TEXTS = [path for path in FILES if path.suffix in TEXT and not path.name.startswith(".venv")]


def test_no_file_names_a_path_of_some_machine_or_a_package_registry() -> None:
    found = {str(path.relative_to(ROOT)): PLACES.findall(path.read_text()) for path in TEXTS}
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cd /{}/checkout", True),
        ("path.insert(0, '/{}/main')", True),
        ("see network/{}/rules", False),
        ("${{HOME}}/{}/x", False),
        ("./{}/x", False),
    ],
)
@pytest.mark.parametrize("folder", ["work", "root", "home/someone"])
def test_a_machine_path_is_told_from_others(text: str, folder: str, named: bool) -> None:
    assert bool(PLACES.search(text.format(folder))) is named


def test_code_files_are_under_400_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in FILES if path.suffix == ".py"}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_every_package_says_what_it_is_for() -> None:
    packages = [path for path in FILES if path.name == "__init__.py" and "tests" not in path.parts]
    assert [str(path.relative_to(ROOT)) for path in packages if not path.read_text().startswith('"""')] == []


def test_a_clone_stays_small() -> None:
    assert sum(path.stat().st_size for path in FILES) < 40 * 2**20
