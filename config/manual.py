"""The Japanese manual: docs/manual/*.md as pages under /manual/."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from access.refusals import NotVisible

FOLDER = Path(settings.BASE_DIR) / "docs" / "manual"


@login_not_required
@require_safe
def index(request):
    """Show the table of contents."""
    return page(request, "index")


@login_not_required
@require_safe
def page(request, slug: str):
    """Show one page; 404 for a name that is no file of the folder."""
    if slug not in _slugs():
        raise NotVisible
    title, sections, body = _rendered(slug)
    ctx = {"title": title, "sections": sections, "body": body, "is_index": slug == "index"}
    return render(request, "manual/page.html", ctx)


@cache
def _slugs() -> frozenset[str]:
    return frozenset(path.stem for path in FOLDER.glob("*.md"))


@cache
def _rendered(slug: str) -> tuple[str, list[tuple[str, str]], str]:
    """Return title, sections (id and heading) and HTML of a page.

    The first line of a page is its title, `# …`; the template prints it. The text is ours and raw HTML in it is
    switched off, hence mark_safe.
    """
    text = (FOLDER / f"{slug}.md").read_text(encoding="utf-8")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    heading, rest = text.split("\n", 1)
    tokens = markdown.parse(rest)
    sections = []
    for position, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            sections.append((f"s{len(sections) + 1}", tokens[position + 1].content))
            token.attrSet("id", sections[-1][0])
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        for child in token.children or []:
            if child.type == "image" and str(child.attrs.get("src", "")).startswith("img/"):
                child.attrs["src"] = static("manual/" + str(child.attrs["src"])[4:])
            elif child.type == "link_open" and str(child.attrs.get("href", "")).endswith(".md"):
                child.attrs["href"] = _address(Path(str(child.attrs["href"])).stem)
    body = markdown.renderer.render(tokens, markdown.options, {})
    return heading.removeprefix("# ").strip(), sections, mark_safe(body)  # docs/manual alone # noqa: S308 # nosec B308 B703


def _address(slug: str) -> str:
    return reverse("manual") if slug == "index" else reverse("manual_page", args=[slug])
