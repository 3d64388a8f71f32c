"""Texts that make a decoder open something else: playlists, scripts, manifests, session descriptions, subtitles."""

from __future__ import annotations

from tests.recordings.surroundings import Hostile, Surroundings


def _text(template: str, name: str = "call.wav") -> Hostile:
    """``{url}`` is where the listener is, ``{path}`` a good recording, ``{file}`` its name alone."""

    def content(around: Surroundings) -> bytes:
        path = around.neighbour
        filled = template.replace("{url}", around.url).replace("{path}", str(path)).replace("{file}", path.name)
        return filled.encode()

    return Hostile(content=content, name=name)


_HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n"
_END = "\n#EXT-X-ENDLIST\n"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=call\nc=IN IP4 127.0.0.1\nt=0 0\n"

PLAYLISTS = {
    "hls-http": _text(f"{_HLS}#EXTINF:9,\n{{url}}/a.ts{_END}", "call.m3u8"),
    "hls-http-named-wav": _text(f"{_HLS}#EXTINF:9,\n{{url}}/a.ts{_END}"),
    "hls-file": _text(f"{_HLS}#EXTINF:9,\nfile://{{path}}{_END}", "call.m3u8"),
    "hls-path": _text(f"{_HLS}#EXTINF:9,\n{{path}}{_END}"),
    "hls-beside": _text(f"{_HLS}#EXTINF:9,\n{{file}}{_END}", "call.m3u8"),
    "hls-key": _text(f'{_HLS}#EXT-X-KEY:METHOD=AES-128,URI="{{url}}/key"\n#EXTINF:9,\n{{file}}{_END}'),
    "hls-map": _text(f'{_HLS}#EXT-X-MAP:URI="{{url}}/init.mp4"\n#EXTINF:9,\n{{url}}/a.m4s{_END}'),
    "hls-master": _text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000\n{url}/low.m3u8\n"),
    "hls-concat": _text(f"{_HLS}#EXTINF:9,\nconcat:{{url}}/a.wav|{{path}}{_END}"),
    "m3u": _text("#EXTM3U\n#EXTINF:9,call\n{path}\n", "call.m3u"),
    "pls": _text("[playlist]\nFile1={url}/a.mp3\nLength1=9\nNumberOfEntries=1\nVersion=2\n", "call.pls"),
    "ffconcat-beside": _text("ffconcat version 1.0\nfile {file}\n"),
    "ffconcat-path": _text("ffconcat version 1.0\nfile '{path}'\n"),
    "ffconcat-http": _text("ffconcat version 1.0\nfile '{url}/a.wav'\nduration 9\n"),
    "concat-protocol": _text("concat:{path}|{path}"),
    "http-text": _text("{url}/call.wav\n"),
    "file-text": _text("file://{path}\n"),
    "subfile-text": _text("subfile,,start,0,end,99,,:{path}\n"),
    "data-text": _text("data:audio/wav;base64,UklGRg==\n"),
    "sdp": _text(f"{_SDP}m=audio 5004 RTP/AVP 0\na=control:{{url}}/track\n", "call.sdp"),
    "sdp-named-wav": _text(f"{_SDP}m=audio 5004 RTP/AVP 8\n"),
    "rtsp-text": _text("[Reference]\nRef1={url}/stream\n", "call.asx"),
    "asx": _text('<asx version="3.0"><entry><ref href="{url}/a.wma"/></entry></asx>', "call.asx"),
    "xspf": _text(
        f'{_XML}<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>{{url}}/a.mp3'
        "</location></track></trackList></playlist>",
        "call.xspf",
    ),
    "dash": _text(
        f'{_XML}<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><Period>'
        '<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="64000"><BaseURL>{url}/a.mp4</BaseURL>'
        "</Representation></AdaptationSet></Period></MPD>",
        "call.mpd",
    ),
    "smooth": _text(
        f'{_XML}<SmoothStreamingMedia MajorVersion="2" Duration="9"><StreamIndex Type="audio" Url="{{url}}/f"/>'
        "</SmoothStreamingMedia>",
        "call.ism",
    ),
    "smil": _text('<smil><body><audio src="{url}/a.wav"/></body></smil>', "call.smil"),
    "cue": _text('FILE "{path}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n', "call.cue"),
    "subtitles": _text("1\n00:00:00,000 --> 00:00:09,000\n{url}/a.wav {path}\n", "call.srt"),
    "subtitles-ass": _text("[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {path}\n[Events]\n"),
    "webvtt": _text("WEBVTT\n\n00:00.000 --> 00:09.000\n{path}\n"),
    "vobsub-index": _text("# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 0\n"),
    "metadata": _text(";FFMETADATA1\ntitle={url}\n[CHAPTER]\nSTART=0\nEND=9\n"),
    "filter-graph": _text("amovie={path}[out0]\n"),
    "entity": _text(f'{_XML}<!DOCTYPE MPD [<!ENTITY x SYSTEM "{{url}}/x">]><MPD>&x;</MPD>'),
}  # fmt: skip
