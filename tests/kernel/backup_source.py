"""Run in a process of its own: makes a small company with a case in SQLite and backs it up to the path given."""

import sys
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    from steward.kernel import audit
    from steward.kernel.audit.seal import seal
    from steward.kernel.backup.make import make
    from tests.world import build_world

    call_command("migrate", verbosity=0)
    world = build_world()
    photo = world.photo("desk")
    number = world.open("desk", photos=[photo]).case.number
    world.act("desk", number, "say", text="五楼也在漏“水”\n第二行\t制表")
    audit.record(
        project_id=world.project_id,
        actor=world.actor("desk"),
        at=world.now,
        what="customer.reveal",
        kind="view",
        subject_kind="party.customer",
        after={"ratio": 1.0, "many": 1e16, "half": 0.5},
        personal={"phone": "13800001234"},
    )
    seal(at=world.now, anchor=True)
    make(Path(sys.argv[1]), at=world.now)
