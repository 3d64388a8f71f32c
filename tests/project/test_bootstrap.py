"""``qa.py`` makes the environment in whatever way the machine allows, once, and then keeps out of the way."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PRODUCT = """
import json, os, sys
import qa_service
said = {"arguments": sys.argv[1:], "folder": os.getcwd(), "input": sys.stdin.read(), "of": qa_service.__file__}
print(json.dumps(said))
sys.exit(7)
"""


@dataclass(frozen=True, kw_only=True)
class Clone:
    """A fresh clone of a small product that needs no packages, on a machine with nothing on its PATH."""

    root: Path
    programs: Path

    def start(self, *words: str, cwd: Path | None = None, **variables: str) -> subprocess.Popen[str]:
        environment = {"PATH": str(self.programs), "HOME": str(self.root), "PIP_NO_INDEX": "1", "LC_ALL": "C.UTF-8"}
        return subprocess.Popen(
            [sys.executable, self.root / "qa.py", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment | variables, cwd=cwd or self.root,
        )  # fmt: skip

    def run(self, *words: str, cwd: Path | None = None, **variables: str) -> tuple[int, str, str]:
        process = self.start(*words, cwd=cwd, **variables)
        out, err = process.communicate("piped")
        return process.returncode, out, err

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    root, programs = tmp_path / "clone", tmp_path / "bin"
    (root / "qa_service").mkdir(parents=True)
    programs.mkdir()
    shutil.copy(ROOT / "qa.py", root)
    shutil.copytree(ROOT / "vendor", root / "vendor")
    (root / "requirements-dev.txt").write_text("# nothing\n")
    (root / "qa_service" / "__init__.py").touch()
    (root / "qa_service" / "__main__.py").write_text(PRODUCT)
    return Clone(root=root, programs=programs)


def test_a_python_without_pip_or_ensurepip_is_served_by_the_pip_that_comes_along(clone: Clone) -> None:
    status, out, err = clone.run("judge", "call.wav")
    assert status == 7
    assert json.loads(out)["arguments"] == ["judge", "call.wav"]
    assert "正在用 pip 准备运行环境" in err
    assert "运行环境已就绪" in err


def test_a_standing_environment_says_nothing_of_its_own(clone: Clone, tmp_path: Path) -> None:
    clone.run("first")
    status, out, err = clone.run("judge", "-", cwd=tmp_path)
    assert (status, err) == (7, "")
    said = json.loads(out)
    assert said["input"] == "piped"
    assert said["folder"] == str(tmp_path), "relative file names are the caller's"


def test_what_lies_in_the_callers_folder_is_not_imported(clone: Clone, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "qa_service").mkdir(parents=True)
    (elsewhere / "qa_service" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    _, out, _ = clone.run("judge", cwd=elsewhere)
    assert json.loads(out)["of"] == str(clone.root / "qa_service" / "__init__.py")


def test_uv_is_preferred(clone: Clone) -> None:
    make = f'[ "$1" = venv ] && exec "{sys.executable}" -m venv --without-pip "$5"; exit 0'
    clone.program("uv", f'echo "$@" >> "{clone.root}/uv.log"; {make}')
    status, _, err = clone.run("judge")
    assert status == 7
    assert "正在用 uv 准备" in err
    assert "正在用 pip" not in err
    called = (clone.root / "uv.log").read_text().splitlines()
    assert [line.split()[0] for line in called] == ["venv", "pip"]
    assert "--require-hashes" in called[1]


def test_where_uv_fails_pip_takes_over(clone: Clone) -> None:
    clone.program("uv", "echo no route to the index; exit 2")
    status, _, err = clone.run("judge")
    assert status == 7
    assert err.index("用 uv 没有成功") < err.index("正在用 pip 准备")


def test_where_nothing_works_the_last_line_is_the_one_to_type(clone: Clone) -> None:
    shutil.rmtree(clone.root / "vendor")
    status, out, err = clone.run("demo")
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].strip() == "sudo apt-get install -y python3-venv"


def test_where_nothing_can_be_downloaded_the_mirror_setting_is_named(clone: Clone) -> None:
    (clone.root / "requirements-dev.txt").write_text(f"nowhere-to-be-found==1 --hash=sha256:{'0' * 64}\n")
    status, out, err = clone.run("demo")
    assert (status, out) == (1, "")
    assert "nowhere-to-be-found" in err
    assert "PIP_INDEX_URL" in err.splitlines()[-1]


def test_a_package_whose_hash_is_not_locked_is_not_installed(clone: Clone) -> None:
    (clone.root / "requirements-dev.txt").write_text("pip\n")
    status, _, err = clone.run("demo", PIP_FIND_LINKS=str(clone.root / "vendor"))
    assert status == 1
    assert "hash" in err


@pytest.mark.parametrize(
    ("harm", "rebuilt"),
    [
        pytest.param(lambda root: None, False, id="nothing_changed"),
        pytest.param(lambda root: (root / "qa_service" / "new.py").touch(), False, id="code_changed"),
        pytest.param(lambda root: (root / "requirements-dev.txt").write_text("# else\n"), True, id="lock_changed"),
        pytest.param(lambda root: (root / ".venv" / "qa-stamp").unlink(), True, id="build_was_interrupted"),
        pytest.param(lambda root: (root / ".venv" / "bin" / "python").unlink(), True, id="python_was_removed"),
    ],
)
def test_the_environment_is_made_again_exactly_when_needed(clone: Clone, harm: object, rebuilt: bool) -> None:
    assert callable(harm)
    clone.run("judge")
    kept = clone.root / ".venv" / "kept"
    kept.touch()
    harm(clone.root)
    status, _, err = clone.run("judge")
    assert status == 7
    assert kept.exists() is not rebuilt
    assert ("准备运行环境" in err) is rebuilt


def test_two_at_once_make_one_environment(clone: Clone) -> None:
    processes = [clone.start("judge", str(number)) for number in range(2)]
    results = [(*process.communicate(""), process.returncode) for process in processes]
    assert [status for _, _, status in results] == [7, 7]
    assert "".join(err for _, err, _ in results).count("正在用 pip 准备") == 1


def test_an_old_python_gets_one_clear_sentence() -> None:
    source = (ROOT / "qa.py").read_text()
    ast.parse(source, feature_version=(3, 7))  # or it would get a syntax error instead
    program = "import sys; sys.version_info = (3, 9, 2); exec(compile(sys.stdin.read(), 'qa.py', 'exec'))"
    result = subprocess.run([sys.executable, "-c", program], input=source, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "需要 Python 3.11 或更新版本，当前是 3.9。请换用新版本运行，例如：python3.11 qa.py demo\n"


def test_without_a_word_the_usage_is_shown_and_nothing_is_installed(clone: Clone) -> None:
    status, out, err = clone.run()
    assert (status, out) == (2, "")
    assert "用法：python3 qa.py" in err
    assert not (clone.root / ".venv").exists()


def test_test_passes_its_arguments_on_and_fails_when_a_check_does(clone: Clone) -> None:
    clone.run("judge")
    fake = "import sys; print('ran', *sys.argv[1:])"
    for name in ("pytest", "ruff"):
        (clone.root / f"{name}.py").write_text(fake)
    (clone.root / "mypy.py").write_text(f"{fake}; sys.exit(1)")
    (clone.root / "importlinter").mkdir()
    (clone.root / "importlinter" / "cli.py").write_text("lint_imports_command = print")
    status, out, err = clone.run("test", "tests/lexicons", "-x")
    assert status == 1
    assert out == "ran tests/lexicons -x\n"
    assert "检查未通过：类型" in err


def test_the_modules_used_before_the_environment_stands_are_the_standard_librarys() -> None:
    tree = ast.parse((ROOT / "qa.py").read_text())
    used = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert used <= sys.stdlib_module_names


def test_the_bootstrap_can_be_run_by_name() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
