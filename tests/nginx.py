"""nginx as docs/operations/examples sets it up, on loopback: for the test of the example and the drill of slow clients."""

import contextlib
import datetime
import ipaddress
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.processes import ROOT, free_port, stop, wait_for

EXAMPLE = ROOT / "docs" / "operations" / "examples" / "nginx.conf"
# Of the program, which the example says nothing about; nothing of it lies outside the folder.
AROUND = """daemon off;
worker_processes 1;
{user}pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/skill.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """A running nginx: where it listens, encrypted and in clear, and where the server behind it should."""

    port: int
    plain_port: int
    server_port: int
    folder: Path


def program() -> str | None:
    """Return where nginx is, None where it is not installed. Debian keeps it off the PATH of ordinary users."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def configure(folder: Path, *, static: Path | None = None) -> Proxy:
    """Write the example down for this machine; AssertionError where it does not hold what has to be replaced."""
    proxy = Proxy(free_port(), free_port(), free_port(), folder)
    _certificate(folder)
    (folder / "pages").mkdir(exist_ok=True)
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in {
        "127.0.0.1:8000": f"127.0.0.1:{proxy.server_port}",
        "listen 80;": f"listen 127.0.0.1:{proxy.plain_port};",
        "listen 443 ssl;": f"listen 127.0.0.1:{proxy.port} ssl;",
        "/etc/ssl/skill/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "/srv/skill/var/static/": f"{static or ROOT / 'static'}/",
        "/srv/skill/var/pages": f"{folder}/pages",
        "skill.example.lg.jp": "localhost",
    }.items():
        if old not in text:
            raise AssertionError(f"the example has no {old} any more")
        text = text.replace(old, new)
    said = re.sub(r"#.*", "", text)
    if found := re.findall(
        r"/(?:srv|etc|var)/\S+", said.replace(str(folder), "").replace(str(static or ROOT), "")
    ):
        raise AssertionError(f"the example names {found}, which the test does not put elsewhere")
    (folder / "skill.conf").write_text(text, encoding="utf-8")
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), encoding="utf-8")
    return proxy


def command(proxy: Proxy, *more: str) -> list[str]:
    """Return how nginx is started on this configuration."""
    folder = str(proxy.folder)
    return [
        program() or "nginx",
        "-p",
        folder,
        "-c",
        f"{folder}/nginx.conf",
        "-e",
        f"{folder}/error.log",
        *more,
    ]


@contextlib.contextmanager
def running(folder: Path, *, static: Path | None = None) -> Iterator[Proxy]:
    """Yield an nginx that runs, with nothing behind it yet; stopped when the block ends."""
    proxy = configure(folder, static=static)
    process = subprocess.Popen(command(proxy), cwd=folder)
    try:
        wait_for(proxy.port, process)
        yield proxy
    finally:
        stop(process)


def _certificate(folder: Path) -> None:
    """Write a certificate of an hour for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "server.key").write_bytes(key.private_bytes(pem, kind, plain))
    (folder / "server.pem").write_bytes(made.public_bytes(pem))
