"""スキル履歴書 as PDF: what is in the file, who gets it, and what happens without WeasyPrint."""

import io
import os

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments import pdf
from assessments.resume_files import resume_pdf_of
from audit.models import Event
from organization.models import Posting, Staff
from tests import builders as b
from tests.assessments.sheets import steps_of, submitted

# A machine without the libraries of the system prints from the browser; CI installs them.
needs_pdf = pytest.mark.skipif(
    not pdf.available() and os.environ.get("CI") != "true", reason="WeasyPrint is not installed here"
)


def url(staff):
    return reverse("assessments:resume_pdf", args=[staff.uuid])


@pytest.fixture
def made(monkeypatch):
    """Stand in for WeasyPrint where only the way to it is asked; return the pages that were sent to it."""
    pages = []

    def pdf_of(html):
        pages.append(html)
        return b"%PDF-1.7 made"

    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(pdf, "pdf_of", pdf_of)
    return pages


def read(content):
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(content))


@needs_pdf
def test_a_tagged_pdf_with_every_character(world):
    Staff.objects.filter(pk=world.honnin.pk).update(
        name="𠮷野 髙一", former_name="﨑田", staff_number="0012345"
    )
    world.honnin.refresh_from_db()
    submitted(world.sheet, steps_of(world.sheet, 3))
    b.make_experience(world.honnin, "<b>基幹</b>の更改", text="=1+1\n<script>alert(1)</script>")
    content = resume_pdf_of(b.actor_of(world.honnin), world.honnin, timezone.localtime())
    found = read(content)
    text = "".join(page.extract_text() for page in found.pages)
    for words in (
        "𠮷野 髙一",
        "﨑田",
        "0012345",
        "<b>基幹</b>の更改",
        "<script>alert(1)</script>",
        "業務経験",
        "=1+1",
    ):
        assert words in text, words
    assert "PDFを作る" not in text
    assert 1 <= len(found.pages) <= 2
    assert all(round(float(page.mediabox.width)) == 595 for page in found.pages)
    root = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "ja"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert found.metadata.title.startswith("スキル履歴書　𠮷野 髙一")
    assert b"pdfuaid" in root["/Metadata"].get_data()
    # Fonts go along, or a PC without them shows other characters.
    fonts = [font.get_object() for page in found.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert "/FontFile" in str(font["/DescendantFonts"][0].get_object()["/FontDescriptor"].keys())


@needs_pdf
def test_who_when_and_why_stand_on_every_page(world):
    submitted(world.sheet, steps_of(world.sheet, 3))
    for number in range(40):
        b.make_experience(world.honnin, f"更改 {number}", text="長い内容です。\n" * 4)
    content = resume_pdf_of(
        b.actor_of(world.jinji), world.honnin, timezone.localtime(), reason="配置の資料<b>&"
    )
    pages = [page.extract_text() for page in read(content).pages]
    assert len(pages) > 2
    for text in pages:
        assert f"{world.jinji.name}が出力" in text
        assert "理由: 配置の資料<b>&" in text


@needs_pdf
@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png", "data:text/css,p{}"])
def test_nothing_is_fetched(address, monkeypatch, caplog):
    import urllib.request

    monkeypatch.setattr(urllib.request, "urlopen", lambda *a, **k: pytest.fail("fetched"))
    page = (
        f'<!doctype html><html lang="ja"><head><title>x</title><link rel="stylesheet" href="{address}"></head>'
        f'<body><img src="{address}" alt="絵"><p>本文</p></body></html>'
    )
    assert "本文" in read(pdf.pdf_of(page)).pages[0].extract_text()


def test_a_fetcher_that_refuses_every_address():
    pytest.importorskip("weasyprint")
    with pytest.raises(ValueError, match="no address"):
        pdf._no_address().fetch("file:///etc/passwd")


def test_ones_own_and_those_in_scope(world, sign_in, made):
    for name, status in [("honnin", 200), ("kakari", 200), ("kacho", 200), ("dourei", 404), ("kansa", 404)]:
        answer = sign_in(name).get(url(world.honnin))
        assert answer.status_code == status, name
    assert answer.status_code == 404
    sent = sign_in("kacho").get(url(world.honnin))
    assert sent.content == b"%PDF-1.7 made"
    assert sent["Content-Type"] == "application/pdf"
    assert sent["Content-Disposition"].startswith("attachment; ")
    assert world.honnin.name not in sent["Content-Disposition"]
    assert world.honnin.staff_number not in str(sent.headers)
    assert "no-store" in sent["Cache-Control"]
    assert "site-header" not in made[-1]
    assert "csrf" not in made[-1]
    event = Event.objects.filter(action="resume.pdf", actor_uuid=world.kacho.uuid).latest("pk")
    assert (event.subject_uuid, event.data) == (world.honnin.uuid, {"rows": 1, "role": "M"})


def test_human_resources_say_why(world, sign_in, made):
    client = sign_in("jinji")
    asked = client.get(url(world.honnin))
    assert asked.status_code == 200
    assert "人事が出すときは、理由を書いてください" in asked.content.decode()
    refused = client.post(url(world.honnin), {"reason": "  "})
    assert refused.status_code == 422
    assert not made
    assert not Event.objects.filter(action="resume.pdf").exists()
    assert client.post(url(world.honnin), {"reason": "配置の資料"}).content == b"%PDF-1.7 made"
    event = Event.objects.get(action="resume.pdf")
    assert event.data == {"rows": 1, "reason": "配置の資料", "role": "H"}
    # Their own they get at once.
    assert client.get(url(world.jinji)).content == b"%PDF-1.7 made"


def test_the_former_head_gets_nothing_from_the_day(world, sign_in, made):
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today)
    assert sign_in("kacho").get(url(world.honnin)).status_code == 404


def test_without_weasyprint_the_button_is_absent_and_the_page_says_how_to_print(world, sign_in, monkeypatch):
    monkeypatch.setattr(pdf, "available", lambda: False)
    client = sign_in("honnin")
    page = client.get("/resume/").content.decode()
    assert "PDFを作る" not in page
    assert "印刷する" in page
    refused = client.get(url(world.honnin))
    assert refused.status_code == 409
    assert "Ctrl+P" in refused.content.decode()
    assert sign_in("dourei").get(url(world.honnin)).status_code == 404


def test_with_it_the_button_is_there(world, sign_in, made):
    assert url(world.honnin) in sign_in("honnin").get("/resume/").content.decode()


@pytest.mark.parametrize("missing", [ImportError, OSError])
def test_available_takes_both_kinds_of_missing(monkeypatch, missing):
    def refuse(*args):
        raise missing

    monkeypatch.setattr(pdf.ctypes, "CDLL", refuse)
    monkeypatch.setattr(pdf.importlib, "import_module", refuse)
    pdf.available.cache_clear()
    try:
        assert pdf.available() is False
    finally:
        pdf.available.cache_clear()


def test_few_queries(world, sign_in, made, django_assert_max_num_queries):
    submitted(world.sheet, steps_of(world.sheet, 3))
    for number in range(20):
        b.make_experience(world.honnin, f"仕事{number}", cells=[world.cells[0].code])
    client = sign_in("kacho")
    with django_assert_max_num_queries(15):
        client.get(url(world.honnin))
