"""得意・学びたいこと: the person's own hand, seen with the résumé."""

import pytest
from django.urls import reverse

from assessments.models import Statement
from audit.models import Event


def url(staff):
    return reverse("assessments:statement", args=[staff.uuid])


def save(client, staff, version=0, **texts):
    return client.post(url(staff), {"version": version, "strengths": "", "interests": ""} | texts)


def text(response):
    return response.content.decode()


def test_written_changed_and_emptied(world, sign_in):
    client = sign_in("honnin")
    assert client.get(url(world.honnin)).status_code == 200
    assert save(client, world.honnin, strengths=" 手順書\x07を\r\n図で書く ").status_code == 302
    row = Statement.objects.get()
    assert (row.strengths, row.interests, row.version, row.municipality) == (
        "手順書を\n図で書く",
        "",
        1,
        world.city,
    )
    save(client, world.honnin, 1, interests="<script>alert(1)</script>=1+1")
    shown = text(client.get(url(world.honnin)))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;=1+1" in shown
    assert "<script>alert" not in shown
    save(client, world.honnin, 2)
    assert Statement.objects.get().version == 3
    assert Event.objects.filter(action="statement.change").count() == 3
    assert all(event.data == {} for event in Event.objects.all())


def test_two_tabs(world, sign_in):
    client = sign_in("honnin")
    save(client, world.honnin, strengths="先の文")
    response = save(client, world.honnin, strengths="後の文")
    assert response.status_code == 409
    assert "先の文" in text(response)
    assert "後の文</textarea>" in text(response)
    assert 'name="version" value="1"' in text(response)
    assert save(client, world.honnin, strengths="先の文").status_code == 302
    assert save(client, world.honnin, 1, strengths="後の文").status_code == 302
    assert Statement.objects.get().strengths == "後の文"


def test_ten_thousand_characters_are_kept_on_the_page_and_refused(world, sign_in):
    response = save(sign_in("honnin"), world.honnin, strengths="あ" * 10_000, interests="残る文")
    assert response.status_code == 422
    assert "あ" * 10_000 in text(response)
    assert "残る文" in text(response)
    assert "2000" in text(response)
    assert not Statement.objects.exists()


@pytest.mark.parametrize(
    ("name", "status"), [("kakari", 403), ("jinji", 403), ("dourei", 404), ("kansa", 404), ("yoso", 404)]
)
def test_nobody_else_writes(world, sign_in, name, status):
    client = sign_in(name)
    assert client.get(url(world.honnin)).status_code == status
    assert save(client, world.honnin, strengths="x").status_code == status


def test_queries(world, sign_in, django_assert_max_num_queries):
    client = sign_in("honnin")
    with django_assert_max_num_queries(7):
        client.get(url(world.honnin))
