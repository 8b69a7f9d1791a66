"""docs/operations/examples/cluster on one machine: every part on free ports of 127.0.0.1. No drill itself.

The files are those that an administrator copies. Addresses, folders, sizes and passwords are put in their place and nothing
else; what is not found in a file fails, so that the examples cannot drift away from what was tried.
"""

import contextlib
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts import temporary_postgres as temporary
from tests.drills.cluster_sweeper import postgres_of
from tests.drills.crowd import wait_until
from tests.drills.databases import NoDatabaseError
from tests.drills.serving import children_of, kill
from tests.processes import ROOT, free_port

EXAMPLES = ROOT / "docs" / "operations" / "examples" / "cluster"
NODES = (1, 2, 3)
PROGRAMS = ("etcd", "patroni", "haproxy", "pgbouncer")
_MACHINES = [f"10.20.0.{10 + number}" for number in NODES]
_START_SECONDS = 120
_HAS_MEMORY = os.access("/dev/shm", os.W_OK)


def missing_programs() -> list[str]:
    """Return what is not installed (scripts/system cluster)."""
    found = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    return found + ([] if temporary.find_programs() else ["postgres"])


def example(name: str, *, machine: int = 1, **places: str) -> str:
    """Return a file of the examples, as machine `machine` has it, with its places filled in.

    `places` are words of the file and what stands there instead; a word that is not in it is a KeyError. The keys are
    written with _ where the file has another sign, and looked up in `_WORDS`.
    """
    lines = [
        _of_machine(line, machine)
        for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith(("#", ";"))
    ]
    text = "\n".join([*lines, ""])
    for key, value in places.items():
        word = _WORDS[key]
        if word not in text:
            raise KeyError(f"{name} has no {word!r}")
        text = text.replace(word, value)
    return text


_WORDS = {
    "etcd_data": "/var/lib/etcd/skill",
    "data": "/var/lib/postgresql/15/skill",
    "programs": "/usr/lib/postgresql/15/bin",
    "pgpass": "/var/lib/postgresql/pgpass-skill",
    "sockets": "/var/run/postgresql",
    "superuser": "SUPERUSER-PASSWORD",
    "replication": "REPLICATION-PASSWORD",
    "rewind": "REWIND-PASSWORD",
    "network": "10.20.0.0/24",
    # A machine that others use as well has no room for three of the size of a server, and no device to reset it.
    "memory": "shared_buffers: 1GB",
    "watchdog": "mode: automatic",
    # After a failover replicas are read again within the drill.
    "restart_point": "checkpoint_timeout: 5min",
    "haproxy_user": "    user haproxy\n    group haproxy\n",
    "leader": "127.0.0.1:5000",
    "replicas": "127.0.0.1:5001",
    "leader_port": "port=5000",
    "replica_port": "port=5001",
    "pool_port": "listen_port = 6432",
    "userlist": "/etc/pgbouncer/userlist.txt",
    "app": "APP-PASSWORD",
}


def _of_machine(line: str, machine: int) -> str:
    """Return a line of the first machine's file as another has it; one that names all three is the same on each."""
    if all(address in line for address in _MACHINES):
        return line
    if line.lstrip().startswith("server "):
        return line
    return line.replace(_MACHINES[0], _MACHINES[machine - 1]).replace("db1", f"db{machine}")


class Addresses:
    """A free port of loopback for each address of the examples."""

    def __init__(self) -> None:
        self._ports: dict[str, int] = {}

    def is_at(self, address: str, port: int) -> None:
        """Say where something listens that has chosen its port itself."""
        self._ports[address] = port

    def port(self, address: str) -> int:
        """Return the port that stands for an address such as 10.20.0.11:5432; the same one each time."""
        while address not in self._ports:
            port = free_port()
            if port not in self._ports.values():
                self._ports[address] = port
        return self._ports[address]

    def put_into(self, text: str) -> str:
        """Return a text in which every address of the examples is one of loopback."""

        def local(found: Any) -> str:
            return f"127.0.0.1:{self.port(found.group(0))}"

        text = re.sub(r"10\.20\.0\.[0-9]+:[0-9]+", local, text)
        # HAProxy asks Patroni on a port beside that of the database.
        text = re.sub(
            r"server db(\d) (\S+) check port 8008",
            lambda found: (
                f"server db{found[1]} {found[2]} check port {self.port(f'10.20.0.1{found[1]}:8008')}"
            ),
            text,
        )
        if "10.20." in text:
            raise KeyError(f"an address of the examples is left: {text[text.index('10.20.') :][:40]}")
        return text


