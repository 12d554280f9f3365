"""Verbs of the import: give, check, confirm, load, undo. Every step may be repeated; the slow ones are jobs."""

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from steward.kernel import outbox
from steward.kernel.actor import SYSTEM, Actor
from steward.kernel.bulk import refresh_statistics
from steward.kernel.db import write
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.registers.cutover import checking, workbooks
from steward.registers.cutover.journal import kept
from steward.registers.cutover.loading import Loader
from steward.registers.cutover.models import IMPORTERS, FileKind, ImportChange, ImportFile, ImportRun, ImportState
from steward.registers.cutover.plan import Plan
from steward.registers.cutover.undoing import Undo
from steward.registers.estate.models import Unit
from steward.registers.party import search
from steward.registers.party.models import Customer, Occupancy, Person
from steward.registers.workforce import areas
from steward.registers.workforce.models import Area

TOPIC: Final = "cutover"
MAX_BYTES: Final = 40 * 1024 * 1024
#: Enough rows at once that the planner's picture of the tables is out of date.
MANY: Final = 5000
#: Search keys are written so many units at a time, so that nobody waits long behind them.
INDEXED: Final = 1000


def may_import(actor: Actor, project_id: int) -> bool:
    return actor.is_system or any(actor.has(role, project_id) for role in IMPORTERS)


def give(
    *, project_id: int, actor: Actor, name: str, content: bytes, client_uuid: uuid.UUID, at: datetime
) -> ImportRun:
    """Take a workbook in; it is checked by the worker. The same upload again is the first one.

    Raises NotFoundError for a project out of reach, NotAllowedError for other posts, InvalidError for a file too large.
    """
    if not actor.is_system and project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not may_import(actor, project_id):
        raise NotAllowedError(_("The project manager imports lists."), rule="cutover.importer")
    if len(content) > MAX_BYTES:
        raise InvalidError({"file": _("The file is larger than %(n)s MB.") % {"n": MAX_BYTES >> 20}})
    if not content:
        raise InvalidError({"file": _("The file is empty.")})
    with write():
        mine = {"given_by": actor.key, "client_uuid": client_uuid}
        run, new = ImportRun.objects.in_project(project_id).get_or_create(
            project_id=project_id,
            **mine,
            defaults={
                "name": Path(name.replace("\x00", "")).name[:200] or "import.xlsx",
                "digest": hashlib.sha256(content).hexdigest(),
                "language": actor.language,
                "given_by_name": actor.name,
                "given_at": at,
            },
        )
        if new:
            ImportFile.objects.create(project_id=project_id, run=run, kind=FileKind.GIVEN, content=content)
            _later(run, "check", at)
    return run


def check(*, project_id: int, run_id: int, at: datetime) -> ImportRun:
    """Read the workbook, count what it would do, write down what is wrong with it."""
    run = _get(project_id, run_id)
    if run.state != ImportState.CHECKING:
        return run
    with translation.override(run.language):
        try:
            plan = checking.check(project_id=project_id, content=content_of(run), at=at)
        except InvalidError as error:
            return _move(run, ImportState.FAULTY, refused=[str(m) for m in error.fields.values()])
        return _checked(run, plan)


def _checked(run: ImportRun, plan: Plan) -> ImportRun:
    found = checking.summary(plan)
    book = workbooks.annotated(plan) if plan.faulty else b""
    with write():
        files = ImportFile.objects.in_project(run.project_id)
        files.filter(run=run, kind=FileKind.ANNOTATED).delete()
        if book:
            ImportFile.objects.create(project_id=run.project_id, run=run, kind=FileKind.ANNOTATED, content=book)
        return _move(run, ImportState.FAULTY if plan.faulty else ImportState.READY, found=found)


def confirm(*, project_id: int, run_id: int, actor: Actor, at: datetime) -> ImportRun:
    """Yes: load it. Raises ConflictError unless it is checked and without errors."""
    run = get(project_id=project_id, run_id=run_id, actor=actor)
    if run.state in (ImportState.LOADING, ImportState.LOADED, ImportState.DONE):
        return run
    if run.state != ImportState.READY:
        raise ConflictError(_("Only what is checked and without errors can be loaded."), rule="cutover.sound")
    with write():
        if _swap(run, ImportState.LOADING, confirmed_at=at, refused=[]):
            _later(run, "load", at)
    return run


