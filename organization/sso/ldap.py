"""LDAP: the directory is asked whether name and password belong together (a bind), over TLS with its certificate checked.

By ldap3, which is Python alone (docs/adr/0051).
"""

import ssl

from organization.providers import Provider
from organization.sso.linking import REJECTED, UNREACHABLE, NotSignedIn

# One sentence for a wrong name and a wrong password.
REFUSED = "ログイン名かパスワードが違います。庁内のパスワードを確かめて、もう一度入力してください。"
_TIMEOUT = 8


def check(provider: Provider, name: str, password: str) -> str:
    """Return the name that the directory vouches for; raises NotSignedIn for a wrong one and for no answer.

    An empty password is refused before anything is asked: a directory takes a bind without one as nobody, and says yes.
    """
    from ldap3.core.exceptions import LDAPException, LDAPInvalidDnError, LDAPSASLPrepError

    if not name.strip() or not password or "\0" in name + password:
        raise NotSignedIn(REFUSED, "empty")
    try:
        if provider.option("DN_TEMPLATE"):
            return _by_template(provider, name, password)
        return _by_search(provider, name, password)
    except (LDAPInvalidDnError, LDAPSASLPrepError) as error:
        # Of what was typed, not of the directory: signs that no password may have.
        raise NotSignedIn(REFUSED, "name or signs") from error
    except (LDAPException, OSError) as error:
        raise NotSignedIn(UNREACHABLE, f"LDAP: {type(error).__name__}") from error


def _by_template(provider: Provider, name: str, password: str) -> str:
    from ldap3.utils.dn import escape_rdn

    dn = provider.option("DN_TEMPLATE").replace("{name}", escape_rdn(name))
    if not _binds(provider, dn, password):
        raise NotSignedIn(REFUSED, "bind")
    return name


def _by_search(provider: Provider, name: str, password: str) -> str:
    from ldap3 import SUBTREE
    from ldap3.utils.conv import escape_filter_chars

    reader = _connection(
        provider, provider.option("BIND_DN") or None, provider.option("BIND_PASSWORD") or None
    )
    try:
        if not reader.bind():
            raise NotSignedIn(UNREACHABLE, "LDAP: the reader's own bind")
        wanted = provider.option("FILTER", "(sAMAccountName={name})").replace(
            "{name}", escape_filter_chars(name)
        )
        attributes = [provider.attribute] if provider.attribute else []
        reader.search(
            provider.option("BASE"), wanted, SUBTREE, attributes=attributes, size_limit=2, time_limit=_TIMEOUT
        )
        found = [entry for entry in reader.response or [] if entry.get("type") == "searchResEntry"]
    finally:
        reader.unbind()
    if len(found) != 1:
        # The same time as for somebody who is there: the bind is asked for either way.
        _binds(provider, f"cn=nobody,{provider.option('BASE')}", password)
        raise NotSignedIn(REFUSED, "search")
    if not _binds(provider, found[0]["dn"], password):
        raise NotSignedIn(REFUSED, "bind")
    if not provider.attribute:
        return name
    values = found[0]["attributes"].get(provider.attribute)
    values = values if isinstance(values, list) else [values]
    if len(values) != 1 or not isinstance(values[0], str):
        raise NotSignedIn(REJECTED, "attribute")
    return values[0]


def _binds(provider: Provider, dn: str, password: str) -> bool:
    connection = _connection(provider, dn, password)
    try:
        return connection.bind()
    finally:
        connection.unbind()


def _connection(provider: Provider, dn: str | None, password: str | None):
    """Return a connection under TLS, not yet bound. No referral is followed: it would carry the password elsewhere."""
    from ldap3 import NONE, Connection, Server
    from ldap3.core.exceptions import LDAPStartTLSError

    url = provider.option("URL")
    start_tls = provider.option("START_TLS").lower() == "true"
    tls = _tls(provider.option("CA_FILE") or None) if start_tls or url.startswith("ldaps:") else None
    server = Server(url, tls=tls, connect_timeout=_TIMEOUT, get_info=NONE)
    connection = Connection(
        server,
        user=dn,
        password=password,
        auto_referrals=False,
        receive_timeout=_TIMEOUT,
        raise_exceptions=False,
    )
    try:
        connection.open()
        if start_tls and not connection.start_tls():
            raise LDAPStartTLSError("refused")
    except Exception:
        if connection.socket is not None:
            connection.socket.close()
        raise
    return connection


def _tls(ca_file: str | None):
    """Return ldap3's TLS with the checks of Python's own ssl: certificate and host name, TLS 1.2 or newer.

    ldap3 compares host names by code of its own, written before Python did; that is not used.
    """
    from ldap3 import Tls

    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    class Checked(Tls):
        def wrap_socket(self, connection, do_handshake=False):
            connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)

    return Checked(validate=ssl.CERT_REQUIRED)
