"""The forms of the record: every sentence stands beside its field, and what is right goes through unchanged."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest

from assessments import certification_form as of_certificates
from assessments.entry_form import END_AHEAD, START_AHEAD
from assessments.entry_forms import FORMS, HOURS
from assessments.entry_options import CellGroup, Colleague, Options, Place
from assessments.entry_values import CareerValues, CertificationValues, ExperienceValues, TrainingValues
from assessments.workflow.entries import END_BEFORE_START, END_NEEDS_START, RENEW_BEFORE_REGISTERED
from competency.models import Qualification

TODAY = datetime.date(2026, 11, 25)
CELLS = (
    CellGroup(
        "概念化能力", (("policy.1", "セキュリティポリシー｜策定管理"), ("it.1", "庁内情報化｜業務分析"))
    ),
)


def day(text):
    return datetime.date.fromisoformat(text)


def exam(pk, name, **kwargs):
    return Qualification(pk=pk, uuid=uuid4(), code=f"Q{pk}", name=name, **kwargs)


AP = exam(1, "応用情報技術者試験", valid_from=day("2009-04-19"), group="情報処理技術者試験")
OLD = exam(2, "初級システムアドミニストレータ試験", valid_from=day("1994-10-16"), valid_to=day("2009-04-18"))
SC = exam(
    3, "情報処理安全確保支援士試験", valid_from=day("2017-04-16"), registration_title="情報処理安全確保支援士",
    renewal_years=3,
)  # fmt: skip
PLANNED = exam(4, "新しい試験", is_planned=True, valid_from=day("2027-04-01"))
REGISTER = (AP, OLD, SC, PLANNED)


def options(**kwargs):
    return Options(TODAY, CELLS, **kwargs)


def form(kind, stored=None, offered=None, **data):
    return FORMS[kind](offered or options(register=REGISTER), data, stored=stored)


def experience(**data):
    return form("experience", **{"title": "住民記録の更改", "category": "renewal", **data})


def certificate(of=None, stored=None, **data):
    return form("certification", stored, qualification=str(of.uuid) if of else "other", **data)


def refused(sent, name):
    assert not sent.is_valid()
    return sent.errors[name]


def test_an_experience_in_months():
    sent = experience(
        start="R7.6", end="2026-03", role="主担当", size="20業務", result="移行した", cells=["it.1"]
    )
    assert sent.is_valid(), sent.errors
    assert sent.values() == ExperienceValues(
        title="住民記録の更改", category="renewal", start=day("2025-06-01"), end=day("2026-03-31"), role="主担当",
        size="20業務", result="移行した", cells=("it.1",),
    )  # fmt: skip


def test_a_name_is_all_that_is_needed():
    assert experience().is_valid()
    assert refused(experience(title=" \x00 "), "title") == ["したことを入力してください"]


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        ({"start": "R8.4", "end": "R8.3"}, "end", END_BEFORE_START),
        ({"end": "R8.3"}, "start", END_NEEDS_START),
        ({"start": "R8.12"}, "start", START_AHEAD),
        ({"start": "R8.4", "end": "R8.12"}, "end", END_AHEAD),
        ({"start": "R8.4", "end": "R8.11.26"}, "end", END_AHEAD),
        ({"cells": ["nowhere.1"]}, "cells", "選べない項目がありました。項目を選び直してください。"),
    ],
)
def test_what_cannot_be(data, name, sentence):
    assert refused(experience(**data), name) == [sentence]


def test_this_month_is_no_future():
    assert experience(start="R8.11", end="R8.11").is_valid()


def test_ten_thousand_letters_are_refused_and_kept():
    sent = experience(text="あ" * 10000)
    assert "2000字までです。いまは10000字あるので、短くしてください。" in refused(sent, "text")
    assert sent["text"].value() == "あ" * 10000


def test_names_and_formulas_are_kept_as_written():
    sent = experience(title="=1+1 <b>𠮷髙﨑神</b>")
    assert sent.is_valid()
    assert sent.values().title == "=1+1 <b>𠮷髙﨑神</b>"


def test_a_certificate_of_the_register_takes_its_name():
    sent = certificate(AP, start="H30.6", title="")
    assert sent.is_valid(), sent.errors
    assert sent.values() == CertificationValues(
        title="応用情報技術者試験", qualification_id=1, start=day("2018-06-01")
    )


def test_a_free_certificate_with_its_registration():
    sent = certificate(title="技術士", start="R3.3", registered_on="R3.4.1", registration_number="第1号")
    assert sent.is_valid(), sent.errors
    assert (sent.values().qualification_id, sent.values().registration_number) == (None, "第1号")
    assert sent.values().renew_by is None


@pytest.mark.parametrize("of", ["", "other"])
def test_a_certificate_needs_a_name(of):
    sent = form("certification", qualification=of, title="")
    assert refused(sent, "qualification") == [of_certificates.NAME_MISSING]


@pytest.mark.parametrize(
    ("of", "when", "words"),
    [
        (AP, "H21.3", "「応用情報技術者試験」は平成21年4月からの試験です。"),
        (AP, "2009-04-18", "「応用情報技術者試験」は平成21年4月からの試験です。"),
        (OLD, "H21.5", "「初級システムアドミニストレータ試験」は平成21年4月までの試験です。"),
        (AP, "R8.12", of_certificates.PASSED_AHEAD),
    ],
)
def test_an_examination_that_was_not_held(of, when, words):
    assert words in refused(certificate(of, start=when), "start")[0]


@pytest.mark.parametrize(("of", "when"), [(AP, "H21.4"), (AP, "2009-04-19"), (OLD, "H21.4"), (AP, "")])
def test_the_month_in_which_an_examination_began_or_ended(of, when):
    assert certificate(of, start=when).is_valid()


def test_a_planned_examination():
    assert "予定（仮称）" in refused(certificate(PLANNED), "qualification")[0]


@pytest.mark.parametrize("field", ["registered_on", "renew_by", "registration_number"])
def test_only_some_certificates_are_registered(field):
    sent = certificate(AP, **{field: "R3.4.1"})
    assert refused(sent, "registered_on") == [of_certificates.NO_REGISTRATION.format(AP.name)]


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        ({"renew_by": "R9.3.31"}, "registered_on", of_certificates.NEEDS_REGISTERED),
        ({"registered_on": "R8.11.26"}, "registered_on", of_certificates.REGISTERED_AHEAD),
        ({"registered_on": "9999/12/31"}, "registered_on", of_certificates.REGISTERED_AHEAD),
        ({"registered_on": "R6.4.1", "renew_by": "R6.4.1"}, "renew_by", RENEW_BEFORE_REGISTERED),
        (
            {"start": "R6.12", "registered_on": "R6.4.1"},
            "registered_on",
            of_certificates.REGISTERED_BEFORE_PASSED,
        ),
    ],
)
def test_registrations_that_cannot_be(data, name, sentence):
    assert sentence in refused(certificate(SC, **data), name)


@pytest.mark.parametrize(
    ("registered", "until"),
    [("R6.4.1", "2027-03-31"), ("R6.2.29", "2027-02-28"), ("R7.10.1", "2028-09-30")],
)
def test_the_end_of_a_registration_is_proposed(registered, until):
    sent = certificate(SC, registered_on=registered)
    assert sent.is_valid(), sent.errors
    assert sent.values().renew_by == sent.proposed == day(until)


def test_what_was_given_stands():
    sent = certificate(SC, registered_on="R6.4.1", renew_by="R9.9.30")
    assert sent.is_valid()
    assert (sent.values().renew_by, sent.proposed) == (day("2027-09-30"), None)


def test_a_registration_that_must_have_been_renewed():
    sent = certificate(SC, registered_on="R3.4.1")
    assert refused(sent, "renew_by") == ["登録から3年を過ぎています。更新した後の期限を入れてください。"]


def test_an_end_that_was_left_open_stays_open():
    stored = CertificationValues(title=SC.name, qualification_id=3, registered_on=day("2021-04-01"))
    sent = certificate(SC, stored, registered_on="R3.4.1", text="備考")
    assert sent.is_valid(), sent.errors
    assert sent.values().renew_by is None


def test_what_stands_already_is_not_asked_about_again():
    stored = CertificationValues(title=OLD.name, qualification_id=2, start=day("2015-01-01"))
    assert certificate(OLD, stored, start="2015-01-01", text="備考").is_valid()
    assert not certificate(OLD, stored, start="2015-02-01").is_valid()


@pytest.mark.parametrize(("text", "hours"), [("6", "6"), ("１．５", "1.5"), ("6時間", "6"), ("", None)])
def test_hours(text, hours):
    sent = form("training", title="監査", form="class", hours=text)
    assert sent.is_valid(), sent.errors
    assert sent.values().hours == (Decimal(hours) if hours else None)


@pytest.mark.parametrize("text", ["-1", "1.25", "10000", "六時間", "NaN"])
def test_hours_that_are_none(text):
    assert refused(form("training", title="監査", form="class", hours=text), "hours") == [HOURS]


def test_what_the_office_keeps_of_an_application_stays():
    stored = TrainingValues(title="監査", course_id=7, fee=1000, state="finished")
    sent = form("training", stored, title="監査の基礎", form="ojt")
    assert sent.is_valid()
    assert (sent.values().course_id, sent.values().fee) == (7, 1000)


PLACES = (Place(day("2020-04-01"), day("2024-04-01"), "市民課"), Place(day("2024-04-01"), None, "情報課"))


def career(stored=None, **data):
    return form("career", stored, Options(TODAY, places=PLACES), title="みほん県", **data)


@pytest.mark.parametrize("end", ["R2.3", "R2.3.31"])
def test_before_the_first_posting(end):
    sent = career(start="H22.4", end=end)
    assert sent.is_valid(), sent.errors
    assert "cells" not in sent.fields


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"start": "H22.4", "end": "R2.4"}, "市民課"),
        ({"start": "R6.4"}, "情報課"),
        ({"start": "H22.4"}, "市民課"),
    ],
)
def test_overlapping_a_posting_is_asked_about(data, place):
    sentence = refused(career(**data), "start")[0]
    assert sentence.startswith(f"{place}の発令")
    assert "重なっていてもよい" in sentence
    assert career(**data, overlap="on").is_valid()


def test_an_overlap_that_was_kept_is_kept():
    stored = CareerValues(title="みほん県", start=day("2022-04-01"), end=day("2023-03-31"))
    assert career(stored, start="R4.4", end="R5.3", role="主事").is_valid()
    assert not career(stored, start="R4.4", end="R5.4").is_valid()


def test_whoever_takes_over():
    someone = Colleague(uuid4(), 9, "小林 健")
    offered = options(colleagues=(someone,))
    sent = form("handover", None, offered, title="資料", successor=str(someone.uuid), is_done="on")
    assert sent.is_valid(), sent.errors
    assert (sent.values().successor_id, sent.values().is_done) == (9, True)
    assert "successor" in form("handover", None, offered, title="資料", successor=str(uuid4())).errors


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (
            "experience",
            {"title": "更改", "category": "audit", "start": "R7.6", "end": "R8.3", "cells": ["it.1"]},
        ),
        ("certification", {"qualification": str(SC.uuid), "start": "R5.4", "registered_on": "R6.4.1"}),
        ("certification", {"qualification": "other", "title": "技術士"}),
        ("training", {"title": "監査", "form": "ojt", "hours": "1.5", "start": "2025-06-15"}),
        ("handover", {"title": "資料"}),
    ],
)
def test_what_is_shown_for_editing_comes_back_the_same(kind, data):
    offered = options(register=REGISTER)
    first = form(kind, None, offered, **data)
    assert first.is_valid(), first.errors
    stored = first.values()
    page = FORMS[kind](offered, initial=FORMS[kind].initial_of(stored, offered), stored=stored)
    sent = {name: page[name].value() for name in page.fields if page[name].value() is not None}
    again = FORMS[kind](offered, sent, stored=stored)
    assert again.is_valid(), again.errors
    assert again.values() == stored


def test_what_differs_is_told_beside_the_field():
    stored = ExperienceValues(title="保守", start=day("2025-06-01"), cells=("policy.1",))
    sent = experience(title="保守", category="other", start="R7.7", cells=["it.1"])
    assert sent.is_valid()
    sent.tell_stored(stored, sent.values())
    assert sent["start"].help_text == "保存されている値：令和7年6月"
    assert sent["cells"].help_text == "保存されている値：セキュリティポリシー｜策定管理"
    assert "保存されている値" not in sent["title"].help_text


def test_the_ticked_groups_say_so():
    [group] = experience(cells=["it.1"]).cell_choices
    assert (group.name, len(group.boxes), group.ticked) == ("概念化能力", 2, 1)
    assert SimpleNamespace(**group.boxes[1].data).selected
