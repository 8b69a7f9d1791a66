"""The private halves of signing keys: made, kept encrypted under SECRET_KEY, opened to sign."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assessments.travel.multikey import decode_key, encode_key
from lib.sealing import Unreadable, seal, unseal

PURPOSE = "skill-rirekisho signing key 1"


class KeyUnreadable(Exception):
    """The private half cannot be opened: neither SECRET_KEY nor a former one made it."""


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
    def unseal(cls, sealed: bytes) -> "Signer":
        """Return the key that `seal` hid under SECRET_KEY, today's or a former one; else raises KeyUnreadable."""
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(unseal(sealed, PURPOSE)))
        except Unreadable:
            raise KeyUnreadable from None

    def seal(self) -> bytes:
        """Return the private half, encrypted under today's SECRET_KEY."""
        return seal(self._private.private_bytes_raw(), PURPOSE)

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
