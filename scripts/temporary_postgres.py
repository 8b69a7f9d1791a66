"""Run a command with DATABASE_URL set to a PostgreSQL cluster of its own, which is gone afterwards.

Usage: python3 scripts/temporary_postgres.py COMMAND...

Standard library alone, so that it runs before anything is installed.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

START_SECONDS = 60
# What is lost in a crash of a throw-away database was worth nothing; tests take a third less time.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
    # Where somebody copies the cluster while others write and checkpoints pass, what the copy begins with stays.
    "wal_keep_size": "512MB",
}


def main(command: list[str]) -> int:
    """Run the command beside a cluster; returns the command's exit code, or 2 where no cluster could start."""
    if not command:
        print(__doc__)
        return 2
    # A kill must take the same way out as the end of the command.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        with cluster() as url:
            return run(command, {**os.environ, "DATABASE_URL": url})
    except StartFailedError as failure:
        print(failure, file=sys.stderr)
        return 2


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster, yield the URL of its database, put everything away. StartFailedError where none could start."""
    programs = find_programs()
    if programs is None:
        raise StartFailedError(
            "PostgreSQL is not installed: no initdb was found (apt-get install postgresql)."
        )
    owner = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="skill-postgres-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        password = secrets.token_urlsafe(16)
        create_cluster(programs, folder, password, owner)
        port = free_port()
        server = start_server(programs, folder, port, owner)
        yield f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            stop_server(server)
        shutil.rmtree(folder, ignore_errors=True)


class StartFailedError(Exception):
    """The cluster could not be made or did not answer; the text holds what PostgreSQL said."""


def find_programs() -> Path | None:
    """The folder with initdb and postgres, the newest version first; None where there is none.

    Debian keeps them off the PATH, one folder per version.
    """
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: [int(part) if part.isdigit() else 0 for part in path.parent.name.split(".")],
        reverse=True,
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: None for the caller, else (the caller is root, whom initdb refuses) a user without rights."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("Neither a user postgres nor nobody is there to run PostgreSQL as.")


def _as_user(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments with which a subprocess drops root's rights."""
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def create_cluster(
    programs: Path, folder: Path, password: str, owner: pwd.struct_passwd | None, *more: str
) -> None:
    """Make an empty cluster in folder/data, to be entered by that password alone; `more` goes to initdb."""
    password_file = folder / "password"
    password_file.write_text(password)
    if owner is not None:
        os.chown(password_file, owner.pw_uid, owner.pw_gid)
    made = subprocess.run(
        [
            programs / "initdb",
            "--pgdata",
            folder / "data",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            *more,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        **_as_user(owner),
    )
    password_file.unlink()
    if made.returncode:
        raise StartFailedError(f"PostgreSQL did not start: {made.stdout}{made.stderr}")


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(
    programs: Path, folder: Path, port: int, owner: pwd.struct_passwd | None
) -> subprocess.Popen[bytes]:
    """Start the server and wait until it takes connections."""
    server = launch_server(programs, folder, port, owner)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            said = (folder / "log").read_text(errors="replace")
            raise StartFailedError(f"PostgreSQL did not start: {said}")
        ready = subprocess.run(
            [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
        )
        if ready.returncode == 0:
            return server
        time.sleep(0.05)
    stop_server(server)
    raise StartFailedError(f"PostgreSQL did not start: no answer within {START_SECONDS} seconds")


def launch_server(
    programs: Path,
    folder: Path,
    port: int,
    owner: pwd.struct_passwd | None,
    settings: Mapping[str, str] = SETTINGS,
) -> subprocess.Popen[bytes]:
    """Start the server and return at once.

    It has a process group of its own (an interrupt at the terminal reaches the command first), and the kernel
    stops it should this process be killed outright.
    """
    options = {**settings, "port": str(port), "unix_socket_directories": str(folder)}
    arguments = [argument for name, value in options.items() for argument in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *arguments],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            **_as_user(owner),
        )


def _die_with_parent() -> None:
    """Ask Linux to interrupt this process when its parent is gone (prctl PR_SET_PDEATHSIG); elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command to its end; returns its exit code, 128 + n where signal n ended it, 127 where it is unknown."""
    try:
        child = subprocess.Popen(command, env=environment)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    while True:
        try:
            code = child.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            # The terminal has interrupted the command too: let it end in its own way.
            continue
        except SystemExit:
            child.terminate()
            child.wait()
            raise


def stop_server(server: subprocess.Popen[bytes]) -> None:
    """Stop the server, at first politely."""
    for stop, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if server.poll() is not None:
            return
        server.send_signal(stop)
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def _leave(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an exit, so that everything is put away."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
