"""What giving or ending a post would mean, in sentences."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from steward.casework.accountability import leaving
from steward.insight.rights import Rights, lost
from steward.kernel.actor import Actor, Role
from steward.kernel.marks import listed
from steward.registers.org.models import RoleGrant
from steward.registers.org.posts_models import Post
from steward.registers.org.tree import place, tree
from steward.registers.workforce.assignments import ending_with, grants_of
from steward.registers.workforce.authority import ensure_place
from steward.registers.workforce.models import Staff
from steward.registers.workforce.posts_models import PostHeld

#: Of each kind so many verbs are named; the page of the role names all.
NAMED: Final = 8


def ending(row: PostHeld, staff: Staff, actor: Actor) -> list[str]:
    """What the colleague could no longer do, and what is left open in those hands."""
    going = ending_with(row)
    kept = _there(
        [g for g in grants_of(staff) if g.ended_at is None and g.pk not in {x.pk for x in going}], row.node_id
    )
    gone = [Role(g.role) for g in going if Role(g.role) not in kept]
    lines = [_("No role ends with it.")]
    if gone:
        said = _("Would no longer be %(roles)s at %(place)s.")
        lines = [said % {"roles": _listed(str(r.label) for r in gone), "place": place(row.node_id).name}]
        lines += [_("No longer: %(verbs)s") % {"verbs": words(r)} for r in lost([*gone, *kept], kept)]
    under = tree().projects_under[place(row.node_id).path]
    work = [w for p, w in leaving.open_work(staff.pk, actor).items() if p in under]
    cases, areas = sum(w.cases for w in work), sum(w.areas for w in work)
    if cases or areas:
        said = _(
            "%(cases)s open cases and %(areas)s areas of responsibility there are theirs and stay so: hand them over."
        )
        lines.append(said % {"cases": cases, "areas": areas})
    return lines


def giving(staff: Staff, roles: Iterable[Role], node_id: int, actor: Actor) -> list[str]:
    """What the colleague could do besides. Raises NotFoundError, NotAllowedError for a place that is not the actor's."""
    ensure_place(actor, node_id)
    held = _there([g for g in grants_of(staff) if g.ended_at is None], node_id)
    fresh = [role for role in roles if role not in held]
    if not fresh:
        return [_("No role comes with it that is not held there already.")]
    said = _("Would be %(roles)s at %(place)s.")
    lines = [said % {"roles": _listed(str(r.label) for r in fresh), "place": place(node_id).name}]
    lines += [_("In addition: %(verbs)s") % {"verbs": words(r)} for r in lost([*held, *fresh], held)]
    return lines if staff.user_id else [*lines, _("There is no sign-in: the roles begin with one.")]


def wording(post: Post, roles: Iterable[Role], holders: int) -> list[str]:
    """What another set of roles would mean for whoever is given the post next."""
    was, then = {Role(r) for r in post.roles}, set(roles)
    lines = [_("%(n)s colleagues hold it now and keep the roles given so far.") % {"n": holders}]
    if then - was:
        lines.append(_("New holders would also be: %(roles)s") % {"roles": _listed(str(r.label) for r in then - was)})
        lines += [_("In addition: %(verbs)s") % {"verbs": words(r)} for r in lost(then, was & then)]
    if was - then:
        lines.append(_("New holders would not be: %(roles)s") % {"roles": _listed(str(r.label) for r in was - then)})
        lines += [_("No longer: %(verbs)s") % {"verbs": words(r)} for r in lost(was, was & then)]
    return lines


def words(rights: Rights, most: int = NAMED) -> str:
    """报修（受理、派单……）"""
    titles = list(dict.fromkeys(str(t) for t in rights.verbs.values()))
    said = _listed(titles[:most])
    if len(titles) > most:
        said = _("%(some)s and %(n)s more") % {"some": said, "n": len(titles) - most}
    return _("%(kind)s (%(verbs)s)") % {"kind": rights.process.title, "verbs": said}


def _there(grants: Iterable[RoleGrant], node_id: int) -> list[Role]:
    """The roles these grants give at a place: held there or above it."""
    lineage = place(node_id).lineage
    return [Role(g.role) for g in grants if g.node_id in lineage]


def _listed(items: Iterable[str]) -> str:
    return listed(items)
