"""The SAML provider of another maker, as a process of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.processes import ROOT, free_port, missing, stop, wait_for
from tests.sso import saml_forge as f


@contextmanager
def running(acs: str) -> Iterator[str]:
    """Start `samlp`, which answers to this address of ours; give its own address."""
    made = subprocess.run(
        [ROOT / "scripts" / "verifier", "identity"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        missing(f"The SAML provider could not be installed: {made.stderr}")
    port, (key, certificate, _) = free_port(), f.key_pair("idp")
    program = [
        "node",
        "--no-deprecation",
        ROOT / "tests" / "identity" / "saml.mjs",
        ROOT / "var" / "identity",
    ]
    process = subprocess.Popen(
        [*program, str(port), f.IDP, key, certificate, acs],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)
