"""Sending files to the pages of data imports, and taking what they show."""

from django.core.files.uploadedfile import SimpleUploadedFile


def upload(client, url, text, name="data.yaml", **more):
    """Choose a file and return the page that shows what it would do."""
    content = text.encode() if isinstance(text, str) else text
    return client.post(url, {"file": SimpleUploadedFile(name, content), **more})


def apply(client, url, page):
    """Take what a page showed."""
    return client.post(url, {"plan": page.context["signed"]})


def told(page):
    """Return {title of the group: [(code or name, parts)]} of a preview."""
    return {
        group.title: [(change.code or change.name, change.parts) for change in group.changes]
        for group in page.context["plan"].filled
    }


def problems(page):
    """Return (line, column) of every fault of a refused file, and the sentences."""
    found = page.context["file_problems"]
    return [(one.line, one.column) for one in found], [one.message for one in found]
