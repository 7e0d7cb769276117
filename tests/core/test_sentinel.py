"""Redis through a Sentinel: the cache and the broker of the settings find the master by its name."""

import time

import celery
import pytest
import redis

from core import sentinel
from core.cache import Cache
from core.sentinel import Sentinels
from devservices import redis_server
from devservices.processes import spawn
from devservices.state import free_port

THREE = "sentinel://:p%40ss@10.0.0.1:26379,10.0.0.2,10.0.0.3:26380/2?master=yidi"


def test_one_address_names_them_all():
    assert Sentinels.of(THREE) == Sentinels(
        (("10.0.0.1", 26379), ("10.0.0.2", 26379), ("10.0.0.3", 26380)), "yidi", "p@ss", 2
    )
    assert sentinel.broker_urls(THREE) == (
        "sentinel://:p%40ss@10.0.0.1:26379/2;sentinel://:p%40ss@10.0.0.2:26379/2;sentinel://:p%40ss@10.0.0.3:26380/2"
    )
    assert sentinel.broker_options(THREE, {"socket_timeout": 1}) == {
        "master_name": "yidi", "sentinel_kwargs": {"socket_timeout": 1},
    }  # fmt: skip


def test_any_other_address_stays_as_it_is():
    assert sentinel.broker_urls("redis://:p@127.0.0.1:6379/0") == "redis://:p@127.0.0.1:6379/0"
    assert sentinel.broker_options("redis://127.0.0.1/0", {"socket_timeout": 1}) == {}


@pytest.mark.parametrize("url", ["sentinel://10.0.0.1:26379/0", "sentinel:///0?master=yidi"])
def test_an_address_that_names_no_master_or_no_sentinel_is_refused(url):
    with pytest.raises(ValueError, match="master=NAME"):
        Sentinels.of(url)


@pytest.fixture
def watched(tmp_path):
    """The address of a Redis by its Sentinel."""
    port, asked = free_port(), free_port()
    server = redis_server.start(port, "of-the-test", folder=tmp_path, log=tmp_path / "redis.log")
    (tmp_path / "sentinel.conf").write_text(
        f"bind 127.0.0.1\nport {asked}\nsentinel monitor yidi 127.0.0.1 {port} 1\nsentinel auth-pass yidi of-the-test\n"
    )
    command = [redis_server.program(), tmp_path / "sentinel.conf", "--sentinel"]
    watching = spawn(command, folder=tmp_path, log=tmp_path / "sentinel.log")
    try:
        _wait_for(asked)
        yield f"sentinel://:of-the-test@127.0.0.1:{asked}/3?master=yidi"
    finally:
        for each in (watching, server):
            each.kill()
            each.wait()


def _wait_for(port):
    until = time.monotonic() + 15
    while True:
        try:
            with redis.Redis(port=port) as line:
                return line.sentinel_get_master_addr_by_name("yidi")
        except redis.ConnectionError:
            assert time.monotonic() < until, "Sentinel does not answer"
            time.sleep(0.02)


def test_the_cache_and_the_broker_find_the_master(watched):
    cache = Cache(watched, {"OPTIONS": {"pool_class": "core.sentinel.Pool", "socket_timeout": 5}})
    broker = celery.Celery(broker=sentinel.broker_urls(watched), set_as_current=False)
    broker.conf.broker_transport_options = sentinel.broker_options(watched, {"socket_timeout": 5})

    cache.set("seen", 7)
    with broker, broker.connection_for_write() as line:
        broker.send_task("anything", queue="decide", connection=line)

    master = cache._cache.get_client()
    assert (cache.get("seen"), master.llen("decide")) == (7, 1)
    assert master.connection_pool.connection_kwargs["db"] == 3
    master.connection_pool.disconnect()