def drop(*, project_id: int, run_id: int, actor: Actor) -> ImportRun:
    """No: forget it; its file goes too."""
    run = get(project_id=project_id, run_id=run_id, actor=actor)
    if run.state == ImportState.DROPPED:
        return run
    if run.state not in (ImportState.READY, ImportState.FAULTY):
        raise ConflictError(_("This import cannot be dropped any more."), rule="cutover.droppable")
    with write():
        if _swap(run, ImportState.DROPPED):
            ImportFile.objects.in_project(project_id).filter(run=run).delete()
    return run


def load(*, project_id: int, run_id: int, at: datetime) -> ImportRun:
    """All or nothing, exactly what was shown: where the project moved on meanwhile, it is shown again.

    The rows are there at once; the words they are found by follow within the same job.
    """
    run = load_rows(project_id=project_id, run_id=run_id, at=at)
    if run.state == ImportState.LOADED:
        _index(run)
    return run


def load_rows(*, project_id: int, run_id: int, at: datetime) -> ImportRun:
    run = _get(project_id, run_id)
    if run.state == ImportState.LOADING:
        content = content_of(run)
        with translation.override(run.language), write():
            run = _alone(run)
            if run.state == ImportState.LOADING:
                _load(run, content, at)
    return run


def _alone(run: ImportRun) -> ImportRun:
    """One import at a time writes to a project: the second waits here and then sees what the first wrote."""
    busy = Q(state__in=(ImportState.LOADING, ImportState.UNDOING))
    rows = ImportRun.objects.in_project(run.project_id).filter(busy | Q(pk=run.pk))
    return next(row for row in rows.order_by("pk").select_for_update() if row.pk == run.pk)


def _load(run: ImportRun, content: bytes, at: datetime) -> None:
    plan = checking.check(project_id=run.project_id, content=content, at=at)
    found = checking.summary(plan)
    if plan.faulty or checking.counts(found) != checking.counts(run.found):
        moved = _("The project has changed since this was checked: look at it again.")
        _checked(run, plan)
        _move(run, ImportState(run.state), refused=[moved])
        return
    Loader(plan, run, at).load()
    _give_to_butlers(run, plan, at)
    _move(run, ImportState.LOADED, loaded_at=at)
    if sum(row["rows"] for row in found["lists"]) > MANY:
        refresh_statistics(Unit, Customer, Occupancy, Person)


def _give_to_butlers(run: ImportRun, plan: Plan, at: datetime) -> None:
    """New homes in areas that are shared out already have their butler from the start."""
    new = {row["building_id"] for row in plan.parts["units"].new} if "units" in plan.parts else set()
    shared = Area.objects.in_project(run.project_id).filter(building_id__in=new, until__isnull=True)
    found = set(shared.values_list("building_id", flat=True)) if new else set()
    if found:
        areas.refresh(project_id=run.project_id, building_ids=found, actor=SYSTEM, at=at, cause=f"import:{run.pk}")


def _index(run: ImportRun) -> None:
    """Search keys of what came or changed its name, some at a time; killed in between, it begins anew."""
    units, customers = _touched(run)
    for ids, write_keys in ((units, search.index_units), (customers, search.index_customers)):
        for start in range(0, len(ids), INDEXED):
            write_keys(run.project_id, ids[start : start + INDEXED])
    _move(run, ImportState.DONE)


def _touched(run: ImportRun) -> tuple[list[int], list[int]]:
    """Units and customers that are found by other words than before."""
    ids: dict[str, set[int]] = {}
    for made in (True, False):
        for table, content in kept(run, made=made):
            ids.setdefault(table, set()).update(row[0] for row in content["rows"])
    project = run.project_id
    renamed = ids.get("estate.Building", set())
    units = ids.get("estate.Unit", set())
    if renamed:
        units |= set(Unit.objects.in_project(project).filter(building_id__in=renamed).values_list("pk", flat=True))
    return sorted(units), sorted(ids.get("party.Customer", set()) | _customers_of_contacts(run))


