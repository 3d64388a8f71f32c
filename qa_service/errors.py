"""The one tree of errors.

Every message is a sentence to the person who asked: what is wrong, where, and what to do. ``kind`` is the stable
slug used as the problem type of the API and never changes for a meaning.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class QaError(Exception):
    """Base of every error this service raises on purpose; ``str(error)`` is the sentence to show."""

    kind: ClassVar[str] = "error"


class SettingsInvalid(QaError):
    """A setting is unknown, malformed, or names something that is not there."""

    kind = "settings-invalid"


class InputRefused(QaError):
    """What was sent cannot be taken: the sentence names the place and the remedy."""

    kind = "input-refused"


class RecordingRefused(InputRefused):
    """A recording cannot be heard: unreadable, empty, too large, or not audio."""

    kind = "recording-refused"


class LexiconInvalid(QaError):
    """A rule file is wrong: the sentence names file, rule, and what to change."""

    kind = "lexicon-invalid"


class EngineUnavailable(QaError):
    """The speech engine cannot be loaded: the folder, a file of it, or the device is missing."""

    kind = "engine-unavailable"


class QueueUnavailable(QaError):
    """No usable Redis: none to be had, unreachable, or configured so that it drops jobs."""

    kind = "queue-unavailable"


class DatabaseUnavailable(QaError):
    """The database cannot be reached, or its tables are not those of this version."""

    kind = "database-unavailable"


class EndpointUnavailable(QaError):
    """The model server of the third reader gave no usable answer; the call is judged without it."""

    kind = "endpoint-unavailable"


class StorageUnavailable(QaError):
    """The disk that recordings and their samples are written to is full."""

    kind = "storage-unavailable"


class NotSignedIn(QaError):
    """No token, or one that is unknown or revoked."""

    kind = "not-signed-in"


class NotAllowed(QaError):
    """The actor's roles do not include this action."""

    kind = "not-allowed"


class NotFound(QaError):
    """No such object, or one the actor may not see: the two are deliberately the same answer."""

    kind = "not-found"


class Conflict(QaError):
    """The object is no longer in the state the request expects."""

    kind = "conflict"


class LeaseLost(QaError):
    """A worker's token is no longer the holder of the stage: its result is thrown away, another has taken over."""

    kind = "lease-lost"


class Stopping(QaError):
    """The process was asked to end in the middle of a stage: the work goes to another, at no cost to the call."""

    kind = "stopping"


_IN_WORDS: Mapping[int | None, str] = MappingProxyType(
    {
        errno.EACCES: "没有权限",
        errno.EADDRINUSE: "端口已被占用",
        errno.EADDRNOTAVAIL: "本机没有这个地址",
        errno.EDQUOT: "磁盘配额已用完",
        errno.EEXIST: "已有同名的文件",
        errno.EIO: "磁盘读写出错",
        errno.EISDIR: "这是文件夹",
        errno.ENAMETOOLONG: "名字太长",
        errno.ENOENT: "没有这个文件或文件夹",
        errno.ENOSPC: "磁盘已满",
        errno.ENOTDIR: "路径中有一段不是文件夹",
        errno.EPERM: "没有权限",
        errno.EROFS: "只读，不能写入",
    }
)


def in_words(error: OSError) -> str:
    """What the system complains of, in Chinese; its own words where it is none of the usual troubles."""
    return _IN_WORDS.get(error.errno) or error.strerror or str(error)
