"""W3C Data Integrity proofs by Ed25519, in both canonical forms: JCS for records, RDF for Open Badges. Pure."""

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import rfc8785

from assessments.travel.canonical import canonical_rdf
from assessments.travel.keys import Signer, is_signed
from assessments.travel.multikey import NoKey, base58, did_of, key_of, unbase58

JCS = "eddsa-jcs-2022"
RDFC = "eddsa-rdfc-2022"
_CANONICAL: dict[str, Callable[[dict[str, Any]], bytes]] = {JCS: rfc8785.dumps, RDFC: canonical_rdf}

Document = dict[str, Any]


def timestamp(at: datetime.datetime) -> str:
    """Return a moment as proofs write it: UTC, whole seconds, Z."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_proof(document: Document, signer: Signer, *, suite: str, now: datetime.datetime) -> Document:
    """Return the document with a proof of this cryptosuite that the key's holder asserts it."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": timestamp(now),
        "verificationMethod": f"{did_of(signer.key)}#{signer.key}",
        "proofPurpose": "assertionMethod",
    }
    value = "z" + base58(signer.sign(_hashed(document, options)))
    return {**document, "proof": {**options, "proofValue": value}}


def is_proven(document: Document, *, suite: str) -> bool:
    """Say whether the proof of a document holds: by this cryptosuite, by the key of the did:key it names itself.

    Whose key that is, and whether it is trusted, is for the caller. False for every proof that cannot be read.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict):
        return False
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if (options.get("type"), options.get("cryptosuite")) != ("DataIntegrityProof", suite):
        return False
    value, method = proof.get("proofValue"), options.get("verificationMethod")
    if options.get("proofPurpose") != "assertionMethod" or not isinstance(value, str) or value[:1] != "z":
        return False
    unsigned = {name: part for name, part in document.items() if name != "proof"}
    try:
        return is_signed(_hashed(unsigned, options, suite), unbase58(value[1:]), key_of(str(method)))
    except (NoKey, ValueError):
        return False


def _hashed(document: Document, options: Document, suite: str = "") -> bytes:
    """Return what is signed: the hash of the proof's own options, then that of the document, both canonical."""
    canonical = _CANONICAL[suite or options["cryptosuite"]]
    if "@context" in document:
        options = {"@context": document["@context"], **options}
    return b"".join(hashlib.sha256(canonical(part)).digest() for part in (options, document))
