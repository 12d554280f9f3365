import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.registers.cutover.models import ImportRun, ImportState
from steward.registers.estate.models import Unit
from steward.worker.loop import run_until_idle
from tests.console.conftest import Browser, SignIn
from tests.cutover.conftest import SMALL, UNITS, workbook
from tests.world import World


def upload(browser: Browser, content: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("业主资料.xlsx", content)
    return browser.post("/estate/imports/", {"file": file, "client_uuid": str(uuid.uuid4()), **more})


def test_upload_look_say_yes_and_take_it_back(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    answer = upload(manager, workbook(SMALL))
    assert answer.status_code == 302
    url = answer["Location"]
    page = manager.page(url)
    assert "正在检查" in page
    assert "every 2s" in page
    assert manager.get(f"{url}?state=checking", HTTP_HX_REQUEST="true").status_code == 204
    run_until_idle(world.now)
    fresh = manager.get(f"{url}?state=checking", HTTP_HX_REQUEST="true").content.decode()
    assert "全部导入" in fresh
    assert "<html" not in fresh
    assert manager.post(f"{url}confirm/", {}).status_code == 302
    run_until_idle(world.now)
    assert "撤销导入" in manager.page(url)
    assert Unit.objects.in_project(world.project_id).filter(label="12-1-0301").exists()
    assert manager.post(f"{url}undo/", {}).status_code == 302
    run_until_idle(world.now)
    assert "已撤销" in manager.page(url)
    assert not Unit.objects.in_project(world.project_id).filter(label="12-1-0301").exists()
    assert "业主资料.xlsx" in manager.page("/estate/imports/")


def test_errors_are_listed_and_downloaded(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    wrong = workbook({"房产": (UNITS, ("77栋", "1", "3", "0301", "", "", "", ""))})
    url = upload(manager, wrong)["Location"]
    run_until_idle(world.now)
    page = manager.page(url)
    assert "没有楼栋“77栋”" in page
    assert "confirm/" not in page
    book = manager.get(f"{url}errors.xlsx")
    assert book.content[:2] == b"PK"
    assert "attachment" in book["Content-Disposition"]
    assert manager.post(f"{url}confirm/", {}).status_code == 302
    assert ImportRun.objects.in_project(world.project_id).get().state == ImportState.FAULTY
    assert manager.post(f"{url}drop/", {}).status_code == 302
    assert manager.get(f"{url}errors.xlsx").status_code == 404


def test_wrong_uploads_are_told_beside_the_field(sign_in: SignIn) -> None:
    manager, region = sign_in("manager"), sign_in("region")
    assert "请选择工作簿" in manager.post("/estate/imports/", {"client_uuid": str(uuid.uuid4())}).content.decode()
    answer = upload(region, workbook(SMALL))
    assert answer.status_code == 422
    assert "请选择项目" in answer.content.decode()


def test_others_do_not_find_the_page_nor_foreign_imports(world: World, sign_in: SignIn) -> None:
    url = upload(sign_in("manager"), workbook(SMALL))["Location"]
    for who in ("desk", "butler", "outsider", "tech"):
        browser = sign_in(who)
        assert browser.get("/estate/imports/").status_code == 404
        for path in (url, f"{url}errors.xlsx"):
            assert browser.get(path).status_code == 404
        assert browser.post(f"{url}confirm/", {}).status_code == 404
    foreign = upload(sign_in("region"), workbook(SMALL), project=str(world.company.nodes["JZ"].pk))
    assert foreign.status_code == 422
    assert not ImportRun.objects.in_project(world.company.nodes["JZ"].pk).exists()


def test_the_template_loads_as_it_is(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    content = manager.get("/estate/imports/template.xlsx").content
    url = upload(manager, content)["Location"]
    run_until_idle(world.now)
    assert "全部导入" in manager.page(url)


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_many(world: World, sign_in: SignIn) -> None:
    manager, asked = sign_in("manager"), list[int]()
    manager.page("/estate/imports/")
    for _n in range(3):
        upload(manager, workbook(SMALL))
        with CaptureQueriesContext(connection) as seen:
            manager.page("/estate/imports/")
        asked.append(len(seen))
    assert asked[0] == asked[-1] <= 10
