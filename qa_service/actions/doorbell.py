"""Where the queue's Redis is, and whether it can be trusted with the doorbell.

Redis only rings: what is to be done is in the database, and Redis may be wiped at any time. It must not drop single
jobs silently, though, because that costs minutes each time until the dispatcher notices.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

import redis
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from qa_service.errors import QueueUnavailable
from qa_service.settings import Settings

logger = logging.getLogger(__name__)

SOCKET_LIMIT = 100
"""Bytes in the path of a Unix socket; the kernel's limit is 104 on macOS and 108 on Linux."""


def redis_url(settings: Settings) -> str:
    """The Redis of the settings; without one, the embedded server's socket, which is the same for every process."""
    return settings.redis_url or f"unix://{embedded_socket(settings.data_dir)}"


def embedded_socket(data_dir: Path) -> Path:
    """Where the embedded server of this data folder listens; a short folder of its own where the data lies too deep."""
    data = data_dir.absolute()
    socket = data / "redis" / "redis.sock"
    if len(os.fsencode(socket)) <= SOCKET_LIMIT:
        return socket
    key = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"qa-{os.getuid()}-{key}" / "redis.sock"


def connect(settings: Settings) -> Redis:
    """A client for the Redis of the settings; nothing is sent yet.

    Raises:
        QueueUnavailable: the URL cannot be read.
    """
    try:
        # Who asks decides how long to wait for an absent Redis; the library would first try for seconds on its own.
        return Redis.from_url(redis_url(settings), socket_connect_timeout=5, retry=Retry(NoBackoff(), 1))
    except ValueError as error:
        raise QueueUnavailable("QA_REDIS_URL 读不懂；例如 redis://:口令@主机:6379/0。") from error


def check_redis(client: Redis) -> None:
    """Refuse a Redis that is not there or that drops keys when memory runs short; warn about one without AOF.

    Raises:
        QueueUnavailable: with what to change.
    """
    try:
        memory = client.info("memory")
        persistence = client.info("persistence")
    except redis.AuthenticationError as error:
        raise QueueUnavailable("Redis 拒绝了口令，请检查 QA_REDIS_URL。") from error
    except redis.RedisError as error:
        raise QueueUnavailable(
            "连不上 Redis：请检查 QA_REDIS_URL；未设置时，请先运行 qa-service serve（它会带起内置服务）。"
        ) from error
    policy = str(memory.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        raise QueueUnavailable(
            f"Redis 的 maxmemory-policy 是 {policy}，内存不足时会悄悄丢弃任务；请改为 noeviction 后再启动。"
        )
    if not int(persistence.get("aof_enabled", 0)):
        logger.warning("redis without AOF: after its restart the dispatcher needs seconds to ring again")
