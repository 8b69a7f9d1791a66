"""The systems that may sign people in, read from the environment. Pure: the settings read it before Django is there.

Names: `OIDC_ISSUER`, `SAML_METADATA_FILE`, `LDAP_URL`; a second one of a kind `OIDC_2_ISSUER`, up to 9.
docs/operations/README.md lists them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lib.text import has_controls

USERNAME, STAFF_NUMBER = "username", "staff_number"

_NAME = re.compile(r"(OIDC|SAML|LDAP)_(?:([2-9])_)?([A-Z][A-Z0-9_]*)")
_COMMON = {"LABEL", "MATCH", "MUNICIPALITY", "ATTRIBUTE", "DOMAINS", "CA_FILE"}
_NEEDED = {
    "OIDC": {"ISSUER", "CLIENT_ID", "CLIENT_SECRET"},
    "SAML": {"METADATA_FILE"},
    "LDAP": {"URL"},
}
# How strongly somebody must have been recognised (organization/sso/strength.py).
_STRENGTH = {"REQUIRED_ACR", "REQUIRED_AMR", "SECOND_FACTOR"}
_ALLOWED = {
    "OIDC": {"SCOPE", "LOGOUT_URL", *_STRENGTH},
    "SAML": {
        "ISSUER",
        "ENTITY_ID",
        "SIGNED",
        "ALLOW_SHA1",
        "KEY_FILE",
        "CERT_FILE",
        "CLOCK_SKEW",
        "LOGOUT_URL",
        *_STRENGTH,
    },
    "LDAP": {"START_TLS", "DN_TEMPLATE", "BASE", "FILTER", "BIND_DN", "BIND_PASSWORD"},
}
_LABELS = {
    "OIDC": "庁内の認証",
    "SAML": "庁内の認証",
    "LDAP": "庁内のパスワード",
    "REMOTE_USER": "Windowsの認証",
}
_ATTRIBUTES = {"OIDC": "preferred_username", "SAML": "", "LDAP": "", "REMOTE_USER": ""}
# An address of mail under the names that SAML has for it.
_MAIL = ("email", "mail", "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:1.2.840.113549.1.9.1")
_LONGEST = 150


@dataclass(frozen=True)
class Provider:
    """One system. `slug` stands in its URLs; `how` is what the audit trail calls it."""

    slug: str
    kind: str
    label: str
    match: str = USERNAME
    municipality: str = ""
    attribute: str = ""
    domains: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def how(self) -> str:
        """Return the way of entering (organization/entering.py)."""
        return self.kind.lower()

    def option(self, name: str, default: str = "") -> str:
        """Return what stands in the variable of this name."""
        return self.options.get(name, default)

    def words(self, name: str) -> tuple[str, ...]:
        """Return the words that stand in the variable of this name, apart by spaces or commas."""
        return tuple(self.option(name).replace(",", " ").split())


def read_providers(environ: Mapping[str, str]) -> tuple[Provider, ...]:
    """Return every system that the environment names, in the order OIDC, SAML, LDAP, REMOTE_USER.

    Raises ValueError with a sentence for a variable that is missing, unknown or unsafe: better no start than a
    sign-in that is open wider than was meant.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, text in environ.items():
        parts = _NAME.fullmatch(name)
        if parts and text.strip():
            found.setdefault((parts[1], parts[2] or ""), {})[parts[3]] = text.strip()
    providers = [
        _provider(kind, number, found[kind, number])
        for kind in ("OIDC", "SAML", "LDAP")
        for number in sorted(n for k, n in found if k == kind)
    ]
    if environ.get("REMOTE_USER_HEADER", "").strip():
        names = ("LABEL", "MATCH", "MUNICIPALITY", "DOMAINS")
        options = {name: environ.get(f"REMOTE_USER_{name}", "").strip() for name in names}
        providers.append(
            _made("REMOTE_USER", "windows", "REMOTE_USER", {k: v for k, v in options.items() if v})
        )
    return tuple(providers)


def bare_name(provider: Provider, said: object) -> str:
    r"""Return the name in what a system said: `DOMAIN\user`, `user@realm` or a name alone; "" where it is none of ours.

    Where `domains` are set, the name must come with one of them: the `honnin` of another domain is somebody else.
    Where none are set, a name with a domain is refused for the same reason.
    """
    if not isinstance(said, str) or len(said) > _LONGEST or has_controls(said) or said != said.strip():
        return ""
    if "\\" in said:
        domain, _, name = said.partition("\\")
    elif "@" in said:
        name, _, domain = said.rpartition("@")
    else:
        domain, name = "", said
    if "\\" in name or "@" in name:
        return ""
    known = domain.casefold() in provider.domains if provider.domains else not domain
    return name if known else ""


