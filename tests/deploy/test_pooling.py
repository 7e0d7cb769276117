"""Behind PgBouncer as deploy/ has it, handing out connections by transaction: filing, settling, the sweep and the clock."""

import os
import pwd
import re
import subprocess
import time

import psycopg
import pytest
from django.db import connection, connections

from config.environment import BASE_DIR
from config.settings.services import _session
from core import clock
from core.errors import WrongState
from devservices.processes import as_user
from devservices.state import free_port
from reviews import clock_simulation, tasks
from reviews.history import disagreements
from settlements.models import Settlement
from tests import factories as make
from tests.deploy.programs import found, program
from tests.rivals import together
from tests.settlements.proving import assert_books_hold
from tests.settlements.till import SIMPLE, policies, till

INI = (BASE_DIR / "deploy" / "pgbouncer" / "pgbouncer.ini").read_text()
NOW = "2026-03-02 10:00"


@pytest.fixture
def pooled(transactional_db, tmp_path_factory):
    """All connections of the test go through PgBouncer, one transaction to one session, the next to another."""
    server, folder = dict(connection.settings_dict), tmp_path_factory.mktemp("pgbouncer")
    port = free_port()
    for name, text in (("users", f'"{server["USER"]}" "{server["PASSWORD"]}"\n'), ("ini", ours(server, port, folder))):
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)
    for place in (folder, *(above for above in folder.parents if "pytest" in str(above))):
        place.chmod(0o755)
    nobody = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    bouncer = subprocess.Popen([found("pgbouncer"), "-q", folder / "ini"], stderr=subprocess.PIPE, **as_user(nobody))
    connection.close()
    behind = {"HOST": "127.0.0.1", "PORT": port, "DISABLE_SERVER_SIDE_CURSORS": True, "CONN_HEALTH_CHECKS": False}
    options = {name: value for name, value in server["OPTIONS"].items() if name != "options"} | {
        "prepare_threshold": None
    }
    connections.settings["default"].update(behind, OPTIONS=options)
    try:
        spread(bouncer)
        yield
    finally:
        connection.close()
        connections.settings["default"].update(server)
        bouncer.terminate()
        bouncer.communicate(timeout=10)


def ours(server, port, folder):
    """The delivered file, with this test's places."""
    text = INI.replace(
        "host=postgres port=5432 dbname=yidi", f"host={server['HOST']} port={server['PORT']} dbname={server['NAME']}"
    )
    text = text.replace("\nyidi =", f"\n{server['NAME']} =").replace("listen_addr = *", "listen_addr = 127.0.0.1")
    text = text.replace("6432", str(port)).replace("/run/secrets/pgbouncer_users", str(folder / "users"))
    return text + "server_round_robin = 1\n"


def spread(bouncer):
    """Three sessions of the server, used in turn."""
    end, opened = time.monotonic() + 10, []
    while len(opened) < 3:
        try:
            opened.append(psycopg.connect(**here()))
        except psycopg.OperationalError:
            assert bouncer.poll() is None, bouncer.stderr.read().decode()
            assert time.monotonic() < end, "PgBouncer does not answer"
            time.sleep(0.05)
    for one in opened:
        one.execute("SELECT 1")
    for one in opened:
        one.commit()
        one.close()


def here(**other):
    now = connections.settings["default"]
    return {
        "host": now["HOST"],
        "port": now["PORT"],
        "dbname": now["NAME"],
        "user": now["USER"],
        "password": now["PASSWORD"],
        **other,
    }


@program("pgbouncer", "pgbouncer")
def test_filing_settling_sweep_and_clock(pooled):
    with connection.cursor() as cursor:
        assert len({cursor.execute("SELECT pg_backend_pid()").fetchone()[0] for _turn in range(6)}) > 1
    make.working_calendar()

    with clock.standing_at(make.moment("2026-03-02 09:00")), policies(SIMPLE):
        cashier = till(make.enrollment(make.person("赵秀兰")))
        make.approved(cashier.patient, cashier.citizen, to="110000", filing_type="other")
    with clock.standing_at(make.moment(NOW)), policies(SIMPLE):
        filing, bill = make.submitted(), cashier.bill()
        answers = together(*[lambda: pay(cashier, bill)] * 2, at=NOW)
        assert_books_hold()
    with clock.standing_at(make.moment("2026-03-04 16:59")):
        swept = tasks.sweep.apply().get()
    filing.refresh_from_db()
    make_waiting()
    moved = clock_simulation.move_clock()
    mover = clock_simulation.Mover()
    mover.hold(clock.simulated_now())
    [rival] = together(clock_simulation.move_clock, at=NOW)

    assert [answer.status_code for answer in answers] == [201, 201]  # the second is the first's answer again
    assert Settlement.objects.count() == 1
    assert swept >= 1
    assert filing.status == "approved"
    assert moved >= 1
    assert (type(rival), rival.code) == (WrongState, "clock_moving")
    assert disagreements()[1] == []


def pay(cashier, bill):
    return cashier.api.post("/api/v1/settlements/", bill, format="json", HTTP_IDEMPOTENCY_KEY="key 1")


def make_waiting():
    with clock.standing_at(make.moment(NOW)):
        return make.submitted()


@program("pgbouncer", "pgbouncer")
def test_the_pooler_limits_what_a_page_waits_for(pooled):
    with psycopg.connect(**here(dbname="yidi_web")) as line:
        limits = [line.execute(f"SHOW {name}").fetchone()[0] for name in ("statement_timeout", "lock_timeout")]

    assert limits == ["30s", "10s"]


def test_its_limits_are_those_without_it():
    of_web, of_workers = (
        dict(re.findall(r"SET (\w+) = (\w+)", query)) for query in re.findall(r"connect_query='(.*?)'", INI)
    )

    given = dict(part.split("=") for part in _session(30).replace("-c ", "").split())
    assert of_web == {name: re.sub(r"^(\d+)s$", r"\g<1>000", text) for name, text in given.items()}
    assert of_workers == dict([_session(0).removeprefix("-c ").split("=")])
