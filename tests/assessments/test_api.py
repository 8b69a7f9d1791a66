"""The JSON interface: pages of rows for a token, within its kinds, department and time; refusals as plain JSON."""

import datetime
import json
import logging
import uuid

import jsonschema
import pytest
from django.test import Client
from django.utils import timezone

from assessments import api_reads
from assessments.models import Cycle
from assessments.viewers_page import lay_out, looks_at
from audit.models import Event
from organization.models import ApiToken
from tests import builders as b
from tests.assessments.api import CLOSED, COLUMNS, PLAIN
from tests.assessments.api import world as rows_there
from tests.hostile import CELLS

pytestmark = pytest.mark.usefixtures("plain_kinds")
ROWS = f"/api/v1/{PLAIN}/"


class System:
    """Another system with its token. It keeps no cookie and carries none."""

    def __init__(self, secret: str):
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query):
        return Client().get(path, query, headers=self.headers)

    def pages(self, **query):
        cursor = {}
        while True:
            answer = self.get(ROWS, **query, **cursor)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            yield page
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}


@pytest.fixture
def system(world):
    token, secret = b.make_token(world.jinji)
    made = System(secret)
    made.token = token
    return made


def test_rows_come_with_their_types_and_their_text_as_written(world, system):
    answer = system.get(ROWS)
    page = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert [page[key] for key in ("kind", "label", "year", "department", "state", "count", "next")] == [
        PLAIN, "見本", world.cycle.fiscal_year, None, "", 12, None,
    ]  # fmt: skip
    assert page["columns"][0] == {"name": "年度", "type": "integer", "personal": False}
    assert page["columns"][2] == {"name": "氏名", "type": "text", "personal": True}
    assert [row["氏名"] for row in page["rows"]] == CELLS[:12]
    first = page["rows"][0]
    assert list(first) == [column.name for column in COLUMNS]
    assert first["年度"] == world.cycle.fiscal_year
    assert first["日"] == "2026-04-01"
    assert first["日時"] == "2026-04-01T00:30:00+09:00"
    assert first["空"] is None


def test_pages_give_every_row_once(world, system, monkeypatch):
    monkeypatch.setitem(rows_there, "rows", len(CELLS))
    for limit in (1, 7, len(CELLS) - 1, len(CELLS), 5000):
        monkeypatch.setattr(api_reads, "PAGES_A_MINUTE", 10_000)
        pages = list(system.pages(limit=limit))
        assert [row["氏名"] for page in pages for row in page["rows"]] == CELLS, limit
        assert {len(page["rows"]) for page in pages[:-1]} <= {limit}
        assert pages[-1]["rows"], "an empty page at the end"


def test_no_rows_are_an_answer(world, system, monkeypatch):
    monkeypatch.setitem(rows_there, "rows", 0)
    assert [page["rows"] for page in system.pages()] == [[]]


def test_what_moves_between_two_pages_is_said(world, system, monkeypatch):
    cursor = system.get(ROWS, limit=5).json()["next"]
    monkeypatch.setitem(rows_there, "first", ["新しい人"])
    answer = system.get(ROWS, limit=5, cursor=cursor)
    assert answer.status_code == 409
    assert "初めから読み直してください" in answer.json()["error"]


@pytest.mark.parametrize("change", ["x", "", "cut", "other"])
def test_a_cursor_is_taken_only_as_it_was_given(world, system, change):
    cursor = system.get(ROWS, limit=5).json()["next"]
    assert "%" not in cursor
    query = {"x": {"cursor": f"x{cursor}"}, "": {"cursor": "%00"}, "cut": {"cursor": cursor[:-1]}}.get(
        change, {"cursor": cursor, "state": "one"}
    )
    answer = system.get(ROWS, **query)
    assert answer.status_code == 422
    assert "cursor" in answer.json()["error"]
    assert system.get(ROWS, limit=5, cursor=cursor).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "word"),
    [
        ({"year": "令和8"}, 422, "year"),
        ({"year": "99999"}, 422, "year"),
        ({"year": "1999"}, 404, "年度"),
        ({"limit": "0"}, 422, "limit"),
        ({"limit": "5001"}, 422, "limit"),
        ({"state": "nothing"}, 422, "state"),
        ({"department": "999999"}, 404, "所属コード"),
        ({"department": "\x00"}, 404, "所属コード"),
        ({"department": "あ" * 21}, 422, "誤り"),
        ({"department\x00": "1"}, 422, "使える条件"),
        ({"departmnet": "010000"}, 422, "使える条件"),
        ({"year": ["2026", "2025"]}, 422, "1つずつ"),
    ],
)
def test_what_is_asked_wrongly_is_answered_plainly(world, system, query, status, word):
    answer = system.get(ROWS, **query)
    assert answer.status_code == status
    assert word in answer.json()["error"]
    assert not Event.objects.filter(action="export.api").exists()


