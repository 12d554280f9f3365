"""Praise in a person's record; a penalty never stands without its own procedure."""

from datetime import datetime

from steward.registers.workforce.models import Commendation


def commend(*, staff_id: int | None, team: str, project_id: int, source: str, text: str, at: datetime) -> Commendation:
    """Write praise into the record of a person or a team. The same source again adds nothing."""
    row, _created = Commendation.objects.in_project(project_id).get_or_create(
        project_id=project_id, source=source, defaults={"staff_id": staff_id, "team": team, "text": text, "at": at}
    )
    return row