class Parts:
    """What runs as a user without rights in one folder, each with a log; `sweep` ends what Patroni has started."""

    def __init__(self, folder: Path):
        self.folder, self.owner = folder, temporary.unprivileged_user()
        # etcd has a disk of its own, which three of them beside three databases would not have here.
        self.quick = Path(
            tempfile.mkdtemp(prefix="skill-cluster-", dir="/dev/shm" if _HAS_MEMORY else folder)
        )
        self.give(folder, self.quick)
        # PostgreSQL outlives Patroni, and must not outlive the drill.
        self._sweeper = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.cluster_sweeper", str(folder), str(self.quick)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def give(self, *paths: Path) -> None:
        """Give files and folders to the user of the parts."""
        if self.owner is not None:
            for path in paths:
                os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def write(self, name: str, text: str) -> Path:
        """Write a file that they alone may read."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        self.give(path)
        return path

    def make(self, name: str) -> Path:
        """Make a folder of theirs."""
        path = self.folder / name
        path.mkdir(mode=0o700)
        self.give(path)
        return path

    def start(
        self, log: str, *command: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen:
        """Start a program, which the kernel ends with this process."""
        with (self.folder / f"{log}.log").open("ab") as said:
            return subprocess.Popen(
                [shutil.which(command[0], path=_path()) or command[0], *command[1:]],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**_plain(self.owner), **(environment or {})},
                start_new_session=True,
                preexec_fn=temporary._die_with_parent,
                **temporary._as_user(self.owner),
            )

    def log(self, name: str) -> str:
        """Return the end of what a part has said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def close(self) -> None:
        """End what is left, and the sweeper with it."""
        assert self._sweeper.stdin is not None
        self._sweeper.stdin.close()
        self._sweeper.wait(60)


class Machine:
    """One machine of the database: etcd, Patroni, and the PostgreSQL that Patroni starts."""

    def __init__(self, parts: Parts, addresses: Addresses, number: int, secret: Mapping[str, str]):
        self.parts, self.name = parts, f"db{number}"
        here = f"10.20.0.{10 + number}"
        self.rest, self.port = addresses.port(f"{here}:8008"), addresses.port(f"{here}:5432")
        self.data = parts.make(self.name) / "data"
        sockets = parts.make(f"{self.name}-run")
        programs = temporary.find_programs()
        text = example("etcd.env", machine=number, etcd_data=str(parts.quick / f"{self.name}-etcd"))
        pairs = (line.split("=", 1) for line in addresses.put_into(text).splitlines() if line)
        self._etcd_said = dict(pairs)
        told = example(
            "patroni.yml",
            machine=number,
            data=str(self.data),
            programs=str(programs),
            pgpass=str(parts.folder / f"{self.name}-pgpass"),
            sockets=str(sockets),
            network="127.0.0.1/32",
            memory="shared_buffers: 64MB",
            watchdog="mode: 'off'",
            restart_point="checkpoint_timeout: 30s",
            **secret,
        )
        self._said = parts.write(f"{self.name}.yml", addresses.put_into(told))
        self.etcd: subprocess.Popen | None = None
        self.patroni: subprocess.Popen | None = None

    def start_etcd(self) -> None:
        """Start its member of etcd."""
        self.etcd = self.parts.start(f"{self.name}-etcd", "etcd", environment=self._etcd_said)

    def start_patroni(self) -> None:
        """Start Patroni, which makes or mends the database and starts it."""
        self.patroni = self.parts.start(f"{self.name}-patroni", "patroni", str(self._said))

    def asked(self) -> dict[str, Any]:
        """Return what its Patroni says of the cluster, {} where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/cluster", timeout=2) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return {}

    def kill(self) -> None:
        """Let the machine lose its power: everything on it ends at one moment."""
        found = self._processes()
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        for pid in found + self._processes():
            kill(pid)
        for one in (self.etcd, self.patroni):
            if one is not None:
                one.wait()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Cut the machine off: its connections stay open, and nothing answers or is answered."""
        found = self._processes()
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        found = [one.pid for one in (self.etcd, self.patroni) if one is not None and one.poll() is None]
        found += [each for pid in list(found) for each in children_of(pid)]
        return found + postgres_of(self.data)


