"""Settings: ``QA_…`` environment variables, one table, unknown names refused.

The same code path serves one office machine and a fleet; these values alone choose between them.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from qa_service.errors import SettingsInvalid

PREFIX = "QA_"


class Settings(BaseSettings):
    """Everything an operator may set; names in the environment are these in capitals after ``QA_``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("var"), description="Folder for recordings, the embedded database and Redis.")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL (postgresql+psycopg://…); absent: SQLite in the data folder."
    )
    redis_url: str | None = Field(
        default=None, description="redis://… or unix://…; absent: an embedded server in the data folder."
    )
    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8765, ge=0, le=65535, description="Port the API listens on; 0 picks a free one.")
    whisper_model: str | None = Field(
        default=None,
        description="Folder of a CTranslate2 Whisper model, or a model name already in the local hub cache; "
        "absent: large-v3-turbo on GPU, small on CPU.",
    )
    sherpa_model: Path | None = Field(
        default=None,
        description="Folder of a SenseVoice or Paraformer model for sherpa-onnx; set: used in Whisper's place.",
    )
    whisper_device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="Where the model runs.")
    whisper_compute_type: str = Field(default="default", description="CTranslate2 compute type, for example int8.")
    whisper_threads: int = Field(default=0, ge=0, description="CPU threads of the model; 0 lets the library choose.")
    hotwords: str = Field(
        default="逾期 还款 征信 减免 分期 委托", description="Words the engine is told to expect, separated by spaces."
    )
    lines: Path | None = Field(
        default=None, description="TOML file of the lines recordings come from: channel maps, headerless encodings."
    )
    number_key: SecretStr | None = Field(
        default=None,
        description="Key under which telephone and identity numbers in clear become pseudonyms, 32 characters or more; "
        "absent: a key of its own in the data folder.",
    )
    lexicon_dir: Path | None = Field(default=None, description="A house's own rule files, laid over the shipped ones.")
    profile: str = Field(
        default="cn_default",
        description="Dated limits: one or several names in lexicons/profiles, for example cn_default,us_regf; of "
        "several the strictest value of each limit is in force.",
    )
    learned: Literal["on", "off"] = Field(
        default="on", description="Whether the learned reader adds what no pattern names, for a person to confirm."
    )
    endpoint_url: str | None = Field(
        default=None,
        description="Base address of an OpenAI-compatible model server inside the house, for example "
        "http://10.0.0.5:8000/v1: a third reader of every call, whose findings a person must confirm; absent: none.",
    )
    endpoint_model: str = Field(default="default", description="Name of the model to ask that server for.")
    endpoint_key: SecretStr | None = Field(default=None, description="Bearer token that server asks for.")
    endpoint_seconds: float = Field(default=20, gt=0, le=40, description="Longest wait for it on one call, in seconds.")
    endpoint_calls_per_hour: int = Field(
        default=0, ge=0, description="Most calls an hour that a process asks it about; 0: no limit."
    )
    locale: Literal["zh"] = Field(default="zh", description="Language of texts shown to people; Chinese only so far.")
    max_upload_mib: int = Field(default=200, ge=1, description="Largest recording accepted, in MiB.")
    max_call_hours: float = Field(default=4, gt=0, le=24, description="Longest recording accepted, in hours.")
    recording_grace_hours: int = Field(
        default=24, ge=0, description="How long a call's recording is waited for before it counts as missing, in hours."
    )
    lease_seconds: int = Field(default=60, ge=2, description="How long a stage may go without a heartbeat.")
    max_attempts: int = Field(default=3, ge=1, description="Attempts at a stage before the call is quarantined.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for /metrics; absent: only requests from this machine."
    )


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, refusing unknown ``QA_…`` names.

    Raises:
        SettingsInvalid: naming each wrong variable, what is wrong with it, and the nearest known name.
    """
    given = os.environ if environ is None else environ
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"，是不是想写 {near[0]}？" if near else "。"
            raise SettingsInvalid(f"没有名为 {name} 的设置{hint}")
    values = {name[len(PREFIX) :].lower(): value for name, value in given.items() if name in known}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = "；".join(f"{PREFIX}{str(e['loc'][0]).upper()}：{e['msg']}" for e in error.errors())
        raise SettingsInvalid(f"设置有误：{wrong}") from error
