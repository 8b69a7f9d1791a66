"""The private halves of signing keys: made, kept encrypted under SECRET_KEY, opened to sign. Pure but for randomness."""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assessments.travel.multikey import decode_key, encode_key

# Another purpose of the same secret derives another key.
_PURPOSE = b"skill-rirekisho signing key 1"


class KeyUnreadable(Exception):
    """The private half cannot be opened: SECRET_KEY is another than when it was made."""


class Signer:
    """A key that signs. `key` is its public half as multibase."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = encode_key(private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "Signer":
        """Return a fresh key from the operating system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def unseal(cls, sealed: bytes, secret: str) -> "Signer":
        """Return the key that `seal` hid under this secret; raises KeyUnreadable under another."""
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(_box(secret).decrypt(sealed)))
        except InvalidToken:
            raise KeyUnreadable from None

    def seal(self, secret: str) -> bytes:
        """Return the private half, encrypted."""
        return _box(secret).encrypt(self._private.private_bytes_raw())

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private.sign(data)


def is_signed(data: bytes, signature: bytes, key: str) -> bool:
    """Say whether the holder of a multibase public key signed these bytes; NoKey for a text that is no key."""
    try:
        Ed25519PublicKey.from_public_bytes(decode_key(key)).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _box(secret: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
