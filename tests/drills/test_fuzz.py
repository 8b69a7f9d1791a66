"""The drill finds a view that breaks for one value, a refusal of the database and one at the commit, and says where, not what."""

import functools
import random
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse, QueryDict
from django.test import RequestFactory

from organization.models import Posting
from tests.drills import fuzz, fuzz_api, fuzz_forms, fuzz_make, fuzz_values
from tests.drills.fuzz import Kept, offered, run
from tests.drills.fuzz_city import build
from tests.drills.fuzz_make import Maker
from tests.drills.fuzz_send import Answer, Request, Sender, place_of
from tests.routes import URLS

FEW = ("competency:duty_new", "organization:people", "assessments:course_new")
ON_HAND = [("a.csv", b"a,b\r\n")]


@pytest.fixture
def few(db, monkeypatch):
    """Return what asks three of the URLs, so that a test takes seconds."""
    sender = Sender(build())
    monkeypatch.setattr(fuzz_make, "ROUTES", {name: fuzz_make.ROUTES[name] for name in FEW})

    def asked(number, kept=None, alone=""):
        kept = kept or Kept()
        run(sender, kept, "test", wanted=number, until=time.monotonic() + 300, alone=alone)
        return kept

    return asked


def plant(monkeypatch, name, wrong):
    """Let the view of a URL do something wrong before its own work, or instead of it."""
    honest = URLS[name].callback

    @functools.wraps(honest)
    def view(request, *args, **kwargs):
        return wrong(request) or honest(request, *args, **kwargs)

    monkeypatch.setattr(URLS[name], "callback", view)


def test_a_view_that_raises_for_one_value_is_found(few, monkeypatch):
    assert few(40).faults == {}

    def wrong(request):
        if request.POST.get("name") in fuzz_values.DATES:
            raise ZeroDivisionError(request.POST["name"])

    plant(monkeypatch, "competency:duty_new", wrong)
    kept = few(300)
    assert kept.counted(unavailable=False) == kept.statuses["500"] > 0
    assert kept.counted(unavailable=True) == 0
    ((fault, (times, where)),) = kept.faults.items()
    assert fault.startswith("500 ZeroDivisionError at ")
    assert times == kept.statuses["500"]
    assert where.startswith("test-")
    assert "POST competency:duty_new as " in where
    assert not any(date in kept.told(unavailable=False) for date in fuzz_values.DATES if len(date) > 6)
    # The number alone shows it again.
    assert fault in few(0, alone=where.partition(":")[0]).faults


def test_what_the_database_refuses_is_found(few, monkeypatch):
    def wrong(request):
        if any("-" in text for text in request.GET.values()):
            connection.cursor().execute("SELECT nothing FROM nowhere")

    plant(monkeypatch, "organization:people", wrong)
    kept = few(200)
    assert kept.counted(unavailable=True) > 0
    assert kept.counted(unavailable=False) == 0
    assert kept.told(unavailable=True).startswith(("503 OperationalError", "503 ProgrammingError"))


def test_what_the_commit_refuses_is_found(few, monkeypatch):
    def wrong(request):
        if request.method == "POST":
            Posting.objects.filter(pk=Posting.objects.first().pk).update(department_id=2_000_000_000)
            return HttpResponse()
        return None

    plant(monkeypatch, "assessments:course_new", wrong)
    assert "IntegrityError at the commit" in few(60).told(unavailable=True)


def test_a_slice_goes_on_where_the_last_one_ended(few, monkeypatch, tmp_path):
    path, asked = tmp_path / "fuzz.json", []
    honest = Maker.make

    def make(self, number):
        asked.append(number)
        return honest(self, number)

    monkeypatch.setattr(Maker, "make", make)
    monkeypatch.setattr(fuzz, "SLICE", 10)
    first = few(40, Kept(path, "this tree"))
    kept = Kept(path, "this tree")
    assert (kept.number, kept.requests, kept.reached) == (first.number, first.requests, first.reached)
    second = few(first.requests + 15, kept)
    assert asked == list(range(second.number))
    assert sum(second.statuses.values()) == second.requests
    assert Kept(path, "another tree").requests == 0


