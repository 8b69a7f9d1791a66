"""The server as it is meant to be run, gunicorn behind nginx: slow clients, a stop and a restart under traffic.

Both are started from the files that an administrator copies: config/gunicorn.py and docs/operations/examples/nginx.conf.
"""

import contextlib
import http.client
import itertools
import os
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.management import call_command

from bench.bounds import Bound
from bench.results import Figure
from tests import nginx
from tests.processes import ROOT, stop, wait_for

FIGURES = {
    "slow.clients": Bound(200, "ms", per_database=False, timed=True),
    "stop.cut": Bound(0, "requests", per_database=False),
    "restart.refused": Bound(0, "requests", per_database=False),
}
# What is measured is the way to the database and not the database.
DATABASES = ("sqlite",)
SLOW, SECONDS_LONG, SECONDS_SHORT = 50, 60.0, 8.0
# How long a request of the stop takes, how many come at once, and how long they come before and after it.
TAKES, AT_ONCE, BEFORE, AFTER = 0.3, 8, 2.0, 1.5
PATIENCE = 30.0
# To the encrypted port and to the bare one; the certificate is ours and an hour old.
_TLS = ssl.create_default_context()
_TLS.check_hostname, _TLS.verify_mode = False, ssl.CERT_NONE


@dataclass
class Traffic:
    """What clients sent and what they got back, by the number of the request."""

    answers: dict[int, tuple[int, bool]] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)
    late: int = 0


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures, each on a server of its own."""
    if nginx.program() is None:
        raise RuntimeError("nginx is not installed (scripts/system nginx)")
    with tempfile.TemporaryDirectory(prefix="skill-slow-") as name, nginx.running(Path(name)) as proxy:
        call_command("maintenance", "page", f"{name}/pages/503.html", verbosity=0, stdout=sys.stderr)
        with serving(proxy):
            seconds = SECONDS_SHORT if short else SECONDS_LONG
            times = beside_slow_clients(proxy.port, seconds=seconds, tls=True)
        p95 = statistics.quantiles(times, n=20)[-1] * 1000
        behind = f"{len(times)} pages, median {statistics.median(times) * 1000:.0f} ms, worst {max(times) * 1000:.0f} ms"
        yield Figure("slow.clients", p95, behind)
        cut, behind = stopped(proxy)
        yield Figure("stop.cut", cut, behind)
        refused, behind = restarted(proxy)
        yield Figure("restart.refused", refused, behind)


@contextlib.contextmanager
def serving(proxy: nginx.Proxy, *more: str, door: socket.socket | None = None) -> Iterator[subprocess.Popen]:
    """Yield gunicorn on config/gunicorn.py behind the proxy, on a socket that somebody else holds where one is given."""
    process = start(proxy, *more, door=door)
    try:
        wait_for(proxy.server_port, process)
        # It listens before its workers have read the application.
        ask(proxy.port, "/login/")
        yield process
    finally:
        stop(process)


def start(proxy: nginx.Proxy, *more: str, door: socket.socket | None = None) -> subprocess.Popen:
    """Start gunicorn; with a `door` as systemd hands one over, number 3, and named in LISTEN_PID."""
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", *more]
    kept: tuple[int, ...] = ()
    if door is not None:
        kept = (door.fileno(),)
        command = ["sh", "-c", f'exec 3<&{kept[0]}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh", *command]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        pass_fds=kept,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.drills.slow_settings",
            "LISTEN": f"127.0.0.1:{proxy.server_port}",
            "WEB_CONCURRENCY": "2",
            "LOG_LEVEL": "critical",
            "BEGUN": str(proxy.folder / "begun"),
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "HTTPS": "true",
            "PLAIN_HTTP": "false",
            "TRUSTED_PROXY": "true",
        },
    )


def beside_slow_clients(port: int, *, seconds: float, tls: bool, patience: float = 5.0) -> list[float]:
    """Return how long each light page took while others send a byte a second; one that never came took `patience`."""
    with slow_clients(port, tls=tls):
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end or len(times) < 20:
            began = time.perf_counter()
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, _ = ask(port, "/login/", tls=tls, patience=patience)
                if status not in (200, 301):
                    raise RuntimeError(f"a light page answered {status}")
            times.append(time.perf_counter() - began)
            time.sleep(0.05)
    return times


@contextlib.contextmanager
def slow_clients(port: int, *, tls: bool = True) -> Iterator[None]:
    """Let SLOW clients send a byte a second meanwhile; all have begun when the block does."""
    ended = threading.Event()
    clients = [_slow_client(port, number, tls=tls) for number in range(SLOW)]

    def dribble() -> None:
        while not ended.wait(1.0):
            for number, client in enumerate(clients):
                try:
                    client.sendall(b"x")
                except OSError:
                    # Given up by the server: such a client comes again.
                    client.close()
                    with contextlib.suppress(OSError):
                        clients[number] = _slow_client(port, number, tls=tls)

    dribbling = threading.Thread(target=dribble)
    dribbling.start()
    try:
        time.sleep(1.5)
        yield
    finally:
        ended.set()
        dribbling.join()
        for client in clients:
            client.close()


def _slow_client(port: int, number: int, *, tls: bool) -> socket.socket:
    """Return a connection that has begun to ask: every second one is still at its headers, the others at their form."""
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    if tls:
        client = _TLS.wrap_socket(client, server_hostname="localhost")
    host = "Host: localhost\r\nX-Forwarded-Proto: https\r\n"
    if number % 2:
        client.sendall(f"GET /login/ HTTP/1.1\r\n{host}X-Slow: ".encode())
    else:
        form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n"
        client.sendall(f"POST /login/ HTTP/1.1\r\n{host}{form}\r\nusername=".encode())
    return client


def ask(port: int, path: str, *, tls: bool = True, patience: float = PATIENCE) -> tuple[int, bool]:
    """Return (status, whether it says when to come back) of an answer that came whole."""
    kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
    more = {"context": _TLS} if tls else {}
    connection = kind("127.0.0.1", port, timeout=patience, **more)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Retry-After") is not None
    finally:
        connection.close()


def under_traffic(proxy: nginx.Proxy, act: Callable[[], None], *, after: float = AFTER) -> Traffic:
    """Let clients come without a pause, do something in the middle, let them go on a little; return what they got."""
    (proxy.folder / "begun").unlink(missing_ok=True)
    traffic, ended, numbers, acted = Traffic(), threading.Event(), itertools.count(1), threading.Event()

    def come() -> None:
        while not ended.is_set():
            number = next(numbers)
            try:
                traffic.answers[number] = ask(proxy.port, f"/login/?number={number}&seconds={TAKES}")
                if acted.is_set() and traffic.answers[number][0] == 200:
                    traffic.late += 1
            except (OSError, http.client.HTTPException) as failure:
                traffic.broken[number] = type(failure).__name__
            if ended.wait(0.02):
                return

    threads = [threading.Thread(target=come) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(BEFORE)
        acted.set()
        act()
        time.sleep(after)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    return traffic


def begun(proxy: nginx.Proxy) -> set[int]:
    """Return the numbers of the requests that the server has begun."""
    file = proxy.folder / "begun"
    return {int(line) for line in file.read_text().split()} if file.exists() else set()


def stopped(proxy: nginx.Proxy, *more: str) -> tuple[int, str]:
    """Tell the server to stop under traffic; return how many requests were cut, and what lies behind.

    Cut is what was begun and not answered by the server, and what nobody answered. What came too late is told so, and
    when to come back.
    """
    with serving(proxy, *more) as server:
        traffic = under_traffic(proxy, lambda: server.send_signal(signal.SIGTERM))
        # Whoever watches learns it too: nothing stands behind /readyz any more.
        server.wait(PATIENCE)
        ready, _ = ask(proxy.port, "/readyz")
    served = {number for number, (status, _) in traffic.answers.items() if status == 200}
    turned = {number for number, answer in traffic.answers.items() if answer == (503, True)}
    if not served or not turned or ready != 503:
        raise RuntimeError(
            f"nothing was stopped: {len(served)} served, {len(turned)} turned away, {ready} at the end"
        )
    cut = (begun(proxy) - served) | set(traffic.broken) | (set(traffic.answers) - served - turned)
    behind = f"{len(served)} served, {traffic.late} of them after the word, {len(turned)} told to come back"
    return len(cut), behind


def restarted(proxy: nginx.Proxy, *, held: bool = True) -> tuple[int, str]:
    """Restart the server under traffic while the socket is held, as skill-server.socket does; return who was not served."""
    with contextlib.ExitStack() as stack:
        door = None
        if held:
            door = stack.enter_context(socket.create_server(("127.0.0.1", proxy.server_port), backlog=512))
        servers = [start(proxy, door=door)]
        stack.callback(lambda: [stop(server) for server in servers])
        wait_for(proxy.server_port, servers[0])
        # The socket answers before anybody is behind it.
        ask(proxy.port, "/login/")

        def restart() -> None:
            servers[0].send_signal(signal.SIGTERM)
            servers[0].wait(PATIENCE)
            servers.append(start(proxy, door=door))
            wait_for(proxy.server_port, servers[1])

        traffic = under_traffic(proxy, restart, after=2 * AFTER)
    refused = [number for number, (status, _) in traffic.answers.items() if status != 200]
    if not traffic.late:
        raise RuntimeError("nobody was served after the restart")
    return len(refused) + len(
        traffic.broken
    ), f"{len(traffic.answers)} answered, {traffic.late} since the restart began"
