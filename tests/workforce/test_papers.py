"""Papers of contractors: what is kept, who reads it, what follows what; nothing is deleted."""

import hashlib
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase

from steward.casework.models import Conflict
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.files import path_of, store_paper
from steward.kernel.models import Attachment, AuditEvent, AuditPersonal
from steward.kernel.policies import set_policy
from steward.kernel.schema import parse
from steward.registers.workforce import contractors, papers
from steward.registers.workforce.contractors import StaffData
from steward.registers.workforce.models import Contractor, ContractorStaff
from steward.registers.workforce.paper_retention import MONTHS, sweep
from steward.registers.workforce.papers import PaperData
from steward.registers.workforce.papers_models import ContractorPage, ContractorPaper
from tests.workforce.test_contractors import engage
from tests.world import World, picture

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def upload(world: World, content: bytes = PDF, who: str = "manager") -> int:
    return store_paper(
        project_id=world.project_id,
        actor=world.actor(who),
        name="保单.pdf",
        content=content,
        client_uuid=uuid.uuid4(),
        at=world.now,
    ).pk


def add(world: World, firm: Contractor, who: str = "manager", **told: Any) -> ContractorPaper:
    once = told.pop("once", None) or uuid.uuid4()
    told.setdefault("files", [upload(world, who=who)])
    return papers.add_paper(
        project_id=world.project_id,
        contractor_id=firm.pk,
        data=parse(PaperData, {"kind": "insurance", **told}),
        actor=world.actor(who),
        at=world.now,
        client_uuid=once,
    )


@pytest.fixture
def firm(world: World) -> Contractor:
    return engage(world)


@pytest.fixture
def mechanic(world: World, firm: Contractor) -> ContractorStaff:
    return send(world, firm)


def send(world: World, firm: Contractor) -> ContractorStaff:
    return contractors.send_staff(
        project_id=world.project_id,
        contractor_id=firm.pk,
        data=StaffData(name="贺师傅", certificate="电梯作业证", certified_until=date(2027, 1, 20)),
        actor=world.actor("manager"),
        at=world.now,
    )


def seen(world: World, firm: Contractor, who: str) -> list[str]:
    found = papers.papers_of(project_id=world.project_id, contractor_id=firm.pk, actor=world.actor(who))
    return sorted(p.kind for p in found)


def opened(world: World, row: ContractorPaper, who: str) -> Attachment:
    return papers.open_page(
        project_id=world.project_id, paper_id=row.pk, number=1, actor=world.actor(who), at=world.now
    )


def test_the_next_paper_takes_the_place_and_the_old_one_stays(world: World, firm: Contractor) -> None:
    once = uuid.uuid4()
    files = [upload(world), upload(world, picture())]
    old = add(world, firm, files=files, once=once)
    assert old.valid_until == firm.insured_until, "as entered"
    assert add(world, firm, files=files, once=once).pk == old.pk, "the same again is the same"
    world.pass_time(days=30)
    new = add(world, firm, valid_until="2027-12-31")
    old.refresh_from_db()
    assert (old.ended_at, old.end_reason, new.ended_at) == (world.now, "", None)
    found = papers.papers_of(project_id=world.project_id, contractor_id=firm.pk, actor=world.actor("manager"))
    assert [(p.pk, len(papers.sheets_of(p))) for p in found] == [(new.pk, 1), (old.pk, 2)]
    firm.refresh_from_db()
    assert firm.insured_until == date(2027, 12, 31), "the day on the paper is the day that is watched"
    assert path_of(world.project_id, opened(world, old, "manager").sha256, "application/pdf").read_bytes() == PDF


def test_a_paper_entered_by_mistake_is_withdrawn_with_a_reason(world: World, firm: Contractor) -> None:
    row = add(world, firm)
    asked: dict[str, Any] = {"project_id": world.project_id, "actor": world.actor("manager"), "at": world.now}
    for _twice in range(2):
        papers.withdraw_paper(paper_id=row.pk, reason="传错了公司", **asked)
    row.refresh_from_db()
    assert (row.ended_at, row.end_reason) == (world.now, "传错了公司")
    told = AuditEvent.objects.in_project(world.project_id).filter(what="contractor.paper_withdrawn")
    assert told.get().reason == "传错了公司"
    followed = add(world, firm)
    add(world, firm)
    with pytest.raises(ConflictError):
        papers.withdraw_paper(paper_id=followed.pk, reason="传错了公司", **asked)
    with pytest.raises(NotAllowedError):
        papers.withdraw_paper(paper_id=row.pk, reason="传错了公司", **{**asked, "actor": world.actor("desk")})


