"""The page of published figures, open to everyone signed in (P23)."""

from django.urls import reverse


def test_it_works(client, world):
    client.force_login(world.honnin, backend="organization.backends.StaffBackend")
    page = client.get(reverse("competency:reference"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "オープンデータの推進<small>出典の数を足すと14" in text
    assert "04 (75.0%)" in text
    assert "5 (9.2%)" in text
    assert "38.8人" in text
    assert len(page.context["shown"][1].share_lines) == 8
    assert client.post(reverse("competency:reference")).status_code == 405
