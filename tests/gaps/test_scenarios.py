"""The list of scenarios, and two or three side by side (P18)."""

import uuid

import pytest
from django.urls import reverse

from gaps.workflow import (
    MoveValues,
)
from tests import builders as b
from tests.gaps.records import POLICY, TALKING, confirmed
from tests.gaps.scenarios import COMPARE, LIST, at, keep, leaving, new, sent


def test_the_list_shows_ones_own_and_the_shared(sign_in, section, day):
    keep(section.ka, day, leaving(section.dourei), by=section.kacho, name="自分の")
    keep(section.ka, day, leaving(section.dourei), by=section.jinji, name="共有の", shared=True)
    keep(section.ka, day, leaving(section.dourei), by=section.jinji, name="人事だけの")
    page = sign_in("kacho").get(reverse(LIST))
    assert {one.name: (one.leaving, one.joining) for one in page.context["page_obj"]} == {
        "自分の": (1, 0), "共有の": (1, 0),
    }  # fmt: skip
    assert [place.name for place in page.context["place"].places] == [
        "デジタル推進課",
        "情報政策係",
        "基盤係",
    ]


def test_two_are_compared(sign_in, section, day):
    one = keep(section.ka, day, leaving(section.kakari), by=section.kacho, name="案1")
    two = keep(
        section.ka, day, leaving(section.kakari), MoveValues("join", label="経験者", steps={POLICY: 3}),
        by=section.kacho, name="案2",
    )  # fmt: skip
    page = sign_in("kacho").get(reverse(COMPARE), {"s": [str(one.uuid), str(two.uuid)]})
    assert [column.scenario.name for column in page.context["columns"]] == ["案1", "案2"]
    (policy, *_) = page.context["cells"]
    assert [(word, count) for _, word, count, _ in policy.after] == [("不在", 0), ("一人依存", 1)]
    assert "経験者" in page.content.decode()


def test_what_cannot_be_compared(sign_in, section, day):
    here = [keep(section.ka, day, leaving(section.dourei), by=section.kacho) for _ in range(4)]
    there = keep(section.kakari_dept, day, leaving(section.dourei), by=section.kacho)
    client = sign_in("kacho")
    ids = [str(one.uuid) for one in here]
    assert client.get(reverse(COMPARE)).status_code == 200
    for wrong in (ids[:1], ids, [ids[0], str(there.uuid)]):
        assert client.get(reverse(COMPARE), {"s": wrong}).status_code == 422
    assert client.get(reverse(COMPARE), {"s": ["x", ids[0]]}).status_code == 404
    assert client.get(reverse(COMPARE), {"s": [str(uuid.uuid4()), ids[0]]}).status_code == 404
    foreign = keep(section.jinjika, day, leaving(section.betsuka), by=section.jinji)
    assert client.get(reverse(COMPARE), {"s": [str(foreign.uuid), ids[0]]}).status_code == 404


@pytest.mark.parametrize("who", ["kacho", "jinji"])
def test_queries_stay_few_at_any_size(sign_in, section, day, who, django_assert_max_num_queries):
    author = getattr(section, who)
    named = MoveValues("join", section.betsuka.pk)
    ours = [named] if who == "jinji" else []
    client = sign_in(who)
    counts = []
    for size in (0, 40):
        extra = [b.make_staff(section.city, f"増田 {n}") for n in range(size)]
        for staff in extra:
            b.make_posting(staff, section.kiban)
            confirmed(staff, section.cycle, {POLICY: 2})
        moves = [leaving(section.dourei), *ours, *(leaving(staff) for staff in extra[:20])]
        nameless = MoveValues("join", label="新規採用 1人", steps={POLICY: 1, TALKING: 2})
        stored = [keep(section.ka, day, *moves, nameless, by=author, name=f"{n}") for n in range(2)]
        pages = [
            new(section.ka),
            at(stored[0]),
            reverse(LIST),
            f"{reverse(COMPARE)}?s={stored[0].uuid}&s={stored[1].uuid}",
        ]
        spent = []
        for url in pages:
            with django_assert_max_num_queries(15) as used:
                assert client.get(url).status_code == 200
            spent.append(len(used))
        with django_assert_max_num_queries(15) as used:
            answer = client.post(
                at(stored[0]), sent(day, leave=[section.kakari, *extra[:3]], q="増田", version=1)
            )
            assert answer.status_code == 200
        counts.append([*spent, len(used)])
    assert counts[0] == counts[1]
