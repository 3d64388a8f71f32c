"""Odd files that are whole: every container, codec, rate and layout that telephone systems write, one of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qa_service.lines import RawEncoding, RawFormat
from tests.recordings.makers import Maker, amr_wb, by_hand, ffmpeg, pyav, sox
from tests.recordings.patches import (
    chunk_before_samples,
    chunk_behind_samples,
    flac_of_unknown_length,
    flac_picture,
    followed_by,
    id3,
    id3v1,
    preceded_by,
    wav_length_off_by,
    wav_sizes,
    without_end_of_stream,
)

UNSAID = 0xFFFF_FFFF
"""The size that a writer puts down who will not know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A file called ``name``: how it is made, which of the sources it holds, its format where it has no header."""

    name: str
    make: Maker
    sides: Literal["stereo", "mono", "dual"] = "stereo"
    raw: RawFormat | None = None


def _stereo(name: str, options: str, muxer: str = "", *, pipe: bool = False) -> Odd:
    return Odd(name=name, make=ffmpeg(options, muxer=muxer, pipe=pipe))


def _mono(name: str, options: str, muxer: str = "", *, pipe: bool = False) -> Odd:
    return Odd(name=name, make=ffmpeg(options, sides="mono", muxer=muxer, pipe=pipe), sides="mono")


def _by_sox(name: str, options: str, sides: Literal["stereo", "mono"] = "mono", *, pipe: bool = False) -> Odd:
    return Odd(name=name, make=sox(options, sides=sides, pipe=pipe), sides=sides)


def _dual(name: str, options: str) -> Odd:
    return Odd(name=name, make=ffmpeg(options, sides="dual"), sides="dual")


def _raw(options: str, encoding: RawEncoding, rate: int = 8000, sides: Literal["stereo", "mono"] = "mono") -> Odd:
    format_ = RawFormat(encoding=encoding, rate=rate, channels=2 if sides == "stereo" else 1)
    return Odd(name="call", make=sox(options, sides=sides), sides=sides, raw=format_)


def _raw_ffmpeg(options: str, muxer: str, encoding: RawEncoding, rate: int = 8000) -> Odd:
    make = ffmpeg(f"{options} -ar {rate}", sides="mono", muxer=muxer)
    return Odd(name="call", make=make, sides="mono", raw=RawFormat(encoding=encoding, rate=rate))


_PCM = "-c:a pcm_s16le -ar 8000"
_PLAIN_WAV = ffmpeg(_PCM)
_PLAIN_MP3 = ffmpeg("-c:a libmp3lame -b:a 32k -ar 16000")

WAV = {
    "wav-pcm16-8k-stereo": _stereo("call.wav", _PCM),
    "wav-pcm8-8k-mono": _mono("call.wav", "-c:a pcm_u8 -ar 8000"),
    "wav-pcm16-11k-mono": _mono("call.wav", "-c:a pcm_s16le -ar 11025"),
    "wav-pcm24-48k-stereo": _stereo("call.wav", "-c:a pcm_s24le -ar 48000"),
    "wav-pcm32-96k-mono": _mono("call.wav", "-c:a pcm_s32le -ar 96000"),
    "wav-float32-44k-stereo": _stereo("call.wav", "-c:a pcm_f32le -ar 44100"),
    "wav-float64-22k-mono": _mono("call.wav", "-c:a pcm_f64le -ar 22050"),
    "wav-alaw-8k-stereo": _stereo("call.wav", "-c:a pcm_alaw -ar 8000"),
    "wav-mulaw-8k-mono-by-sox": _by_sox("call.wav", "-r 8000 -e mu-law"),
    "wav-gsm610": _mono("call.wav", "-c:a libgsm_ms -ar 8000"),
    "wav-gsm610-by-sox": _by_sox("call.wav", "-r 8000 -e gsm-full-rate"),
    "wav-ima-adpcm-stereo": _stereo("call.wav", "-c:a adpcm_ima_wav -ar 8000"),
    "wav-ms-adpcm-by-sox-stereo": _by_sox("call.wav", "-r 8000 -e ms-adpcm", "stereo"),
    "wav-g726-16k": _mono("call.wav", "-c:a g726 -code_size 2 -ar 8000"),
    "wav-g726-32k": _mono("call.wav", "-c:a g726 -code_size 4 -ar 8000"),
    "wav-g726-40k": _mono("call.wav", "-c:a g726 -code_size 5 -ar 8000"),
    "wav-g722": _mono("call.wav", "-c:a g722 -ar 16000"),
    "wav-g723_1": _mono("call.wav", "-c:a g723_1 -b:a 6300 -ar 8000"),
    "wav-mp3": _stereo("call.wav", "-c:a libmp3lame -ar 16000"),
    "wav-extensible-by-sox": _by_sox("call.wav", "-r 32000 -b 24", "stereo"),
    "rf64": _stereo("call.wav", f"{_PCM} -rf64 always"),
    "bw64": Odd(name="call.wav", make=by_hand(ffmpeg(f"{_PCM} -rf64 always"), lambda data: b"BW64" + data[4:])),
    "wave64": _stereo("call.w64", _PCM),
    "wave64-alaw-by-sox": _by_sox("call.w64", "-r 8000 -e a-law"),
    "wav-sizes-zero": Odd(name="call.wav", make=by_hand(_PLAIN_WAV, wav_sizes(0, 0))),
    "wav-sizes-unsaid": Odd(name="call.wav", make=by_hand(_PLAIN_WAV, wav_sizes(UNSAID, UNSAID))),
    "wav-alaw-sizes-zero": Odd(
        name="call.wav", make=by_hand(ffmpeg("-c:a pcm_alaw -ar 8000", sides="mono"), wav_sizes(0, 0)), sides="mono"
    ),
    "wav-piped-by-ffmpeg": _stereo("call.wav", _PCM, "wav", pipe=True),
    "wav-piped-by-sox": _by_sox("call.wav", "-r 8000 -t wav", "stereo", pipe=True),
    "wav-header-counts-itself": Odd(name="call.wav", make=by_hand(_PLAIN_WAV, wav_length_off_by(44))),
    "wav-odd-chunk-first": Odd(name="call.wav", make=by_hand(_PLAIN_WAV, chunk_before_samples(b"note", b"a" * 333))),
    "wav-list-first": Odd(
        name="call.wav",
        make=by_hand(_PLAIN_WAV, chunk_before_samples(b"LIST", b"INFOINAM\x0c\0\0\0" + "催收录音".encode())),
    ),
    "wav-broadcast": _stereo("call.wav", f"{_PCM} -write_bext 1 -metadata description=call"),
    "wav-chunk-behind": Odd(
        name="call.wav", make=by_hand(_PLAIN_WAV, chunk_behind_samples(b"LIST", b"INFO" + bytes(70_000)))
    ),
    "wav-padded-with-zeros": Odd(name="call.wav", make=by_hand(_PLAIN_WAV, followed_by(bytes(50_000)))),
}

OTHER_PCM = {
    "au-mulaw": _by_sox("call.au", "-r 8000 -e mu-law"),
    "au-pcm16-stereo": _stereo("call.au", "-c:a pcm_s16be -ar 16000"),
    "au-piped": _stereo("call.au", "-c:a pcm_s16be -ar 16000", "au", pipe=True),
    "aiff-stereo": _stereo("call.aiff", "-c:a pcm_s16be -ar 44100"),
    "aifc-alaw": _mono("call.aifc", "-c:a pcm_alaw -ar 8000", "aiff"),
    "aiff-by-sox-24-bit": _by_sox("call.aif", "-r 48000 -b 24", "stereo"),
    "caf-pcm-stereo": _stereo("call.caf", "-c:a pcm_s16le -ar 8000"),
    "caf-mulaw": _mono("call.caf", "-c:a pcm_mulaw -ar 8000"),
    "caf-alac-stereo": _stereo("call.caf", "-c:a alac -ar 16000"),
    "voc-by-sox": _by_sox("call.voc", "-r 8000"),
    "mov-mulaw-stereo": _stereo("call.mov", "-c:a pcm_mulaw -ar 8000"),
}

COMPRESSED = {
    "mp3-stereo": Odd(name="call.mp3", make=_PLAIN_MP3),
    "mp3-8k-mono": _mono("call.mp3", "-c:a libmp3lame -b:a 16k -ar 8000"),
    "mp3-vbr-44k": _stereo("call.mp3", "-c:a libmp3lame -q:a 5 -ar 44100"),
    "mp3-without-count": _mono("call.mp3", "-c:a libmp3lame -b:a 24k -ar 16000 -write_xing 0 -id3v2_version 0"),
    "mp3-cover-of-3-mb": Odd(name="call.mp3", make=by_hand(_PLAIN_MP3, preceded_by(id3(3_000_000)))),
    "mp3-tag-behind": Odd(name="call.mp3", make=by_hand(_PLAIN_MP3, followed_by(id3v1()))),
    "aac-adts": _stereo("call.aac", "-c:a aac -ar 16000"),
    "m4a-aac": _stereo("call.m4a", "-c:a aac -ar 44100"),
    "m4a-ready-to-stream": _mono("call.m4a", "-c:a aac -ar 16000 -movflags +faststart"),
    "m4a-in-fragments": _stereo("call.m4a", "-c:a aac -ar 16000 -movflags frag_keyframe+empty_moov", "mp4"),
    "m4a-alac": _stereo("call.m4a", "-c:a alac -ar 48000"),
    "3gp-aac": _mono("call.3gp", "-c:a aac -ar 16000", "3gp"),
    "3gp-amr": Odd(name="call.3gp", make=pyav("libopencore_amrnb", rate=8000, muxer="3gp"), sides="mono"),
    "ogg-opus-stereo": _stereo("call.opus", "-c:a libopus -b:a 24k -ar 8000"),
    "ogg-opus-never-closed": Odd(
        name="call.ogg", make=by_hand(ffmpeg("-c:a libopus -ar 48000", muxer="ogg"), without_end_of_stream)
    ),
    "ogg-vorbis-stereo": _stereo("call.ogg", "-c:a libvorbis -ar 16000"),
    "ogg-speex-narrow": _mono("call.spx", "-c:a libspeex -ar 8000"),
    "ogg-speex-wide-stereo": _stereo("call.spx", "-c:a libspeex -ar 16000"),
    "ogg-flac": _stereo("call.oga", "-c:a flac -ar 16000"),
    "webm-opus": _stereo("call.webm", "-c:a libopus -ar 48000"),
    "webm-opus-live": _stereo("call.webm", "-c:a libopus -ar 48000 -live 1", "webm", pipe=True),
    "webm-vorbis": _mono("call.webm", "-c:a libvorbis -ar 22050"),
    "matroska-pcm": _stereo("call.mka", "-c:a pcm_s16le -ar 8000"),
    "matroska-aac": _mono("call.mkv", "-c:a aac -ar 12000"),
    "flac-8k-stereo": _stereo("call.flac", "-c:a flac -ar 8000"),
    "flac-24-bit-96k": _mono("call.flac", "-c:a flac -sample_fmt s32 -ar 96000"),
    "flac-of-unknown-length": Odd(
        name="call.flac", make=by_hand(ffmpeg("-c:a flac -ar 16000", muxer="flac"), flac_of_unknown_length)
    ),
    "flac-cover-of-2-mb": Odd(name="call.flac", make=by_hand(ffmpeg("-c:a flac -ar 16000"), flac_picture)),
    "wma-2-stereo": _stereo("call.wma", "-c:a wmav2 -ar 16000"),
    "wma-1-mono": _mono("call.wma", "-c:a wmav1 -b:a 32k -ar 22050"),
    "asf-piped": _stereo("call.asf", "-c:a wmav2 -ar 16000", "asf", pipe=True),
    "amr-nb": Odd(name="call.amr", make=pyav("libopencore_amrnb", rate=8000, b="12200"), sides="mono"),
    "amr-nb-dtx": Odd(name="call.amr", make=pyav("libopencore_amrnb", rate=8000, dtx="1", b="5900"), sides="mono"),
    "amr-nb-by-sox": _by_sox("call.amr", "-r 8000 -t amr-nb"),
    "amr-wb": Odd(name="call.awb", make=amr_wb(), sides="mono"),
    "amr-wb-dtx": Odd(name="call.amr", make=amr_wb(4, silence_by_description=True), sides="mono"),
}

WITHOUT_HEADER = {
    "raw-alaw": _raw("-r 8000 -e a-law -t raw", RawEncoding.ALAW),
    "raw-mulaw-stereo": _raw("-r 8000 -e mu-law -t raw", RawEncoding.MULAW, sides="stereo"),
    "raw-vox": _raw("-r 8000 -t vox", RawEncoding.VOX),
    "raw-vox-6k": _raw("-r 6000 -t vox", RawEncoding.VOX, rate=6000),
    "raw-gsm": _raw("-r 8000 -t gsm", RawEncoding.GSM),
    "raw-g722": _raw_ffmpeg("-c:a g722", "g722", RawEncoding.G722, 16_000),
    "raw-g723_1": _raw_ffmpeg("-c:a g723_1 -b:a 6300", "g723_1", RawEncoding.G723_1),
    "raw-g726-16k": _raw_ffmpeg("-c:a g726le -code_size 2", "g726le", RawEncoding.G726_16),
    "raw-g726-32k": _raw_ffmpeg("-c:a g726le -code_size 4", "g726le", RawEncoding.G726_32),
    "raw-linear16-16k-stereo": _raw("-r 16000 -b 16 -e signed -t raw", RawEncoding.LINEAR16, 16_000, "stereo"),
}

DUAL_MONO = {
    "dual-mono-wav": _dual("call.wav", _PCM),
    "dual-mono-mp3": _dual("call.mp3", "-c:a libmp3lame -b:a 32k -ar 16000"),
    "dual-mono-opus": _dual("call.opus", "-c:a libopus -b:a 32k"),
}

MISNAMED = {
    "mp3-named-wav": Odd(name="call.wav", make=ffmpeg("-c:a libmp3lame -ar 16000", muxer="mp3")),
    "wav-named-mp3": _stereo("call.mp3", _PCM, "wav"),
    "m4a-named-amr": _mono("call.amr", "-c:a aac -ar 16000", "ipod"),
    "flac-without-a-suffix": _stereo("call", "-c:a flac", "flac"),
    "opus-named-text": _stereo("call.txt", "-c:a libopus", "ogg"),
    "chinese-name": _mono("催收录音（王芳）2026-03-12 10：05 坐席A102.wav", "-c:a pcm_alaw -ar 8000"),
    "webm-named-playlist": _stereo("call.m3u8", "-c:a libopus", "webm"),
}

HEALTHY = WAV | OTHER_PCM | COMPRESSED | WITHOUT_HEADER | DUAL_MONO | MISNAMED
