"""Messages and dates of every form."""

import datetime

import pytest
from django import forms

from lib.forms import DadsFormMixin, JapaneseDateField, JapaneseMonthField, WrittenField


class Sample(DadsFormMixin, forms.Form):
    name = forms.CharField(label="氏名")
    kind = forms.ChoiceField(label="種別", choices=[("a", "本務")])
    file = forms.FileField(label="名簿")
    agree = forms.BooleanField(label="全員を含みます")
    reason = forms.CharField(
        label="理由", error_messages={"required": "理由は監査で確かめます。書いてください"}
    )


def test_empty_fields_say_what_to_do_in_their_own_words():
    assert {name: messages[0] for name, messages in Sample({}).errors.items()} == {
        "name": "氏名を入力してください",
        "kind": "種別を選んでください",
        "file": "名簿を選んでください",
        "agree": "「全員を含みます」に印を付けてください",
        "reason": "理由は監査で確かめます。書いてください",
    }


class Since(DadsFormMixin, forms.Form):
    since = JapaneseDateField(label="開始日", required=False)


@pytest.mark.parametrize(
    "text", ["2026/4/1", "2026-04-01", "令和8年4月1日", "R8.4.1", "Ｒ８．４．１", " 2026/4/1 "]
)
def test_dates_are_read_as_offices_write_them(text):
    form = Since({"since": text})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["since"] == datetime.date(2026, 4, 1)


def test_an_optional_date_may_stay_empty():
    form = Since({"since": ""})
    assert form.is_valid()
    assert form.cleaned_data["since"] is None


def test_a_date_that_does_not_exist_is_refused_with_a_sentence_and_kept_as_written():
    form = Since({"since": "令和8年2月30日"})
    assert "暦にない日付" in form.errors["since"][0]
    assert form["since"].value() == "令和8年2月30日"


def test_a_stored_date_is_shown_in_wareki_and_unchanged_when_sent_back():
    form = Since(initial={"since": datetime.date(2026, 4, 1)})
    assert form["since"].value() == "令和8年4月1日"
    assert not Since({"since": "令和8年4月1日"}, initial={"since": datetime.date(2026, 4, 1)}).has_changed()
    assert Since({"since": "R8.4.2"}, initial={"since": datetime.date(2026, 4, 1)}).has_changed()


class Worked(DadsFormMixin, forms.Form):
    start = JapaneseMonthField(label="はじめ", required=False)
    end = JapaneseMonthField(label="終わり", required=False, last=True)
    text = WrittenField(label="内容", max_length=10, required=False)


def test_a_month_is_its_first_and_its_last_day():
    form = Worked({"start": "R7.6", "end": "2026-02"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["start"] == datetime.date(2025, 6, 1)
    assert form.cleaned_data["end"] == datetime.date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (datetime.date(2025, 6, 1), ("令和7年6月", "令和7年6月1日")),
        (datetime.date(2025, 6, 30), ("令和7年6月30日", "令和7年6月")),
        (datetime.date(2025, 6, 15), ("令和7年6月15日", "令和7年6月15日")),
    ],
)
def test_what_was_given_as_a_month_is_shown_as_one_and_comes_back(day, shown):
    form = Worked(initial={"start": day, "end": day})
    assert (form["start"].value(), form["end"].value()) == shown
    again = Worked({"start": shown[0], "end": shown[1]})
    assert again.is_valid()
    assert (again.cleaned_data["start"], again.cleaned_data["end"]) == (day, day)


def test_a_month_that_is_none_is_refused_and_kept_as_written():
    form = Worked({"start": "令和7年13月", "end": "6月ごろ"})
    assert "暦にない月" in form.errors["start"][0]
    assert "読めない" in form.errors["end"][0]
    assert form["start"].value() == "令和7年13月"


def test_too_much_text_is_refused_with_its_length_and_kept_whole():
    form = Worked({"text": "あ" * 11})
    assert form.errors["text"] == ["10字までです。いまは11字あるので、短くしてください。"]
    assert form["text"].value() == "あ" * 11
    assert "maxlength" not in str(form["text"])


def test_control_characters_are_left_out_and_line_breaks_count_once():
    form = Worked({"text": " あ\x00い\x1b\r\n" + "う" * 7 + "\r\n"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["text"] == "あい\n" + "う" * 7
