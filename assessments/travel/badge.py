"""A confirmed level as an Open Badges 3.0 credential. Pure."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.travel.canonical import CREDENTIALS, OPEN_BADGES
from assessments.travel.keys import Signer
from assessments.travel.multikey import did_of
from assessments.travel.proof import RDFC, add_proof, timestamp

_IDS = uuid.UUID("5f0b6f0e-6d43-5f0c-9c4c-3a7d2f6d1b58")


@dataclass(frozen=True)
class Level:
    """What was confirmed: the cell in the words of its framework, the step, when, and the scale it stands on."""

    revision: str
    code: str
    name: str
    description: str
    category: str
    framework: str
    fiscal_year: int
    step: int
    confirmed_at: datetime.datetime
    scale: Mapping[int, str]
    wording: str


def make_badge(
    level: Level, *, holder: str, issuer_name: str, signer: Signer, now: datetime.datetime
) -> dict[str, Any]:
    """Return the signed credential. The same level of the same revision always has the same id."""
    name = f"{level.name}：{level.step} {level.scale[level.step]}"
    rubric = f"{_urn('scale', level.framework, level.code)}"
    levels = [
        {
            "id": f"{rubric}#step-{step}",
            "type": ["RubricCriterionLevel"],
            "name": words,
            "level": str(step),
        }
        for step, words in level.scale.items()
    ]
    credential = {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": _urn("badge", signer.key, level.revision, level.code),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": name,
        "issuer": {"id": did_of(signer.key), "type": ["Profile"], "name": issuer_name},
        "validFrom": timestamp(level.confirmed_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": holder,
                    "identityType": "ext:name",
                }
            ],
            "achievement": {
                "id": _urn("achievement", level.framework, level.code),
                "type": ["Achievement"],
                "achievementType": "Competency",
                "name": level.name,
                "description": level.description,
                "criteria": {
                    "narrative": f"本人の記入を上司が確かめ、所属長が確定した到達度です。{level.step}：{level.wording}"
                },
                "fieldOfStudy": level.category,
                "humanCode": level.code,
                "inLanguage": "ja",
                "resultDescription": [
                    {
                        "id": rubric,
                        "type": ["ResultDescription"],
                        "name": "到達度",
                        "resultType": "RubricCriterionLevel",
                        "rubricCriterionLevel": levels,
                    }
                ],
            },
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": rubric,
                    "achievedLevel": f"{rubric}#step-{level.step}",
                }
            ],
        },
    }
    return add_proof(credential, signer, suite=RDFC, now=now)


def _urn(*parts: str) -> str:
    return uuid.uuid5(_IDS, "\n".join(parts)).urn
