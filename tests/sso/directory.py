"""A real slapd on loopback, with a certificate of a CA of its own."""

import datetime
import ipaddress
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BASE = "dc=mihon,dc=example"
READER, READER_PASSWORD = f"cn=reader,{BASE}", "the reader's own"
PEOPLE = {
    "honnin": "honnin-password",
    "dourei": "dourei-password",
    "stranger": "stranger-password",
    "star*name": "star-password",
}


def certificates(folder: Path) -> None:
    """Write ca.pem, and cert.pem and key.pem for 127.0.0.1 alone."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA of the tests")])
    now = datetime.datetime.now(datetime.UTC)

    def made(subject, public_key):
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(ca_name).public_key(public_key)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )  # fmt: skip

    ca = made(ca_name, ca_key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    server = made(subject, key.public_key()).add_extension(host, critical=False)
    for name, certificate in (("ca", ca), ("cert", server)):
        pem = certificate.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        (folder / f"{name}.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def start(program: str, folder: Path, ldap: int, ldaps: int) -> subprocess.Popen:
    """Fill a directory and start it; the caller waits for the ports and ends the process."""
    certificates(folder)
    (folder / "data").mkdir()
    (folder / "slapd.conf").write_text(f"""
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
# A directory that takes a bind without a password for nobody, and says yes: the trap.
allow bind_anon_cred bind_anon_dn
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix "{BASE}"
directory {folder}/data
access to attrs=userPassword by anonymous auth
access to * by dn.exact="{READER}" read by * none
""")
    lines = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: mihon\ndc: mihon\n"]
    reader = f"objectClass: organizationalRole\nobjectClass: simpleSecurityObject\nuserPassword: {READER_PASSWORD}\n"
    lines.append(f"dn: {READER}\n{reader}cn: reader\n")
    lines.extend(
        f"dn: uid={name},{BASE}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
        f"employeeNumber: {at:07}\nuserPassword: {password}\n"
        for at, (name, password) in enumerate(PEOPLE.items())
    )
    (folder / "people.ldif").write_text("\n".join(lines))
    slapadd = [program, "-T", "add", "-f", folder / "slapd.conf", "-l", folder / "people.ldif"]
    subprocess.run(slapadd, check=True, capture_output=True)
    return subprocess.Popen(
        [
            program, "-d", "0", "-f", folder / "slapd.conf",
            "-h", f"ldap://127.0.0.1:{ldap}/ ldaps://127.0.0.1:{ldaps}/",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
