"""The JSON of a transcript: what was said, by whom, and how well it was recorded and heard. Times are seconds."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api import examples
from api.schemas import MeasureOut
from qa_service.call import ChannelLayout, Grade, NoiseKind, Speaker, Suspicion, Voice


class WordOut(BaseModel):
    """One recognised word; ``start`` and ``end`` in seconds from the start of the call."""

    chars: tuple[int, int] = Field(description="在该轮文字中的字位，含头不含尾，从 0 起")
    start: float
    end: float
    probability: float | None = Field(description="识别把握（0 到 1）；引擎不给时为空")


class MomentOut(BaseModel):
    """One second of speech, ``at`` seconds from the start of the call."""

    at: float
    level_db: float
    pitch_hz: float | None


class SoundOut(BaseModel):
    """How a turn sounds, measured on its speech alone."""

    level_db: float | None = Field(default=None, description="音量（满幅以下分贝）")
    pitch_hz: float | None = Field(default=None, description="音高中位数（赫兹）")
    chars_per_second: float | None = Field(default=None, description="语速（字每秒说话时间）")
    speech: float = Field(default=0, description="有人声的秒数")
    course: list[MomentOut] = Field(default=[], description="逐秒说话的音量与音高")


class TurnOut(BaseModel):
    """One turn; times in seconds from the start of the call."""

    speaker: Speaker
    start: float
    end: float
    text: str
    confidence: float | None
    suspicions: list[Suspicion] = Field(description="该段文字存疑的原因；空为可信")
    speaker_doubtful: bool = Field(description="说话人为推测，须听后确认")
    speaker_confidence: float | None = Field(default=None, description="推测说话人的把握（0 到 1）；不是推测的为 null")
    voice: Voice | None = Field(default=None, description="声道，或同一声道中的两个声音之一；导入的文本为 null")
    words: list[WordOut] = []
    sound: SoundOut | None = None


class QualityOut(BaseModel):
    """How well one channel was recorded; numbers are null where too little was said to measure."""

    voice: Voice = Field(description="声道；单声道为 left")
    grade: Grade
    word: str = Field(description="音质的说法，例如 好、差")
    because: str | None = Field(description="为何不是“好”")
    level_db: float | None = Field(description="说话音量（满幅以下分贝）")
    clipped: float | None = Field(description="削波采样所占份额（0 到 1）")
    noise_db: float | None = Field(description="说话音量高出停顿处的分贝数")
    bandwidth_hz: int | None = Field(description="说话声所及的最高频率")
    dropouts: int | None = Field(description="说话中间断音的次数")


class NoiseOut(BaseModel):
    """A stretch that is neither speech nor silence; in seconds."""

    kind: NoiseKind
    voice: Voice
    start: float
    end: float


class VoicesOut(BaseModel):
    """Who each voice is."""

    roles: dict[Voice, Speaker] = Field(description="可指定的声音及其说话人；分不出声音的为空")
    said_by: str | None = Field(description="由谁指定；无人指定为 null")
    said_at: datetime | None


class DefinitionsOut(BaseModel):
    """What the numbers of a transcript mean, by key."""

    quality: dict[str, MeasureOut]
    sound: dict[str, MeasureOut]


class TranscriptOut(BaseModel):
    """What was said, by whom, and how well it was recorded and heard."""

    model_config = ConfigDict(json_schema_extra={"example": examples.TRANSCRIPT})

    call_id: str
    turns: list[TurnOut]
    engine: str | None = Field(description="识别引擎的指纹；导入的文本为 null")
    duration: float | None = Field(description="录音秒数")
    partial: str | None = Field(description="录音不完整的原因")
    layout: ChannelLayout | None = Field(description="声道布局；导入的文本为 null")
    voices: VoicesOut
    quality: list[QualityOut] = Field(description="逐声道的音质（录音清晰完整）")
    noises: list[NoiseOut] = Field(description="回铃音、等待音乐、信号音")
    leak_db: dict[Speaker, float] = Field(description="该方声道里混入对方声音的程度（相对对方声道的分贝）")
    definitions: DefinitionsOut = Field(description="quality 与 sound 里每个数字的名称、单位与定义")


class VoiceRoleIn(BaseModel):
    """Who one voice is, for the whole call; the other voice is then the other speaker."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"voice": "voice_1", "speaker": "agent"}})

    voice: Voice = Field(description="单声道：voice_1、voice_2；双声道：left、right")
    speaker: Speaker