def test_every_method_of_the_table_is_wanted():
    assert {"assessments:home GET", "organization:logout POST"} <= offered()
    assert "organization:logout GET" not in offered()
    kept = Kept()
    kept.note("1", Request("jinji", "GET", "/"), Answer(200, "assessments:home"))
    kept.note("2", Request("jinji", "POST", "/logout/"), Answer(403, "organization:logout"))
    # What asks for no right goes past its guard even where it refuses.
    kept.note("3", Request("nobody", "POST", "/sso/saml/acs/"), Answer(403, "organization:sso_acs"))
    assert kept.reached == {"assessments:home GET", "organization:sso_acs POST"}


def test_a_fault_says_its_place_and_not_its_message():
    with pytest.raises(AttributeError) as raised:
        fuzz_values.query(None, None, None)
    assert "NoneType" in str(raised.value)
    assert place_of(raised.value).startswith("AttributeError at ")
    assert "NoneType" not in place_of(raised.value)
    assert place_of(None) == "nothing was raised"


PAGE = """<form action="save/" method="post"><input type="hidden" name="version" value="3"><textarea name="text">
あ&amp;い</textarea><select name="step"><option value="">-</option><option value="2" selected>2</option></select>
<input type="radio" name="way" value="a"><input type="radio" name="way" value="b" checked>
<input name="start_on"><button name="action" value="save">保存</button></form>
<input form="other" name="apart" value="1"><form id="other"><input type="search" name="q"></form>
<form action="/logout/" method="post"><button>ログアウト</button></form><a href="/x/?sort=name&amp;page=2">次</a>"""


def test_a_form_is_sent_as_a_browser_sends_it():
    page = fuzz_forms.read(PAGE, "/things/1/")
    form, search = page.forms
    assert (form.action, form.method) == ("/things/1/save/", "post")
    assert [control.name for control in search.controls] == ["q", "apart"]
    assert set(page.names) == {"sort", "page", "q", "apart"}
    source = random.Random(3)
    pairs = dict(fuzz_forms.filled(form, source, ON_HAND))
    assert (pairs["version"], pairs["text"].strip(), pairs["action"]) == ("3", "あ&い", "save")
    assert pairs["way"] in ("a", "b")
    assert pairs["start_on"]
    plain = [(name, value) for name, value in pairs.items() if name != "text"] + [
        ("text", "あ&い+ ="),
        ("file", ON_HAND[0] + ("",)),
    ]
    _, body, kind = fuzz_forms.sent(form, plain, _Never(3))
    request = RequestFactory().generic("POST", "/", body, kind)
    assert request.POST["text"] == "あ&い+ ="
    assert request.FILES["file"].read() == b"a,b\r\n"
    _, body, kind = fuzz_forms.sent(form, plain[:-1], _Never(3))
    assert QueryDict(body)["text"] == "あ&い+ ="
    address, _, _ = fuzz_forms.sent(search, [("q", "あ")], _Never(3))
    assert parse_qsl(urlsplit(address).query) == [("q", "あ")]


class _Never(random.Random):
    """A source of chances that never come."""

    def random(self):
        return 1.0


def test_nearly_right_forms_differ_and_come_again():
    form = fuzz_forms.read(PAGE, "/things/1/").forms[0]

    def made(seed):
        source = random.Random(seed)
        pairs = fuzz_forms.filled(form, source, ON_HAND)
        return fuzz_forms.nearly(pairs, source, ["an id"], ON_HAND)

    assert [made(seed) for seed in range(50)] == [made(seed) for seed in range(50)]
    assert len({str(made(seed)) for seed in range(50)}) > 45


def test_parameters_are_asked_on_their_bounds_and_beyond():
    declared = {"anyOf": [{"type": "integer", "minimum": 1900, "maximum": 9998}, {"type": "null"}]}
    source = random.Random(1)
    values = {fuzz_api.value_of(source, declared, ["an id"]) for _ in range(400)}
    assert {"1900", "9998", "1899", "9999", "", "null"} <= values
    texts = [fuzz_api.value_of(source, {"type": "string", "maxLength": 20}, ["an id"]) for _ in range(400)]
    assert 21 in {len(text) for text in texts}
    assert {"", "b", "none"} & {
        fuzz_api.value_of(source, {"enum": ["", "b"]}, ["an id"]) for _ in range(50)
    } == {"", "b", "none"}
