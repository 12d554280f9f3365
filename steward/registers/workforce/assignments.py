"""Giving a post and taking it back: its roles are granted from the day it begins to the day it ends (MISSION ORG-2/3)."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from steward.kernel import reference
from steward.kernel.actor import SYSTEM, Actor, Role
from steward.kernel.audit import record
from steward.kernel.cron import one_by_one, recurs
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.registers.org.models import Level, Node, RoleGrant, User
from steward.registers.org.operations import end_grant, grant_role, together
from steward.registers.org.posts import Known, catalogue
from steward.registers.org.tree import place, tree
from steward.registers.workforce.authority import ensure_below, ensure_place, stands_over
from steward.registers.workforce.models import Staff
from steward.registers.workforce.posts_models import PostHeld

FURTHEST: Final = timedelta(days=366)


def assign_post(*, staff_id: int, post_id: int, node_id: int, since: date, actor: Actor, at: datetime) -> PostHeld:
    """Give a colleague a post at a place from a day on; today or earlier: its roles hold at once. Again: the same row.

    Raises NotFoundError, NotAllowedError (not the manager there, a level not below the own, the own person),
    ConflictError (duties that must stay apart), InvalidError (``since`` more than a year away).
    """
    ensure_place(actor, node_id)
    post = _post(post_id)
    ensure_below(actor, node_id, post.roles)
    if actor.staff_id is not None and actor.staff_id == staff_id:
        raise NotAllowedError(_("Nobody gives a post to oneself."), rule="post.not_to_oneself")
    today = today_at(node_id, at)
    if abs(since - today) > FURTHEST:
        raise InvalidError({"since": _("Within a year of today.")})

    def once() -> PostHeld:
        staff = staff_of(staff_id, actor)
        ensure_leads(actor, staff)
        if not staff.is_active:
            raise ConflictError(_("This colleague has left."), rule="post.of_active_staff")
        found = PostHeld.objects.filter(staff=staff, post_id=post_id, node_id=node_id, ended_at__isnull=True).first()
        if found is not None:
            return found
        _ensure_apart(staff, post)
        row = PostHeld(staff=staff, post_id=post_id, node_id=node_id, since=since, set_by=actor.key)
        row.save()
        _told("post.assign", row, actor, at)
        if since <= today:
            _begin(row, actor, at)
        return row

    return retrying(once)


def end_post(*, held_id: int, until: date, actor: Actor, at: datetime) -> PostHeld:
    """The post is held no longer from that day on; today or earlier: its roles end at once. Again: nothing more."""

    def once() -> PostHeld:
        row = PostHeld.objects.select_related("staff").filter(pk=held_id).first()
        if row is None:
            raise NotFoundError(_("There is no such post."))
        ensure_place(actor, row.node_id)
        ensure_below(actor, row.node_id, _post(row.post_id).roles)
        if actor.staff_id is not None and actor.staff_id == row.staff_id:
            raise NotAllowedError(_("Nobody ends the own post."), rule="post.not_to_oneself")
        ensure_leads(actor, row.staff)
        if row.ended_at is not None:
            return row
        if until < row.since:
            raise InvalidError({"until": _("Not before it began.")})
        row.until = until
        row.save(update_fields=["until"])
        _told("post.end", row, actor, at)
        if until <= today_at(row.node_id, at):
            _end(row, actor, at)
        return row

    return retrying(once)


@recurs("posts", every=timedelta(hours=1))
def take_effect(at: datetime) -> None:
    """Begin what was to begin and end what was to end by today."""
    waiting = PostHeld.objects.filter(ended_at__isnull=True).select_related("staff").order_by("pk")
    one_by_one(waiting.filter(until__isnull=False), lambda row: _end_if_over(row, at))
    one_by_one(waiting.filter(begun_at__isnull=True), lambda row: _begin_if_due(row, at))


def _end_if_over(row: PostHeld, at: datetime) -> None:
    if row.until is not None and row.until <= today_at(row.node_id, at):
        _end(row, SYSTEM, at)


def _begin_if_due(row: PostHeld, at: datetime) -> None:
    if row.since <= today_at(row.node_id, at) and row.staff.is_active:
        _begin(row, SYSTEM, at)


def held_by(staff_id: int) -> list[PostHeld]:
    """The posts of a colleague, the present ones first."""
    return list(PostHeld.objects.filter(staff_id=staff_id).order_by(F("ended_at").desc(nulls_first=True), "since")[:50])


def held_of(staff_id: int, held_id: int) -> PostHeld:
    """Raises NotFoundError where the colleague has no such post."""
    row = PostHeld.objects.filter(staff_id=staff_id, pk=held_id).first()
    if row is None:
        raise NotFoundError(_("There is no such post."))
    return row


def today_at(node_id: int, at: datetime) -> date:
    return at.astimezone(place(node_id).tz).date()


def staff_of(staff_id: int, actor: Actor) -> Staff:
    """Raises NotFoundError for a colleague of a place that the actor does not reach."""
    row = Staff.objects.filter(pk=staff_id).first()
    if row is None or not reaches(actor, row.node_id):
        raise NotFoundError(_("There is no such colleague."))
    return row


def duties_of(staff: Staff) -> set[Role]:
    """Every role held anywhere, or to be held with a post that begins later. Two queries."""
    posts = catalogue()
    held = PostHeld.objects.filter(staff=staff, ended_at__isnull=True).values_list("post_id", flat=True)
    grants = RoleGrant.objects.filter(user_id=staff.user_id or 0, ended_at__isnull=True)
    roles = {Role(role) for role in grants.values_list("role", flat=True)}
    return roles | {role for pk in held for role in posts[pk].roles}


def leads(actor: Actor, staff: Staff) -> bool:
    """Whether the colleague stands below the actor's own level."""
    return stands_over(actor, staff.node_id, duties_of(staff))


