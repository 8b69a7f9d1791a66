"""An encrypted stream gives back what went in, and nothing at all where a byte, a chunk or the end of it was touched."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.backups import BackupError, encryption
from config.backups.encryption import CHUNK, DAMAGED, WRONG_KEY, Decrypting, Encrypting, read_passphrase

KEY = b"kX7w-Qp2Zt9_vLr4Jm8HsYb3"
HEADER = len(encryption.MAGIC) + 16 + 7 + 16
SEALED = CHUNK + 16


DEAR = dict(encryption._SCRYPT)


@pytest.fixture(autouse=True, scope="module")
def _quick_guesses():
    """A cheap key: what it costs is asked in one test alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encryption, "_SCRYPT", {"n": 4, "r": 8, "p": 1})
        yield


def sealed(data: bytes, *, pieces: int = 1 << 16, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    stream = Encrypting(target, key)
    for start in range(0, len(data), pieces):
        stream.write(data[start : start + pieces])
    stream.close()
    return target.getvalue()


def opened(data: bytes, *, key: bytes = KEY, size: int = 10_000) -> bytes:
    stream, found = Decrypting(io.BytesIO(data), key), []
    while piece := stream.read(size):
        found.append(piece)
    return b"".join(found)


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_it_gives_back_what_went_in(length):
    data = bytes(range(256)) * (length // 256 + 1)
    assert opened(sealed(data[:length])) == data[:length]
    assert Decrypting(io.BytesIO(sealed(data[:length])), KEY).read() == data[:length]


@given(st.binary(max_size=5000), st.integers(1, 6000), st.integers(1, 6000))
def test_the_sizes_of_pieces_do_not_matter(data, written, read):
    assert opened(sealed(data, pieces=written), size=read) == data


def test_nothing_of_the_words_can_be_read_in_it():
    text = "髙橋 花子".encode() * 100
    assert "髙橋".encode() not in sealed(text)
    assert sealed(text) != sealed(text)


def test_another_key_is_told_from_damage():
    with pytest.raises(BackupError, match=WRONG_KEY):
        opened(sealed(b"words"), key=KEY + b"x")


@pytest.mark.parametrize("place", [len(encryption.MAGIC) + 20, HEADER, HEADER + 100, -1])
def test_a_changed_byte_is_found(place):
    data = bytearray(sealed(b"words" * 100))
    data[place] ^= 1
    with pytest.raises(BackupError):
        opened(bytes(data))


def test_what_is_cut_off_is_found():
    whole = sealed(bytes(3 * CHUNK))
    for length in (HEADER - 1, HEADER, HEADER + SEALED, HEADER + 2 * SEALED, len(whole) - 1):
        with pytest.raises(BackupError, match=DAMAGED):
            opened(whole[:length])


def test_chunks_that_change_places_are_found():
    whole = sealed(b"a" * CHUNK + b"b" * CHUNK + b"c")
    first, second = whole[HEADER : HEADER + SEALED], whole[HEADER + SEALED : HEADER + 2 * SEALED]
    with pytest.raises(BackupError, match=DAMAGED):
        opened(whole[:HEADER] + second + first + whole[HEADER + 2 * SEALED :])


def test_a_chunk_of_another_archive_is_found():
    one, other = sealed(b"a" * 2 * CHUNK), sealed(b"b" * 2 * CHUNK)
    with pytest.raises(BackupError, match=DAMAGED):
        opened(one[: HEADER + SEALED] + other[HEADER + SEALED :])


def test_what_is_added_is_found():
    with pytest.raises(BackupError, match=DAMAGED):
        opened(sealed(b"words") + b"more")


def test_a_guess_costs_memory():
    assert DEAR["n"] * DEAR["r"] * 128 >= 64 << 20


@pytest.mark.parametrize("text", ["", "short", "a" * 40, "abcabc" * 10])
def test_a_weak_passphrase_is_refused(tmp_path, text):
    file = tmp_path / "key"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(BackupError, match="弱すぎ"):
        read_passphrase(file)


def test_a_passphrase_that_everybody_can_read_is_refused(key_file):
    assert read_passphrase(key_file) == b"kX7w-Qp2Zt9_vLr4Jm8HsYb3"
    key_file.chmod(0o644)
    with pytest.raises(BackupError, match="だれでも読めます"):
        read_passphrase(key_file)


def test_a_passphrase_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(BackupError, match="読めません"):
        read_passphrase(tmp_path / "none")
