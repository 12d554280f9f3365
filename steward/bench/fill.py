"""Fills an empty database for measuring: a hundred projects, set-based SQL that both databases understand.

``python -m steward.bench.fill CASES WORLD`` migrates the database of DATABASE_URL, fills it and writes what the
load generator needs (tokens, numbers, units) to the file WORLD. Shares follow the frozen data set: half as many units
and customers as cases, four timeline rows a case, 3 % open, two years.
"""

import json
import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

PROJECTS: Final = 100
STAFF_EACH: Final = 50
TECHNICIANS: Final = 3
#: How much of each project the load generator knows.
SAMPLE: Final = 400
SPREAD: Final = 2654435761  # Knuth's multiplier: neighbours land far apart
# State of every fifth open case and more: a desk's day.
OPEN_STATES: Final = ("received", "dispatched", "dispatched", "accepted", "on_site", "quoted", "working", "settling")
STEPS: Final = (
    ("open", "", "received"),
    ("dispatch", "received", "dispatched"),
    ("accept", "dispatched", "accepted"),
    ("arrive", "accepted", "on_site"),
)


class Sql:
    """The few words in which the two databases differ."""

    def __init__(self, cursor: Any, vendor: str) -> None:
        self.cursor = cursor
        self.postgres = vendor == "postgresql"

    def trust(self) -> None:
        """Our rows fit each other: looking each reference up takes longer than everything else. For superusers."""
        if self.postgres:
            self.cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if self.cursor.fetchone()[0]:
                self.cursor.execute("SET LOCAL session_replication_role = replica")

    def pad(self, expression: str, width: int) -> str:
        if self.postgres:
            return f"lpad(({expression})::text, {width}, '0')"
        return f"substr('{'0' * width}' || ({expression}), -{width})"

    def ago(self, minutes: str) -> str:
        if self.postgres:
            return f"date_trunc('second', now() - interval '1 day' - ({minutes}) * interval '1 minute')"
        return f"datetime('now', '-1 day', '-' || ({minutes}) || ' minutes')"

    def plus(self, instant: str, minutes: str) -> str:
        if self.postgres:
            return f"{instant} + ({minutes}) * interval '1 minute'"
        return f"datetime({instant}, '+' || ({minutes}) || ' minutes')"

    def day(self, instant: str) -> str:
        if self.postgres:
            return f"to_char({instant}, 'YYMMDD')"
        return f"substr({instant}, 3, 2) || substr({instant}, 6, 2) || substr({instant}, 9, 2)"

    def uuid(self) -> str:
        return "gen_random_uuid()" if self.postgres else "lower(hex(randomblob(16)))"

    def literal(self, field: Any) -> str:
        """The model's own default, as the database writes it."""
        value = field.get_default()
        if field.get_internal_type() == "JSONField":
            text = f"'{json.dumps(value)}'"
            return f"{text}::jsonb" if self.postgres else text
        if value is None:
            return "NULL"
        if isinstance(value, (bool, int)):
            return str(value).lower()
        return "'" + str(value).replace("'", "''") + "'"

    def insert(self, model: Any, values: dict[str, str], source: str) -> None:
        """One INSERT … SELECT; columns not named take the model's default."""
        fields = [f for f in model._meta.concrete_fields if f.column in values or not f.primary_key]  # noqa: SLF001
        names = ", ".join(f'"{f.column}"' for f in fields)
        chosen = ", ".join(values.get(f.column) or self.literal(f) for f in fields)
        self.cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {chosen} {source}')  # noqa: SLF001  our own words

    def series(self, count: int) -> str:
        number = "bigint" if self.postgres else "integer"
        start = f"SELECT CAST(0 AS {number})"
        return f"FROM (WITH RECURSIVE s(i) AS ({start} UNION ALL SELECT i + 1 FROM s WHERE i + 1 < {count}) SELECT i FROM s) s"  # noqa: S608


