"""The process that decodes: what it can no longer do, how it may end, and that none of it reaches who waits for it."""

from __future__ import annotations

import errno
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qa_service.errors import RecordingRefused, Stopping, StorageUnavailable
from qa_service.transcription import limited
from qa_service.transcription.confine import Fence
from qa_service.transcription.decode_process import MEMORY
from qa_service.transcription.limited import decode_apart, shown
from qa_service.transcription.orders import Order, Refusal, Report

ROOT = Path(__file__).parents[2]
ORDER = Order(max_seconds=3600)

CONFINED = f"""
import os, signal, socket, sys
sys.path.insert(0, {str(ROOT)!r})
from qa_service.transcription import confine
if "descriptors" in sys.argv:
    confine._allow_only = lambda calls: False
confine.confine(confine.Means(memory={MEMORY}, cpu_seconds=1, file_bytes=1000))
try:
    exec(sys.argv[1])
    print("did it")
except OSError as error:
    print(error.errno)
except MemoryError:
    print("no memory")
"""


def confined(deed: str, *, fences: str = "all") -> subprocess.CompletedProcess[str]:
    """What becomes of a deed in a process that has given everything up."""
    return subprocess.run([sys.executable, "-I", "-c", CONFINED, deed, fences], capture_output=True, text=True)


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/hostname')",
        "open('/tmp/qa-never', 'w')",
        "os.unlink('/tmp/qa-never')",
        "os.listdir('/')",
        "os.symlink('/etc', '/tmp/qa-never')",
        "socket.socket()",
        "socket.socketpair()",
        "os.pipe()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
    ],
    ids=["open", "create", "unlink", "list", "link", "socket", "pair", "pipe", "fork", "exec", "kill"],
)
def test_a_confined_process_can_only_use_what_is_open(deed: str) -> None:
    assert confined(deed).stdout.strip() in {str(errno.EPERM), str(errno.EACCES), str(errno.EMFILE)}


@pytest.mark.parametrize(
    "deed", ["open('/etc/hostname')", "socket.socket()", "os.pipe()"], ids=["open", "socket", "pipe"]
)
def test_without_the_list_of_calls_there_is_still_no_new_descriptor(deed: str) -> None:
    assert confined(deed, fences="descriptors").stdout.strip() == str(errno.EMFILE)


def test_what_is_open_can_be_used() -> None:
    assert confined("os.write(1, b''); os.fstat if False else os.lseek; sum(range(1000))").stdout.strip() == "did it"


def test_memory_is_bounded() -> None:
    assert confined(f"bytearray({MEMORY})").stdout.strip() == "no memory"


def test_cpu_is_bounded() -> None:
    assert confined("while True: pass").returncode == -signal.SIGXCPU


def test_a_file_may_not_grow_without_end(tmp_path: Path) -> None:
    with (tmp_path / "samples").open("wb") as sink:
        command = [sys.executable, "-I", "-c", CONFINED, "[os.write(1, bytes(900)) for _ in range(3)]"]
        subprocess.run(command, stdout=sink)
    assert (tmp_path / "samples").stat().st_size == 1000


def test_there_is_no_network_to_reach() -> None:
    deed = (
        f"import sys, socket; sys.path.insert(0, {str(ROOT)!r}); from qa_service.transcription.confine import *\n"
        "missing = leave_network()\n"
        "try: socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5); print('reached', *missing)\n"
        "except OSError: print('alone')"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        said = subprocess.run([sys.executable, "-I", "-c", deed, port], capture_output=True, text=True).stdout.split()
    if said == ["reached", "network"]:
        pytest.skip("this system gives no network namespaces")
    assert said == ["alone"]


def run_instead(monkeypatch: pytest.MonkeyPatch, code: str, tmp_path: Path, **known: object) -> list[None]:
    """Wait for a process that runs ``code`` in place of the decoder; returns the beats meanwhile."""
    monkeypatch.setattr(limited, "_START", code)
    beats: list[None] = []
    (tmp_path / "call").write_bytes(b"RIFF")
    with (tmp_path / "call").open("rb") as source, (tmp_path / "samples").open("w+b") as sink:
        decode_apart(source, sink, ORDER, name="call.wav", beat=known.get("beat", lambda: beats.append(None)))  # type: ignore[arg-type]
    return beats


KILLED = "import os, signal; os.kill(os.getpid(), signal.{})"
SAYS = "import os; os.write(2, {!r})"

ENDS = {
    "kill": (KILLED.format("SIGKILL"), Refusal.MEMORY),
    "segv": (KILLED.format("SIGSEGV"), Refusal.CRASH),
    "abort": (KILLED.format("SIGABRT"), Refusal.CRASH),
    "prof": (KILLED.format("SIGPROF"), Refusal.TIME),
    "xcpu": (KILLED.format("SIGXCPU"), Refusal.TIME),
    "exit": ("raise SystemExit(3)", Refusal.CRASH),
    "raise": ("raise RuntimeError('unforeseen')", Refusal.CRASH),
    "mute": ("pass", Refusal.CRASH),
    "words": (SAYS.format(b"no report at all"), Refusal.CRASH),
    "unknown": (SAYS.format(b'{"refusal": "by the thousand", "number": 0, "missing": []}'), Refusal.CRASH),
    "types": (SAYS.format(b'{"refusal": {}, "number": [], "missing": 1}'), Refusal.CRASH),
    "list": (SAYS.format(b"[]"), Refusal.CRASH),
    "flood": ("import os\nwhile True: os.write(2, bytes(65536))", Refusal.CRASH),
    "report-after-noise": (
        SAYS.format(b"free(): invalid\n" + Report(refusal=Refusal.TIME).dump().encode()),
        Refusal.TIME,
    ),
}


@pytest.mark.usefixtures("no_child_left")
@pytest.mark.parametrize(("code", "refusal"), ENDS.values(), ids=ENDS)
def test_however_it_ends_the_sender_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, refusal: Refusal
) -> None:
    with pytest.raises(RecordingRefused) as refused:
        run_instead(monkeypatch, code, tmp_path)
    assert str(refused.value) == refusal.sentence("call.wav")