class Cluster:
    """Three machines with a database, HAProxy, and a PgBouncer for each app server."""

    def __init__(self, folder: Path):
        if missing := missing_programs():
            raise NoDatabaseError(f"not installed: {', '.join(missing)} (scripts/system cluster postgres)")
        self.addresses, self.parts = Addresses(), Parts(folder)
        self.secret = {name: secrets.token_hex(12) for name in ("superuser", "replication", "rewind")}
        self.app_password = secrets.token_hex(12)
        self.machines = [Machine(self.parts, self.addresses, number, self.secret) for number in NODES]
        self.leader_port, self.replica_port = self.addresses.port("leader"), self.addresses.port("replicas")
        self.web_port = self.addresses.port("10.20.0.31:8080")
        self._others: list[subprocess.Popen] = []

    def start(self) -> None:
        """Start the machines and HAProxy; NoDatabaseError where nothing becomes of it."""
        for machine in self.machines:
            machine.start_etcd()
        for machine in self.machines:
            machine.start_patroni()
        text = example(
            "haproxy.cfg",
            haproxy_user="",
            leader=f"127.0.0.1:{self.leader_port}",
            replicas=f"127.0.0.1:{self.replica_port}",
        )
        file = self.parts.write("haproxy.cfg", self.addresses.put_into(text))
        self._others.append(self.parts.start("haproxy", "haproxy", "-db", "-f", str(file)))
        self.wait_whole()
        for process in self._others:
            if process.poll() is not None:
                said = [self.parts.log(path.stem) for path in self.parts.folder.glob("*.log")]
                raise NoDatabaseError(f"{process.args} has ended: {said}")

    def start_pool(self, number: int) -> int:
        """Start the PgBouncer of an app server and return its port."""
        port = free_port()
        userlist = self.parts.write(f"userlist-{number}.txt", example("userlist.txt", app=self.app_password))
        text = example(
            "pgbouncer.ini",
            leader_port=f"port={self.leader_port}",
            replica_port=f"port={self.replica_port}",
            pool_port=f"listen_port = {port}",
            userlist=str(userlist),
        )
        file = self.parts.write(f"pgbouncer-{number}.ini", text)
        self._others.append(self.parts.start(f"pgbouncer-{number}", "pgbouncer", str(file)))
        return port

    def members(self) -> dict[str, dict[str, Any]]:
        """Return what Patroni says of each machine, by its name, as the first that answers sees it."""
        for machine in self.machines:
            if found := machine.asked():
                return {one["name"]: one for one in found.get("members", [])}
        return {}

    def with_role(self, *roles: str) -> list[Machine]:
        """Return the machines that have a role and run: leader, sync_standby, replica."""
        running = {
            name
            for name, one in self.members().items()
            if one["role"] in roles and one["state"] in ("running", "streaming")
        }
        return [machine for machine in self.machines if machine.name in running]

    def is_whole(self) -> bool:
        """Say whether there are a leader and two that follow it, one of which every write waits for."""
        return bool(
            len(self.with_role("leader")) == 1
            and len(self.with_role("sync_standby", "replica")) == 2
            and self.with_role("sync_standby")
        )

    def wait_whole(self, seconds: float = _START_SECONDS) -> None:
        """Wait until it is; NoDatabaseError with what Patroni has said where it does not become so."""
        if not wait_until(self.is_whole, seconds):
            said = "\n".join(self.parts.log(f"{one.name}-patroni")[-1200:] for one in self.machines)
            raise NoDatabaseError(f"the cluster is not whole: {self.members()}\n{said}")

    def close(self) -> None:
        """Stop everything for good."""
        for machine in self.machines:
            machine.kill()
        for process in self._others:
            process.kill()
            process.wait()
        self.parts.close()


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def _plain(owner: pwd.struct_passwd | None) -> dict[str, str]:
    """Return an environment without anything of ours: what serves the database knows no key of the product."""
    return {
        "PATH": _path(),
        "LC_ALL": "C.UTF-8",
        "HOME": owner.pw_dir if owner else os.environ.get("HOME", "/"),
    }
