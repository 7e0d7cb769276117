"""What deploy/hosts/ has is whole when it is filled in, and what the hosts start is what deploy/ delivers."""

import configparser
import re
import subprocess

import pytest
import yaml

from core.sentinel import Sentinels
from tests.deploy.programs import found, program
from tests.hosts import topology as places
from tests.hosts.loading import longest_gap
from tests.hosts.topology import ADDRESSES, DELIVERED, Topology, filled, started_by


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    """All hosts, rendered and not started; files belong to whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(places.shutil, "chown", lambda *_: None)
        yield Topology(tmp_path_factory.mktemp("hosts"))


def test_each_name_stands_for_something(hosts):
    for file in (DELIVERED / "hosts").iterdir():
        if file.suffix != ".md":
            assert "${" not in filled(file.read_text("utf-8"), hosts.values(hosts.hosts["db2"]))
    with pytest.raises(KeyError):
        filled("${NOBODY}", hosts.values(hosts.hosts["db2"]))


def test_hosts_have_addresses_of_their_own(hosts):
    assert len({*ADDRESSES.values()}) == len(hosts.hosts) == 12
    assert all(address.startswith("10.77.0.") for address in ADDRESSES.values())


def test_patroni_acknowledges_what_two_hosts_have_and_steps_down_in_time(hosts):
    patroni = yaml.safe_load((hosts.hosts["db1"].folder / "patroni.yml").read_text())
    dcs = patroni["bootstrap"]["dcs"]
    [limit] = re.findall(r"SET statement_timeout = (\d+)", (DELIVERED / "pgbouncer" / "pgbouncer.ini").read_text())

    assert dcs["synchronous_mode"] is True
    assert dcs["postgresql"]["parameters"]["synchronous_commit"] == "on"
    assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"] < int(limit) / 1000
    assert patroni["etcd"]["hosts"] == [f"{ADDRESSES[name]}:2379" for name in ("db1", "db2", "db3")]


def test_etcd_knows_its_three_members(hosts):
    etcd, _patroni = hosts.hosts["db3"].services

    assert etcd.environment["ETCD_ENABLE_V2"] == "true"
    assert etcd.environment["ETCD_NAME"] == "db3"
    assert etcd.environment["ETCD_INITIAL_CLUSTER"].count("http://") == 3


def test_pgbackrest_names_the_data_that_patroni_keeps(hosts):
    host = hosts.hosts["db1"]
    told = configparser.ConfigParser()
    told.read(host.folder / "pgbackrest.conf")

    whole = yaml.safe_load((host.folder / "patroni.yml").read_text())
    patroni = whole["postgresql"]

    assert told["yidi"]["pg1-path"] == patroni["data_dir"]
    assert str(host.folder) in patroni["parameters"]["archive_command"]
    assert str(host.folder) not in str(whole["bootstrap"])  # that is the same for all hosts
    assert told["yidi"]["pg1-socket-path"] == patroni["parameters"]["unix_socket_directories"]


def test_one_redis_is_the_master_and_two_follow(hosts):
    following = ["replicaof" in (host.folder / "redis.conf").read_text() for host in hosts.of("cache")]

    assert following == [False, True, True]
    assert [*Sentinels.of(hosts.redis()).nodes] == [(host.address, 26379) for host in hosts.of("cache")]


def test_the_product_is_started_as_its_units_start_it():
    web = started_by("yidi-web@.service", {"127.0.0.1": "10.77.0.31", "%i": "8001"})

    assert web[0].endswith("/granian")
    assert web[web.index("--host") + 1] == "10.77.0.31"
    assert web[web.index("--port") + 1] == "8001"
    assert web[-1] == "config.asgi:application"


def test_beside_each_product_process_stands_a_pooler_of_its_own(hosts):
    ini = (hosts.hosts["work2"].folder / "pgbouncer.ini").read_text()

    assert "pool_mode = transaction" in ini
    assert ini.count("host=127.0.0.1 port=5000") == 2
    assert "listen_addr = 127.0.0.1" in ini


@program("haproxy", "haproxy")
@pytest.mark.parametrize(("host", "file"), [("web1", "haproxy-database.cfg"), ("front1", "haproxy-web.cfg")])
def test_haproxy_takes_its_file(hosts, host, file):
    checked = subprocess.run(
        [found("haproxy"), "-c", "-q", "-f", hosts.hosts[host].folder / file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_longest_time_without_an_answer():
    assert longest_gap([1.0, 2.0, 6.0, 7.0], since=1.5, until=9.0) == 4.0
    assert longest_gap([], since=1.0, until=3.0) == 2.0
    assert longest_gap([2.0, 2.5], since=2.0, until=8.0) == 5.5
