"""Names in a repair's own tables follow the case."""

from steward.casework.erasure import CaseForgotten
from steward.kernel.facts import listens
from steward.processes.repair.models import Consent, Repair


@listens(CaseForgotten)
def forget(fact: CaseForgotten) -> None:
    repairs = Repair.objects.in_project(fact.project_id).filter(case=fact.case)
    repairs.exclude(payer_name="").update(payer_name=fact.pseudonym)
    repairs.exclude(scope_confirmed_by="").update(scope_confirmed_by=fact.pseudonym[:60])
    consents = Consent.objects.in_project(fact.project_id).filter(case=fact.case)
    consents.update(person_name=fact.pseudonym[:60], relation="")
