"""The menu shows each role what it may open, and nothing that would refuse it."""

import pytest

BACKEND = "organization.backends.StaffBackend"
PERSONAS = ["honnin", "kakari", "kacho", "bucho", "betsuka", "jinji", "henshu", "kansa", "sysadmin"]


def menu(client, path="/"):
    return client.get(path).context["nav"]


@pytest.mark.parametrize("who", PERSONAS)
def test_every_entry_opens(client, world, who):
    client.force_login(getattr(world, who), backend=BACKEND)
    entries = menu(client)
    assert entries[0].label == "ホーム"
    for entry in entries:
        assert client.get(entry.url, follow=True).status_code == 200, entry.label


def test_staff_find_the_coverage_of_their_own_department(client, world):
    client.force_login(world.honnin, backend=BACKEND)
    assert "スキルギャップ" in [entry.label for entry in menu(client)]


@pytest.mark.parametrize(("who", "label"), [("honnin", "確認"), ("kacho", "取込み"), ("jinji", "アカウント")])
def test_no_entry_for_what_is_refused(client, world, who, label):
    client.force_login(getattr(world, who), backend=BACKEND)
    assert label not in [entry.label for entry in menu(client)]


def test_entry_of_the_page_and_of_a_page_below_is_marked(client, world):
    client.force_login(world.kacho, backend=BACKEND)
    marks = {entry.label: entry.current for entry in menu(client, "/people/")}
    assert marks["職員"] == "page"
    assert marks["ホーム"] == ""
    marks = {entry.label: entry.current for entry in menu(client, f"/people/{world.honnin.uuid}/")}
    assert marks["職員"] == "true"
