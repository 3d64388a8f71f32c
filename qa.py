#!/usr/bin/env python3
"""质检服务的启动脚本：准备好运行环境，再把命令交给它。只需要 Python 3.11 或更新版本。

用法：python3 qa.py <命令> [参数…]

  demo      用样例录音跑通全流程，打印复核队列，并保持服务运行（demo --once：打印后结束）
  test      运行 CI 所运行的全部检查和测试；其后的参数交给 pytest
  check     只做检查：格式、规范、类型、分层
  bench     性能测量
  accuracy  在标注通话上重新测量准确率，写入 docs/accuracy.md
  train     用 corpus/ 重新训练学习模型，写入 lexicons/learned/

其他命令（judge、serve、worker、import、calls、review、lexicons、db、user 等）原样交给产品的命令行，
例如：python3 qa.py judge call.wav；全部命令见：python3 qa.py --help
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "需要 Python 3.11 或更新版本，当前是 %d.%d。请换用新版本运行，例如：python3.11 qa.py demo"
        % sys.version_info[:2]
    )

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
REQUIREMENTS = ROOT / "requirements-dev.txt"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "qa-stamp"
LOG = ROOT / ".venv.log"
BUSY = ROOT / ".venv.lock"

CHECKS = {
    "格式": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "规范": ["-m", "ruff", "check", "--quiet", "."],
    "类型": ["-m", "mypy", "--no-error-summary"],
    "分层": ["-c", "from importlinter.cli import lint_imports_command as main; main(['--no-logo'])"],
}


def say(text: str) -> None:
    """One line about what is going on; standard output belongs to the command."""
    print(text, file=sys.stderr, flush=True)


def wanted_stamp() -> str:
    """What the environment must have been made from: the lock, this Python, this place."""
    made_from = [*map(str, sys.version_info[:2]), str(ROOT)]
    return hashlib.sha256(REQUIREMENTS.read_bytes() + "\n".join(made_from).encode()).hexdigest()


def stands(stamp: str) -> bool:
    """Whether a finished environment made from the same things is there."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == stamp


def ways() -> Iterator[tuple[str, list[list[str]]]]:
    """The ways of making the environment on this machine, best first: a name and the commands to run."""
    base = str(getattr(sys, "_base_executable", sys.executable))
    packages = ["--require-hashes", "--only-binary", ":all:"]
    uv = shutil.which("uv")
    if uv:
        sync = [
            uv,
            "pip",
            "sync",
            "--quiet",
            "--compile-bytecode",
            "--python",
            str(PYTHON),
            *packages,
            str(REQUIREMENTS),
        ]
        yield "uv", [[uv, "venv", "--quiet", "--python", base, str(VENV)], sync]
    # The pip that comes along works where the system has neither pip nor ensurepip (Debian and Ubuntu as installed).
    wheel = max(ROOT.glob("vendor/pip-*.whl"), default=None)
    if wheel and importlib.util.find_spec("venv"):
        install = [str(PYTHON), str(wheel / "pip"), "install", "--disable-pip-version-check", *packages]
        yield "pip", [[base, "-m", "venv", "--without-pip", str(VENV)], [*install, "-r", str(REQUIREMENTS)]]


def run_logged(command: list[str]) -> bool:
    """Run a step with its output in the log, saying every ten seconds that it still runs; whether it succeeded."""
    begun = time.monotonic()
    with LOG.open("ab") as log:
        step = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT)
        while True:
            try:
                return step.wait(timeout=10) == 0
            except subprocess.TimeoutExpired:
                say(f"  仍在进行，已用 {time.monotonic() - begun:.0f} 秒…")


def build(stamp: str) -> None:
    """Make the environment; the stamp is written last, so that an interrupted one is made again."""
    begun = time.monotonic()
    LOG.write_bytes(b"")
    for name, commands in ways():
        say(f"正在用 {name} 准备运行环境 .venv（约 600 MB，只需一次）…")
        shutil.rmtree(VENV, ignore_errors=True)
        if all(run_logged(command) for command in commands):
            STAMP.write_text(stamp)
            say(f"运行环境已就绪，用时 {time.monotonic() - begun:.0f} 秒。")
            return
        say(f"用 {name} 没有成功。")
    give_up()


def give_up() -> NoReturn:
    """Show the end of the log and the one line to type."""
    log = LOG.read_text(errors="replace").strip()
    if not log:
        say("这个 Python 没有 venv 模块，机器上也没有 uv。请先运行这一行，再重试：")
        sys.exit("  sudo apt-get install -y python3-venv")
    say("\n".join(log.splitlines()[-8:]))
    say(f"下载或安装没有成功（完整记录：{LOG}）。请检查网络；内网请把下面的地址换成本单位的镜像，再重试：")
    sys.exit("  export PIP_INDEX_URL=<镜像地址> UV_DEFAULT_INDEX=<镜像地址>")


def ensure_environment() -> None:
    """Return once the environment stands, making it when needed; two at once take turns."""
    stamp = wanted_stamp()
    if stands(stamp):
        return
    with BUSY.open("w") as busy:
        try:
            fcntl.flock(busy, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个 qa.py 正在准备运行环境，等它完成…")
            fcntl.flock(busy, fcntl.LOCK_EX)
        if not stands(stamp):
            build(stamp)


def environment() -> dict[str, str]:
    """The variables that make the checkout importable from any folder, and nothing in that folder instead of it."""
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONSAFEPATH": "1"}


def become(arguments: list[str]) -> NoReturn:
    """Turn into the environment's Python, in the caller's folder."""
    os.execve(PYTHON, [str(PYTHON), *arguments], environment())


def check() -> bool:
    """Run every check, also after one has failed; whether all passed."""
    failed = []
    for name, arguments in CHECKS.items():
        say(f"检查{name}…")
        if subprocess.run([PYTHON, *arguments], cwd=ROOT, env=environment(), stdout=sys.stderr).returncode:
            failed.append(name)
    say(f"检查未通过：{'、'.join(failed)}" if failed else "检查全部通过。")
    return not failed


def test(arguments: list[str]) -> int:
    """Run the checks and then the tests, whose closing line comes last; the exit status to end with."""
    checked = check()
    tested = subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=environment()).returncode
    if not checked:
        say("检查未通过，见上文。")
    return tested or int(not checked)


def main(arguments: list[str]) -> None:
    """Do what the first word says."""
    if not arguments:
        say(__doc__ or "")
        sys.exit(2)
    if arguments[0] in ("-h", "--help"):
        print(__doc__, flush=True)
    ensure_environment()
    word, *rest = arguments
    if word == "check":
        sys.exit(int(not check()))
    if word == "test":
        sys.exit(test(rest))
    modules = {"bench": "bench.run", "accuracy": "bench.accuracy", "train": "training"}
    become(["-m", modules[word], *rest] if word in modules else ["-m", "qa_service", *arguments])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
