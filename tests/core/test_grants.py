"""The roles of the database: the application rewrites nothing, the purge deletes what is over and nothing else."""

from datetime import timedelta

import pgtrigger
import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts.models import LimitCount, SignIn, StaffSession
from accounts.security.attempts import purge_sign_ins
from core import grants
from core.retention import retentions
from devservices.state import APPLICATION, PURGE
from reviews import services
from reviews.models import Decision, Event
from tests import factories as make
from tests.roles import as_owner, as_purge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]

ROWS_STAY = {
    "accounts_signin": (), "accounts_staffchange": (), "claims_paymentdownload": (),
    "claims_paymentline": ("bank_account", "bank_holder", "refusal", "refused_on", "refused_at", "refused_by_id"),
    "django_admin_log": (), "reviews_auditlook": (), "reviews_counterstep": (), "reviews_decision": ("reason_id", "undone_at"),
    "reviews_event": (), "reviews_export": (), "reviews_personlookup": (), "settlements_clearing": (),
    "settlements_clearingline": (), "settlements_identitylookup": ("reason",), "settlements_reconciliation": (),
    "settlements_settlement": ("status", "case", "reason", "person_id", "year_id", "ordinal", "enrollment_id"),
    "policies_catalogueentry": (), "policies_catalogueversionevent": (), "policies_policyversionevent": (), "referrals_listeddiagnosisevent": (), "regions_agencyevent": (), "regions_areaevent": (),
    "regions_calendardayevent": (), "regions_calendaryearevent": (), "regions_closeddayevent": (), "regions_institutionevent": (),
}  # fmt: skip
"""Tables to which the application appends, each with the columns in which it may change a row."""
OTHERS = {
    "django_migrations": {"SELECT"}, "django_content_type": {"SELECT"}, "auth_permission": {"SELECT"},
    "axes_accesslog": {"SELECT", "INSERT", "UPDATE"}, "policies_policyversion": {"SELECT", "INSERT", "DELETE"},
    "policies_catalogueversion": {"SELECT", "INSERT", "DELETE"},
}  # fmt: skip
OVER = {
    "accounts_idempotencyrecord", "accounts_limitcount", "accounts_signin", "accounts_staffsession", "accounts_voucher",
    "axes_accessattempt", "axes_accesslog", "gateway_gatewaycall", "gateway_gatewayfile", "gateway_recalledcall",
    "knox_authtoken", "reviews_presence",
}  # fmt: skip
"""Tables from which the purge deletes."""
EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
SINCE_17 = ("MAINTAIN",)


def told(query, *given):
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return cursor.fetchall() if cursor.description else []


def tables():
    return [
        name
        for (name,) in told(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    ]


def may(role, table):
    known = (*EVERYTHING, *SINCE_17) if connection.pg_version >= 170000 else EVERYTHING
    return {name for name in known if told("SELECT has_table_privilege(%s, %s, %s)", role, table, name) == [(True,)]}


def changes(role, table):
    """The columns in which a role may change a row."""
    names = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
    granted = f"{names} AND has_column_privilege(%s, attrelid, attnum, 'UPDATE')"
    return {name for (name,) in told(granted, table, role)}


def test_of_every_table_the_application_may_what_the_rows_allow():
    """A table that is not named here is one whose rows change; one that keeps its rows by a trigger fails until it is named."""
    expected = {table: {"SELECT", "INSERT", "UPDATE", "DELETE"} for table in tables()}
    expected |= {table: {"SELECT", "INSERT"} for table in ROWS_STAY} | OTHERS

    assert {table: may(APPLICATION, table) for table in tables()} == expected
    assert {table: changes(APPLICATION, table) for table in ROWS_STAY} == {
        table: set(columns) for table, columns in ROWS_STAY.items()
    }


def test_of_every_table_the_purge_may_delete_what_is_over_and_change_nothing():
    expected = {table: {"SELECT", "DELETE"} if table in OVER else set() for table in tables()}

    assert {table: may(PURGE, table) for table in tables()} == expected
    assert not any(changes(PURGE, table) for table in tables())


def test_neither_is_more_than_a_role():
    owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = ANY (%s)"
    powers = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = ANY (%s)"

    assert told(owned, [APPLICATION, PURGE]) == [(0,)]
    assert told(powers, [APPLICATION, PURGE]) == [(False,) * 5] * 2
    assert told("SELECT has_schema_privilege(%s, 'public', 'CREATE')", APPLICATION) == [(False,)]


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE reviews_event SET verb = 'approve'", "DELETE FROM reviews_event", "TRUNCATE reviews_event",
        "UPDATE reviews_decision SET outcome = 'approved'", "UPDATE settlements_settlement SET fund = 0",
        "DELETE FROM accounts_signin", "ALTER TABLE reviews_event DISABLE TRIGGER ALL", "DROP TABLE reviews_event CASCADE",
        "ALTER TABLE reviews_event ADD COLUMN x int", "SET session_replication_role = replica", "CREATE TABLE mine ()", "ALTER TABLE accounts_signin DISABLE ROW LEVEL SECURITY",
    ],
)  # fmt: skip
def test_the_application_rewrites_nothing_even_with_the_triggers_told_to_rest(act):
    filing = make.submitted()
    services.reject(filing, reviewer=make.reviewer(), reason="材料不符")
    SignIn.objects.create(account=make.reviewer(), door="api", at=timezone.now() - timedelta(days=4000))
    told("SET CONSTRAINTS ALL IMMEDIATE")
    before = [list(model.objects.values_list()) for model in (Event, Decision, SignIn)]
    rest = "{" + ",".join(trigger.get_pgid(model) for model, trigger in pgtrigger.registered()) + "}"
    told("SELECT set_config('pgtrigger.ignore', %s, true)", rest)

    with pytest.raises(DatabaseError, match=r"permission denied|must be owner|owner of"), transaction.atomic():
        told(act)

    told("SELECT set_config('pgtrigger.ignore', '{}', true)")
    assert [list(model.objects.values_list()) for model in (Event, Decision, SignIn)] == before