def origin(url: str) -> str:
    """Return the origin of an address, as a Content Security Policy writes it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def form_targets(providers: tuple[Provider, ...]) -> list[str]:
    """Return the origins that our forms may lead to: where signing out goes on at the provider."""
    return sorted({origin(url) for provider in providers if (url := provider.option("LOGOUT_URL"))})


def _provider(kind: str, number: str, options: dict[str, str]) -> Provider:
    prefix = f"{kind}_{number}_" if number else f"{kind}_"
    for name in sorted(_NEEDED[kind] - options.keys()):
        raise ValueError(f"{prefix}{name} is missing.")
    for name in sorted(options.keys() - _NEEDED[kind] - _ALLOWED[kind] - _COMMON):
        raise ValueError(f"{prefix}{name} is no variable of ours (docs/operations/README.md).")
    for name in ("ISSUER", "LOGOUT_URL") if kind == "OIDC" else ("LOGOUT_URL",):
        _check_secure(prefix + name, options.get(name, ""), "https")
    if kind == "SAML":
        _check_saml(prefix, options)
    if kind == "LDAP":
        _check_ldap(prefix, options)
    return _made(kind, kind.lower() + (f"-{number}" if number else ""), prefix.rstrip("_"), options)


def _made(kind: str, slug: str, prefix: str, options: dict[str, str]) -> Provider:
    match = options.get("MATCH", USERNAME)
    if match not in (USERNAME, STAFF_NUMBER):
        raise ValueError(f"{prefix}_MATCH is {USERNAME} or {STAFF_NUMBER}.")
    if match == STAFF_NUMBER and "MUNICIPALITY" not in options:
        raise ValueError(f"{prefix}_MUNICIPALITY is missing: a 職員番号 is only known within one 団体コード.")
    attribute = options.get("ATTRIBUTE", _ATTRIBUTES[kind])
    if attribute.casefold() in _MAIL or attribute.casefold().endswith("/emailaddress"):
        raise ValueError(f"{prefix}_ATTRIBUTE: an address of mail does not say who somebody is.")
    return Provider(
        slug=slug,
        kind=kind,
        label=options.get("LABEL", _LABELS[kind]),
        match=match,
        municipality=options.get("MUNICIPALITY", ""),
        attribute=attribute,
        domains=tuple(word.casefold() for word in options.get("DOMAINS", "").replace(",", " ").split()),
        options=options,
    )


def _check_secure(name: str, url: str, scheme: str) -> None:
    parts = urlsplit(url)
    if url and parts.scheme != scheme and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"{name} must begin with {scheme}://.")


def _check_saml(prefix: str, options: dict[str, str]) -> None:
    if options.get("SIGNED", "assertion") not in ("assertion", "response"):
        raise ValueError(f"{prefix}SIGNED is assertion or response.")
    if ("KEY_FILE" in options) != ("CERT_FILE" in options):
        raise ValueError(f"{prefix}KEY_FILE and {prefix}CERT_FILE go together.")
    skew = options.get("CLOCK_SKEW", "0")
    if not skew.isdecimal() or int(skew) > 300:
        raise ValueError(f"{prefix}CLOCK_SKEW is a number of seconds up to 300.")


def _check_ldap(prefix: str, options: dict[str, str]) -> None:
    url, start_tls = options["URL"], options.get("START_TLS", "").lower() == "true"
    if urlsplit(url).scheme not in ("ldap", "ldaps"):
        raise ValueError(f"{prefix}URL must begin with ldaps:// or ldap://.")
    if not start_tls:
        _check_secure(f"{prefix}URL without {prefix}START_TLS=true", url, "ldaps")
    if "DN_TEMPLATE" in options:
        if options["DN_TEMPLATE"].count("{name}") != 1:
            raise ValueError(f"{prefix}DN_TEMPLATE must hold {{name}} once.")
    elif "BASE" not in options:
        raise ValueError(f"{prefix}BASE or {prefix}DN_TEMPLATE is missing.")
    if "{name}" not in options.get("FILTER", "{name}"):
        raise ValueError(f"{prefix}FILTER must hold {{name}}.")