def test_who_reads_which_papers(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    for kind in ("contract", "insurance", "certificate", "identity"):
        person: dict[str, Any] = {"person": mechanic.pk} if kind in ("certificate", "identity") else {}
        add(world, firm, kind=kind, **person)
    assert seen(world, firm, "manager") == ["certificate", "contract", "identity", "insurance"]
    assert seen(world, firm, "desk") == ["certificate", "insurance"]
    for who in ("tech", "outsider", "owner"):
        assert seen(world, firm, who) == [], who
    contract = ContractorPaper.objects.in_project(world.project_id).get(kind="contract")
    for who in ("desk", "tech", "outsider", "owner"):
        with pytest.raises(NotFoundError):
            opened(world, contract, who)


def test_whoever_opens_a_paper_of_a_person_is_written_down(
    world: World, firm: Contractor, mechanic: ContractorStaff
) -> None:
    policy = add(world, firm)
    certificate = add(world, firm, kind="certificate", person=mechanic.pk)
    opened(world, policy, "desk")
    opened(world, certificate, "desk")
    row = AuditEvent.objects.in_project(world.project_id).get(kind="view")
    assert (row.what, row.actor_key, row.subject_id) == (
        "contractor.paper_opened",
        world.actor("desk").key,
        str(certificate.pk),
    )
    assert "贺师傅" not in row.label
    assert AuditPersonal.objects.in_project(world.project_id).get(event=row).values == {"person": "贺师傅"}


def test_what_is_no_paper_is_refused(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    loud = PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>")
    for content in (b"MZ\x90", b"<html>", b"%PDF-1.7 cut off", loud, PDF + b" " * (15 * 1024 * 1024)):
        with pytest.raises(InvalidError):
            upload(world, content)
    foreign = upload(world, who="headbutler")
    for field, told in (
        ("files", {"files": []}),
        ("files", {"files": [foreign]}),
        ("person", {"kind": "identity"}),
        ("person", {"person": mechanic.pk}),
        ("person", {"kind": "certificate", "person": 999}),
    ):
        with pytest.raises(InvalidError) as refused:
            add(world, firm, **told)
        assert field in refused.value.fields, told
    for who, refusal in (("desk", NotAllowedError), ("outsider", NotFoundError)):
        with pytest.raises(refusal):
            add(world, firm, who, files=[foreign])
    contractors.end_contract(
        project_id=world.project_id, contractor_id=firm.pk, actor=world.actor("manager"), at=world.now
    )
    with pytest.raises(ConflictError):
        add(world, firm)


def test_one_paper_of_a_kind_is_in_force(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    """Whatever two people do at the same moment, the table holds it."""
    for row in (add(world, firm), add(world, firm, kind="identity", person=mechanic.pk)):
        row.pk, row.client_uuid = None, uuid.uuid4()
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def stored(world: World, content: bytes = PDF) -> bool:
    return path_of(world.project_id, hashlib.sha256(content).hexdigest(), "application/pdf").exists()


def months_pass(world: World, n: int) -> None:
    world.pass_time(days=31 * n)
    night(world)


def night(world: World) -> None:
    """Papers are erased when the job's transaction stands; a test's never does."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        sweep(world.now)


def identity(world: World, firm: Contractor, mechanic: ContractorStaff, content: bytes = PDF) -> ContractorPaper:
    return add(world, firm, kind="identity", person=mechanic.pk, files=[upload(world, content)])


def test_identity_papers_go_when_their_time_is_over(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    """Two years after the person left; line, digest and audit stay, other papers too."""
    scan = PDF + b"%identity\n"
    row, policy = identity(world, firm, mechanic, scan), add(world, firm)
    contractors.withdraw_staff(
        project_id=world.project_id, staff_id=mechanic.pk, actor=world.actor("manager"), at=world.now
    )
    months_pass(world, 23)
    assert stored(world, scan)
    months_pass(world, 1)
    assert not stored(world, scan)
    row.refresh_from_db()
    assert row.erased_at == world.now
    page = ContractorPage.objects.in_project(world.project_id).select_related("attachment").get(paper=row)
    assert (page.attachment.sha256, page.attachment.name) == (hashlib.sha256(scan).hexdigest(), "erased")
    with pytest.raises(NotFoundError):
        opened(world, row, "manager")
    assert stored(world)
    assert opened(world, policy, "manager").name == "保单.pdf"
    night(world)
    said = AuditEvent.objects.in_project(world.project_id).get(what="contractor.paper_erased")
    assert said.after == {"pages": [hashlib.sha256(scan).hexdigest()], "months": 24}
    assert not AuditPersonal.objects.in_project(world.project_id).filter(event=said).exists()


def test_the_contracts_end_and_a_new_paper_begin_the_time_too(
    world: World, firm: Contractor, mechanic: ContractorStaff
) -> None:
    first = identity(world, firm, mechanic, PDF + b"%first\n")
    months_pass(world, 1)
    second = identity(world, firm, mechanic, PDF + b"%second\n")
    months_pass(world, 24)
    kept = ContractorPaper.objects.in_project(world.project_id)
    assert [kept.get(pk=r.pk).erased_at is None for r in (first, second)] == [False, True]
    # Nobody ended the contract: it ended on its last day.
    assert firm.contract_until == date(2027, 12, 31)
    months_pass(world, 12)
    assert kept.get(pk=second.pk).erased_at is not None


def test_a_paper_of_a_contract_that_ran_out_is_kept_for_its_months(world: World) -> None:
    """Whoever enters papers for an old contract finds them the next day."""
    old = engage(world, contract_from="2022-01-01", contract_until="2023-12-31")
    row = identity(world, old, send(world, old))
    night(world)
    months_pass(world, 23)
    row.refresh_from_db()
    assert row.erased_at is None
    months_pass(world, 1)
    row.refresh_from_db()
    assert row.erased_at == world.now


def test_papers_of_a_firm_that_works_on_are_kept(world: World) -> None:
    """Its contract ran out on paper, but newer papers are in force; from its end on the months count."""
    old = engage(world, contract_from="2022-01-01", contract_until="2023-12-31")
    row = identity(world, old, send(world, old))
    world.pass_time(days=31 * 20)
    add(world, old, valid_until="2030-12-31")
    months_pass(world, 5)
    row.refresh_from_db()
    assert row.erased_at is None
    contractors.end_contract(
        project_id=world.project_id, contractor_id=old.pk, actor=world.actor("manager"), at=world.now
    )
    months_pass(world, 23)
    row.refresh_from_db()
    assert row.erased_at is None
    months_pass(world, 1)
    row.refresh_from_db()
    assert row.erased_at == world.now


def test_the_same_scan_elsewhere_stays(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    """Kept for another paper it stays; a second try of the same form holds nothing."""
    scan = PDF + b"%twice\n"
    row = identity(world, firm, mechanic, scan)
    upload(world, scan)
    other = add(world, firm, files=[upload(world, scan)])
    contractors.withdraw_staff(
        project_id=world.project_id, staff_id=mechanic.pk, actor=world.actor("manager"), at=world.now
    )
    months_pass(world, 24)
    row.refresh_from_db()
    assert row.erased_at is not None
    assert stored(world, scan)
    opened(world, other, "manager")


def test_a_picture_of_a_case_stays_when_a_paper_goes(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    """The same picture, uploaded by the same colleague on the same day, hangs on a case: it is no second try."""
    scan = picture()
    row = add(world, firm, kind="identity", person=mechanic.pk, files=[upload(world, scan)])
    hung, second = upload(world, scan), upload(world, scan)
    number = world.open().case.number
    world.act("manager", number, "say", text="现场照片", photos=[hung])
    contractors.withdraw_staff(
        project_id=world.project_id, staff_id=mechanic.pk, actor=world.actor("manager"), at=world.now
    )
    months_pass(world, 24)
    row.refresh_from_db()
    kept = Attachment.objects.in_project(world.project_id)
    assert row.erased_at is not None
    assert path_of(world.project_id, kept.get(pk=hung).sha256).exists()
    assert [kept.get(pk=pk).name for pk in (hung, second)] == ["保单.pdf", "erased"]


def test_a_picture_of_a_refused_replay_stays_too(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    """It hangs on no case yet: only what was typed in names it."""
    scan, manager = picture(), world.actor("manager")
    add(world, firm, kind="identity", person=mechanic.pk, files=[upload(world, scan)])
    sent = upload(world, scan)
    Conflict.objects.create(
        project_id=world.project_id,
        case=world.open().case,
        action="confirm_scope",
        actor_key=manager.key,
        client_uuid=uuid.uuid4(),
        happened_at=world.now,
        received_at=world.now,
        data={"photos": [sent]},
    )
    contractors.withdraw_staff(project_id=world.project_id, staff_id=mechanic.pk, actor=manager, at=world.now)
    months_pass(world, 24)
    kept = Attachment.objects.in_project(world.project_id).get(pk=sent)
    assert (kept.name, path_of(world.project_id, kept.sha256).exists()) == ("保单.pdf", True)


def test_a_second_try_keeps_no_telling_name(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    """The name of a file may say whose paper it is."""
    scan = PDF + b"%tried\n"
    identity(world, firm, mechanic, scan)
    tried = upload(world, scan)
    contractors.withdraw_staff(
        project_id=world.project_id, staff_id=mechanic.pk, actor=world.actor("manager"), at=world.now
    )
    months_pass(world, 24)
    assert not stored(world, scan)
    assert Attachment.objects.in_project(world.project_id).get(pk=tried).name == "erased"


def test_a_file_that_cannot_be_removed_holds_up_no_other_paper(
    world: World, firm: Contractor, mechanic: ContractorStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own paper waits as it was, and goes the next night."""
    scans = [PDF + b"%locked\n", PDF + b"%free\n"]
    locked, free = (identity(world, firm, mechanic, scan) for scan in scans)
    contractors.withdraw_staff(
        project_id=world.project_id, staff_id=mechanic.pk, actor=world.actor("manager"), at=world.now
    )
    remove, digest = Path.unlink, hashlib.sha256(scans[0]).hexdigest()

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path.stem == digest:
            raise PermissionError(13, "denied", str(path))
        remove(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        months_pass(world, 24)
    rows = ContractorPaper.objects.in_project(world.project_id)
    assert [rows.get(pk=r.pk).erased_at is None for r in (locked, free)] == [True, False]
    assert [stored(world, scan) for scan in scans] == [True, False]
    said = AuditEvent.objects.in_project(world.project_id).filter(what="contractor.paper_erased")
    assert said.get().subject_id == str(free.pk)
    opened(world, locked, "manager")
    night(world)
    assert said.count() == 2
    assert not stored(world, scans[0])


def test_a_job_that_is_undone_has_removed_no_file(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    row = identity(world, firm, mechanic)
    contractors.withdraw_staff(
        project_id=world.project_id, staff_id=mechanic.pk, actor=world.actor("manager"), at=world.now
    )
    world.pass_time(days=750)
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        sweep(world.now)
        transaction.set_rollback(True)
    assert stored(world)
    opened(world, row, "manager")


def test_a_project_keeps_them_as_long_as_it_says(world: World, firm: Contractor, mechanic: ContractorStaff) -> None:
    scan = PDF + b"%shorter\n"
    identity(world, firm, mechanic, scan)
    upload(world, scan)
    set_policy(
        MONTHS, value=6, node_id=world.project_id, actor=world.actor("manager"), effective_from=world.now, at=world.now
    )
    contractors.end_contract(
        project_id=world.project_id, contractor_id=firm.pk, actor=world.actor("manager"), at=world.now
    )
    months_pass(world, 5)
    assert stored(world, scan)
    months_pass(world, 1)
    assert not stored(world, scan)


def test_files_of_papers_are_uploads_like_all_others(world: World, firm: Contractor) -> None:
    """A backup takes the folder of uploads: these stand there, under their own name."""
    row = add(world, firm)
    stored = opened(world, row, "manager")
    path = path_of(world.project_id, stored.sha256, stored.content_type)
    assert (path.suffix, path.parent.parent.name) == (".pdf", str(world.project_id))
    assert path.exists()