def test_the_purge_deletes_what_is_over_and_cannot_delete_more(settings):
    staff, now = make.reviewer(), timezone.now()
    fresh, old = now - settings.SIGN_INS_KEPT + timedelta(days=1), now - settings.SIGN_INS_KEPT - timedelta(days=1)
    kept, _gone = (SignIn.objects.create(account=staff, door="api", at=at) for at in (fresh, old))
    StaffSession.objects.create(session_key="lives", account=staff, expire_date=now + timedelta(hours=1))
    StaffSession.objects.create(session_key="is-over", account=staff, expire_date=now - timedelta(hours=1))
    LimitCount.objects.create(key="counts", times=1, until=now + timedelta(hours=1))

    with as_purge():
        purged = purge_sign_ins()
        for table in sorted(OVER):
            told(f"DELETE FROM {table} RETURNING 1")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            told("DELETE FROM reviews_event RETURNING 1")

    assert purged == 1
    assert list(SignIn.objects.all()) == [kept]
    assert list(StaffSession.objects.values_list("session_key", flat=True)) == ["lives"]
    assert LimitCount.objects.filter(key="counts").exists()


def test_every_retention_is_one_of_these():
    assert {retention.model._meta.db_table for retention in retentions} == OVER


def test_without_a_role_of_its_own_the_purge_is_the_application_held_to_what_is_over(settings):
    session = StaffSession.objects.create(
        session_key="lives", account=make.reviewer(), expire_date=timezone.now() + timedelta(hours=1)
    )
    connection.check_constraints()  # a table with checks that wait is not altered
    with as_owner():
        grants.give(APPLICATION, APPLICATION)
    old = timezone.now() - settings.SIGN_INS_KEPT - timedelta(days=1)
    kept, _gone = (SignIn.objects.create(account=make.reviewer(), door="api", at=at) for at in (timezone.now(), old))

    told("DELETE FROM accounts_signin RETURNING 1")

    assert list(SignIn.objects.all()) == [kept]
    assert list(StaffSession.objects.all()) == [session]
    assert {"UPDATE", "DELETE"} <= may(APPLICATION, "accounts_staffsession")
    assert may(APPLICATION, "reviews_event") == {"SELECT", "INSERT"}


def test_what_refuses_to_lose_a_row_refuses_to_lose_them_all():
    by_name = {name: set() for name in ("keeps", "no_truncate")}
    for model, trigger in pgtrigger.registered():
        if trigger.name == "no_truncate":
            by_name["no_truncate"].add(model._meta.db_table)
        elif isinstance(trigger, pgtrigger.Protect) and "DELETE" in str(trigger.operation):
            by_name["keeps"].add(model._meta.db_table)

    assert {"accounts_signin", "settlements_identitylookup", "reviews_event"} <= by_name["keeps"]
    assert by_name["keeps"] - by_name["no_truncate"] == set()
    for table in ("accounts_signin", "settlements_identitylookup"):
        with as_owner(), pytest.raises(DatabaseError, match="Cannot truncate rows"), transaction.atomic():
            told(f"TRUNCATE {table} CASCADE")


def test_a_role_that_is_not_there_is_named_with_what_to_do():
    with as_owner(), pytest.raises(grants.NoSuchRole, match=r"no role nobody.*CREATE ROLE nobody LOGIN"):
        grants.give("nobody", PURGE)


@pytest.mark.parametrize(
    ("owner", "databases", "warnings"),
    [
        ({"USER": connection.settings_dict["USER"]}, {}, ["yidi.W001"]),
        ({"USER": "somebody"}, {}, ["yidi.W002"]),
        ({"USER": "somebody"}, {"purge": connection.settings_dict}, []),
    ],
)
def test_check_deploy_says_which_role_is_not_apart(settings, owner, databases, warnings):
    with override_settings(DATABASE_OWNER=owner):
        settings.DATABASES.update(databases)
        try:
            found = run_checks(include_deployment_checks=True)
        finally:
            settings.DATABASES.pop("purge", None)

    assert [one.id for one in found if str(one.id).startswith("yidi.")] == warnings
