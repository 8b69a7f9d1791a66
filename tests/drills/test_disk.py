"""The drill of the disk goes red for pages that cannot be read, for a disk that was never full, and for one that stays so."""

import errno
from types import SimpleNamespace

import pytest

from tests.drills import crowd, disk
from tests.drills.browser import Answer, Seen
from tests.drills.mounts import NoMountError, small_disk
from tests.processes import missing

READER = crowd.Account("職員001", "", "7f1a4f1c-7d5b-4d3e-9a55-0d4d0b3a8f10", {})


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(disk, "WAITED", 0)
    monkeypatch.setattr(disk, "REFUSED", 1)


def told_by(answer, monkeypatch, refused=1) -> disk.Told:
    """Return what a phase tells where the reader gets this answer and so many writes are refused."""
    told, seen = disk.Told(), Seen()

    def wait(true, seconds):
        seen.statuses[503] += refused
        return true()

    monkeypatch.setattr(disk, "wait_until", wait)
    monkeypatch.setattr(disk, "Browser", lambda *given: lambda method, path: answer)
    disk.refuses(SimpleNamespace(seen=seen), SimpleNamespace(port=1), READER, told)
    return told


def test_pages_that_are_read_are_counted(quick, monkeypatch):
    told = told_by(Answer(200), monkeypatch)
    assert (told.read, told.unread, told.refused) == (disk.READS, [], [1])


@pytest.mark.parametrize("answer", [Answer(503, retry_after="10"), Answer(400), None])
def test_a_page_that_a_full_disk_keeps_away_is_found(quick, monkeypatch, answer):
    told = told_by(answer, monkeypatch)
    assert disk.FIGURES["disk.unread"].fails(len(told.unread), short=True)


def test_a_disk_that_was_never_full_is_found(quick, monkeypatch):
    told = told_by(Answer(200), monkeypatch, refused=0)
    assert disk.FIGURES["disk.http503"].fails(min(told.refused), short=True)


def test_a_server_that_does_not_write_again_is_found(quick, monkeypatch):
    told, quiet = disk.Told(), crowd.Crowd([], 1)
    made = SimpleNamespace(fill=lambda: None, make_room=lambda: None)
    disk.full(made, quiet, SimpleNamespace(port=1), None, told, "full")
    assert disk.FIGURES["disk.recovery"].fails(max(told.times.values()), short=True)


def test_a_small_disk_is_full_has_room_again_and_can_be_read_only():
    try:
        with small_disk(2) as made:
            file = made.path / "file"
            made.fill()
            with pytest.raises(OSError) as refusal:
                file.write_bytes(b"x" * 4096)
            assert refusal.value.errno == errno.ENOSPC
            made.make_room()
            file.write_bytes(b"x" * 4096)
            made.set_writable(writable=False)
            with pytest.raises(OSError) as refusal:
                file.write_bytes(b"y")
            assert refusal.value.errno == errno.EROFS
            made.set_writable(writable=True)
        assert not made.path.exists()
    except NoMountError as reason:
        missing(str(reason))
