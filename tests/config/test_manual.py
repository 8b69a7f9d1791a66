"""The manual: every page opens for everyone, and whatever it points at is there."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from config import manual

BACKEND = "organization.backends.StaffBackend"
SLUGS = sorted(path.stem for path in manual.FOLDER.glob("*.md"))
ADDRESSES = ["/manual/", *(f"/manual/{slug}/" for slug in SLUGS)]
# Addressed from the footer of every page.
IN_FOOTER = ["accessibility", "privacy", "sources"]


class Seen(HTMLParser):
    """Links, pictures, ids and heading levels of a page, in the order they stand there."""

    def __init__(self, html: str):
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.unscoped = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Note what the tests ask about."""
        found = dict(attrs)
        if tag == "a":
            self.links.append(found.get("href") or "")
        elif tag == "img":
            self.pictures.append(found)
        elif tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.levels.append(int(tag[1]))
        elif tag == "th" and "scope" not in found:
            self.unscoped += 1
        if found.get("id"):
            self.ids.append(found["id"] or "")


def seen(client, address: str) -> Seen:
    return Seen(client.get(address).content.decode())


@pytest.mark.parametrize("address", ADDRESSES)
def test_opens_signed_out(address, db, client):
    response = client.get(address)
    assert response.status_code == 200
    assert "使い方" in response.content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("persona", ["honnin", "kacho", "jinji", "sysadmin"])
def test_opens_signed_in(address, persona, world, client):
    staff = getattr(world, persona)
    client.force_login(staff, backend=BACKEND)
    response = client.get(address)
    assert response.status_code == 200
    assert staff.name in response.content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_links_lead_somewhere(address, db, client):
    page = seen(client, address)
    for link in page.links:
        if link.startswith("#"):
            assert link == "#main" or link[1:] in page.ids, link
        elif link.startswith("/manual/"):
            assert client.get(link).status_code == 200, link
        else:
            assert link == "/", f"{link}: a page of the manual points at the manual alone"


@pytest.mark.parametrize("address", ADDRESSES)
def test_pictures_are_there_and_say_what_they_show(address, db, client):
    for picture in seen(client, address).pictures:
        assert len(picture["alt"] or "") > 10, picture
        source = picture["src"] or ""
        assert source.startswith("/static/manual/"), source
        assert finders.find(source.removeprefix("/static/")), source


def test_every_picture_of_the_folder_is_used():
    text = "".join(path.read_text(encoding="utf-8") for path in manual.FOLDER.glob("*.md"))
    pictures = {path.name for path in (manual.FOLDER / "img").glob("*.png")}
    readme = (Path(manual.settings.BASE_DIR) / "README.md").read_text(encoding="utf-8")
    assert {name for name in pictures if f"img/{name}" not in text + readme} == set()


@pytest.mark.parametrize("address", ADDRESSES)
def test_headings_are_in_order(address, db, client):
    page = seen(client, address)
    assert page.levels[0] == 1
    assert page.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.levels, page.levels[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert page.unscoped == 0


@pytest.mark.parametrize("slug", SLUGS)
def test_index_names_every_page(slug, db, client):
    if slug != "index":
        assert reverse("manual_page", args=[slug]) in seen(client, "/manual/").links


@pytest.mark.parametrize("slug", SLUGS)
def test_first_line_is_the_title_and_the_only_one(slug):
    lines = (manual.FOLDER / f"{slug}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines[1:] if line.startswith("# ")] == []


@pytest.mark.parametrize("slug", IN_FOOTER)
def test_pages_of_the_footer_exist(slug, db, client):
    assert slug in SLUGS
    assert f"/manual/{slug}/" in client.get("/login/").content.decode()


def test_long_page_has_its_contents(db, client):
    page = seen(client, "/manual/staff/")
    assert "#s1" in page.links
    assert "s1" in page.ids


@pytest.mark.parametrize("slug", ["nothing", "README", "settings", "index.md"])
def test_unknown_page_is_not_found(slug, db, client):
    assert client.get(f"/manual/{slug}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reading(method, db, client):
    assert getattr(client, method)("/manual/").status_code in (401, 405)
