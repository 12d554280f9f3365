"""One category: its word, what it implies, what a change would mean, what it was before."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from steward.cases.declare import REGISTRY
from steward.cases.models import Urgency
from steward.casework import categorizing
from steward.casework.categories import CategoryRow, categories
from steward.casework.categorizing import OF_WORK, SUBJECT, CategoryData, NewCategoryData, implies, may_change
from steward.console.audit.words import deed
from steward.console.organisation.entry import see_other, typed
from steward.console.settings import categoryeffects
from steward.console.settings.categories import FIRST, HERE, back_to, here_of, owners
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Choice, Field
from steward.kernel.audit.read import of_subject
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.schema import parse
from steward.registers.workforce.models import Skill
from steward.web.forms import questions
from steward.web.http import office_only


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    return Asked(request, desk, None).answer()


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def edit(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    row = categories().get(pk)
    here_of(desk)
    if row is None or not may_change(desk.actor, row.node_id):
        raise NotFoundError(_("There is no such category."))
    return Asked(request, desk, row).answer()


class Asked:
    """A category as it is typed: what is wrong with it, what it would mean. Without a row: a new one."""

    def __init__(self, request: HttpRequest, desk: Desk, row: CategoryRow | None) -> None:
        self.request, self.desk, self.row = request, desk, row
        self.here, self.owners = here_of(desk), owners(desk)
        if row is None and not self.owners:
            raise NotFoundError(_("There is no such page."))
        kind = request.GET.get("kind", "")
        self.kind = row.kind if row else kind if kind in REGISTRY else FIRST
        self.form: type[CategoryData] = CategoryData if row else NewCategoryData
        self.errors: Mapping[str, Any] = {}
        self.effect: list[str] = []
        self.note = request.POST.get("note", "").strip()
        self.owner = request.POST.get("owner", "") or str(self.owners[0][0] or "")
        names = ("name", "name_en", "urgency", "skill", "is_leak")
        self.values = (
            typed(self.form, request) if request.method == "POST" else {n: getattr(row, n) for n in names if row}
        )

    def answer(self) -> HttpResponse:
        if self.request.method == "POST" and self._done():
            return see_other(back_to(self.kind))
        return self._page()

    def _done(self) -> bool:
        """True when it is kept; a preview is only computed."""
        do, row = self.request.POST.get("do", ""), self.row
        try:
            if row is not None and do in ("retire", "preview-retire"):
                return self._retire(row, keep=do == "retire")
            data = parse(self.form, self.values)
            if do == "keep":
                return self._keep(data)
            then = {**categorizing.plain(data, self.kind)}
            if row is not None:
                self.effect = categoryeffects.changed(row, then, desk=self.desk, here=self.here)
            else:
                self.effect = categoryeffects.added(self.kind, then, desk=self.desk, here=self.here)
        except InvalidError as error:
            self.errors = error.fields
        return False

    def _keep(self, data: CategoryData) -> bool:
        more: dict[str, Any] = {"actor": self.desk.actor, "at": self.desk.at, "note": self.note}
        if isinstance(data, NewCategoryData):
            categorizing.add_category(kind=self.kind, node_id=self._node(), data=data, **more)
        elif self.row is not None:
            categorizing.save_category(category_id=self.row.id, data=data, **more)
        messages.success(self.request, _("Kept. It holds from now on."))
        return True

    def _node(self) -> int | None:
        """Whose it is to be, whatever project another tab chose since; the verb knows whether that may be."""
        if not self.owner:
            return None
        found = next((p for p in self.desk.actor.project_ids if str(p) == self.owner), None)
        if found is None:
            raise InvalidError({"owner": _("There is no such place.")})
        return found

    def _retire(self, row: CategoryRow, *, keep: bool) -> bool:
        if not keep:
            self.effect = categoryeffects.retired(row, desk=self.desk, here=self.here)
            return False
        categorizing.retire_category(category_id=row.id, actor=self.desk.actor, at=self.desk.at, note=self.note)
        messages.success(self.request, _("Offered no more; cases keep the word."))
        return True

    def _page(self) -> HttpResponse:
        row = self.row
        own = reverse("console:category", args=[row.id]) if row else reverse("console:category-new")
        context = {
            "row": row,
            "title": row.title(get_language() or "") if row else _("New category"),
            "kind": REGISTRY[self.kind].title,
            "whose": next((name for n, name in self.owners if row and n == row.node_id), ""),
            "action": own if row else f"{own}?kind={self.kind}",
            "back_url": back_to(self.kind),
            "client_uuid": uuid4(),
            "effect": self.effect,
            "effect_of": self.request.POST.get("do", ""),
            "fields": self._fields(),
            "callback": categoryeffects.callback_words(
                row.kind, row.code, is_leak=row.is_leak, desk=self.desk, here=self.here
            )
            if row
            else "",
            "history": self._history(),
        }
        status = 422 if self.errors else 200
        return page(self.request, self.desk, "console/settings/category.jinja", context, here=HERE, status=status)

    def _fields(self) -> list[Field]:
        mine = {node for node, _name in self.owners}
        parents = [
            c for c in categories().values() if c.kind == self.kind and c.parent_id is None and c.node_id in mine
        ]
        below: list[Choice] = [(str(c.id), c.name) for c in parents if c.retired_at is None]
        asked = questions(
            self.form,
            actor=self.desk.actor,
            options={
                "parent": below,
                "urgency": [("", _("none preset")), *((u, categoryeffects.urgency_words(u)) for u in Urgency.values)],
                "skill": [("", _("Any")), *Skill.choices],
            },
            values=self.values,
            errors=self.errors,
            leave_out=(OF_WORK - implies(self.kind)) | (frozenset() if below else frozenset({"parent"})),
        )
        asked.append(
            Field(name="note", label=_("Why"), kind="text", value=self.note, error=self.errors.get("note", ""))
        )
        if self.row is None and len(self.owners) == 1:
            asked.insert(0, Field(name="owner", label="", kind="hidden", value=self.owner))
        if self.row is None and len(self.owners) > 1:
            owned = [(str(n or ""), name) for n, name in self.owners]
            asked.insert(
                0,
                Field(
                    name="owner", label=_("Offered in"), kind="choice", choices=owned, value=self.owner, required=True
                ),
            )
        return asked

    def _history(self) -> list[dict[str, Any]]:
        if self.row is None:
            return []
        rows = of_subject(self.desk.actor, SUBJECT, self.row.id, project_id=self.row.node_id)
        return [{"row": r, "deed": deed(r.what), "words": _differences(r.before, r.after)} for r in rows]


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed, a line each, in the words of the form."""
    labels = {
        "name": _("Word for it"),
        "name_en": _("English name"),
        "urgency": _("Urgency preset at intake"),
        "skill": _("Skill it takes"),
        "is_leak": _("Leak"),
        "position": _("Place in the order"),
    }
    return [
        f"{labels[name]} {_shown(name, before[name])} → {_shown(name, after.get(name))}"
        for name in labels
        if name in before
    ]


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "urgency":
        return categoryeffects.urgency_words(value)
    if name == "skill" and value in Skill.values:
        return str(Skill(value).label)
    return str(value or "—")