def _customers_of_contacts(run: ImportRun) -> set[int]:
    found: set[int] = set()
    for table, content in kept(run, made=True):
        if table == "party.Contact":
            at = content["columns"].index("customer_id") + 1
            found.update(row[at] for row in content["rows"])
    return found


def ask_undo(*, project_id: int, run_id: int, actor: Actor, at: datetime) -> ImportRun:
    """Take it back. Raises ConflictError unless it was loaded; what stands in the way is told when it is tried."""
    run = get(project_id=project_id, run_id=run_id, actor=actor)
    if run.state in (ImportState.UNDOING, ImportState.UNDONE):
        return run
    if run.state != ImportState.DONE:
        raise ConflictError(_("Only what was loaded can be undone."), rule="cutover.loaded")
    with write():
        if _swap(run, ImportState.UNDOING, refused=[], undone_by_name=actor.name):
            _later(run, "undo", at)
    return run


def undo(*, project_id: int, run_id: int, at: datetime) -> ImportRun:
    """All or nothing: refused, naming them, where newer facts hang on its rows."""
    run = _get(project_id, run_id)
    if run.state != ImportState.UNDOING:
        return run
    with translation.override(run.language), write():
        run = _alone(run)
        if run.state != ImportState.UNDOING:
            return run
        way = Undo(run)
        way.check()
        if way.faults:
            return _move(run, ImportState.DONE, refused=way.faults, undone_by_name="")
        units, customers = _touched(run)
        way.run()
        _move(run, ImportState.UNDONE, undone_at=at)
        ImportChange.objects.in_project(project_id).filter(run=run).delete()
    # Only what was renamed is still there; the keys of what went are gone with it.
    _reindex(project_id, Unit, units, search.index_units)
    _reindex(project_id, Customer, customers, search.index_customers)
    return run


def _reindex(project_id: int, model: Any, ids: list[int], write_keys: Callable[[int, list[int]], int]) -> None:
    for start in range(0, len(ids), INDEXED):
        part = ids[start : start + INDEXED]
        left = list(model.objects.in_project(project_id).filter(pk__in=part).values_list("pk", flat=True))
        if left:
            write_keys(project_id, left)


# --- reads -----------------------------------------------------------------------------------------
def get(*, project_id: int, run_id: int, actor: Actor) -> ImportRun:
    run = ImportRun.objects.visible_to(actor).filter(project_id=project_id, pk=run_id).first()
    if run is None:
        raise NotFoundError(_("There is no such import."))
    return run


def content_of(run: ImportRun, kind: FileKind = FileKind.GIVEN) -> bytes:
    row = ImportFile.objects.in_project(run.project_id).filter(run=run, kind=kind).first()
    if row is None:
        raise NotFoundError(_("There is no such file."))
    return bytes(row.content)


# --- inside ----------------------------------------------------------------------------------------
def _get(project_id: int, run_id: int) -> ImportRun:
    return ImportRun.objects.in_project(project_id).get(pk=run_id)


def _move(run: ImportRun, state: ImportState, **changes: Any) -> ImportRun:
    run.state = state
    for name, value in changes.items():
        setattr(run, name, value)
    with write():
        run.save(update_fields=["state", *changes])
    return run


def _swap(run: ImportRun, state: ImportState, **changes: Any) -> bool:
    """Only from the state we saw: of two who press at once one is first."""
    seen = ImportRun.objects.in_project(run.project_id).filter(pk=run.pk, state=run.state)
    won = bool(seen.update(state=state, **changes))
    run.refresh_from_db(from_queryset=ImportRun.objects.in_project(run.project_id))
    return won


def _later(run: ImportRun, step: str, at: datetime) -> None:
    """Each step of an import is a job of its own; asked for again after a refusal, it is a new one."""
    message = outbox.Message(
        event=f"cutover:{run.pk}:{step}:{uuid.uuid4()}",
        recipient="",
        channel=outbox.JOB,
        topic=TOPIC,
        payload={"run": run.pk, "step": step},
    )
    outbox.post([message], project_id=run.project_id, at=at)
