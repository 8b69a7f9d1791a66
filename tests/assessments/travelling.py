"""Another city hall that signs records, and the files a person brings from there."""

import copy
import datetime
import json
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessments.models import TrustedIssuer
from assessments.travel.keys import Signer
from assessments.travel.proof import JCS, add_proof
from assessments.travel.record import Content, as_file, sign_record

# The same key in every run, so that a red build can be looked into.
ELSEWHERE = Signer(Ed25519PrivateKey.from_private_bytes(b"tonari-shi no kagi, shiken-you.. "[:32]))
IMPORT = "/resume/import/"

ENTRIES = [
    {
        "kind": "experience", "title": "基幹システムの更改", "start": "2021-04-01", "end": "2023-03-31",
        "text": "仕様書を書いた。\n=1+1", "cells": ["internal-it.1"], "category": "renewal", "role": "主担当", "size": "3億円",
        "result": "予定どおり",
    },
    {
        "kind": "certification", "title": "応用情報技術者試験", "start": "2020-06-26", "qualification": "AP",
    },
    {
        "kind": "training", "title": "情報セキュリティ監査", "start": "2022-09-01", "form": "class", "provider": "となり県",
        "hours": "12.5",
    },
    {"kind": "career", "title": "となり市 情報課", "start": "2018-04-01", "end": "2025-03-31", "role": "主任"},
]  # fmt: skip
LEVELS = [
    {
        "fiscalYear": 2024,
        "framework": {"code": "lasdec", "name": "LASDEC", "version": "2012"},
        "confirmedOn": "2025-02-20",
        "cells": [
            {"code": "internal-it.1", "name": "庁内情報化｜業務分析", "step": 4},
            {"code": "security-policy.1", "name": "セキュリティポリシー｜策定管理", "step": 3},
        ],
    }
]


def content(name="山﨑 美咲", kana="", **changes) -> Content:
    """Return what a record holds, of a person with this name."""
    return Content(
        **{
            "issuer_name": "となり市", "issuer_code": "131024", "name": name, "kana": kana, "entries": ENTRIES,
            "levels": LEVELS, **changes,
        }
    )  # fmt: skip


def signed(*, signer=ELSEWHERE, at=None, record_id=None, **changes) -> dict:
    """Return a signed record as a document."""
    return sign_record(
        content(**changes), record_id=record_id or uuid.uuid4(), signer=signer, now=at or timezone.now()
    )


def resigned(document: dict, change, signer=ELSEWHERE) -> dict:
    """Return a record changed by its own issuer, and signed again."""
    changed = copy.deepcopy({name: part for name, part in document.items() if name != "proof"})
    change(changed)
    return add_proof(changed, signer, suite=JCS, now=datetime.datetime.now(datetime.UTC))


def raw(document) -> bytes:
    """Return the bytes of a document."""
    return as_file(document) if isinstance(document, dict) else json.dumps(document).encode()


def trust(staff, signer=ELSEWHERE, name="となり市", **kwargs) -> TrustedIssuer:
    """Trust a signer in the municipality of a member of 人事."""
    return TrustedIssuer.objects.create(
        municipality=staff.municipality,
        name=name,
        public_key=signer.key,
        added_at=timezone.now(),
        added_by=staff,
        **kwargs,
    )


def upload(client, data: bytes, name="record.json"):
    """Send a file to the page of the import."""
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data, "application/json")})


def take_in(client, shown, **ticks):
    """Consent on a preview; returns the answer."""
    form = {"record": shown.context["token"], "consent": "on", **ticks}
    return client.post(IMPORT, {name: value for name, value in form.items() if value is not None})
