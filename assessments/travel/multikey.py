"""Public keys as the world writes them: multibase (`z6Mk…`), `did:key`, and a fingerprint to read over a telephone. Pure."""

import hashlib

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {char: value for value, char in enumerate(_ALPHABET)}
# Multicodec ed25519-pub (0xed as a varint), then the 32 bytes of the key.
_ED25519 = b"\xed\x01"
_KEY_BYTES = 32
# z and 47 digits; a proof value is z and at most 88.
_LONGEST = 100
_GROUP = 4


class NoKey(ValueError):
    """The text is no Ed25519 public key."""


def base58(data: bytes) -> str:
    """Return bytes in base58btc, leading zeros as ones."""
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text: str) -> bytes:
    """Return the bytes of a base58btc text; ValueError for another letter or more than a key or a signature needs."""
    if len(text) > _LONGEST:
        raise ValueError("too long")
    number = 0
    for char in text:
        if char not in _DIGITS:
            raise ValueError("not base58btc")
        number = number * len(_ALPHABET) + _DIGITS[char]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def encode_key(raw: bytes) -> str:
    """Return the 32 bytes of a public key as multibase, z6Mk…"""
    return "z" + base58(_ED25519 + raw)


def decode_key(text: str) -> bytes:
    """Return the 32 bytes of a multibase public key; NoKey for anything else, other kinds of key included."""
    try:
        data = unbase58(text[1:]) if text[:1] == "z" else b""
    except ValueError:
        data = b""
    if (
        len(data) != len(_ED25519) + _KEY_BYTES
        or not data.startswith(_ED25519)
        or encode_key(data[2:]) != text
    ):
        raise NoKey(text[:_LONGEST])
    return data[2:]


def did_of(key: str) -> str:
    """Return the did:key of a multibase public key: a name that holds the key itself, so nobody is asked for it."""
    return f"did:key:{key}"


def key_of(did: str) -> str:
    """Return the multibase key of a did:key, without or with its fragment; NoKey for anything else."""
    name, _, fragment = did.removeprefix("did:key:").partition("#")
    if not did.startswith("did:key:") or fragment not in ("", name):
        raise NoKey(did[:_LONGEST])
    decode_key(name)
    return name


def fingerprint(key: str) -> str:
    """Return the first 16 bytes of the SHA-256 of a public key as eight groups of four hexadecimal digits."""
    digits = hashlib.sha256(decode_key(key)).hexdigest()[: 8 * _GROUP].upper()
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))
