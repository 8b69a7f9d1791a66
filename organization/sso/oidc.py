"""OpenID Connect: code flow with PKCE, state and nonce; the ID token checked by authlib and joserfc."""

import hmac
import secrets
import time
from urllib.parse import urlsplit

from organization.providers import Provider
from organization.sso.linking import REJECTED, STALE, UNREACHABLE, NotSignedIn

# Signed by the provider's private key: never `none`, never a shared secret that a public key could pass for.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LIFETIME = 600
_TIMEOUT = 10
_LEEWAY = 60


def begin(provider: Provider, redirect_uri: str) -> tuple[str, dict]:
    """Return where the browser goes, and what our session must remember until it comes back.

    Raises NotSignedIn where the provider cannot be reached.
    """
    with _Talk(provider, redirect_uri) as talk:
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        # A wish only: what was done is looked at when the answer comes.
        strength = {"acr_values": " ".join(wanted)} if (wanted := provider.words("REQUIRED_ACR")) else {}
        url, state = talk.client.create_authorization_url(
            talk.meta["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **strength
        )
    return url, {"state": state, "nonce": nonce, "verifier": verifier}


def finish(provider: Provider, redirect_uri: str, kept: dict, answer: dict) -> dict:
    """Return the claims of whom the provider signed in, every one of them checked; raises NotSignedIn.

    `kept` is what `begin` gave, taken out of the session: it serves once. `answer` is the query of the callback.
    """
    if not hmac.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
        raise NotSignedIn(STALE, "state")
    with _Talk(provider, redirect_uri) as talk:
        named = answer.get("iss")
        if named is None and talk.meta.get("authorization_response_iss_parameter_supported"):
            raise NotSignedIn(REJECTED, "iss of the answer is missing")
        if named is not None and named != provider.option("ISSUER"):
            raise NotSignedIn(REJECTED, "iss of the answer")
        if "error" in answer or "code" not in answer:
            raise NotSignedIn(STALE, "the provider refused")
        tokens = talk.tokens(answer["code"], kept["verifier"])
        return checked(provider, tokens, talk.keys(), nonce=kept["nonce"], now=int(time.time()))


def checked(provider: Provider, tokens: dict, keys: dict, *, nonce: str, now: int) -> dict:
    """Return the claims of an ID token: signature, iss, aud, azp, exp, iat, nonce, at_hash; raises NotSignedIn."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    client, issuer = provider.option("CLIENT_ID"), provider.option("ISSUER")
    try:
        token = jwt.decode(tokens.get("id_token", ""), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": client},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            {"client_id": client, "nonce": nonce, "access_token": tokens.get("access_token")},
        )
        claims.validate(now=now, leeway=_LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotSignedIn(REJECTED, f"ID token: {type(error).__name__}") from error
    audience = claims["aud"]
    if audience != client and audience != [client]:
        # A token that is meant for others too is not for us to take.
        raise NotSignedIn(REJECTED, "aud names others")
    return dict(claims)


class _Talk:
    """One conversation with a provider, whose failures of any kind become one sentence."""

    def __init__(self, provider: Provider, redirect_uri: str) -> None:
        from authlib.integrations.requests_client import OAuth2Session

        self.provider = provider
        self.client = OAuth2Session(
            provider.option("CLIENT_ID"),
            provider.option("CLIENT_SECRET"),
            scope=provider.option("SCOPE", "openid profile"),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        if provider.option("CA_FILE"):
            self.client.verify = provider.option("CA_FILE")
        issuer = provider.option("ISSUER")
        self.meta = self._json(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if self.meta.get("issuer") != issuer:
            raise NotSignedIn(UNREACHABLE, "issuer of the discovery document")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(issuer).scheme == "https" != urlsplit(str(self.meta.get(name))).scheme:
                raise NotSignedIn(UNREACHABLE, f"{name} is no https")

    def __enter__(self) -> "_Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def keys(self) -> dict:
        """Return the public keys of the provider, as they are now."""
        return self._json(self.meta["jwks_uri"])

    def tokens(self, code: str, verifier: str) -> dict:
        """Return what the provider gives for the code."""
        from authlib.common.errors import AuthlibBaseError
        from requests import RequestException

        methods = self.meta.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        self.client.token_endpoint_auth_method = (
            "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        )
        try:
            # The code and our secret go where the provider says, and nowhere on from there.
            return self.client.fetch_token(
                self.meta["token_endpoint"],
                code=code,
                code_verifier=verifier,
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:
            raise NotSignedIn(STALE, f"token: {type(error).__name__}") from error
        except (RequestException, ValueError) as error:
            raise NotSignedIn(UNREACHABLE, f"token: {type(error).__name__}") from error

    def _json(self, url: str) -> dict:
        from requests import RequestException

        try:
            found = self.client.get(url, timeout=_TIMEOUT, withhold_token=True, allow_redirects=False)
            found.raise_for_status()
            parsed = found.json()
        except (RequestException, ValueError) as error:
            raise NotSignedIn(UNREACHABLE, f"{type(error).__name__}") from error
        if not isinstance(parsed, dict):
            raise NotSignedIn(UNREACHABLE, "no JSON object")
        return parsed