def fill(cases: int) -> dict[str, Any]:
    """Build everything; returns what the load generator must know."""
    from django.db import connection, transaction  # noqa: PLC0415  Django is set up by now

    now = datetime.now(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        sql = Sql(cursor, connection.vendor)
        sql.trust()
        first = _organisation()
        people = _people(sql, first, now)
        _estate(sql, first, max(cases // 2, PROJECTS))
        _cases(sql, first, cases)
        _hang_on(sql)
        _identities(connection, cursor)
    return {"cases": cases, "projects": _world(first, people)}


def _organisation() -> int:
    """Head office, ten regions, a hundred projects, categories, prices; returns the first project's id."""
    from steward.cases.models import Category  # noqa: PLC0415
    from steward.kernel.calendars import load_calendar  # noqa: PLC0415
    from steward.registers.org.models import Level, ProjectKind  # noqa: PLC0415
    from steward.registers.org.operations import create_node  # noqa: PLC0415

    load_calendar()
    hq = create_node(parent=None, level=Level.HEAD_OFFICE, code="HQ", name="总部")
    regions = [create_node(parent=hq, level=Level.REGION, code=f"R{n:02d}", name=f"区域{n}") for n in range(10)]
    found = [
        create_node(
            parent=regions[n % 10],
            level=Level.PROJECT,
            code=f"P{n:03d}",
            name=f"项目{n}",
            kind=ProjectKind.RESIDENTIAL,
        ).pk
        for n in range(PROJECTS)
    ]
    if found != list(range(found[0], found[0] + PROJECTS)):
        raise RuntimeError("the database was not empty")
    codes = ("leak", *(f"c{n}" for n in range(1, 60)))
    Category.objects.bulk_create(
        Category(kind="repair", code=code, name=f"类别{n}", name_en=f"Category {n}", urgency="P2", position=n)
        for n, code in enumerate(codes)
    )
    return int(found[0])


def _people(sql: Sql, first: int, now: datetime) -> dict[int, dict[str, Any]]:
    """Fifty staff a project; the desk and three technicians sign in."""
    from steward.kernel import reference  # noqa: PLC0415
    from steward.kernel.actor import Role  # noqa: PLC0415
    from steward.registers.org.models import RoleGrant, User  # noqa: PLC0415
    from steward.registers.workforce.models import Staff  # noqa: PLC0415

    sql.insert(
        Staff,
        {"id": "i + 1", "node_id": f"{first} + i % {PROJECTS}", "name": "'员工' || i", "post": "'工程'"},
        sql.series(PROJECTS * STAFF_EACH),
    )
    users = []
    for n in range(PROJECTS * (1 + TECHNICIANS)):
        user = User(username=f"user{n}", name=f"员工{n}", staff_id=n + 1, created_at=now)
        user.password = "!nobody signs in here"  # noqa: S105
        users.append(user)
    User.objects.bulk_create(users)
    RoleGrant.objects.bulk_create(
        RoleGrant(
            user_id=user.pk,
            role=Role.DESK if n < PROJECTS else Role.TECHNICIAN,
            node_id=first + n % PROJECTS,
            granted_by="bench",
            granted_at=now,
        )
        for n, user in enumerate(users)
    )
    for user in users:
        Staff.objects.filter(pk=user.staff_id or 0).update(user_id=user.pk)
    reference.bump()
    return {
        first + n: {"user": users[n], "technicians": [n + 1 + PROJECTS * k for k in range(1, 1 + TECHNICIANS)]}
        for n in range(PROJECTS)
    }


def _estate(sql: Sql, first: int, units: int) -> None:
    """Twenty buildings a project; every unit with one household."""
    from steward.registers.estate.models import Building, Unit  # noqa: PLC0415
    from steward.registers.party.models import Customer, Occupancy, Person  # noqa: PLC0415

    project = f"{first} + i % {PROJECTS}"
    building = f"((i / {PROJECTS}) % 20)"
    label = f"({building} + 1) || '-1-' || " + sql.pad(f"i / {PROJECTS * 20} + 101", 4)
    sql.insert(
        Building,
        {
            "id": "i + 1",
            "project_id": project,
            "code": f"CAST(i / {PROJECTS} + 1 AS varchar(20))",
            "name": f"(i / {PROJECTS} + 1) || '栋'",
        },
        sql.series(PROJECTS * 20),
    )
    sql.insert(
        Unit,
        {
            "id": "i + 1",
            "project_id": project,
            "building_id": f"{building} * {PROJECTS} + i % {PROJECTS} + 1",
            "entrance": "'1'",
            "floor": "'1'",
            "room": sql.pad(f"i / {PROJECTS * 20} + 101", 4),
            "label": label,
            "area": "60 + i % 120",
        },
        sql.series(units),
    )
    phone = "'138' || " + sql.pad("i", 8)
    sql.insert(Person, {"id": "i + 1", "name": "'业主' || i", "phone": phone}, sql.series(units))
    sql.insert(
        Customer,
        {"id": "i + 1", "project_id": project, "person_id": "i + 1", "name": "'业主' || i", "phone": phone},
        sql.series(units),
    )
    sql.insert(
        Occupancy,
        {
            "project_id": project,
            "unit_id": "i + 1",
            "customer_id": "i + 1",
            "role": "'owner'",
            "since": sql.ago("1500000"),
        },
        sql.series(units),
    )


def _cases(sql: Sql, first: int, cases: int) -> None:
    from steward.cases.models import Case, Category  # noqa: PLC0415

    units = max(cases // 2, PROJECTS)
    category = Category.objects.order_by("pk").values_list("pk", flat=True)[0]
    unit = f"((i * {SPREAD}) % {units})"
    is_open = f"((i * {SPREAD}) / 65536) % 100 < 3"
    states = " ".join(f"WHEN {n} THEN '{state}'" for n, state in enumerate(OPEN_STATES))
    received = sql.ago(f"1051200 - i * 1051200 / {cases}")
    rows = f"(SELECT i, {unit} AS u, {received} AS at, CASE WHEN {is_open} THEN 1 ELSE 0 END AS live {sql.series(cases)}) c"
    sql.insert(
        Case,
        {
            "id": "i + 1",
            "project_id": f"{first} + u % {PROJECTS}",
            "number": f"'BX-P' || {sql.pad(f'u % {PROJECTS}', 3)} || '-' || {sql.day('at')} || '-' || {sql.pad('i % 1000000', 6)}",
            "kind": "'repair'",
            "state": f"CASE live WHEN 1 THEN CASE i % {len(OPEN_STATES)} {states} END ELSE 'closed' END",
            "version": str(len(STEPS)),
            "title": "'厨房水管漏水需要上门维修 ' || i",
            "description": "'业主反映厨房水槽下方水管接头处渗水，已影响楼下住户，请尽快安排工程人员上门处理。' || i",
            "channel": "'phone'",
            "urgency": "CASE i % 10 WHEN 0 THEN 'P1' ELSE 'P2' END",
            "category_id": f"{category} + i % 60",
            "unit_id": "u + 1",
            "unit_label": "(SELECT label FROM estate_unit WHERE estate_unit.id = u + 1)",
            "customer_id": "u + 1",
            "customer_name": "'业主' || u",
            "reporter_name": "'业主' || u",
            "reporter_phone": "'138' || " + sql.pad("u", 8),
            "accountable_id": f"u % {PROJECTS} + 1",
            "handler_id": f"CASE WHEN live = 1 AND i % {len(OPEN_STATES)} = 0 THEN NULL ELSE {PROJECTS} + u % {PROJECTS} + 1 END",
            "received_at": "at",
            "recorded_at": "at",
            "updated_at": sql.plus("at", "240"),
            "closed_at": f"CASE live WHEN 1 THEN NULL ELSE {sql.plus('at', '1800')} END",
            "next_due_at": f"CASE live WHEN 1 THEN {sql.plus('at', '2880')} END",
            "next_due_key": "CASE live WHEN 1 THEN 'completion' ELSE '' END",
        },
        f"FROM {rows}",
    )


def _hang_on(sql: Sql) -> None:
    """Detail, four timeline rows and three clocks for every case."""
    from steward.cases.models import Deadline, Entry  # noqa: PLC0415
    from steward.processes.repair.models import Repair  # noqa: PLC0415

    sql.insert(Repair, {"case_id": "id", "project_id": "project_id", "payer": "'owner'"}, "FROM cases_case")
    for seq, (action, source, target) in enumerate(STEPS, start=1):
        at = sql.plus("received_at", str(60 * (seq - 1)))
        sql.insert(
            Entry,
            {
                "case_id": "id",
                "project_id": "project_id",
                "seq": str(seq),
                "action": f"'{action}'",
                "from_state": f"'{source}'",
                "to_state": f"'{target}'",
                "actor_kind": "'staff'",
                "actor_key": "'staff:' || accountable_id",
                "actor_name": "'员工' || accountable_id",
                "client_uuid": sql.uuid(),
                "payload_hash": "''",
                "happened_at": at,
                "recorded_at": at,
                "note": "'已电话联系业主确认上门时间'",
                "is_public": "true",
            },
            "FROM cases_case",
        )
    for key, minutes, done in (
        ("response", 30, "state NOT IN ('received', 'dispatched')"),
        ("arrival", 1440, "state NOT IN ('received', 'dispatched', 'accepted')"),
        ("completion", 2880, "state IN ('settling', 'closed')"),
    ):
        due = sql.plus("received_at", str(minutes))
        sql.insert(
            Deadline,
            {
                "case_id": "id",
                "project_id": "project_id",
                "key": f"'{key}'",
                "policy_version": "'preset'",
                "minutes": str(minutes),
                "mode": "'natural'",
                "hours": "''",
                "warn_ratio": "0.8",
                "ladder": "'1:accountable,1.5:manager,2:region'",
                "started_at": "received_at",
                "due_at": due,
                "next_at": f"CASE WHEN {done} THEN NULL ELSE {due} END",
                "ended_at": f"CASE WHEN {done} THEN {sql.plus('received_at', '180')} END",
                "outcome": f"CASE WHEN {done} THEN 'met' ELSE '' END",
            },
            "FROM cases_case",
        )


def _identities(connection: Any, cursor: Any) -> None:
    """The next row comes after those that we numbered ourselves."""
    from django.apps import apps  # noqa: PLC0415
    from django.core.management.color import no_style  # noqa: PLC0415

    for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
        cursor.execute(statement)


def _world(first: int, people: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """For each project a token, a session and samples of numbers, units and cases to dispatch."""
    from steward.cases.models import Case  # noqa: PLC0415
    from steward.registers.estate.models import Unit  # noqa: PLC0415
    from steward.registers.org.operations import create_token  # noqa: PLC0415

    dice, now, found = random.Random(1), datetime.now(UTC), []  # noqa: S311  a sample, not a secret
    for project_id, those in people.items():
        here = Case.objects.in_project(project_id)
        numbers = list(here.values_list("number", flat=True))
        waiting = list(here.filter(state__in=("received", "dispatched")).values_list("number", flat=True))
        units = list(Unit.objects.in_project(project_id).values_list("label", flat=True)[: SAMPLE * 10])
        project = {
            "id": project_id,
            "code": f"P{project_id - first:03d}",
            "token": create_token(user=those["user"], label="bench", at=now),
            "session": _session(those["user"]),
            "technicians": those["technicians"],
            "numbers": dice.sample(numbers, min(SAMPLE, len(numbers))),
            "units": dice.sample(units, min(SAMPLE, len(units))),
            "waiting": waiting[-SAMPLE:],
        }
        if project["numbers"] and project["units"] and waiting:
            found.append(project)
    return found


def _session(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415

    from steward.registers.org.sessions import SessionStore  # noqa: PLC0415

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    store.save()
    return str(store.session_key)


def main() -> None:
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    world = fill(int(sys.argv[1]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    Path(sys.argv[2]).write_text(json.dumps(world, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
