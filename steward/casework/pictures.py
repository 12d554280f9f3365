"""Pictures that come with a step hang on its case."""

from django.utils.translation import gettext_lazy as _

from steward.cases.engine import Step
from steward.cases.facts import CaseMoved, CaseOpened
from steward.casework.models import CaseFile
from steward.kernel.errors import InvalidError
from steward.kernel.facts import listens
from steward.kernel.models import Attachment


@listens(CaseOpened)
def hang_on_new(fact: CaseOpened) -> None:
    _hang(fact.step)


@listens(CaseMoved)
def hang(fact: CaseMoved) -> None:
    _hang(fact.step)


def _hang(step: Step) -> None:
    """Only one's own uploads to this project: an id is no permission. Raises InvalidError."""
    if not step.files:
        return
    wanted = {attachment_id for attachment_id, _label in step.files}
    own = Attachment.objects.in_project(step.case.project_id).filter(pk__in=wanted, uploaded_by=step.actor.key)
    if own.count() != len(wanted):
        raise InvalidError({"photos": _("There is no such picture here.")})
    rows = [
        CaseFile(
            project_id=step.case.project_id,
            case_id=step.case.pk,
            attachment_id=attachment_id,
            label=label,
            seq=step.case.version,
            # A picture of a note among colleagues is no more the customer's than its words.
            is_public=step.public,
        )
        for attachment_id, label in dict.fromkeys(step.files)
    ]
    # A picture that already hangs there stays where it is: showing it again is no reason to refuse the action.
    CaseFile.objects.bulk_create(rows, ignore_conflicts=True)
