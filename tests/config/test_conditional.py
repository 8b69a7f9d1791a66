"""What may be kept and asked for again, and that nothing of a person ever is (docs/adr/0074)."""

import gzip
import re

import pytest
from django.core.management import call_command
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from access.actor import Role
from access.conditional import unpersonal
from access.routes import ROUTES
from tests import builders as b
from tests.routes import URLS, address

BACKEND = "organization.backends.StaffBackend"
# All that may be kept: published frameworks and the shapes of files. A page has a name on it and is not among them.
KEPT = {
    "assessments:api_schema", "assessments:case_documents", "assessments:case_resource", "assessments:record_schema",
    "competency:version_export",
}  # fmt: skip


def signed_in(staff):
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def test_no_other_address_says_what_could_be_matched(world, targets):
    """Neither signed in nor out, as nobody else nor as a system: pages, files, lists, refusals."""
    _, token = b.make_token(world.jinji)
    wrong, kept = [], set()
    for staff in (world.jinji, world.honnin, world.kacho, None):
        client = signed_in(staff) if staff else Client()
        for name in URLS:
            if ROUTES[name].get is None or (name == "organization:logout" and staff):
                continue
            ours, _ = targets.get(ROUTES[name].target, (None, None))
            headers = {} if staff else {"Authorization": f"Bearer {token}"}
            answer = client.get(address(name, ours), headers=headers)
            if name in KEPT and answer.status_code == 200:
                kept.add(name)
                if "no-store" in answer["Cache-Control"] or not answer.has_header("ETag"):
                    wrong.append(f"{name} cannot be kept")
            elif {"ETag", "Last-Modified"} & set(answer.headers) or "no-store" not in answer["Cache-Control"]:
                wrong.append(f"{name} {answer.status_code} could be kept")
    assert not wrong
    assert kept == KEPT


def test_a_version_is_sent_once_and_asked_for_again(world):
    version = world.cycle.framework_version
    path = f"/framework/{version.uuid}/export/"
    client = signed_in(world.kacho)
    first = client.get(path)
    assert first["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Authorization"} <= set(re.split(", ?", first["Vary"]))
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "private, no-cache"
    # Another form of it is another answer, and another person's copy nobody else's.
    other = client.get(path, {"format": "yaml"}, headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    for staff in (world.honnin, world.jinji):
        answer = signed_in(staff).get(path, headers={"If-None-Match": first["ETag"]})
        assert answer.status_code == 200
        assert answer["ETag"] != first["ETag"]


def test_a_right_that_ended_is_asked_for_first(world):
    """Whoever kept an answer is refused as soon as they may not see it any more."""
    path = f"/framework/{world.cycle.framework_version.uuid}/export/"
    client = signed_in(world.kacho)
    etag = client.get(path)["ETag"]
    b.make_grant(world.kacho, Role.EDITOR)
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200
    client.logout()
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 302
    missing = "00000000-0000-4000-8000-000000000000"
    refused = signed_in(world.kacho).get(f"/framework/{missing}/export/", headers={"If-None-Match": "*"})
    assert refused.status_code == 404
    assert "no-store" in refused["Cache-Control"]


def test_a_system_asks_for_what_it_has(world):
    (_, one), (_, other) = (b.make_token(world.jinji) for _ in range(2))
    path = "/ims/case/v1p1/CFDocuments"

    def ask(token, **headers):
        return Client().get(path, headers={"Authorization": f"Bearer {token}", **headers})

    etag = ask(one)["ETag"]
    assert ask(one, **{"If-None-Match": etag}).status_code == 304
    assert ask(other, **{"If-None-Match": etag}).status_code == 200
    assert ask("wrong", **{"If-None-Match": etag}).status_code == 401


def test_only_a_whole_answer_is_kept():
    request = RequestFactory().get("/", headers={"If-None-Match": "*"})
    assert unpersonal(lambda r: HttpResponse("x"))(request).status_code == 304
    failed = unpersonal(lambda r: HttpResponse("x", status=404))(request)
    assert (failed.status_code, failed.has_header("ETag")) == (404, False)
    stream = unpersonal(lambda r: StreamingHttpResponse(iter([b"x"])))(request)
    assert not stream.has_header("ETag")
    wrong = RequestFactory().get("/", headers={"If-Match": '"other"'})
    refused = unpersonal(lambda r: HttpResponse("x"))(wrong)
    assert (refused.status_code, refused.may_be_kept) == (412, False)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The static files as a server has them."""
    from django.conf import settings
    from django.test import override_settings

    root = tmp_path_factory.mktemp("collected")
    backend = {"BACKEND": "config.storage.HashedStaticFilesStorage"}
    with override_settings(STATIC_ROOT=root, STORAGES={**settings.STORAGES, "staticfiles": backend}):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield root


HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def test_every_static_file_has_its_hash_and_is_packed(collected):
    hashed = [one for one in collected.rglob("*") if HASHED.search(one.name)]
    assert {"css", "js"} <= {one.suffix[1:] for one in hashed}
    for one in hashed:
        packed = one.with_name(f"{one.name}.gz")
        if one.suffix in (".css", ".js") and one.stat().st_size > 500:
            assert packed.exists(), one
        if packed.exists():
            assert gzip.decompress(packed.read_bytes()) == one.read_bytes()
            assert packed.stat().st_size < one.stat().st_size


def fetched(path, **headers):
    """Return (headers, bytes) of a file, closed again."""
    answer = Client().get(path, headers=headers)
    body = b"".join(answer.streaming_content)
    answer.close()
    return answer.headers, body


def test_a_static_file_is_sent_packed_and_for_ever(collected, db):
    name = next(one for one in collected.rglob("base.*.css") if HASHED.search(one.name))
    path = f"/static/{name.relative_to(collected)}"
    headers, body = fetched(path, **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == name.read_bytes()
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert "Accept-Encoding" in headers["Vary"]
    plain, body = fetched(path)
    assert "Content-Encoding" not in plain
    assert body == name.read_bytes()
    # Without its hash a file may change, and is asked for again.
    unhashed, _ = fetched(f"/static/{name.parent.relative_to(collected)}/{name.name.split('.')[0]}.css")
    assert "immutable" not in unhashed["Cache-Control"]