@pytest.mark.usefixtures("no_child_left")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise OSError(28, 'No space left on device')", StorageUnavailable),
        (SAYS.format(Report(refusal=Refusal.NOT_AUDIO).dump().encode()), RecordingRefused),
    ],
    ids=["crash", "refusal"],
)
def test_a_full_disk_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, expected: type[Exception]
) -> None:
    monkeypatch.setattr(limited, "_NO_ROOM", 2**62)  # any disk is full by that measure
    with pytest.raises(expected):
        run_instead(monkeypatch, code, tmp_path)


def test_the_heart_beats_while_it_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = Report().dump().encode()
    beats = run_instead(monkeypatch, f"import os, time; time.sleep(1.7); os.write(2, {done!r})", tmp_path)
    assert len(beats) >= 3


def test_a_fence_that_the_system_lacks_is_told_of_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limited._say_once.cache_clear()
    caplog.set_level("INFO", logger=limited.__name__)
    report = Report(missing=frozenset({Fence.NETWORK})).dump().encode()
    for _ in range(3):
        run_instead(monkeypatch, SAYS.format(report), tmp_path)
    assert [record.getMessage() for record in caplog.records] == [
        "decoding without fence=network: refused by this system"
    ]
    limited._say_once.cache_clear()


@pytest.mark.usefixtures("no_child_left")
def test_who_is_asked_to_stop_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stop() -> None:
        raise Stopping("处理进程正在停止。")

    with pytest.raises(Stopping):
        run_instead(monkeypatch, "import time; time.sleep(600)", tmp_path, beat=stop)


@pytest.mark.usefixtures("no_child_left")
def test_no_headway_is_an_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limited, "STALLED_SECONDS", 0.5)
    with pytest.raises(RecordingRefused, match="用时超出上限"):
        run_instead(monkeypatch, "import time; time.sleep(600)", tmp_path)


def test_it_ends_with_the_process_that_waits_for_it(tmp_path: Path) -> None:
    child = (
        "import sys, os, time; sys.path.insert(0, sys.argv[1]); from qa_service.transcription.confine import die_with; "
        "die_with(int(sys.argv[2])); os.write(1, str(os.getpid()).encode()); time.sleep(600)"
    )
    parent = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from qa_service.transcription import limited, orders\n"
        f"limited._START = {child!r}\n"
        f"with open('/dev/null', 'rb') as source, open({str(tmp_path / 'said')!r}, 'w+b') as sink:\n"
        "    limited.decode_apart(source, sink, orders.Order(max_seconds=1), name='call.wav', beat=lambda: None)"
    )
    waiting = subprocess.Popen([sys.executable, "-c", parent])
    try:
        while not (said := (tmp_path / "said")).exists() or not said.read_text():
            assert waiting.poll() is None
            time.sleep(0.05)
    finally:
        waiting.kill()
        waiting.wait()
    stat = Path(f"/proc/{said.read_text()}/stat")
    while stat.exists() and " Z " not in stat.read_text():  # a dead one may wait to be reaped
        time.sleep(0.05)


def test_it_loads_no_more_than_it_needs() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from qa_service.transcription import decode_process, decoding\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"av", "numpy"} <= set(loaded)
    assert not {"ctranslate2", "faster_whisper", "onnxruntime", "pydantic", "sqlalchemy"} & set(loaded)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("call.wav", "call.wav"),
        ("电话 录音.wav", "电话 录音.wav"),
        ("a\nb\x00c\u202ed.wav", "a_b_c_d.wav"),
        ("x" * 4000, "x" * 80),
        ("{name}{0}.wav", "{name}{0}.wav"),
    ],
    ids=["usual", "chinese", "controls", "long", "braces"],
)
def test_a_name_is_shown_on_one_line(name: str, sentence: str) -> None:
    assert shown(name) == sentence
    assert sentence in Refusal.NOT_AUDIO.sentence(shown(name))


@pytest.mark.parametrize("refusal", Refusal, ids=str)
def test_each_refusal_is_one_sentence(refusal: Refusal) -> None:
    sentence = refusal.sentence("call.wav", 6)
    assert "call.wav" in sentence
    assert sentence.count("。") == 1
    assert sentence.endswith("。")
    assert "{" not in sentence
