"""Opens cases for ever and prints the number of each *after* its commit. The tests kill it.

python -m tests.worker.opener PROJECT_CODE USERNAME
"""

import os
import sys
import uuid

import django


def main(code: str, username: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from django.utils import timezone  # noqa: PLC0415  after Django is set up

    from steward.casework.intake.opening import open_case  # noqa: PLC0415
    from steward.registers.org.actors import of_user  # noqa: PLC0415
    from steward.registers.org.models import User  # noqa: PLC0415
    from steward.registers.org.tree import project_by_code  # noqa: PLC0415

    actor, project = of_user(User.objects.get(username=username)), project_by_code(code)
    assert project is not None
    while True:
        data = {"title": "厨房水管漏水", "channel": "phone", "unit": "3-2-1201"}
        outcome = open_case(
            project_id=project.id,
            kind="repair",
            actor=actor,
            at=timezone.now(),
            client_uuid=uuid.uuid4(),
            data=data,
        )
        print(outcome.case.number, flush=True)  # noqa: T201  this is its purpose


if __name__ == "__main__":
    main(*sys.argv[1:])
