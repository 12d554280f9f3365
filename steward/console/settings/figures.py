"""The figures of the trade: what is in force where, changed from a day on, with its effect and its history."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from steward.console.settings import clocktable, effects, shapes
from steward.console.settings.home import HERE, place_asked, place_filter, places_of
from steward.console.settings.sources import source_of
from steward.console.settings.words import area_of, day, spoken, who
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Field
from steward.kernel import policies
from steward.kernel.clocks.policy import ClockTable
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.models import PolicyValue
from steward.kernel.policies import REGISTRY, Policy
from steward.registers.org.figures import set_figure, starts, value_of
from steward.registers.org.tree import Place, place
from steward.web.http import office_only

PAST: Final = 30
PRESET: Final = "preset"
#: The figures of the callbacks' own page.
CALLING: Final = ("callback.rules", "callback.quiet", "callback.after_rain", "messages.quiet_hours")


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    places = places_of(desk)
    here = place_asked(request, desk, places)
    wanted = request.GET.get("q", "").strip()
    rows = sorted(_matching(_lines(here, desk.at), wanted), key=lambda row: row["area"])
    context = {
        "groups": _grouped(rows),
        "filters": [place_filter(here, places), {"name": "q", "label": _("Find a figure"), "value": wanted}],
        "wanted": wanted,
        "here": here,
    }
    return page(request, desk, "console/settings/figures.jinja", context, here=HERE)


@office_only
@require_GET
@at_desk
def calling(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rules of callbacks as sentences, each with the page that changes it."""
    places = places_of(desk)
    here = place_asked(request, desk, places)
    rows = [
        row for row in _lines(here, desk.at) if row["policy"].key in CALLING or row["policy"].key[-9:] == ".callback"
    ]
    rows.sort(key=lambda row: (row["policy"].key not in CALLING, row["area"]))
    context = {"rows": rows, "filters": [place_filter(here, places)], "here": here}
    return page(request, desk, "console/settings/calling.jinja", context, here=HERE)


def _lines(here: Place, at: datetime) -> list[dict[str, Any]]:
    """Every figure as it holds here: one query for all dated values."""
    kept: dict[str, list[PolicyValue]] = {}
    for row in PolicyValue.objects.order_by("effective_from", "pk"):
        kept.setdefault(row.key, []).append(row)
    return [_line(policy, kept.get(policy.key, []), here, at) for policy in REGISTRY.values()]


def _line(policy: Policy[Any], rows: list[PolicyValue], here: Place, at: datetime) -> dict[str, Any]:
    found = policies.in_force(policy, lineage=here.lineage, at=at)
    row = next((r for r in rows if str(r.pk) == found.version), None)
    coming = [r for r in rows if r.effective_from > at and (r.node_id is None or r.node_id in here.lineage)]
    return {
        "policy": policy,
        "area": area_of(policy.key),
        "words": spoken(policy, found.value),
        "where": _where(row),
        "since": day(row.effective_from) if row else "",
        "coming": day(coming[0].effective_from) if coming else "",
        "source": source_of(policy),
        "to": f"{reverse('console:figure', args=[policy.key])}?{urlencode({'place': here.code})}",
    }


def _where(row: PolicyValue | None) -> str:
    """Whose value this is."""
    if row is None:
        return ""
    return place(row.node_id).name if row.node_id else _("Whole company")


