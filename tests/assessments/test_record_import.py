"""A record from another municipality: shown, agreed to, taken in beside the own levels, and taken back."""

import datetime
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments.history import year_before
from assessments.models import Entry, ForeignLevel, ForeignRecord, TrustedIssuer
from assessments.resume_page import load_resume
from assessments.travel.keys import Signer
from assessments.travel.reading import MAX_BYTES
from audit.models import Event
from gaps import reports
from tests import builders as b
from tests.assessments.sheets import in_state
from tests.assessments.travelling import ENTRIES, IMPORT, raw, signed, take_in, trust, upload


@pytest.fixture
def trusting(world):
    """Trust となり市 in the world."""
    world.issuer = trust(world.jinji)
    b.make_qualification()
    return world


def words(response) -> str:
    return response.content.decode()


def taken_by(client, data: bytes):
    response = take_in(client, upload(client, data))
    assert response.status_code == 302, words(response)
    return ForeignRecord.objects.latest("pk")


def test_it_is_shown_then_taken_in(trusting, sign_in):
    client = sign_in("honnin")
    assert client.get(IMPORT).status_code == 200
    shown = upload(client, raw(signed()))
    assert shown.status_code == 200
    page = words(shown)
    for text in (
        "となり市",
        "山﨑 美咲",
        "基幹システムの更改",
        "となり市 情報課",
        "4 教えられる",
        "署名を確かめました",
    ):
        assert text in page
    assert not ForeignRecord.objects.exists()
    assert not Entry.objects.exists()
    response = take_in(client, shown)
    assert response["Location"] == "/resume/"
    record = ForeignRecord.objects.get()
    assert (record.staff, record.issuer_name, record.municipality) == (
        trusting.honnin,
        "となり市",
        trusting.city,
    )
    entries = {entry.kind: entry for entry in Entry.objects.of(trusting.honnin)}
    assert len(entries) == 4
    assert all(entry.foreign_record == record for entry in entries.values())
    work = entries["experience"]
    assert (work.text, work.experience.category, work.experience.role) == (
        "仕様書を書いた。\n=1+1", "renewal", "主担当",
    )  # fmt: skip
    assert [cell.cell_code for cell in work.cells.all()] == ["internal-it.1"]
    assert entries["certification"].certification.qualification.code == "AP"
    assert str(entries["training"].training.hours) == "12.5"
    assert entries["training"].training.state == "finished"
    assert entries["career"].career.role == "主任"
    assert entries["career"].end == datetime.date(2025, 3, 31)
    levels = list(ForeignLevel.objects.order_by("cell_code"))
    assert [(one.fiscal_year, one.framework, one.cell_code, one.step) for one in levels] == [
        (2024, "LASDEC 2012", "internal-it.1", 4),
        (2024, "LASDEC 2012", "security-policy.1", 3),
    ]
    assert levels[0].confirmed_on == datetime.date(2025, 2, 20)
    event = Event.objects.get(action="travel.import")
    assert event.data["entries"] == 4
    assert "更改" not in json.dumps(event.data, ensure_ascii=False)


def test_nothing_comes_in_without_consent(trusting, sign_in):
    client = sign_in("honnin")
    shown = upload(client, raw(signed()))
    refused = take_in(client, shown, consent=None)
    assert refused.status_code == 422
    assert "同意します」に印を付けてください" in words(refused)
    assert not Entry.objects.exists()
    assert take_in(client, refused).status_code == 302


def test_another_name_is_asked_about(trusting, sign_in):
    client = sign_in("honnin")
    shown = upload(client, raw(signed(name="旧姓 美咲")))
    assert "氏名かフリガナが、あなたの登録と違います" in words(shown)
    refused = take_in(client, shown)
    assert refused.status_code == 422
    assert "「本人の記録です」に印を付けてください" in words(refused)
    assert take_in(client, refused, mine="on").status_code == 302
    assert Event.objects.get(action="travel.import").data["other_name"] is True


def test_foreign_levels_count_nowhere(trusting, sign_in):
    world = trusting
    sheet = in_state(world.sheet, "confirmed", confirmer=world.kacho)
    asked = {"municipality_id": world.city.pk, "cycle": world.cycle, "on": timezone.localdate()}

    def everything():
        picture = reports.snapshot(**asked)
        resume = load_resume(b.actor_of(world.honnin), world.honnin)
        return (
            picture.steps,
            {path: sorted(people) for path, people in picture.members.items()},
            [(row.name, [(year.step, year.way) for year in row.years]) for row in resume.rows],
            resume.counts,
            year_before(world.honnin.pk, 2027, world.version),
            year_before(world.honnin.pk, 2026, world.version),
        )

    before = everything()
    taken_by(sign_in("honnin"), raw(signed()))
    assert ForeignLevel.objects.filter(step=4).exists()
    assert everything() == before
    assert world.honnin.sheets.get() == sheet


