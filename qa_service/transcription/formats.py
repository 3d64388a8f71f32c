"""What may be decoded at all: containers, codecs, rates and channels. Everything else is refused by its content."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CONTAINERS = "aac,aiff,amr,asf,au,caf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,voc,w64,wav"
"""Names of FFmpeg's demuxers. No playlist, no script, no picture, and nothing that is known by its file name alone:
G.722, G.723.1, G.726, G.729 and bare GSM or PCM have no mark of their own and are opened by a line's settings only."""

CODECS = (
    "aac,aac_latm,adpcm_ima_oki,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_sbpro_2,adpcm_sbpro_3,"
    "adpcm_sbpro_4,adpcm_yamaha,alac,amrnb,amrwb,flac,g722,g723_1,g726,g726le,g729,gsm,gsm_ms,"
    "mp2,mp2float,mp3,mp3float,opus,pcm_alaw,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,"
    "pcm_s16be,pcm_s16le,pcm_s24be,pcm_s24le,pcm_s32be,pcm_s32le,pcm_s8,pcm_u16be,pcm_u16le,pcm_u8,"
    "speex,vorbis,wmalossless,wmapro,wmav1,wmav2,wmavoice"
)
"""Names of FFmpeg's decoders, all of them for sound."""

REPLACED: Mapping[str, str] = MappingProxyType({"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"})
"""Decoders that FFmpeg would choose, and the ones taken: its own fail on the silence descriptors that phones write."""

LOWEST_RATE = 6_000
HIGHEST_RATE = 96_000
"""Samples a second that recorders of telephone calls write: from 6 kHz ADPCM to 96 kHz studio converters."""

MOST_CHANNELS = 2

BARE: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "alaw": ("alaw", {"sample_rate": "{rate}", "ch_layout": "{layout}"}),
        "mulaw": ("mulaw", {"sample_rate": "{rate}", "ch_layout": "{layout}"}),
        "linear16": ("s16le", {"sample_rate": "{rate}", "ch_layout": "{layout}"}),
        "g722": ("g722", {}),
        "g723_1": ("g723_1", {}),
        "g726_16": ("g726le", {"code_size": "2", "sample_rate": "{rate}"}),
        "g726_24": ("g726le", {"code_size": "3", "sample_rate": "{rate}"}),
        "g726_32": ("g726le", {"code_size": "4", "sample_rate": "{rate}"}),
        "g726_40": ("g726le", {"code_size": "5", "sample_rate": "{rate}"}),
        "g729": ("g729", {}),
        "gsm": ("gsm", {"sample_rate": "{rate}"}),
    }
)
"""Files without any header: by the key of a line's encoding, FFmpeg's demuxer and what it must be told."""

BARE_CODECS: Mapping[str, str] = MappingProxyType({"vox": "adpcm_ima_oki"})
"""Encodings without even a demuxer: the decoder that takes their bytes as they come."""

MARKS = (b"RIFF", b"RIFX", b"RF64", b"riff", b"OggS", b"fLaC", b"ID3", b"#!AMR", b"caff", b".snd", b"FORM", b"Creative")
"""First bytes of files that do have a header, whatever the line's settings say."""


def has_header(head: bytes) -> bool:
    """Whether a file that starts with these (12 or more) bytes is of a kind that says itself what it is."""
    return head.startswith((*MARKS, b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75")) or head[4:8] == b"ftyp"
