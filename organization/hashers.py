"""The password hash of this product."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the OWASP minimum m=19456 KiB, t=2, p=1: about 30 ms, so that an office can sign in at once."""

    memory_cost = 19456
    time_cost = 2
    parallelism = 1
