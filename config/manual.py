"""The Japanese manual: docs/manual/*.md as pages under /manual/."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.templatetags.static import static
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
    title, body = _rendered(slug)
    ctx = {"title": title, "body": body, "slug": slug}
    return render(request, "manual/page.html", ctx)


@cache
def _slugs() -> frozenset[str]:
    return frozenset(path.stem for path in FOLDER.glob("*.md"))


@cache
def _rendered(slug: str) -> tuple[str, str]:
    """Return title and HTML of a page. The text is ours and raw HTML in it is switched off, hence mark_safe."""
    text = (FOLDER / f"{slug}.md").read_text(encoding="utf-8")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for token in tokens:
        for child in token.children or []:
            if child.type == "image" and str(child.attrs.get("src", "")).startswith("img/"):
                child.attrs["src"] = static("manual/" + str(child.attrs["src"])[4:])
            elif child.type == "link_open" and str(child.attrs.get("href", "")).endswith(".md"):
                name = Path(str(child.attrs["href"])).stem
                child.attrs["href"] = f"{name}/" if slug == "index" else f"../{name}/"
    title = text.splitlines()[0].lstrip("# ").strip()
    return title, mark_safe(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S308