def test_a_later_record_brings_only_what_is_new(trusting, sign_in):
    client = sign_in("honnin")
    taken_by(client, raw(signed(entries=ENTRIES[:2])))
    shown = upload(client, raw(signed()))
    assert "同じ記録がすでにある2件は、取り込みません。" in words(shown)
    assert take_in(client, shown).status_code == 302
    assert Entry.objects.of(trusting.honnin).count() == 4


def test_the_same_record_comes_in_once(trusting, sign_in):
    client = sign_in("honnin")
    data = raw(signed())
    shown = upload(client, data)
    assert take_in(client, shown).status_code == 302
    again = take_in(client, shown)
    assert again.status_code == 409
    assert "もう取り込んであります" in words(again)
    refused = upload(client, data)
    assert refused.status_code == 422
    assert "もう取り込んであります" in words(refused)
    assert ForeignRecord.objects.count() == 1
    assert Entry.objects.count() == 4


def test_it_is_taken_back_and_may_come_again(trusting, sign_in):
    client = sign_in("honnin")
    data = raw(signed())
    own = b.make_experience(trusting.honnin)
    record = taken_by(client, data)
    url = reverse("assessments:record_remove", args=[record.uuid])
    response = client.post(url, follow=True)
    assert "取り込んだ4件も取り消しました" in words(response)
    assert list(Entry.objects.of(trusting.honnin)) == [own.entry_ptr]
    record.refresh_from_db()
    assert record.removed_at is not None
    assert client.post(url).status_code == 409
    assert Event.objects.get(action="travel.remove").data == {"entries": 4}
    taken_by(client, data)
    assert Entry.objects.of(trusting.honnin).count() == 5


def test_what_went_with_it_comes_back_with_it_alone(trusting, sign_in):
    client = sign_in("honnin")
    record = taken_by(client, raw(signed()))
    entry = Entry.objects.filter(foreign_record=record).first()
    client.post(reverse("assessments:record_remove", args=[record.uuid]))
    entry.refresh_from_db()
    answer = client.post(reverse("assessments:entry_restore", args=[entry.uuid]), {"version": entry.version})
    assert answer.status_code == 409
    assert "もう一度取り込んでください" in words(answer)
    entry.refresh_from_db()
    assert entry.removed_at is not None


def test_an_entry_that_was_changed_since_no_longer_speaks_for_the_issuer(trusting, sign_in):
    client = sign_in("honnin")
    record = taken_by(client, raw(signed()))
    Entry.objects.filter(foreign_record=record, kind="experience").update(title="書き直した", version=2)
    assert words(client.get("/resume/")).count("となり市の記録から（取り込んだ後に変更）") == 1


def test_the_resume_shows_it_beside_and_offers_to_take_it_back(trusting, sign_in):
    record = taken_by(sign_in("honnin"), raw(signed()))
    removal = reverse("assessments:record_remove", args=[record.uuid])
    own = words(sign_in("honnin").get("/resume/"))
    for text in ("となり市で確定した到達度", "基幹システムの更改", "となり市の記録から", removal, IMPORT):
        assert text in own
    seen = words(sign_in("kacho").get(reverse("assessments:resume", args=[trusting.honnin.uuid])))
    assert "となり市で確定した到達度" in seen
    for text in (removal, IMPORT, "記録を持っていく"):
        assert text not in seen
    sign_in("honnin").post(removal)
    assert "となり市で確定した到達度" not in words(sign_in("honnin").get("/resume/"))


@pytest.mark.parametrize("who", ["jinji", "kacho", "dourei", "yoso"])
def test_nobody_else_takes_it_back(trusting, sign_in, who):
    record = taken_by(sign_in("honnin"), raw(signed()))
    client = sign_in(who)
    assert client.post(reverse("assessments:record_remove", args=[record.uuid])).status_code == 404
    record.refresh_from_db()
    assert record.removed_at is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7 not a record", "JSONとして読めません"),
        (b"", "JSONとして読めません"),
        (b'{"a": 1, "a": 2}', "同じ名前の項目が2つ"),
        (b"{}", "持ち運び用の記録ではありません"),
        (raw(signed()).replace("主担当".encode(), "責任者".encode()), "署名が合いません"),
        (raw(signed(at=timezone.now() - datetime.timedelta(days=366))), "有効期限が切れています"),
        (raw(signed(at=timezone.now() + datetime.timedelta(days=1))), "いまより先"),
        (raw(signed(issuer_name="知らない市", signer=Signer.generate())), "登録されていません"),
        (raw(signed(signer=Signer.generate())), "鍵が登録と違います"),
    ],
)
def test_each_refusal_says_why(trusting, sign_in, data, sentence):
    response = upload(sign_in("honnin"), data)
    assert response.status_code == 422
    assert sentence in words(response)
    assert not ForeignRecord.objects.exists()