def test_a_token_reads_its_kinds_alone(world):
    _, secret = b.make_token(world.jinji, scopes=[CLOSED])
    system = System(secret)
    assert system.get(ROWS).status_code == 403
    assert system.get(f"/api/v1/{CLOSED}/").status_code == 403
    assert system.get("/api/v1/nothing/").status_code == 404
    assert system.get("/api/v1/").json()["kinds"] == []


def test_a_token_of_a_department_reads_below_it_alone(world):
    _, secret = b.make_token(world.jinji, department=world.ka)
    system = System(secret)
    page = system.get(ROWS).json()
    assert page["department"] == world.ka.code
    assert {row["所属コード"] for row in page["rows"]} == {"010100", "010101", "010102"}
    inside = system.get(ROWS, department="010101").json()
    assert {row["所属コード"] for row in inside["rows"]} == {"010101"}
    above, foreign, missing = (system.get(ROWS, department=code) for code in ("010000", "020100", "999999"))
    assert above.status_code == foreign.status_code == missing.status_code == 404
    assert above.content == foreign.content == missing.content


def test_a_token_of_another_municipality_sees_nothing_of_ours(world):
    _, secret = b.make_token(world.yoso)
    system = System(secret)
    assert {row["所属コード"] for row in system.get(ROWS).json()["rows"]} == {world.foreign_department.code}
    assert system.get(ROWS, department=world.ka.code).status_code == 404
    kinds = system.get("/api/v1/").json()
    assert kinds["municipality"] == "ほかの市"
    Cycle.objects.filter(pk=world.foreign_cycle.pk).update(fiscal_year=2001)
    assert system.get(ROWS, year=world.cycle.fiscal_year).status_code == 404


def test_a_token_ends_with_its_time_and_when_it_is_taken_back(world, system):
    for change in ({"expires_at": timezone.now()}, {"revoked_at": timezone.now()}):
        assert system.get(ROWS).status_code == 200
        ApiToken.objects.filter(pk=system.token.pk).update(**change)
        answer = system.get(ROWS)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert "新しいトークン" in answer.json()["error"]
        ApiToken.objects.filter(pk=system.token.pk).update(
            expires_at=timezone.now() + datetime.timedelta(days=1), revoked_at=None
        )


