"""From where somebody decides: signed in on the residents' page, or holding a single-use link."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from steward.cases import engine
from steward.casework.models import Link
from steward.design.clockface import when
from steward.kernel.actor import Actor
from steward.kernel.errors import RefusalError
from steward.portal import forms, reads
from steward.portal.shell import shell_of, show
from steward.registers.org.tree import Place, place
from steward.registers.workforce.people import colleagues
from steward.web.cases import CaseView, view_case
from steward.web.forms import client_uuid


@dataclass(frozen=True)
class Seat:
    actor: Actor
    view: CaseView
    at: datetime
    token: str = ""
    link: Link | None = None

    @property
    def where(self) -> Place:
        return place(self.view.case.project_id)

    def url(self, page: str) -> str:
        """The address of a page of this case, on the residents' page or behind the link."""
        if self.link is None:
            return reverse(f"portal:{page}", args=[self.view.case.number])
        if page in ("decline", "consent"):
            return reverse("portal-links:decline" if page == "decline" else "portal-links:link", args=[self.token])
        return reverse("portal-links:link", args=[self.token])

    def may(self, action: str) -> bool:
        return any(a.name == action for a in self.view.actions)

    def act(self, request: HttpRequest, action: str, data: Mapping[str, Any]) -> None:
        case = self.view.case
        engine.act(
            project_id=case.project_id,
            number=case.number,
            action=action,
            actor=self.actor,
            at=self.at,
            client_uuid=client_uuid(request),
            data=data,
        )

    def read(self, form: type[Any], request: HttpRequest, sheet: forms.Sheet) -> Any:
        project_id = self.view.case.project_id
        return forms.read(form, request, sheet, actor=self.actor, project_id=project_id, at=self.at)

    def again(self, refusal: RefusalError, sheet: forms.Sheet, known: frozenset[str]) -> "Seat":
        """After a refusal: the case as it stands now, with the form kept."""
        forms.refuse(sheet, refusal, known)
        case = self.view.case
        return Seat(self.actor, view_case(self.actor, case.project_id, case.number), self.at, self.token, self.link)

    def show(
        self, request: HttpRequest, template: str, context: Mapping[str, Any], sheet: forms.Sheet | None = None
    ) -> HttpResponse:
        sheet = sheet or forms.Sheet()
        case = self.view.case
        common = {
            "seat": self,
            "view": self.view,
            "case": case,
            "detail": self.view.detail,
            "where": self.where,
            "accountable": colleagues().get(case.accountable_id or 0),
            "handler": colleagues().get(case.handler_id or 0),
            "sheet": sheet,
            "company": reads.company_of(self.where) if self.link else "",
            "butler": reads.butler_of(case) if self.link else None,
            "now": self.at,
            "when": when,
            "form_uuid": uuid.uuid4(),
        }
        shell = shell_of(None if self.link else self.actor)
        return show(request, template, shell, {**common, **context}, status=sheet.status)
