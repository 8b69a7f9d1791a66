"""What the header of every page says of whoever is signed in."""

from tests import builders as b


def test_the_place_is_that_of_the_main_posting(world):
    assert b.actor_of(world.honnin).place == world.kakari_dept.name
    b.make_posting(world.honnin, world.kiban, kind="additional")
    assert b.actor_of(world.honnin).place == world.kakari_dept.name
