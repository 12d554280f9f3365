"""The product's own SQL as pgbench scripts: what remains when HTTP, Python and the ORM are taken away.

``python -m steward.bench.own WORLD FOLDER`` sends a few requests of each operation through the whole product and
writes their statements, one script a request. What must be new each time (identifiers, case numbers) becomes a variable.
"""

import json
import os
import re
import sys
from pathlib import Path
from random import Random
from typing import Any, Final

SAMPLES: Final = 12
WARM: Final = 3
UUID: Final = re.compile(r"'[0-9a-f]{32}'::uuid")
NUMBER: Final = re.compile(r"'(BX-P\d{3}-)\d{6}-Z?\d{4,6}")
NEW_CASE: Final = re.compile(r'INSERT INTO "processes_repair" .*? VALUES \(\d+, (\d+)\b', re.DOTALL)


def script(statements: list[str], *, writes: bool) -> str:
    """One transaction as a script that can be run again and again."""
    made = [_renewed(statement) if writes else statement for statement in statements]
    text = "\n".join(f"{_for_pgbench(statement)};" for statement in made)
    case_id = NEW_CASE.search(text)
    if case_id:
        text = _of_new_case(text, case_id[1])
    return f"\\set n random(1, 2000000000)\n{text}\n"


def _renewed(statement: str) -> str:
    statement = UUID.sub("gen_random_uuid()", statement)
    if statement.startswith("INSERT"):
        # Of another day, so that the product's own next number is not disturbed.
        statement = NUMBER.sub(r"'\g<1>000101-' || :n::text || '", statement)
    if statement.startswith('INSERT INTO "cases_deadline"') and " ON CONFLICT" not in statement:
        # Repeated, it finds the clock that it started running: of each key only one does.
        insert, returning, columns = statement.partition(" RETURNING ")
        statement = f"{insert} ON CONFLICT DO NOTHING{returning}{columns}"
    if statement.startswith('INSERT INTO "cases_entry"'):
        statement = re.sub(r"(VALUES \(\d+, \d+, )\d+", r"\g<1>:n", statement)
    if statement.startswith('UPDATE "cases_case"'):
        statement = re.sub(r'SET "version" = \d+', 'SET "version" = "version" + 1', statement)
        statement = re.sub(r' AND "version" = \d+', "", statement)
    return statement


def _for_pgbench(statement: str) -> str:
    """A colon before a letter would be a variable, also inside a string."""
    return re.sub(r"(?<![:\s(,]):(?=[A-Za-z_])", "'||chr(58)||'", statement)


def _of_new_case(text: str, case_id: str) -> str:
    """The id that the first INSERT returns goes into the statements after it."""
    first, found, rest = text.partition('RETURNING "cases_case"."id";')
    array = re.compile(rf"'\{{{case_id}((?:,{case_id})*)\}}'::int\d\[\]")
    rest = array.sub(lambda m: f"array_fill(:id::bigint, ARRAY[{m[1].count(',') + 1}])", rest)
    rest = re.sub(rf"\b{case_id}\b", ":id", rest)
    return first + found.replace(";", " \\gset") + rest


def statements_of(request: Any) -> list[str]:
    """What one request says to the database, with its values."""
    from django.db import connection  # noqa: PLC0415  Django is set up by now
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    method, path, headers, body = request
    with CaptureQueriesContext(connection) as captured:
        answer = Client(headers=headers).generic(
            method, path, body, content_type="application/json", SERVER_NAME="127.0.0.1"
        )
    if not 200 <= answer.status_code < 300:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
    return [str(query["sql"]).rstrip(";") for query in captured.captured_queries]


def main() -> None:
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from steward.bench.client import OPERATIONS  # noqa: PLC0415

    projects = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["projects"]
    folder, dice = Path(sys.argv[2]), Random(7)  # noqa: S311  a load, not a secret
    for name in sys.argv[3:]:
        for sample in range(-WARM, SAMPLES):
            found = statements_of(OPERATIONS[name](dice.choice(projects), dice))
            if sample >= 0:
                text = script(found, writes=name in ("create", "transition"))
                (folder / f"own-{name}-{sample}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
