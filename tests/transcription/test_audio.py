"""What may be heard, what is refused, and what is said of it."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from qa_service.call import ChannelLayout
from qa_service.errors import RecordingRefused
from qa_service.testing.audio import RATE, Sound, cut_off, noise, silence, speech, utterances, write_recording
from qa_service.transcription.audio import decode, load_decoded

ROOT = Path(__file__).parents[2]
LEFT = utterances((200, 1200), length=3000, pitch=200)
RIGHT = utterances((1500, 2800), length=3000, pitch=120)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "spare_ms"),
    [
        ("call.wav", None, 16_000, 0),
        ("call.wav", None, 44_100, 5),
        ("call.wav", "pcm_mulaw", 8_000, 1),
        ("call.wav", "pcm_alaw", 8_000, 1),
        ("call.opus", None, 48_000, 10),
        ("call.mp3", None, 16_000, 150),
        ("call.m4a", None, 16_000, 150),
        ("call.flac", None, 16_000, 0),
    ],
)
def test_usual_formats_keep_channels_and_length(
    tmp_path: Path, name: str, codec: str | None, rate: int, spare_ms: int
) -> None:
    audio = decode(write_recording(tmp_path / name, LEFT, RIGHT, rate=rate, codec=codec), tmp_path / "audio")
    assert audio.samples.dtype == np.int16
    assert audio.channels == 2
    assert abs(audio.duration_ms - 3000) <= spare_ms
    assert audio.partial is None
    loud = np.abs(audio.samples[:, : RATE * 12 // 10].astype(np.int64)).mean(axis=1)
    assert loud[0] > 20 * loud[1], "the left channel speaks first"


def test_telephone_amr_with_discontinuous_transmission_keeps_its_length(tmp_path: Path) -> None:
    sound = utterances((500, 1500), (4000, 5000), length=6000)
    path = write_recording(tmp_path / "call.amr", sound, rate=8_000, codec="libopencore_amrnb", options={"dtx": "1"})
    audio = decode(path, tmp_path / "audio")
    assert abs(audio.duration_ms - 6000) <= 40
    assert audio.partial is None


def test_format_is_known_by_content_not_by_name(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.flac", LEFT).rename(tmp_path / "call.wav")
    assert decode(path, tmp_path / "audio").duration_ms == 3000


def test_mono_has_one_channel(tmp_path: Path) -> None:
    assert decode(write_recording(tmp_path / "call.wav", LEFT), tmp_path / "audio").channels == 1


IDLE_ALAW = np.where(np.arange(48_000) // 400 % 2, 8, -8).astype(np.int16)
"""What a-law recorders write on a wire with nothing on it."""

CHANNELS: dict[str, tuple[Sound, Sound, ChannelLayout, tuple[int, ...]]] = {
    "equal": (LEFT, LEFT, ChannelLayout.DUAL_MONO, ()),
    "nearly-equal": (LEFT, LEFT + noise(3000, level=20), ChannelLayout.DUAL_MONO, ()),
    "three-decibels-apart": (LEFT, (LEFT * 0.708).astype(np.int16), ChannelLayout.DUAL_MONO, ()),
    "three-decibels-and-noise": (
        LEFT,
        (LEFT * 0.708 + noise(3000, level=20)).astype(np.int16),
        ChannelLayout.DUAL_MONO,
        (),
    ),
    "beside-the-zero-line": (LEFT, LEFT + 500, ChannelLayout.DUAL_MONO, ()),
    "half-as-loud": (LEFT, LEFT // 2, ChannelLayout.STEREO, ()),
    "only-echo": (LEFT, LEFT // 10, ChannelLayout.STEREO, ()),
    "much-noise": (LEFT, LEFT + noise(3000, level=1500), ChannelLayout.STEREO, ()),
    "different": (LEFT, RIGHT, ChannelLayout.STEREO, ()),
    "leaking": (LEFT, RIGHT + LEFT // 10, ChannelLayout.STEREO, ()),
    "right-dead": (LEFT, silence(3000), ChannelLayout.STEREO, (1,)),
    "left-dead-and-idle": (IDLE_ALAW, RIGHT, ChannelLayout.STEREO, (0,)),
    "right-only-noise": (LEFT, noise(3000, level=30), ChannelLayout.STEREO, ()),
    "both-dead": (silence(3000), silence(3000), ChannelLayout.STEREO, (0, 1)),
}


@pytest.mark.parametrize(("left", "right", "layout", "dead"), CHANNELS.values(), ids=CHANNELS)
def test_what_the_channels_are(
    tmp_path: Path, left: Sound, right: Sound, layout: ChannelLayout, dead: tuple[int, ...]
) -> None:
    audio = decode(write_recording(tmp_path / "call.wav", left, right), tmp_path / "audio")
    assert (audio.layout, audio.dead_channels) == (layout, dead)
    assert audio.channels == (1 if layout is ChannelLayout.DUAL_MONO else 2)


def test_a_codec_does_not_make_two_channels_of_one_signal(tmp_path: Path) -> None:
    assert decode(write_recording(tmp_path / "call.mp3", LEFT, LEFT), tmp_path / "audio").dual_mono


@pytest.mark.parametrize(("sound", "dead"), [(LEFT, ()), (silence(3000), (0,))], ids=["speech", "nothing"])
def test_one_channel_is_mono_and_may_be_dead(tmp_path: Path, sound: Sound, dead: tuple[int, ...]) -> None:
    audio = decode(write_recording(tmp_path / "call.wav", sound), tmp_path / "audio")
    assert (audio.layout, audio.dead_channels) == (ChannelLayout.MONO, dead)


@pytest.mark.parametrize("name", ["call.wav", "call.mp3", "call.flac"])
def test_a_file_that_breaks_off_is_partial(tmp_path: Path, name: str) -> None:
    path = cut_off(write_recording(tmp_path / name, LEFT, RIGHT), 0.6)
    audio = decode(path, tmp_path / "audio")
    assert audio.duration_ms < 2500
    assert audio.partial is not None
    assert "截断" in audio.partial
    assert load_decoded(tmp_path / "audio").partial == audio.partial


@pytest.mark.parametrize(("billed", "partial"), [(None, False), (3.0, False), (3.3, False), (3.4, True), (60, True)])
def test_shorter_than_billed_is_partial(tmp_path: Path, billed: float | None, partial: bool) -> None:
    path = write_recording(tmp_path / "call.opus", LEFT, RIGHT, rate=48_000)
    audio = decode(path, tmp_path / "audio", billed_seconds=billed)
    assert (audio.partial is not None) == partial
    if audio.partial:
        assert "计费时长" in audio.partial


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.wav", b"", "是空的"),
        ("text.wav", b"hello, this is no audio at all\n" * 200, "无法解码"),
        ("zeros.mp3", bytes(20_000), "无法解码"),
        ("header.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "无法解码"),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\ncall.wav\n#EXT-X-ENDLIST\n", "无法解码"),
        ("list.txt", b"ffconcat version 1.0\nfile call.wav\n", "无法解码"),
        ("list.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 9 RTP/AVP 0\n", "无法解码"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else None,
)
def test_what_is_not_a_recording_is_refused(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    write_recording(tmp_path / "call.wav", LEFT)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordingRefused, match=sentence) as refused:
        decode(tmp_path / name, tmp_path / "audio")
    assert name in str(refused.value)
    assert not (tmp_path / "audio").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"call.wav", name}), "nothing is left behind"


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "call.wav"), "wb") as empty:
        empty.setparams((2, 2, 8_000, 0, "NONE", ""))
    with pytest.raises(RecordingRefused, match="没有声音数据"):
        decode(tmp_path / "call.wav", tmp_path / "audio")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingRefused, match=r"找不到录音文件 call\.wav"):
        decode(tmp_path / "call.wav", tmp_path / "audio")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingRefused, match="不是录音文件"):
        decode(tmp_path, tmp_path / "audio")


def test_more_than_two_channels_are_refused(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.wav", *[LEFT] * 6)
    with pytest.raises(RecordingRefused, match="6 个声道"):
        decode(path, tmp_path / "audio")


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [({"max_seconds": 2}, "小时上限"), ({"max_bytes": 10_000}, "MiB 上限")],
    ids=["too-long", "too-large"],
)
def test_limits_refuse(tmp_path: Path, limits: dict[str, int], sentence: str) -> None:
    path = write_recording(tmp_path / "call.wav", LEFT, RIGHT)
    with pytest.raises(RecordingRefused, match=sentence):
        decode(path, tmp_path / "audio", **limits)


@pytest.mark.parametrize("name", ["call.wav", "call.flac"])
def test_a_limit_holds_where_the_header_tells_nothing(tmp_path: Path, name: str) -> None:
    path = write_recording(tmp_path / name, LEFT)
    with pytest.raises(RecordingRefused, match="小时上限"):
        decode(path, tmp_path / "audio", max_seconds=2.5)


@pytest.mark.parametrize("spoil", [b"", b"\x93NUMPY nonsense", None], ids=["empty", "not-numpy", "missing"])
def test_a_spoiled_decoded_file_is_refused(tmp_path: Path, spoil: bytes | None) -> None:
    if spoil is not None:
        (tmp_path / "audio").write_bytes(spoil)
    with pytest.raises(RecordingRefused, match="重新处理"):
        load_decoded(tmp_path / "audio")


def test_a_decoded_file_that_lost_its_end_is_refused(tmp_path: Path) -> None:
    decode(write_recording(tmp_path / "call.wav", LEFT, RIGHT), tmp_path / "audio")
    cut_off(tmp_path / "audio", 0.9)
    with pytest.raises(RecordingRefused, match="重新处理"):
        load_decoded(tmp_path / "audio")


def test_an_hour_of_stereo_is_decoded_and_searched_for_speech_in_little_memory(tmp_path: Path) -> None:
    ten_seconds = np.stack([speech(10_000)[::2], speech(10_000, pitch=200, seed=1)[::2]], axis=1)
    with wave.open(str(tmp_path / "call.wav"), "wb") as file:
        file.setparams((2, 2, 8_000, 0, "NONE", ""))
        for _ in range(360):
            file.writeframesraw(ten_seconds.tobytes())
    said = subprocess.run(
        [sys.executable, "-c", HOUR, str(tmp_path / "call.wav"), str(tmp_path / "audio")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    duration_ms, frames, own_kib, decoder_kib = map(int, said)
    assert duration_ms == 3_600_000
    assert frames == 112_500
    assert own_kib < 250 * 1024, "detector, libraries and everything else in it"
    assert decoder_kib < 100 * 1024


HOUR = """
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from qa_service.transcription.audio import decode
from qa_service.transcription.vad import frame_probabilities
audio = decode(Path(sys.argv[1]), Path(sys.argv[2]))
frames = frame_probabilities(audio.samples[0], audio.release)
# Its own ru_maxrss would count what the process that started it held.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
own_kib = int(status["VmHWM"].split()[0])
print(audio.duration_ms, len(frames), own_kib, getrusage(RUSAGE_CHILDREN).ru_maxrss)
"""


def amr(kind: str, seconds: int) -> bytes:
    """AMR-NB in which nobody speaks: a silence descriptor every eighth frame of 20 ms, or not even that."""
    idle = {"descriptors": b"\x44" + bytes(5) + b"\x7c" * 7, "nothing": b"\x7c" * 8}[kind]
    return b"#!AMR\n" + idle * (seconds * 50 // 8)


@pytest.mark.parametrize(
    ("kind", "seconds", "billed", "taken"),
    [
        ("nothing", 300, None, True),
        ("descriptors", 900, None, True),
        ("nothing", 900, None, False),
        ("nothing", 900, 60, False),
        ("nothing", 900, 850, True),
    ],
    ids=["short", "silence-as-phones-write-it", "explodes", "explodes-beyond-the-bill", "billed-as-long"],
)
def test_how_long_a_recording_may_be_for_its_weight(
    tmp_path: Path, kind: str, seconds: int, billed: float | None, taken: bool
) -> None:
    path = tmp_path / "call.amr"
    path.write_bytes(amr(kind, seconds))
    if taken:
        audio = decode(path, tmp_path / "audio", billed_seconds=billed)
        assert abs(audio.duration_ms - 1000 * seconds) < 200
        assert audio.partial is None
    else:
        with pytest.raises(RecordingRefused, match="billed_seconds"):
            decode(path, tmp_path / "audio", billed_seconds=billed)


def test_a_header_that_promises_far_too_much_is_no_reason_to_refuse(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.flac", LEFT)
    content = bytearray(path.read_bytes())
    content[21:26] = bytes([content[21] & 0xF0 | 0xF, 0xFF, 0xFF, 0xFF, 0xFF])  # 2**36 samples: 49 days
    path.write_bytes(content)
    audio = decode(path, tmp_path / "audio")
    assert audio.duration_ms == 3000
    assert audio.partial is not None


@pytest.mark.parametrize("rate", [4_000, 192_000])
def test_rates_that_no_recorder_of_calls_writes_are_refused(tmp_path: Path, rate: int) -> None:
    with pytest.raises(RecordingRefused, match=f"采样率是 {rate} Hz"):
        decode(write_recording(tmp_path / "call.wav", LEFT, rate=rate), tmp_path / "audio")


def with_streams(path: Path, *codecs: str) -> Path:
    """A Matroska file with one stream for each codec, a second of each."""
    with av.open(str(path), "w") as container:
        streams = [container.add_stream(codec, rate=24 if codec == "mpeg4" else 8_000) for codec in codecs]
        for stream in streams:
            if isinstance(stream, av.VideoStream):
                stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
                frames = [av.VideoFrame(64, 48, "yuv420p") for _ in range(24)]
                packets = [packet for frame in [*frames, None] for packet in stream.encode(frame)]
            else:
                frame = av.AudioFrame.from_ndarray(LEFT[None, :8_000], format="s16", layout="mono")
                frame.sample_rate = 8_000
                packets = [*stream.encode(frame), *stream.encode(None)]
            container.mux(packets)
    return path


def test_the_sound_of_a_film_is_heard(tmp_path: Path) -> None:
    audio = decode(with_streams(tmp_path / "call.mkv", "mpeg4", "pcm_s16le"), tmp_path / "audio")
    assert (audio.channels, audio.duration_ms) == (1, 1000)


@pytest.mark.parametrize(
    ("codecs", "sentence"),
    [(("mpeg4",), "没有音轨"), (("pcm_s16le", "pcm_s16le"), "2 条音轨"), (("tta",), "编码不受支持")],
    ids=["no-sound", "two-sounds", "foreign-codec"],
)
def test_a_container_with_other_than_one_known_sound_is_refused(
    tmp_path: Path, codecs: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(RecordingRefused, match=sentence):
        decode(with_streams(tmp_path / "call.mkv", *codecs), tmp_path / "audio")


def test_a_refusal_calls_the_recording_by_the_given_name(tmp_path: Path) -> None:
    (tmp_path / "3fa9.audio").write_bytes(b"no sound at all")
    with pytest.raises(RecordingRefused, match="无法解码 c-7："):
        decode(tmp_path / "3fa9.audio", tmp_path / "audio", name="c-7")


def test_noise_is_never_taken_for_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    for seed in range(4):
        path.write_bytes(np.random.default_rng(seed).bytes(100_000 * (seed + 1)))
        with pytest.raises(RecordingRefused, match="无法解码"):
            decode(path, tmp_path / "audio")
