"""Whose account a name opens that another system vouches for. Never makes one; an address of mail opens none."""

from django.db.models import Q

from lib.tenant import as_tenant
from organization.backends import StaffBackend
from organization.models import Staff
from organization.providers import STAFF_NUMBER, Provider, bare_name
from organization.tenancy import municipalities_of_person

# One sentence for nobody, a leaver, a closed account and an account of another municipality.
UNLINKED = (
    "この認証に結び付く、使えるアカウントがありません。"
    "人事かシステム管理の担当に、ログイン名を確かめてもらってください。"
)
STALE = "ログインの手続きが途中で切れたか、もう使われています。もう一度、はじめからログインしてください。"
REJECTED = "認証の結果を確かめられませんでした。もう一度ログインしてください。続くときは、システム管理の担当に知らせてください。"
WEAK = (
    "この認証では、もう1つの確認（多要素認証など）が済んでいません。"
    "庁内の認証で多要素認証を済ませてから、もう一度ログインしてください。"
)
UNREACHABLE = "認証のサーバーとやりとりできません。しばらく待ってからやり直すか、ログイン名とパスワードでログインしてください。"


class NotSignedIn(Exception):
    """Somebody is not let in; `message` says what to do, `reason` is for the log and holds nothing personal."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(reason)
        self.message = message
        self.reason = reason


def staff_of(provider: Provider, said: object) -> Staff:
    """Return the one open account that the name opens; raises NotSignedIn with the same words whatever is wrong.

    Letter for letter first; systems that do not tell capitals from small letters (Windows, LDAP) may write a plain
    ASCII name either way, if it then still means one person.
    """
    name = bare_name(provider, said)
    field = "staff_number" if provider.match == STAFF_NUMBER else "username"
    places = municipalities_of_person(name, by_number=field == "staff_number") if name else []
    found = [staff for place in places for staff in _found(provider, place, field, name)]
    exact = [staff for staff in found if getattr(staff, field) == name] or found
    if len(exact) != 1 or not StaffBackend().user_can_authenticate(exact[0]):
        raise NotSignedIn(UNLINKED, "no open account")
    return exact[0]


def _found(provider: Provider, municipality_id: int, field: str, name: str) -> list[Staff]:
    """Return the people of one municipality whom the name may mean; the municipality's number is known by now."""
    people = Staff.objects.select_related("municipality").filter(municipality_id=municipality_id)
    if provider.municipality:
        people = people.filter(municipality__code=provider.municipality)
    wanted = Q(**{field: name})
    if provider.kind in ("LDAP", "REMOTE_USER") and name.isascii():
        wanted |= Q(**{f"{field}__iexact": name})
    with as_tenant(municipality_id):
        return list(people.filter(wanted)[:10])
