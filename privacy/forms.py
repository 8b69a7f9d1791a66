"""Forms of the register, the periods, the purpose and the report of a leak."""

import datetime
import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.models import Event
from lib.forms import DadsFormMixin, JapaneseDateField
from lib.networks import parse_address
from lib.personal import Keep
from organization.models import ApiToken, Staff
from privacy import leak
from privacy.models import RightsRequest
from privacy.models.retention import KeepClass

_NOBODY = "この職員番号の職員はいません。職員の画面で番号を確かめてください。"


class RequestForm(DadsFormMixin, forms.Form):
    """A request that came in."""

    staff_number = forms.CharField(label="職員番号", max_length=20)
    kind = forms.ChoiceField(label="種別", choices=RightsRequest.Kind.choices)
    number = forms.CharField(label="受付番号", max_length=30, help_text="例：R8-人-3")
    received_on = JapaneseDateField(label="受付日")
    note = forms.CharField(
        label="請求の内容", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, municipality_id: int, **kwargs):
        super().__init__(*args, **kwargs)
        self._municipality_id = municipality_id

    def clean_staff_number(self) -> Staff:
        """Return the person."""
        number = self.cleaned_data["staff_number"].strip()
        found = Staff.objects.filter(municipality_id=self._municipality_id, staff_number=number).first()
        if found is None:
            raise ValidationError(_NOBODY)
        return found

    def clean_received_on(self) -> datetime.date:
        """Refuse a day to come."""
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError("受付日は、今日までの日を入力してください。")
        return day


class HandlingForm(DadsFormMixin, forms.Form):
    """What was decided, and when it was carried out."""

    decision = forms.ChoiceField(label="決定", choices=RightsRequest.Decision.choices)
    decided_on = JapaneseDateField(label="決定日", required=False)
    due_on = JapaneseDateField(
        label="期限", help_text="延長したときは、延長した後の期限を入力し、理由を下に書いてください。"
    )
    done_on = JapaneseDateField(label="実施日", required=False)
    note = forms.CharField(
        label="内容と理由", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, received_on: datetime.date, **kwargs):
        super().__init__(*args, **kwargs)
        self._received_on = received_on

    def clean_due_on(self) -> datetime.date:
        """Refuse a deadline before the request."""
        if self.cleaned_data["due_on"] < self._received_on:
            raise ValidationError("期限は、受付日以後の日を入力してください。")
        return self.cleaned_data["due_on"]

    def clean(self) -> dict:
        """Ask for the day of a decision, and for none where nothing is decided."""
        values = super().clean()
        decided = values.get("decision") != RightsRequest.Decision.OPEN
        if decided and "decided_on" in values and not values["decided_on"]:
            self.add_error("decided_on", "決定日を入力してください。")
        if not decided and values.get("decided_on"):
            self.add_error("decision", "決定日があります。決定を選んでください。")
        return values


class YearsForm(DadsFormMixin, forms.Form):
    """The years of each class. Nothing of a person may stay longer than the person."""

    def __init__(self, *args, years: dict[str, int], **kwargs):
        super().__init__(*args, **kwargs)
        for keep, label in KeepClass.choices:
            self.fields[keep] = forms.IntegerField(
                label=label,
                min_value=1,
                max_value=99,
                initial=years[keep],
                help_text="何年残すか（1～99）",
                widget=forms.TextInput(attrs={"size": 4, "inputmode": "numeric"}),
            )

    def clean(self) -> dict:
        """Refuse a class that outlives 職員のすべて, with which everything goes."""
        values = super().clean()
        most = values.get(Keep.STAFF)
        if most and any(value and value > most for value in values.values()):
            self.add_error(
                Keep.STAFF.value,
                "ほかの年数より短くできません。いちばん長い年数か、それより長くしてください。",
            )
        return values


class HoldForm(DadsFormMixin, forms.Form):
    """Why somebody's data stays longer."""

    staff = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label="延長の理由", max_length=200, help_text="例：訴訟のため、令和10年3月まで")


class PurposeForm(DadsFormMixin, forms.Form):
    """A new wording of the purpose."""

    text = forms.CharField(label="利用目的", max_length=2000, widget=forms.Textarea(attrs={"rows": 10}))
    line = forms.CharField(label="印刷に付ける1行", max_length=120)


class LeakForm(DadsFormMixin, forms.Form):
    """What got out (an account, a token, a machine, a file), and since when."""

    HOWS = (
        ("account", "職員のアカウント（職員番号）"),
        ("token", "連携トークン（システムの名前）"),
        ("address", "端末（接続元のアドレス）"),
        ("file", "出力したファイル（操作の記録の番号）"),
    )
    how = forms.ChoiceField(label="漏れたおそれのあるもの", choices=HOWS)
    what = forms.CharField(
        label="番号、名前かアドレス",
        max_length=60,
        help_text="例：職員番号 1024、アドレス 192.0.2.15。ファイルは「操作の記録」の詳細から開けます。",
    )
    since = JapaneseDateField(label="この日から")
    until = JapaneseDateField(label="この日まで", required=False)

    def __init__(self, *args, municipality_id: int, **kwargs):
        super().__init__(*args, **kwargs)
        self._municipality_id = municipality_id
        self.acts = Q(pk__in=[])
        self.subject_uuid: uuid.UUID | None = None

    def clean(self) -> dict:
        """Find whose acts are asked for."""
        values = super().clean()
        since, until = values.get("since"), values.get("until")
        if since and since > timezone.localdate():
            self.add_error("since", "今日か、それより前の日にしてください。")
        if since and until and until < since:
            self.add_error("until", "「この日から」より後の日にしてください。")
        if not (what := values.get("what")):
            return values
        find = {"token": self._token, "address": self._address, "file": self._file}
        problem = find.get(values.get("how", ""), self._account)(what.strip())
        if problem:
            self.add_error("what", problem)
        return values

    def _account(self, number: str) -> str:
        return self._of_actor(
            Staff.objects.filter(municipality_id=self._municipality_id, staff_number=number), _NOBODY
        )

    def _token(self, name: str) -> str:
        tokens = ApiToken.objects.filter(municipality_id=self._municipality_id, name=name)
        return self._of_actor(
            tokens.order_by("-issued_at"),
            "この名前の連携トークンはありません。連携トークンの画面で名前を確かめてください。",
        )

    def _of_actor(self, found: QuerySet, problem: str) -> str:
        # A system has had several tokens of one name: the one that got out is most likely not the newest.
        keys = list(found.values_list("uuid", flat=True))
        if not keys:
            return problem
        self.subject_uuid, self.acts = keys[0], leak.by_actors(keys)
        return ""

    def _address(self, address: str) -> str:
        found = parse_address(address)
        if found is None:
            return "アドレスは、192.0.2.15 のような形で入力してください。"
        self.acts = leak.by_address(str(found))
        return ""

    def _file(self, number: str) -> str:
        try:
            self.acts = leak.by_file(uuid.UUID(number))
        except ValueError:
            return (
                "操作の記録の番号の形が正しくありません。「操作の記録」の詳細にあるリンクから開いてください。"
            )
        made = Event.objects.filter(self.acts, municipality_id=self._municipality_id).first()
        if made is None:
            return "この番号の操作の記録はありません。「操作の記録」の詳細にあるリンクから開いてください。"
        # Made at one moment: the days that were asked for say nothing more.
        self.cleaned_data["since"], self.cleaned_data["until"] = timezone.localdate(made.at), None
        return ""
