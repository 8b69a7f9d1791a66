"""One duty: a common one becomes the municipality's own when 人事 changes it; a department's own is its 所属長's."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Forbidden, NotVisible
from audit.models import Event
from competency.models import DepartmentDuty, Duty
from competency.workflow import DutyValues, StaleDuty, add_duty, change_duty, retire_duty, values_of
from tests import builders as b
from tests.competency.duty_records import has_duties, make_duty

POLICY, TALKING = "security-policy.1", "communication.1"
NAME = "情報セキュリティに関すること"


@pytest.fixture
def common(world):
    """Return a common duty, which a department of ours and one of the other municipality have."""
    duty = make_duty(NAME, {POLICY: 2, "gone.1": 1})
    has_duties(world.ka, 2026, duty)
    has_duties(world.ka, 2025, duty)
    has_duties(world.foreign_department, 2026, duty)
    return duty


@pytest.fixture
def own(world):
    """Return a duty of 情報政策係 alone."""
    return make_duty("係だけの業務", {POLICY: 1}, municipality=world.city, department=world.kakari_dept)


def url(duty):
    return reverse("competency:duty", args=[duty.uuid])


def sent(version=1, **changes):
    return {"version": version, "name": NAME, "examples": "", "suited": "", f"cell-{POLICY}": "2"} | changes


def test_a_common_duty_that_hr_changes_becomes_a_copy_and_departments_move_to_it(sign_in, world, common):
    client = sign_in("jinji")
    assert client.get(url(common)).status_code == 200
    answer = client.post(url(common), sent(**{f"cell-{POLICY}": "3", f"cell-{TALKING}": "1"}))
    copy = Duty.objects.get(based_on=common)
    assert (answer.status_code, answer["Location"]) == (302, url(copy))
    assert (copy.municipality, copy.is_proposal, copy.code) == (world.city, False, common.code)
    # A cell that this version of the matrix does not have stays.
    assert values_of(copy).demands == {POLICY: 3, TALKING: 1, "gone.1": 1}
    common.refresh_from_db()
    assert (common.is_proposal, common.version, values_of(common).demands) == (
        True,
        1,
        {POLICY: 2, "gone.1": 1},
    )
    mine = DepartmentDuty.objects.filter(municipality=world.city)
    assert list(mine.values_list("duty", flat=True)) == [copy.pk, copy.pk]
    assert DepartmentDuty.objects.get(municipality=world.other_city).duty == common
    assert list(Duty.objects.catalogue_of(world.city.pk)) == [copy]
    assert list(Duty.objects.catalogue_of(world.other_city.pk)) == [common]
    assert Event.objects.get(action="duty.change").object_uuid == copy.uuid
    assert client.get(url(common))["Location"] == url(copy)


def test_saving_it_unchanged_says_that_somebody_has_looked(sign_in, world, common):
    client = sign_in("jinji")
    assert [client.post(url(common), sent()).status_code for _ in range(2)] == [302, 302]
    copy = Duty.objects.get(based_on=common)
    assert (copy.is_proposal, copy.version) == (False, 1)
    assert Event.objects.filter(action="duty.change").count() == 1


def test_of_two_who_save_the_second_sees_both(sign_in, world, common):
    client = sign_in("jinji")
    client.post(url(common), sent(**{f"cell-{POLICY}": "3"}))
    answer = client.post(url(common), sent(name="わたしの名前", **{f"cell-{POLICY}": "4"}))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "わたしの名前" in text
    assert 'value="4"' in text
    assert f"業務の名前：{NAME}" in text
    assert "保存されている値：3人" in text
    copy = Duty.objects.get(based_on=common)
    assert values_of(copy).demands[POLICY] == 3
    # The form that came back is about the copy and carries its version: sending it again decides.
    again = sent(answer.context["form"]["version"].value(), name="わたしの名前", **{f"cell-{POLICY}": "4"})
    assert f'action="{url(copy)}"' in text
    assert client.post(url(copy), again).status_code == 302
    copy.refresh_from_db()
    assert (copy.name, copy.version) == ("わたしの名前", 2)
    assert client.post(url(copy), sent(1)).status_code == 409


def test_the_line_reads_it(sign_in, world, common):
    client = sign_in("kacho")
    page = client.get(url(common))
    assert "変えられるのは人事です" in page.content.decode()
    assert '<form class="stack' not in page.content.decode()
    assert client.post(url(common), sent()).status_code == 403
    assert not Duty.objects.filter(based_on=common).exists()


@pytest.mark.parametrize("who", ["honnin", "henshu", "kansa"])
def test_staff_and_others_do_not(sign_in, common, who):
    assert sign_in(who).get(url(common)).status_code == 403


@pytest.mark.parametrize("who", ["kacho", "bucho", "jinji"])
def test_a_departments_own_is_changed_by_its_head_and_hr(sign_in, world, own, who):
    client = sign_in(who)
    answer = client.post(url(own), sent(name="新しい名前", **{f"cell-{POLICY}": ""}))
    assert answer.status_code == 302
    own.refresh_from_db()
    assert (own.name, own.version, own.is_proposal, values_of(own).demands) == ("新しい名前", 2, False, {})


@pytest.mark.parametrize(
    ("who", "status"), [("kakari", 403), ("honnin", 403), ("kansa", 403), ("betsuka", 404)]
)
def test_and_by_nobody_else(sign_in, own, who, status):
    client = sign_in(who)
    assert client.get(url(own)).status_code == status
    assert client.post(url(own), sent()).status_code == status


def test_another_municipalitys(sign_in, world):
    theirs = make_duty("よその業務", municipality=world.other_city)
    client = sign_in("jinji")
    missing = client.get(reverse("competency:duty", args=[uuid.uuid4()]))
    assert client.get(url(theirs)).status_code == missing.status_code == 404
    assert client.post(url(theirs), sent()).status_code == 404


def test_it_is_taken_out_of_the_catalogue_and_back(sign_in, world, common):
    client = sign_in("jinji")
    answer = client.post(url(common), {"act": "retire", "version": "1"})
    copy = Duty.objects.get(based_on=common)
    assert (answer.status_code, copy.retired, copy.is_proposal) == (302, True, True)
    assert list(Duty.objects.catalogue_of(world.city.pk)) == []
    assert list(Duty.objects.catalogue_of(world.other_city.pk)) == [common]
    assert NAME in client.get(reverse("competency:duties")).content.decode()
    assert client.post(url(copy), {"act": "restore", "version": "7"}).status_code == 409
    assert client.post(url(copy), {"act": "restore", "version": str(copy.version)}).status_code == 302
    assert list(Duty.objects.catalogue_of(world.city.pk)) == [copy]
    assert client.post(url(copy), {"act": "retire", "version": "x"}).status_code == 422
    actions = ["duty.retire", "duty.restore"]
    assert (
        list(Event.objects.filter(action__in=actions).order_by("pk").values_list("action", flat=True))
        == actions
    )


def test_the_workflow_asks_for_itself(world, common, own):
    now, values = timezone.now(), DutyValues("名前")
    theirs = make_duty("よその業務", municipality=world.other_city)
    kacho, jinji = b.actor_of(world.kacho), b.actor_of(world.jinji)
    with pytest.raises(Forbidden):
        change_duty(duty=common, values=values, version=1, by=kacho, now=now)
    with pytest.raises(Forbidden):
        retire_duty(duty=common, retired=True, version=1, by=kacho, now=now)
    with pytest.raises(NotVisible):
        change_duty(duty=theirs, values=values, version=1, by=jinji, now=now)
    with pytest.raises(StaleDuty):
        change_duty(duty=common, values=values, version=2, by=jinji, now=now)
    with pytest.raises(Forbidden):
        add_duty(values=values, by=kacho, now=now, key=uuid.uuid4())
    with pytest.raises(NotVisible):
        add_duty(values=values, by=jinji, now=now, key=uuid.uuid4(), department=world.foreign_department)
    assert (
        add_duty(values=values, by=kacho, now=now, key=uuid.uuid4(), department=world.ka).department
        == world.ka
    )