def test_too_many_pages_a_minute_wait(world, system, monkeypatch):
    monkeypatch.setattr(api_reads, "PAGES_A_MINUTE", 3)
    other = System(b.make_token(world.jinji)[1])
    assert [system.get(ROWS).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = system.get(ROWS)
    assert answer["Retry-After"] == "60"
    assert "1分" in answer.json()["error"]
    assert other.get(ROWS).status_code == 200
    # Nobody may change the trail, so time passes for the reader.
    later = timezone.now() + datetime.timedelta(seconds=61)
    monkeypatch.setattr("assessments.views.api.timezone.now", lambda: later)
    assert system.get(ROWS).status_code == 200


def test_every_page_leaves_an_event_and_the_time_of_use(world, system):
    list(system.pages(limit=5, department="010100"))
    events = Event.objects.filter(action="export.api").order_by("pk")
    assert [(event.data["start"], event.data["rows"]) for event in events] == [(0, 5), (5, 5), (10, 2)]
    event = events[0]
    assert event.kind == Event.Kind.PEOPLE
    assert event.municipality_id == world.city.pk
    assert event.actor_uuid == system.token.uuid
    assert event.object_uuid == world.cycle.uuid
    assert event.request_id
    assert event.data | {"start": 0, "rows": 5} == {
        "token": str(system.token.uuid), "kind": PLAIN, "fiscal_year": world.cycle.fiscal_year,
        "department": "010100", "state": "", "start": 0, "rows": 5, "role": "H",
    }  # fmt: skip
    system.token.refresh_from_db()
    assert system.token.last_used_at == events[2].at


def test_the_event_says_from_where_a_system_read(world, system):
    Client(REMOTE_ADDR="192.0.2.33").get(ROWS, headers=system.headers)
    assert Event.objects.get(action=api_reads.READ).address == "192.0.2.33"


def test_reading_goes_on_while_the_key_is_changed(world, system, settings):
    cursor = system.get(ROWS, limit=5).json()["next"]
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "rotated" * 10, [old]
    assert system.get(ROWS, limit=5, cursor=cursor).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert system.get(ROWS, limit=5, cursor=cursor).status_code == 422


def test_no_session_no_cookie_and_nothing_kept(world, system, sign_in, django_assert_num_queries):
    client = sign_in("jinji")
    with django_assert_num_queries(9) as sent:
        answer = client.get(ROWS, headers=system.headers)
    assert answer.status_code == 200
    assert not any("session" in query["sql"] for query in sent.captured_queries)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "no-store" in answer["Cache-Control"]
    with django_assert_num_queries(0):
        assert client.get(ROWS).status_code == 401


def test_nothing_of_a_person_or_of_a_token_is_logged(world, system, caplog, settings):
    settings.DEBUG = True
    with caplog.at_level(logging.DEBUG):
        logged = caplog.records
        system.get(ROWS, limit=3)
        Client().get(ROWS, {"year": "髙橋"}, headers={"Authorization": "Basic aGltaXRzdTpub2tvdG9iYQ=="})
        Client().get(ROWS, headers={"Authorization": "Bearer himitsu-no-kotoba"})
    text = " ".join(record.getMessage() for record in logged if record.name != "django.db.backends")
    for secret in (
        system.headers["Authorization"][7:],
        "aGltaXRzdTpub2tvdG9iYQ",
        "himitsu-no-kotoba",
        "髙橋",
    ):
        assert secret not in text


def test_a_fault_is_no_page_and_tells_nothing(world, system, monkeypatch, settings):
    for debug in (False, True):
        settings.DEBUG = debug
        monkeypatch.setattr(api_reads, "read_page", lambda **_: 1 / 0)
        client = Client(raise_request_exception=False)
        answer = client.get(ROWS, headers=system.headers)
        assert answer.status_code == 500
        assert "Traceback" not in answer.content.decode() or debug
    settings.DEBUG = False
    assert "error" in client.get(ROWS, headers=system.headers).json()
    assert "error" in client.get("/api/v1/a/b/c/").json()


def test_what_may_be_read_is_listed(world, system):
    listed = system.get("/api/v1/").json()
    assert listed["municipality_code"] == world.city.code
    assert listed["department"] is None
    assert listed["years"] == [world.cycle.fiscal_year]
    assert [kind["name"] for kind in listed["kinds"]] == [PLAIN]
    assert listed["kinds"][0]["states"] == [{"value": "one", "label": "ひとつ"}]
    assert system.get(listed["kinds"][0]["url"]).status_code == 200


def test_a_prepared_year_is_not_there_yet(world, system):
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.PREPARED, opened_at=None)
    assert system.get(ROWS).status_code == 404
    assert system.get("/api/v1/").json()["years"] == []


def test_answers_are_as_the_document_says(world, system, client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert sorted(document["paths"]) == ["/api/v1/", f"/api/v1/{CLOSED}/", ROWS]
    operation = document["paths"][ROWS]["get"]
    assert operation["summary"] == "見本"
    assert operation["security"] == [{"TokenAuth": []}]
    assert {each["name"] for each in operation["parameters"]} == set(api_reads.Asked.__dataclass_fields__) - {
        "kind"
    }
    for path, query, status in (
        ("/api/v1/", {}, 200), (ROWS, {}, 200), (ROWS, {"limit": 5}, 200), (ROWS, {"year": "x"}, 422),
        (ROWS, {"year": 1999}, 404),
    ):  # fmt: skip
        answer = system.get(path, **query)
        assert answer.status_code == status
        given = document["paths"][path]["get"]["responses"][str(status)]["content"]["application/json"][
            "schema"
        ]
        jsonschema.validate(answer.json(), {**given, "components": document["components"]})
    assert "personal" not in json.dumps(document["paths"])
    assert str(uuid.UUID(int=0)) not in json.dumps(document)


def test_the_person_and_the_auditor_see_which_system_read(world, system, sign_in):
    list(system.pages(limit=5))
    elsewhere = System(b.make_token(world.jinji, department=world.jinjika)[1])
    assert elsewhere.get(ROWS).status_code == 200
    shown = lay_out(looks_at(world.honnin))
    assert [(one.name, one.role, one.what, one.purpose) for one in shown] == [
        (f"連携：{system.token.name}", "ほかのシステム", "ほかのシステムがJSONで記録を読んだ", "出力")
    ]
    assert f"連携：{system.token.name}" in sign_in("kansa").get("/audit/").content.decode()
