"""The lock files hold what the project needs, by hash, and name no host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
DEVELOPMENT: list[str] = PROJECT["dependency-groups"]["dev"]

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?P<rest>(?:.*\\\n)*.*)", re.MULTILINE)


def pins(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes by package."""
    hashes = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
    found = PIN.finditer((ROOT / lock).read_text())
    return {canonicalize_name(pin["name"]): (pin["version"], frozenset(hashes.findall(pin["rest"]))) for pin in found}


@pytest.mark.parametrize(
    ("lock", "needed"),
    [
        *(("requirements.txt", line) for line in RUNTIME),
        *(("requirements-dev.txt", line) for line in RUNTIME + DEVELOPMENT),
    ],
)
def test_every_dependency_is_locked_at_a_version_it_allows(lock: str, needed: str) -> None:
    requirement = Requirement(needed)
    version, _ = pins(lock)[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_its_hashes(lock: str) -> None:
    assert {name for name, (_, hashes) in pins(lock).items() if not hashes} == set()


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_no_host_and_no_folder_is_named(lock: str) -> None:
    assert (
        re.findall(r"https?://\S+|file:\S*|--\w*index\S*|--find-links\S*|--trusted-host\S*", (ROOT / lock).read_text())
        == []
    )


def test_what_runs_is_what_is_tested() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
