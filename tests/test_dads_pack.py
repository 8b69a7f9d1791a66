"""The crispy pack `dads`: what a screen reader and a keyboard need of every form of the product."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import engines
from django.template.loader import render_to_string

from lib.forms import DadsFormMixin, JapaneseDateField

VOID = {"input", "br", "use", "path", "img", "link", "meta"}


@dataclass
class Element:
    """One element with its attributes, what stands around it, and its text."""

    tag: str
    attrs: dict
    parents: list = field(default_factory=list)
    text: str = ""


class Page(HTMLParser):
    """All elements of a fragment in document order."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), list(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
            self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    @property
    def ids(self) -> list[str]:
        return [element.attrs["id"] for element in self.elements if "id" in element.attrs]

    def named(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def by_id(self, name: str) -> Element:
        return next(element for element in self.elements if element.attrs.get("id") == name)

    def position(self, element: Element) -> int:
        return self.elements.index(element)


class Sample(DadsFormMixin, forms.Form):
    """One field of every kind that the product uses."""

    name = forms.CharField(label="氏名", help_text="姓と名の間を空けてください")
    memo = forms.CharField(label="メモ", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="種別", choices=[("", "選んでください"), ("a", "本務")])
    fmt = forms.ChoiceField(
        label="形式",
        widget=forms.RadioSelect,
        choices=[("csv", "CSV"), ("xlsx", "Excel")],
        help_text="1つ選びます",
    )
    cells = forms.MultipleChoiceField(
        label="項目", widget=forms.CheckboxSelectMultiple, choices=[("1", "策定管理"), ("2", "業務分析")]
    )
    agree = forms.BooleanField(label="全員を含みます")
    secret = forms.CharField(label="パスワード", widget=forms.PasswordInput)
    file = forms.FileField(label="名簿", help_text="CSVかExcel")
    since = JapaneseDateField(label="開始日")
    version = forms.IntegerField(widget=forms.HiddenInput)


def crispy(form, name="form") -> Page:
    source = "{% load crispy_forms_tags %}{% crispy " + name + " %}"
    return Page(engines["django"].from_string(source).render({name: form}))


@pytest.fixture
def wrong() -> Page:
    return crispy(Sample({}))


def test_controls_with_an_error_are_invalid_and_described_by_what_is_there(wrong):
    described = 0
    for element in wrong.elements:
        for target in element.attrs.get("aria-describedby", "").split():
            assert target in wrong.ids
            described += 1
    assert described == 12  # eight errors and the four help texts
    for name in ("name", "kind", "agree", "secret", "file", "since"):
        control = wrong.by_id(f"id_{name}")
        assert control.attrs["aria-invalid"] == "true"
        assert f"id_{name}_error" in control.attrs["aria-describedby"].split()
    assert "aria-invalid" not in wrong.by_id("id_memo").attrs


def test_error_text_begins_with_an_asterisk_and_stands_below_its_control(wrong):
    box = wrong.by_id("id_name_error")
    assert box.text == "＊氏名を入力してください"
    order = [wrong.position(wrong.by_id(name)) for name in ("id_name_helptext", "id_name", "id_name_error")]
    label = next(element for element in wrong.named("label") if element.attrs["for"] == "id_name")
    assert [wrong.position(label), *order] == sorted([wrong.position(label), *order])


def test_every_id_is_unique_and_no_control_is_without_a_name(wrong):
    assert len(wrong.ids) == len(set(wrong.ids))
    labelled = {label.attrs["for"] for label in wrong.named("label")}
    for tag in ("input", "select", "textarea"):
        for control in wrong.named(tag):
            if control.attrs.get("type") != "hidden":
                assert control.attrs["id"] in labelled


def test_requirement_is_a_word():
    page = crispy(Sample())
    texts = {label.attrs["for"]: " ".join(label.text.split()) for label in page.named("label")}
    assert texts["id_name"] == "氏名 ※必須"
    assert texts["id_memo"] == "メモ ※任意"
    assert texts["id_agree"] == "全員を含みます ※必須"


def test_search_forms_say_no_requirement():
    class Search(DadsFormMixin, forms.Form):
        show_requirement = False
        q = forms.CharField(label="氏名", required=False)

    assert [label.text.strip() for label in crispy(Search()).named("label")] == ["氏名"]


@pytest.mark.parametrize(("name", "label"), [("fmt", "形式 ※必須"), ("cells", "項目 ※必須")])
def test_groups_are_fieldsets_with_a_legend_and_a_description(wrong, name, label):
    group = wrong.by_id(f"id_{name}_group")
    assert group.tag == "fieldset"
    assert f"id_{name}_error" in group.attrs["aria-describedby"].split()
    legend = next(element for element in wrong.named("legend") if element.parents[-1] is group)
    assert " ".join(legend.text.split()) == label
    choices = [e for e in wrong.named("input") if e.attrs.get("name") == name]
    assert len(choices) == 2
    assert all(group in choice.parents for choice in choices)


def test_summary_is_an_alert_that_takes_the_focus_and_links_to_every_control(wrong):
    summary = next(element for element in wrong.elements if "data-error-summary" in element.attrs)
    assert (summary.attrs["role"], summary.attrs["tabindex"]) == ("alert", "-1")
    assert "直すところが9件あります" in summary.text
    links = [link.attrs["href"].removeprefix("#") for link in wrong.named("a")]
    assert links == [
        "id_name", "id_kind", "id_fmt_0", "id_cells_0", "id_agree", "id_secret", "id_file", "id_since",
    ]  # fmt: skip
    assert set(links) <= set(wrong.ids)


def test_summary_link_of_a_group_without_choices_leads_to_the_group():
    class Empty(DadsFormMixin, forms.Form):
        who = forms.ChoiceField(label="職員", widget=forms.RadioSelect, choices=[])

    page = crispy(Empty({}))
    assert page.named("a")[0].attrs["href"] == "#id_who_group"
    assert "id_who_group" in page.ids


def test_an_error_of_the_whole_form_is_in_the_summary():
    class Range(DadsFormMixin, forms.Form):
        first = forms.IntegerField(label="開始")

        def clean(self):
            raise ValidationError("終了日は開始日より後にしてください")

    page = crispy(Range({"first": "1"}))
    assert "終了日は開始日より後にしてください" in page.named("ul")[0].text


def test_a_form_without_errors_has_no_summary():
    assert not [e for e in crispy(Sample()).elements if "data-error-summary" in e.attrs]


def test_a_wrong_answer_is_escaped():
    class One(DadsFormMixin, forms.Form):
        kind = forms.ChoiceField(label="種別", choices=[("a", "本務")])

    page = crispy(One({"kind": "<script>alert(1)</script>"}))
    assert not page.named("script")
    assert "<script>" in page.by_id("id_kind_error").text


def test_mixin_leaves_form_tag_and_token_to_the_template():
    page = crispy(Sample())
    assert not page.named("form")
    assert not [e for e in page.named("input") if e.attrs.get("name") == "csrfmiddlewaretoken"]


def test_formset_numbers_its_rows_and_sums_up_its_errors():
    class Row(DadsFormMixin, forms.Form):
        name = forms.CharField(label="資格")

    rows = forms.formset_factory(Row, extra=0, min_num=2, validate_min=True)
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-name": "", "form-1-name": ""}
    formset = rows(data)
    page = Page(
        render_to_string("dads/uni_formset.html", {"formset": formset, "field_template": "dads/field.html"})
    )
    assert [legend.text for legend in page.named("legend")] == ["1件目", "2件目"]
    assert [link.attrs["href"] for link in page.named("a")] == ["#id_form-0-name", "#id_form-1-name"]
    assert {"id_form-0-name", "id_form-1-name", "id_form-TOTAL_FORMS"} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_page_title_tells_of_errors():
    html = render_to_string("base.html", {"form": Sample({}), "actor": None, "nav": []})
    assert "<title>エラー：" in html
    assert "<title>エラー：" not in render_to_string(
        "base.html", {"form": Sample(), "actor": None, "nav": []}
    )


def test_problems_of_a_hand_written_page_link_to_their_controls():
    problems = [
        {"target": "A4", "text": "根拠を1つ選んでください"},
        {"target": "", "text": "締切を過ぎました"},
    ]
    page = Page(render_to_string("partials/_error_summary.html", {"problems": problems}))
    assert [link.attrs["href"] for link in page.named("a")] == ["#A4"]
    assert [item.text for item in page.named("li")] == ["根拠を1つ選んでください", "締切を過ぎました"]
