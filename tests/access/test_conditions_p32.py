"""P32: a word of 異動希望 at every address that the line and the auditor reach; P19: what is told of who was once here."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.models import TransferWish
from audit.models import Event
from lib.fiscal import fiscal_year
from organization import jobs
from organization.models import Job, Staff
from tests import builders as b
from tests.access.conditions import browser, everything, whole, words
from tests.assessments.exporting import hand_in_two
from tests.gaps.records import POLICY, confirmed
from tests.gaps.test_cell import assign, moved

WORD = "zqw1sh0q"
KINDS = ("records", "records-wide", "certifications", "trainings", "training-plan", "measures", "unsubmitted")


@pytest.fixture
def wished(world, targets):
    """Let honnin write a wish in the form, so that its event is there as well; their sheet is confirmed."""
    hand_in_two(world)
    form = {
        "version": 0,
        "year": fiscal_year(timezone.localdate()),
        "wish": "move",
        "place": WORD,
        "reason": WORD,
    }
    url = reverse("assessments:wish", args=[world.honnin.uuid])
    assert browser(world.honnin).post(url, form).status_code == 302
    assert TransferWish.objects.get().place == WORD
    targets["event"] = (Event.objects.get(action="wish.change"),)
    return targets


def posted(world, client):
    """Yield (name, answer) of the files that are asked for by a form, the bundle of the department with its job."""
    asked = {"cycle": world.cycle.uuid, "reason": "確かめる", "state": ""}
    for kind in KINDS:
        for form in ("csv", "xlsx"):
            url = reverse("assessments:export", args=[kind])
            yield kind, client.post(url, asked | {"format": form})
    yield "bundle", client.post(reverse("gaps:resumes", args=[world.ka.uuid]), asked)


def bundle_of(owner):
    """Make the ordered bundle and return its text, "" where none was ordered."""
    job = Job.objects.filter(owner=owner).order_by("-pk").first()
    if job is None:
        return ""
    jobs.run(job.uuid)
    return words(jobs.path_of(job.uuid).read_bytes())


@pytest.mark.parametrize("who", ["kacho", "kansa"])
def test_p32_in_no_view_print_or_export_of_the_line_and_the_auditor(world, wished, settings, tmp_path, who):
    settings.FILES_DIR = tmp_path
    reader, name = getattr(world, who), world.honnin.name
    client, held, named = browser(reader), [], set()
    for page, url in everything(wished):
        text = words(whole(client.get(url)))
        held += [page] if WORD in text else []
        named |= {page} if name in text else set()
    for page, answer in posted(world, client):
        text = words(whole(answer))
        held += [page] if WORD in text else []
        named |= {page} if name in text else set()
    bundle = bundle_of(reader)
    assert held == []
    assert WORD not in bundle
    # The same look finds the person where they may be seen: it does read what is sent.
    assert "organization:person" in named
    if who == "kacho":
        assert name in bundle
        assert {
            "assessments:resume",
            "assessments:interview",
            "records",
            "assessments:resume_pdf",
            "assessments:resume_xlsx",
        } <= named
    for query in (WORD, "異動"):
        for page in ("organization:people", "gaps:experienced", "audit:events"):
            text = client.get(reverse(page), {"q": query, "words": query}).content.decode()
            # A search says what it was asked for, and nothing more.
            assert name not in text.split("<main")[-1], (page, query)
    assert WORD not in str([message.message() for message in mail.outbox])


@pytest.mark.parametrize(
    ("who", "role", "status"),
    [
        ("kacho", Role.EDITOR, 403),
        ("kacho", Role.SYSADMIN, 403),
        ("kacho", Role.AUDITOR, 403),
        ("kacho", Role.HR, 200),
        ("betsuka", Role.HR, 200),
        ("jinji", Role.AUDITOR, 404),
        ("henshu", Role.SYSADMIN, 404),
    ],
)
def test_p32_opens_for_hr_and_for_no_sum_of_other_roles(world, who, role, status):
    """監査 excludes 人事: the grant is of no use then."""
    TransferWish.objects.create(
        municipality=world.city, staff=world.honnin, fiscal_year=2026, wish="move", place=WORD, updated_at=timezone.now()
    )  # fmt: skip
    b.make_grant(getattr(world, who), role)
    answer = browser(getattr(world, who)).get(reverse("assessments:wish", args=[world.honnin.uuid]))
    assert answer.status_code == status
    assert (WORD in answer.content.decode()) is (status == 200)


# --- P19 -------------------------------------------------------------------------------------------------

SECRETS = {
    "staff_number": "zqnumb1q", "kana": "ゼキュカナ", "former_name": "zqform1q", "email": "zqmail1q@example.lg.jp",
}  # fmt: skip


@pytest.fixture
def once(world):
    """Somebody once posted in 情報政策係 who is in 人事課 now, with a word in everything that is not to be told."""
    world.past = b.make_cycle(world.city, world.version, fiscal_year=2024, state="closed")
    staff = moved(world, "谷口 五郎", 3, to=world.jinjika)
    Staff.objects.filter(pk=staff.pk).update(**SECRETS)
    staff.postings.filter(department=world.jinjika).update(position="zqposi1q")
    assign(staff, world.kakari_dept, "例規の管理")
    assign(staff, world.jinjika, "zqduty1q")
    b.make_experience(staff, "zqexpe1q", text="zqtext1q")
    b.make_certification(staff, "zqcert1q")
    b.make_handover(staff, "zqhand1q")
    TransferWish.objects.create(
        municipality=world.city, staff=staff, fiscal_year=2026, wish="move", place=WORD, updated_at=timezone.now()
    )  # fmt: skip
    # A step confirmed elsewhere since then is not told: the last one confirmed here is.
    b.make_sheet(staff, world.cycle, world.jinjika)
    confirmed(staff, world.cycle, {POLICY: 4})
    return staff


def asked_of(world):
    """Return the two places where it is asked: by a cell of a department, and by the search."""
    cell = next(one for one in world.cells if one.code == POLICY)
    return {
        "cell": (reverse("gaps:cell", args=[world.ka.uuid, cell.uuid]), {}),
        "search": (reverse("gaps:experienced"), {"cell": POLICY, "step": "3"}),
    }


@pytest.mark.parametrize("place", ["cell", "search"])
@pytest.mark.parametrize("role", [None, Role.EDITOR, Role.AUDITOR, Role.SYSADMIN])
def test_p19_six_facts_of_who_was_once_here_for_the_line_whatever_else_they_are(world, once, place, role):
    if role:
        b.make_grant(world.kacho, role)
    url, query = asked_of(world)[place]
    text = browser(world.kacho).get(url, query).content.decode().split("<main")[1]
    for fact in (
        "谷口 五郎",
        "人事課",
        "令和2年4月1日",
        "令和7年3月31日",
        "例規の管理",
        "3 独力でできる（令和6年度）",
    ):
        assert fact in text, fact
    assert not re.findall(r"zq\w{5}q", text)
    assert SECRETS["kana"] not in text
    assert str(once.uuid) not in text, "no link to a card or a résumé"
    assert "4 教えられる（令和8年度）" not in text
    for name in ("organization:person", "assessments:resume"):
        # The auditor has cards of everybody (P01), and no record.
        status = browser(world.kacho).get(reverse(name, args=[once.uuid])).status_code
        assert status == (200 if role is Role.AUDITOR and name == "organization:person" else 404)
    events = Event.objects.filter(action="experienced.view", actor_uuid=world.kacho.uuid)
    assert [event.data["people"] for event in events] == [1]


@pytest.mark.parametrize("place", ["cell", "search"])
def test_p19_who_is_still_in_scope_is_led_to_by_a_link_and_hr_reads_everybody(world, once, place):
    confirmed(world.honnin, world.cycle, {POLICY: 3})
    url, query = asked_of(world)[place]
    assert str(world.honnin.uuid) in browser(world.kacho).get(url, query).content.decode()
    assert (str(once.uuid) in browser(world.jinji).get(url, query).content.decode()) is (place == "search")


@pytest.mark.parametrize("who", ["honnin", "dourei", "henshu", "kansa", "sysadmin", "henshu+Y", "betsuka"])
@pytest.mark.parametrize("place", ["cell", "search"])
def test_p19_nobody_else_asks_and_nothing_is_logged(world, once, place, who):
    name, _, role = who.partition("+")
    if role:
        b.make_grant(getattr(world, name), Role(role))
    url, query = asked_of(world)[place]
    answer = browser(getattr(world, name)).get(url, query)
    assert answer.status_code in (302, 403, 404)
    assert once.name not in answer.content.decode()
    assert not Event.objects.filter(action="experienced.view").exists()
