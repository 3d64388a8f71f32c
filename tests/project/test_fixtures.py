"""The shared servers are real, empty, and nobody else's."""

from __future__ import annotations

import psycopg
import redis
from sqlalchemy import create_engine, inspect, text


def test_each_test_gets_an_empty_database_that_can_be_written(database_url: str) -> None:
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE marks (mark integer)"))
        connection.execute(text("INSERT INTO marks VALUES (80)"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT mark FROM marks")).scalar_one() == 80
    engine.dispose()


def test_the_next_test_gets_another_one(database_url: str) -> None:
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_chinese_text_is_stored_as_unicode(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT length(%s::text)", ["还款"]).fetchone() == (2,)


def test_redis_is_empty_and_not_shared_by_a_port(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")
        assert client.config_get("port") == {"port": "0"}


def test_what_one_test_leaves_in_redis_is_gone(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("left") is None
