"""Loading in scope: what is out of sight is as nothing."""

import pytest

from access.refusals import NotVisible
from organization.lookups import department_for, import_for, staff_for
from tests import builders as b
from tests.organization.files import checked, row


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("honnin", {"kakari_dept"}),
        ("kakari", {"kakari_dept"}),
        ("kacho", {"ka", "kakari_dept", "kiban"}),
        ("bucho", {"bu", "ka", "kakari_dept", "kiban"}),
        ("jinji", {"bu", "ka", "kakari_dept", "kiban", "soumu", "jinjika"}),
        ("kansa", {"bu", "ka", "kakari_dept", "kiban", "soumu", "jinjika"}),
        ("sysadmin", {"kiban"}),
    ],
)
def test_department_for(world, who, seen):
    actor = b.actor_of(getattr(world, who))
    found = set()
    for name in ("bu", "ka", "kakari_dept", "kiban", "soumu", "jinjika", "foreign_department"):
        try:
            department_for(actor, getattr(world, name).uuid)
        except NotVisible:
            continue
        found.add(name)
    assert found == seen


def test_staff_for(world):
    actor = b.actor_of(world.kacho)
    assert staff_for(actor, world.honnin.uuid) == world.honnin
    with pytest.raises(NotVisible):
        staff_for(actor, world.betsuka.uuid)


def test_import_for_leaves_the_bytes_where_they_are(world, django_assert_num_queries):
    batch = checked(world, row("0009001", "森 一", "010101"))
    actor = b.actor_of(world.jinji)
    assert import_for(actor, batch.uuid).get_deferred_fields() == {"content", "preview", "undo"}
    with pytest.raises(NotVisible):
        import_for(b.actor_of(world.yoso), batch.uuid)
