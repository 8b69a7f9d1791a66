"""How strongly a provider recognised somebody: what we ask for, what it answered, and whether that was a second factor.

`acr` is the class of the whole (OpenID Connect's claim, SAML's AuthnContextClassRef), `amr` are the single methods (RFC 8176;
in SAML the attribute in which AD FS and Entra ID name them).
"""

from organization.providers import Provider
from organization.sso.linking import WEAK, NotSignedIn

# What means "more than a password" wherever it is said; `..._SECOND_FACTOR` names a provider's own words instead.
SECOND_FACTOR = (
    "mfa",
    "http://schemas.microsoft.com/claims/multipleauthn",
    "https://refeds.org/profile/mfa",
)


def check_strength(provider: Provider, acr: object, amr: object) -> bool:
    """Return whether the provider vouches for a second factor; raises NotSignedIn where less was done than we require.

    One of the classes in `..._REQUIRED_ACR`, and every method in `..._REQUIRED_AMR`. What is no text counts for nothing.
    """
    said_acr = acr if isinstance(acr, str) else ""
    listed = amr if isinstance(amr, list | tuple | set) else [amr]
    said_amr = {method for method in listed if isinstance(method, str)}
    wanted = provider.words("REQUIRED_ACR")
    if wanted and said_acr not in wanted:
        raise NotSignedIn(WEAK, "acr")
    if not said_amr.issuperset(provider.words("REQUIRED_AMR")):
        raise NotSignedIn(WEAK, "amr")
    return not {said_acr, *said_amr}.isdisjoint(provider.words("SECOND_FACTOR") or SECOND_FACTOR)