def _matching(rows: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    words = wanted.lower().split()
    if not words:
        return rows
    return [row for row in rows if all(word in _searched(row) for word in words)]


def _searched(row: Mapping[str, Any]) -> str:
    policy = row["policy"]
    return " ".join([policy.key, str(policy.title), row["area"][1], row["source"], *row["words"]]).lower()


def _grouped(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["area"][1], []).append(row)
    return list(groups.items())


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def edit(request: HttpRequest, desk: Desk, key: str) -> HttpResponse:
    policy = REGISTRY.get(key)
    places = places_of(desk)
    if policy is None:
        raise NotFoundError(_("There is no such figure."))
    here = place_asked(request, desk, places)
    asked = Asked(request, desk, policy, here)
    if request.method == "POST" and asked.keep():
        return _back(here, policy)
    return asked.page(places)


def _back(here: Place, policy: Policy[Any]) -> HttpResponse:
    url = reverse("console:figure", args=[policy.key])
    response = HttpResponseRedirect(f"{url}?{urlencode({'place': here.code})}")
    response.status_code = 303
    return response


class Asked:
    """One figure for one place: what is typed, what is wrong with it, what it would mean."""

    def __init__(self, request: HttpRequest, desk: Desk, policy: Policy[Any], here: Place) -> None:
        self.request, self.desk, self.policy, self.here = request, desk, policy, here
        self.now = policies.in_force(policy, lineage=here.lineage, at=desk.at)
        self.is_table = policy.type is ClockTable
        self.leaves = [] if self.is_table else shapes.leaves(policy.key, policy.type)
        self.rows = list(PolicyValue.objects.filter(key=policy.key).order_by("-effective_from", "-pk"))
        self.errors: Mapping[str, Any] = {}
        self.effect: str = ""
        post = request.POST
        self.on = post.get("effective_on") or desk.at.astimezone(here.tz).date().isoformat()
        self.note = post.get("note", "").strip()
        self.typed = self._posted() if request.method == "POST" else self._shown(self._start())

    def _start(self) -> Any:
        """What the form begins with: the value in force, or one of the past that is wanted back."""
        wanted = self.request.GET.get("from", "")
        if wanted == PRESET:
            return self.policy.preset
        row = next((r for r in self.rows if str(r.pk) == wanted), None)
        return self.policy.parse(row.value) if row else self.now.value

    def _shown(self, value: Any) -> dict[str, Any]:
        if self.is_table:
            return dict(clocktable.shown(value))
        return shapes.shown(self.leaves, self.policy.dump(value))

    def _posted(self) -> dict[str, Any]:
        if self.is_table:
            return dict(clocktable.posted(self.request.POST))
        return shapes.posted(self.leaves, self.request.POST)

    def raw(self) -> Any:
        if self.is_table:
            return clocktable.gathered(self.typed, self.now.value)
        nullable = shapes.plain(self.policy.type)[1]
        return shapes.gathered(self.leaves, self.typed, nullable=nullable)

    def keep(self) -> bool:
        """True when it is kept; a preview is only computed."""
        try:
            on = self._day()
            if self.request.POST.get("do") == "keep":
                return self._set(on)
            value = value_of(self.policy, self.raw())
            starts(on, place=self.here, at=self.desk.at)
            self.effect = effects.words(self.policy, self.now.value, value, desk=self.desk, here=self.here)
        except InvalidError as error:
            self.errors = error.fields
        return False

    def _set(self, on: date) -> bool:
        new = set_figure(
            key=self.policy.key,
            raw=self.raw(),
            node_id=self.here.id,
            effective_on=on,
            actor=self.desk.actor,
            at=self.desk.at,
            note=self.note,
        )
        said = _("Kept. In force from %(day)s.") % {"day": on.isoformat()} if new else _("This holds already.")
        messages.success(self.request, said)
        return True

    def _day(self) -> date:
        try:
            return date.fromisoformat(self.on)
        except ValueError:
            raise InvalidError({"effective_on": _("Enter a day.")}) from None

    def page(self, places: list[Place]) -> HttpResponse:
        query = urlencode({"place": self.here.code})
        context = {
            **_line(self.policy, self.rows[::-1], self.here, self.desk.at),
            "here": self.here,
            "filters": [place_filter(self.here, places)],
            "own_url": reverse("console:figure", args=[self.policy.key]),
            "action": f"{reverse('console:figure', args=[self.policy.key])}?{query}",
            "back_url": f"{reverse('console:figures')}?{query}",
            "client_uuid": uuid4(),
            "effect": self.effect,
            "measured": effects.is_measured(self.policy),
            "to_a_promise": self.is_table and not effects.is_measured(self.policy),
            "history": [self._past(row) for row in self.rows if self._is_ours(row)][:PAST],
            "preset_words": spoken(self.policy, self.policy.preset),
            "preset_url": f"?{query}&from={PRESET}",
            "base_fields": self._base_fields(),
            **self._questions(),
        }
        status = 422 if self.errors else 200
        return page(self.request, self.desk, "console/settings/figure.jinja", context, here=HERE, status=status)

    def _questions(self) -> dict[str, Any]:
        if self.is_table:
            rows = clocktable.rows(self.typed, self.errors)
            stages = clocktable.stages(self.typed, self.errors)
            return {"clocks": rows, "stages": stages, "units": clocktable.unit_choices(), "fields": []}
        own = {name: text for name, text in self.errors.items() if name not in ("effective_on", "note")}
        unit, title = self.policy.unit, self.policy.title
        return {"clocks": [], "fields": shapes.fields(self.leaves, self.typed, own, unit=unit, title=title)}

    def _base_fields(self) -> list[Field]:
        def one(name: str, label: str, kind: Any, value: Any, **more: Any) -> Field:
            return Field(name=name, label=label, kind=kind, value=value, error=self.errors.get(name, ""), **more)

        today = self.desk.at.astimezone(self.here.tz).date().isoformat()
        return [
            one("effective_on", _("In force from"), "date", self.on, minimum=today, required=True),
            one("note", _("Why"), "text", self.note),
        ]

    def _is_ours(self, row: PolicyValue) -> bool:
        return row.node_id is None or row.node_id in self.here.lineage

    def _past(self, row: PolicyValue) -> dict[str, Any]:
        state = "now" if str(row.pk) == self.now.version else "next" if row.effective_from > self.desk.at else ""
        return {
            "row": row,
            "since": day(row.effective_from),
            "where": _where(row),
            "words": spoken(self.policy, self.policy.parse(row.value)),
            "who": who(row.set_by),
            "state": state,
            "again_url": f"?{urlencode({'place': self.here.code, 'from': row.pk})}",
        }