def test_too_large_is_413(trusting, sign_in):
    response = upload(sign_in("honnin"), b" " * (MAX_BYTES + 1))
    assert response.status_code == 413
    assert "1MBまで" in words(response)


def test_the_own_record_is_not_taken_in(world, sign_in):
    client = sign_in("honnin")
    data = client.post(
        reverse("assessments:resume_json", args=[world.honnin.uuid]), {"consent": "on"}
    ).content
    response = upload(client, data)
    assert response.status_code == 422
    assert "この団体が発行した記録です" in words(response)


def test_trust_of_another_municipality_is_not_ours(world, sign_in):
    trust(world.yoso)
    assert "登録されていません" in words(upload(sign_in("honnin"), raw(signed())))


def test_trust_withdrawn_between_the_clicks(trusting, sign_in):
    client = sign_in("honnin")
    shown = upload(client, raw(signed()))
    TrustedIssuer.objects.update(withdrawn_at=timezone.now())
    response = take_in(client, shown)
    assert response.status_code == 409
    assert "信頼を取り消しています" in words(response)
    assert not Entry.objects.exists()


def test_a_page_is_of_the_person_it_was_shown_to(trusting, sign_in):
    shown = upload(sign_in("honnin"), raw(signed()))
    assert take_in(sign_in("dourei"), shown, mine="on").status_code == 422
    client = sign_in("honnin")
    for token in ("", "x:y:z", shown.context["token"][:-2] + "AA"):
        assert client.post(IMPORT, {"record": token, "consent": "on"}).status_code == 422
    assert not Entry.objects.exists()


def test_no_file_at_all(trusting, sign_in):
    response = sign_in("honnin").post(IMPORT, {})
    assert response.status_code == 422
    assert "ファイルを選んでください" in words(response)


def test_a_qualification_that_was_no_examination_then_keeps_its_name(trusting, sign_in):
    b.make_qualification("SC", "情報処理安全確保支援士試験", valid_from=datetime.date(2017, 4, 1))
    early = {"kind": "certification", "title": "むかしの試験", "start": "2010-04-01", "qualification": "SC"}
    taken_by(sign_in("honnin"), raw(signed(entries=[early])))
    entry = Entry.objects.get()
    assert (entry.title, entry.certification.qualification) == ("むかしの試験", None)


def test_the_longest_record_that_is_taken(trusting, sign_in):
    many = [{**ENTRIES[3], "title": f"{uuid.uuid4()}"} for _ in range(400)]
    record = taken_by(sign_in("honnin"), raw(signed(entries=many)))
    assert record.entries.count() == 400


def test_every_column_at_its_longest(trusting, sign_in):
    """The schema lets nothing through that a column cannot hold, in letters outside the first plane too."""

    def long(count):
        return "𠮷" * count

    cells = ["項" * 80]
    days = {"start": "1900-01-01", "end": "2199-12-31"}
    common = {"title": long(120), "text": long(2000), "cells": cells, **days}
    entries = [
        {"kind": "experience", "category": "bpr", "role": long(60), "size": long(120), "result": long(400), **common},
        {
            "kind": "certification", "qualification": long(20), "registeredOn": "2199-12-31",
            "registrationNumber": long(40), "renewBy": "2199-12-31", **common,
        },
        {
            "kind": "training", "form": "elearning", "provider": long(120), "hours": "9999.9", "result": long(400),
            **common,
        },
        {"kind": "career", "role": long(120), **common},
    ]  # fmt: skip
    levels = [
        {
            "fiscalYear": year, "confirmedOn": "1900-01-01",
            "framework": {"code": long(80), "name": long(80), "version": long(40)},
            "cells": [{"code": cells[0], "name": long(200), "step": 0}],
        }
        for year in (1990, 2200)
    ]  # fmt: skip
    data = raw(signed(name=long(120), kana=long(120), issuer_name=long(60), entries=entries, levels=levels))
    client = sign_in("honnin")
    shown = upload(client, data)
    assert shown.status_code == 200, words(shown)[-2000:]
    assert take_in(client, shown, mine="on").status_code == 302
    kept = {entry.kind: entry for entry in Entry.objects.of(trusting.honnin)}
    assert kept["experience"].text == long(2000)
    assert kept["certification"].certification.qualification is None
    assert str(kept["training"].training.hours) == "9999.9"
    assert ForeignLevel.objects.get(fiscal_year=2200).framework == long(80)
    assert client.get("/resume/").status_code == 200


def test_a_large_file_fits_into_the_page_of_the_preview(trusting, sign_in):
    text = "".join(chr(0x4E00 + at * 37 % 20000) for at in range(1900))
    many = [{**ENTRIES[0], "title": f"{number}", "text": text} for number in range(150)]
    data = raw(signed(entries=many))
    assert 850_000 < len(data) < MAX_BYTES
    client = sign_in("honnin")
    shown = client.post(IMPORT, {"file": SimpleUploadedFile("記録.json", data)})
    assert take_in(client, shown).status_code == 302
