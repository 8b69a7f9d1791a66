"""What counts as PDF, PNG or JPEG, by content alone."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.file_check import JPEG as JPEG_TYPE
from assessments.file_check import PDF as PDF_TYPE
from assessments.file_check import PNG as PNG_TYPE
from assessments.file_check import NotAccepted, type_of
from tests.assessments.uploads import JPEG, PDF, PNG, PROGRAM, segment

GOOD = {PDF_TYPE: PDF, PNG_TYPE: PNG, JPEG_TYPE: JPEG}


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.html", "<script>")
    return buffer.getvalue()


@pytest.mark.parametrize(("kind", "content"), GOOD.items())
def test_whole_files_are_taken(kind, content):
    assert type_of(content) == kind


def test_a_pdf_that_was_changed_and_a_picture_with_a_preview_behind_it_are_taken():
    assert type_of(PDF + PDF.partition(b"\n")[2]) == PDF_TYPE
    assert type_of(JPEG + JPEG) == JPEG_TYPE
    assert type_of(JPEG + bytes(40)) == JPEG_TYPE
    assert type_of(JPEG[:2] + segment(0xE1, b"Exif\0\0" + JPEG) + JPEG[2:]) == JPEG_TYPE


@pytest.mark.parametrize(
    "content",
    [
        PROGRAM,
        b"<!doctype html><html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(40),
        archive(),
        "ただの文章".encode(),
        b"\0" * 100,
        b"x" + PDF,
        PROGRAM + PDF,
        b"<html>" + PNG,
    ],
)
def test_other_kinds_are_refused_with_what_to_do(content):
    with pytest.raises(NotAccepted, match="PDF、PNG、JPEGのファイルだけです。"):
        type_of(content)


@pytest.mark.parametrize("content", GOOD.values())
@pytest.mark.parametrize("rider", [PROGRAM, archive(), b"<html><script>", b"x"])
def test_nothing_rides_along_behind(content, rider):
    with pytest.raises(NotAccepted, match="別の内容が付いています"):
        type_of(content + rider)


def test_an_archive_that_ends_like_a_pdf_is_refused():
    whole = archive()
    comment = PDF[9:]
    as_zip = whole[:-2] + len(comment).to_bytes(2, "little") + comment
    with pytest.raises(NotAccepted, match="別の内容"):
        type_of(b"%PDF-1.7\n" + as_zip)


def test_empty_is_its_own_sentence():
    with pytest.raises(NotAccepted, match="空です"):
        type_of(b"")


@given(st.sampled_from(sorted(GOOD.values())), st.data())
def test_a_file_that_breaks_off_is_never_taken(content, data):
    cut = data.draw(st.integers(0, len(content.rstrip()) - 1))
    with pytest.raises(NotAccepted):
        type_of(content[:cut])


@given(st.binary(max_size=400), st.sampled_from([b"", PNG[:33], JPEG[:20], b"%PDF-1.4\n"]))
def test_any_bytes_get_a_type_or_a_sentence(rest, start):
    with contextlib.suppress(NotAccepted):
        assert type_of(start + rest) in GOOD
