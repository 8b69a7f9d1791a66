"""Files of 業務, 期待像 and surveys: chosen, checked, shown, taken, all or nothing; one page for all of them.

Nothing is kept between the preview and the import: what was read travels in a signed field of the page, as the rows
of the 資格 register do (docs/adr/0023, 0047).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header

from access.actor import Actor
from access.refusals import Conflict, Invalid, TooLarge
from competency.data_import import Preview
from competency.framework_file import MAX_BYTES
from competency.framework_shape import FrameworkFileError
from competency.qualifications_page import steps
from lib.forms import DadsFormMixin
from lib.tabular import Problem, Sheet, Table, TableError, read_table, write_csv, write_xlsx
from organization.views.posted import signed_of

_PROBLEMS_SHOWN = 500
MOST_ROWS = 5000
TABLES = ("csv", "xlsx")
TEXTS = ("yaml", "json")
_TYPES = {
    "yaml": "application/yaml; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Moved(Conflict):
    """What the file is compared with is another than the one that the preview was shown of."""

    default = (
        "確かめている間に、ほかの人が変えました。いまの内容との違いを確かめて、もう一度取り込んでください。"
    )


@dataclass(frozen=True)
class DataKind:
    """What a kind of file means. Each function takes the actor first; what is read is plain data that JSON carries.

    `read` takes text or table, the switch, and returns the data; it raises FrameworkFileError or TableError with
    everything that is wrong. `preview` returns what would change and a fingerprint of what it was compared with;
    `apply` does it, or raises Moved.
    """

    name: str
    title: str
    noun: str
    url: str
    back_url: str
    back_label: str
    read_text: Callable[[Actor, str, bool], Any]
    read_table: Callable[[Actor, Table, bool], Any] | None
    preview: Callable[[Actor, Any], tuple[Preview, str]]
    apply: Callable[[Actor, Any, str, datetime], str]
    hints: tuple[str, ...]
    downloads: tuple[tuple[str, str], ...] = ()
    switch: str = ""


class DataFileForm(DadsFormMixin, forms.Form):
    """One file, and a switch where the kind has one."""

    file = forms.FileField(label="ファイル", allow_empty_file=True)
    whole = forms.BooleanField(required=False)

    def __init__(self, kind: DataKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accept = [".yaml", ".yml", ".json", *([".csv", ".txt", ".xlsx"] if kind.read_table else [])]
        words = "YAMLかJSON" + ("、CSV（UTF-8かCP932）、Excel（.xlsx）" if kind.read_table else "")
        self.fields["file"].help_text = f"{words}。"
        self.fields["file"].widget.attrs["accept"] = ",".join(accept)
        if kind.switch:
            self.fields["whole"].label = kind.switch
        else:
            del self.fields["whole"]


def import_page(request, kind: DataKind):
    """Answer every step of an import; the caller has asked for the permission."""
    if request.method != "POST":
        return _page(request, kind, DataFileForm(kind))
    if "plan" in request.POST:
        return _apply(request, kind)
    if any(file.size > settings.IMPORT_MAX_BYTES for file in request.FILES.values()):
        raise TooLarge(f"{settings.IMPORT_MAX_BYTES // 1024 // 1024}MBまでのファイルを選んでください。")
    form = DataFileForm(kind, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, kind, form, status=422)
    file, whole = form.cleaned_data["file"], form.cleaned_data.get("whole", False)
    try:
        data = _read(request.actor, kind, file.read(), file.name, whole)
    except TableError as refusal:
        return _refused(request, kind, file.name, refusal.problems, whole=whole)
    except FrameworkFileError as refusal:
        found = [Problem(None, "", "", each) for each in refusal.errors]
        return _refused(request, kind, file.name, found, whole=whole)
    return _preview(request, kind, data, file.name)


def answer_file(
    form: str,
    name: str,
    *,
    data: Callable[[], Any],
    table: Callable[[], tuple[list[str], list[list[Any]]]] | None,
) -> HttpResponse:
    """Answer what is stored as a file of one form: yaml, json, csv or xlsx. Raises Invalid for another."""
    if form in TEXTS:
        content: bytes = text_of(form, data()).encode("utf-8")
    elif form == "csv" and table is not None:
        content = b"".join(write_csv(*table()))
    elif form == "xlsx" and table is not None:
        header, rows = table()
        answer = HttpResponse(content_type=_TYPES[form])
        write_xlsx(answer, [Sheet(name[:31], header, rows)])
        content = answer.content
    else:
        raise Invalid
    answer = HttpResponse(content, content_type=_TYPES[form])
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.{form}")
    return answer


def text_of(form: str, data: Any) -> str:
    """Return plain data as YAML or JSON that people can read and that reads back to the same data."""
    if form == "json":
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110)


def _read(actor: Actor, kind: DataKind, content: bytes, name: str, whole: bool) -> Any:
    """Return what a file says. A name of a text file is read as text, any other as a table, told by its bytes."""
    suffix = name.lower().rpartition(".")[2]
    if kind.read_table is not None and suffix not in ("yaml", "yml", "json"):
        return kind.read_table(actor, read_table(content, name, max_rows=MOST_ROWS), whole)
    if len(content) > MAX_BYTES:
        raise FrameworkFileError([f"ファイルが大きすぎます。{MAX_BYTES // 1000:,} KB までにしてください。"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FrameworkFileError(["UTF-8 で書かれていません。UTF-8 で保存し直してください。"]) from None
    return kind.read_text(actor, text, whole)


def _apply(request, kind: DataKind):
    """Take what was shown; where that is another by now, show with 409 what the file would do to it."""
    told = signed_of(request, "plan", salt=_salt(kind))
    try:
        done = kind.apply(request.actor, told["data"], told["shown"], timezone.now())
    except Moved as refusal:
        return _preview(request, kind, told["data"], told["file"], problem=refusal.message, status=409)
    except FrameworkFileError as refusal:
        # A 職位, a cell or a code that the file names is not to be had any more.
        found = [Problem(None, "", "", each) for each in refusal.errors]
        return _refused(request, kind, told["file"], found, status=409)
    messages.success(request, done)
    return redirect(kind.back_url)


def _preview(request, kind: DataKind, data: Any, file_name: str, *, problem: str = "", status: int = 200):
    plan, shown = kind.preview(request.actor, data)
    told = {"by": request.actor.staff_uuid.hex, "shown": shown, "file": file_name, "data": data}
    ctx = {
        "file_name": file_name,
        "plan": plan,
        "figures": plan.figures(),
        "signed": "" if plan.is_empty else signing.dumps(told, salt=_salt(kind), compress=True),
        "problem": problem,
    }
    return _page(request, kind, None, status=status, **ctx)


def _refused(
    request,
    kind: DataKind,
    file_name: str,
    problems: list[Problem],
    *,
    whole: bool = False,
    status: int = 422,
):
    again = DataFileForm(kind, initial={"whole": whole})
    ctx = {
        "file_name": file_name,
        "problems_count": len(problems),
        "file_problems": problems[:_PROBLEMS_SHOWN],
        "more_problems": max(len(problems) - _PROBLEMS_SHOWN, 0),
    }
    return _page(request, kind, again, status=status, **ctx)


def _page(request, kind: DataKind, form: DataFileForm | None, *, status: int = 200, **more: Any):
    ctx = {
        "kind": kind,
        "form": form,
        "plan": None,
        "file_problems": [],
        "steps": steps(refused="file_problems" in more, shown="plan" in more, url=kind.url),
        "trail": [{"label": kind.back_label, "url": kind.back_url}],
        **more,
    }
    return render(request, "competency/data_import.html", ctx, status=status)


def _salt(kind: DataKind) -> str:
    return f"competency.{kind.name}.import"
