"""連携トークン: made by 人事, shown once, kept as a hash, ended by its day or at once."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.workflow.tokens import PREFIX, hash_of
from audit.models import Event
from organization.models import ApiToken
from tests import builders as b
from tests.assessments.api import PLAIN

URL = "/api-tokens/"
pytestmark = pytest.mark.usefixtures("plain_kinds")


def words(response) -> str:
    return response.content.decode()


def add(client, **changes):
    last = timezone.localdate() + datetime.timedelta(days=100)
    form = {
        "name": "人事給与システム",
        "scopes": [PLAIN],
        "last_day": last.isoformat(),
        "reason": "研修の画面",
    }
    return client.post(URL, form | changes)


def test_a_token_is_shown_once_and_kept_as_a_hash(world, sign_in):
    client = sign_in("jinji")
    answer = add(client, department=str(world.ka.uuid))
    page = words(answer)
    token = ApiToken.objects.get()
    secret = answer.context["secret"]
    assert answer.status_code == 200
    assert secret.startswith(PREFIX)
    assert len(secret) > 40
    assert secret in page
    assert "http://testserver/api/v1/" in page
    assert (token.token_hash, token.hint) == (hash_of(secret), secret[: len(token.hint)])
    assert token.scopes == [PLAIN]
    assert token.department == world.ka
    assert token.expires_at == datetime.datetime.combine(
        timezone.localdate() + datetime.timedelta(days=101), datetime.time(), timezone.get_current_timezone()
    )
    again = words(client.get(URL))
    assert secret not in again
    assert secret[:9] in again
    assert "まだ使われていません" in again
    event = Event.objects.get(action="token.issue")
    assert event.object_uuid == token.uuid
    assert secret not in str(event.data)
    assert "研修" not in str(event.data)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "システムの名前を入力してください"),
        ({"name": "あ" * 61}, "60字までです"),
        ({"scopes": []}, "読める内容を1つ以上選んでください"),
        ({"scopes": ["everything"]}, "everything"),
        ({"reason": " "}, "理由を入力してください"),
        ({"last_day": ""}, "使える最後の日を入力してください"),
        ({"last_day": "2020-01-01"}, "今日か、今日より後の日を入れてください"),
        ({"last_day": "R99.1.1"}, "年度が替わるときに作り直します"),
        ({"department": "00000000-0000-0000-0000-000000000000"}, "選"),
    ],
)
def test_what_is_wrong_is_said_and_kept(world, sign_in, changes, sentence):
    answer = add(sign_in("jinji"), **changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "研修の画面" in words(answer) or "reason" in changes
    assert not ApiToken.objects.exists()


def test_one_name_is_used_once_until_it_is_taken_back_or_ends(world, sign_in):
    client = sign_in("jinji")
    add(client)
    answer = add(client)
    assert answer.status_code == 409
    assert "同じ名前のトークン" in words(answer)
    token = ApiToken.objects.get()
    url = reverse("assessments:token_revoke", args=[token.uuid])
    assert "いまから読めません" in words(client.post(url, follow=True))
    assert client.post(url).status_code == 409
    assert Event.objects.filter(action="token.revoke", object_uuid=token.uuid).count() == 1
    assert add(client).status_code == 200
    ApiToken.objects.filter(revoked_at__isnull=True).update(expires_at=timezone.now())
    assert add(client).status_code == 200
    page = words(client.get(URL))
    assert "使えるトークン　1件" in page
    assert "取り消したもの　2件" in page


def test_another_municipality_is_not_ours(world, sign_in):
    foreign, _ = b.make_token(world.yoso)
    client = sign_in("jinji")
    assert foreign.name not in words(client.get(URL))
    assert client.post(reverse("assessments:token_revoke", args=[foreign.uuid])).status_code == 404
    assert add(client, department=str(world.foreign_department.uuid)).status_code == 422


def test_the_page_is_found_from_the_exports(world, sign_in):
    assert f'href="{URL}"' in words(sign_in("jinji").get("/exports/"))
    assert f'href="{URL}"' not in words(sign_in("kacho").get("/exports/"))


@pytest.mark.parametrize("who", ["honnin", "kacho", "kansa", "henshu", "sysadmin"])
def test_only_hr(world, sign_in, who):
    client = sign_in(who)
    assert client.get(URL).status_code == 403
    assert add(client).status_code == 403


def test_queries(world, sign_in, django_assert_num_queries):
    client = sign_in("jinji")
    counts = []
    for _ in range(2):
        for _ in range(3):
            b.make_token(world.jinji)
            b.make_token(world.jinji, days=-1)
        with django_assert_num_queries(9) as sent:
            client.get(URL)
        counts.append(len(sent))
    assert counts[0] == counts[1]
