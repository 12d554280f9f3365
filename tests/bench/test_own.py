"""Captured statements become scripts that can be run again and again."""

from steward.bench.own import script

OPENED = [
    "BEGIN",
    """INSERT INTO "cases_case" ("project_id", "number") VALUES (50, 'BX-P038-261122-0001') RETURNING "cases_case"."id\"""",
    """INSERT INTO "processes_repair" ("project_id", "case_id") VALUES (50, 100004) RETURNING "processes_repair"."id\"""",
    """INSERT INTO "cases_deadline" SELECT * FROM UNNEST(('{100004,100004}'::int4[])::bigint[], ('{"1:accountable"}')::varchar[])""",
    """INSERT INTO "kernel_outbox" VALUES (50, 'BX-P038-261122-0001:1:received', '7bd5ce82646851e8b9749c4762f16e41'::uuid)""",
    "COMMIT",
]


def test_a_new_case_has_a_new_number_and_its_own_id() -> None:
    text = script(OPENED, writes=True)
    assert "VALUES (50, 'BX-P038-000101-' || :n::text || '') RETURNING \"cases_case\".\"id\" \\gset" in text
    assert "VALUES (50, :id) RETURNING" in text
    assert "array_fill(:id::bigint, ARRAY[2])" in text
    assert "100004" not in text
    assert "gen_random_uuid()" in text


def test_a_colon_in_a_string_is_no_variable() -> None:
    text = script(OPENED, writes=True)
    assert "'{\"1'||chr(58)||'accountable\"}'" in text
    assert "::varchar[]" in text


def test_a_transition_goes_on_from_wherever_the_case_stands() -> None:
    text = script(
        [
            'UPDATE "cases_case" SET "version" = 5, "handler_id" = 2 WHERE "id" = 7 AND "project_id" = 33 AND "version" = 4',
            """INSERT INTO "cases_entry" ("project_id", "case_id", "seq", "action") VALUES (33, 7, 5, 'dispatch')""",
        ],
        writes=True,
    )
    assert '"version" = "version" + 1, "handler_id" = 2 WHERE "id" = 7 AND "project_id" = 33;' in text
    assert "VALUES (33, 7, :n, 'dispatch')" in text


def test_reads_are_left_as_they_are() -> None:
    assert script(['SELECT 1 FROM "cases_case"'], writes=False).endswith('\nSELECT 1 FROM "cases_case";\n')


def test_a_clock_that_starts_anew_with_each_transition_may_run_already() -> None:
    started = (
        """INSERT INTO "cases_deadline" ("case_id", "key") VALUES (7, 'silence') RETURNING "cases_deadline"."id\""""
    )
    kept = 'INSERT INTO "cases_deadline" ("id") VALUES (3) ON CONFLICT("id") DO UPDATE SET "ended_at" = now()'
    text = script([started, kept], writes=True)
    assert """VALUES (7, 'silence') ON CONFLICT DO NOTHING RETURNING "cases_deadline"."id\";""" in text
    assert f"{kept};" in text
    assert text.count("ON CONFLICT") == 2