def ensure_leads(actor: Actor, staff: Staff) -> None:
    """Raises NotFoundError, NotAllowedError for a colleague of the own level or above."""
    ensure_place(actor, staff.node_id)
    if not leads(actor, staff):
        raise NotAllowedError(_("Colleagues of this level answer to the level above."), rule="staff.below_own_level")


def reaches(actor: Actor, node_id: int) -> bool:
    """Whether people of that place are of the actor's subtree."""
    found = tree().places.get(node_id)
    if actor.is_system or found is None:
        return actor.is_system
    if found.level == Level.PROJECT:
        return found.id in actor.project_ids
    below = tree().projects_under[found.path]
    return any(g.role in (Role.REGION, Role.HQ) and below <= g.projects and below for g in actor.grants)


def _post(post_id: int) -> Known:
    found = catalogue().get(post_id)
    if found is None or not found.is_active:
        raise NotFoundError(_("There is no such post."))
    return found


def _ensure_apart(staff: Staff, post: Known) -> None:
    """Also for colleagues without a sign-in, and for posts that begin later."""
    roles = duties_of(staff) | set(post.roles)
    if together(roles):
        raise ConflictError(_("These duties must stay with different people."), rule="org.separation_of_duties")


def _begin(row: PostHeld, actor: Actor, at: datetime) -> None:
    row.begun_at = at
    user = User.objects.filter(pk=row.staff.user_id or 0).first()
    if user is not None:
        _grant(row, user, actor, at)
    row.save(update_fields=["begun_at", "grants"])
    _named(row)
    reference.bump()


def grant_begun(staff: Staff, user: User, actor: Actor, at: datetime) -> None:
    """Who gets a sign-in later than a post: the post begun without one gives its roles now."""
    for row in PostHeld.objects.filter(staff=staff, ended_at__isnull=True, begun_at__isnull=False).order_by("pk"):
        _grant(row, user, actor, at)
        row.save(update_fields=["grants"])


def _grant(row: PostHeld, user: User, actor: Actor, at: datetime) -> None:
    """A role held there already is not the post's to end."""
    node = Node.objects.get(pk=row.node_id)
    for role in catalogue()[row.post_id].roles:
        if not RoleGrant.objects.filter(user=user, role=role, node=node, ended_at__isnull=True).exists():
            row.grants.append(grant_role(user=user, role=role, node=node, actor=actor, at=at).pk)


def _end(row: PostHeld, actor: Actor, at: datetime) -> None:
    """A role that another post of the same person at the same place gives goes over to that post."""
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    others = list(
        PostHeld.objects.filter(
            staff_id=row.staff_id, node_id=row.node_id, ended_at__isnull=True, begun_at__isnull=False
        )
    )
    for grant in RoleGrant.objects.select_related("node").filter(pk__in=row.grants, ended_at__isnull=True):
        heir = next((o for o in others if grant.role in catalogue()[o.post_id].roles), None)
        if heir is None:
            end_grant(grant=grant, actor=actor, at=at)
        else:
            heir.grants.append(grant.pk)
            heir.save(update_fields=["grants"])
    _named(row)
    reference.bump()


def _named(row: PostHeld) -> None:
    """The words under a colleague's name: the post held, or none."""
    now = PostHeld.objects.filter(staff_id=row.staff_id, ended_at__isnull=True, begun_at__isnull=False)
    first = now.order_by("since", "pk").values_list("post_id", flat=True).first()
    Staff.objects.filter(pk=row.staff_id).update(post=catalogue()[first].name if first else "")


def _told(what: str, row: PostHeld, actor: Actor, at: datetime) -> None:
    where = place(row.node_id)
    record(
        project_id=row.node_id if where.level == Level.PROJECT else None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="workforce.staff",
        subject_id=row.staff_id,
        after={
            "post": catalogue()[row.post_id].code,
            "node": where.code,
            "since": row.since.isoformat(),
            "until": row.until.isoformat() if row.until else None,
        },
    )


def grants_of(staff: Staff) -> list[RoleGrant]:
    """The roles a colleague ever held, the present ones first."""
    rows = RoleGrant.objects.filter(user_id=staff.user_id or 0)
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "granted_at", "pk")[:50])


def ending_with(row: PostHeld) -> list[RoleGrant]:
    """The grants that end when this post ends: those no other post at the place gives as well."""
    others = PostHeld.objects.filter(
        staff_id=row.staff_id, node_id=row.node_id, ended_at__isnull=True, begun_at__isnull=False
    ).exclude(pk=row.pk)
    kept = {role for other in others for role in catalogue()[other.post_id].roles}
    grants = RoleGrant.objects.filter(pk__in=row.grants, ended_at__isnull=True)
    return [grant for grant in grants if grant.role not in kept]
