"""How an odd file is made: by ffmpeg, by sox, by PyAV, by libvo-amrwbenc, or by hand from another's bytes."""

from __future__ import annotations

import ctypes
import ctypes.util
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from qa_service.testing.audio import write_recording
from tests.recordings.sound import both_sides, one_side

AMR_WB_FRAME = 320
"""Samples of 20 ms at 16 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The one call as plain WAV files of 16 kHz: two channels, one channel, and one sound on both channels."""

    stereo: Path
    mono: Path
    dual: Path

    def of(self, sides: str) -> Path:
        """The file for ``stereo``, ``mono`` or ``dual``."""
        return {"stereo": self.stereo, "mono": self.mono, "dual": self.dual}[sides]


Maker = Callable[[Sources, Path], None]
"""Writes the file at the path."""

Patch = Callable[[bytes], bytes]


def write_sources(folder: Path) -> Sources:
    """Write the one call into ``folder``."""
    mono = one_side()[0]
    return Sources(
        stereo=write_recording(folder / "stereo.wav", *both_sides()),
        mono=write_recording(folder / "mono.wav", mono),
        dual=write_recording(folder / "dual.wav", mono, mono),
    )


def samples_of(sides: str) -> NDArray[np.int16]:
    """What must be heard in a file of ``stereo``, ``mono`` or ``dual``, shape (channels, samples) at 16 kHz."""
    return both_sides() if sides == "stereo" else one_side()


def ffmpeg(options: str, *, sides: str = "stereo", muxer: str = "", pipe: bool = False) -> Maker:
    """Convert with ffmpeg; ``pipe`` writes to a pipe, so that no header can be filled in afterwards."""

    def make(sources: Sources, path: Path) -> None:
        format_ = ["-f", muxer] if muxer else []
        target = "pipe:1" if pipe else str(path)
        command = [program("ffmpeg"), "-v", "error", "-y", "-i", sources.of(sides), *options.split(), *format_, target]
        _run(command, path if pipe else None)

    return make


def sox(options: str, *, sides: str = "mono", pipe: bool = False) -> Maker:
    """Convert with sox, which takes the rate (``-r``), the encoding (``-e``) and the type (``-t``)."""

    def make(sources: Sources, path: Path) -> None:
        _run([program("sox"), "-D", sources.of(sides), *options.split(), "-" if pipe else path], path if pipe else None)

    return make


def pyav(codec: str, *, rate: int, sides: str = "mono", muxer: str | None = None, **options: str) -> Maker:
    """Encode with a codec of the av wheel that Debian's ffmpeg lacks."""

    def make(_: Sources, path: Path) -> None:
        sound = samples_of("stereo" if sides == "stereo" else "mono")
        layout = "stereo" if len(sound) == 2 else "mono"
        with av.open(str(path), "w", format=muxer) as container:
            stream = container.add_stream(codec, rate=rate, options=options)
            stream.layout = layout
            frame = av.AudioFrame.from_ndarray(sound.T.reshape(1, -1).copy(), format="s16", layout=layout)
            frame.sample_rate = 16_000
            resampler = av.AudioResampler(stream.format, layout, rate, stream.frame_size)
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(stream.encode(piece))
            container.mux(stream.encode(None))

    return make


def amr_wb(mode: int = 2, *, silence_by_description: bool = False) -> Maker:
    """Encode with libvo-amrwbenc: ``mode`` 0 (6.6 kbit/s) to 8 (23.85)."""

    def make(_: Sources, path: Path) -> None:
        library = _vo_amrwbenc()
        state = library.E_IF_init()
        out = ctypes.create_string_buffer(64)
        data = bytearray(b"#!AMR-WB\n")
        sound = np.ascontiguousarray(one_side()[0])
        for begin in range(0, len(sound) - AMR_WB_FRAME + 1, AMR_WB_FRAME):
            frame = sound[begin : begin + AMR_WB_FRAME].ctypes.data_as(ctypes.POINTER(ctypes.c_int16))
            length = library.E_IF_encode(state, mode, frame, out, int(silence_by_description))
            data += out.raw[:length]
        library.E_IF_exit(state)
        path.write_bytes(data)

    return make


def by_hand(maker: Maker, *patches: Patch) -> Maker:
    """Make a file, then change its bytes."""

    def make(sources: Sources, path: Path) -> None:
        maker(sources, path)
        data = path.read_bytes()
        for patch in patches:
            data = patch(data)
        path.write_bytes(data)

    return make


def program(name: str) -> str:
    """The path of a program; without it the test is skipped, which fails in CI."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (apt-get install {name})")
    return found


@cache
def _vo_amrwbenc() -> ctypes.CDLL:
    name = ctypes.util.find_library("vo-amrwbenc")
    if name is None:
        pytest.skip("libvo-amrwbenc is not installed (apt-get install libvo-amrwbenc0)")
    library = ctypes.CDLL(name)
    library.E_IF_init.restype = ctypes.c_void_p
    library.E_IF_encode.argtypes = [
        ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int16), ctypes.c_char_p, ctypes.c_int,
    ]  # fmt: skip
    library.E_IF_exit.argtypes = [ctypes.c_void_p]
    return library


def _run(command: list[str | Path], into: Path | None) -> None:
    done = subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr.decode(errors='replace')}"
    if into is not None:
        into.write_bytes(done.stdout)
