"""How gunicorn serves the product: `.venv/bin/python -m gunicorn -c config/gunicorn.py` (docs/operations/running.md).

Synchronous workers behind a proxy that buffers: a worker holds one request at a time, and must never wait for a slow client.
Values come from the environment; what is not named there is not meant to be changed.
"""

import gc
import logging.config
import os
import sys
from pathlib import Path

from gunicorn import glogging

# gunicorn reads this file by its path, before it looks for the application.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from config.logs import configuration


def _number(name: str, default: int, least: int = 0) -> int:
    value = int(os.environ.get(name) or default)
    if value < least:
        raise ValueError(f"{name} is {value} and must be at least {least}.")
    return value


class Logger(glogging.Logger):
    """Writes through our own handlers, and no access log: its lines hold paths, queries and addresses.

    REQUEST_LOG=true asks the application for a line of each request instead.
    """

    def setup(self, cfg):
        """Take our configuration in place of gunicorn's own."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.loglevel = self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO)
        logging.config.dictConfig(configuration(os.environ.get("LOG_FORMAT") or "line"))
        self.error_log.setLevel(self.loglevel)

    def access(self, resp, req, environ, request_time):
        """Write nothing."""


wsgi_app = "config.wsgi"
bind = os.environ.get("LISTEN") or "127.0.0.1:8000"
worker_class = "sync"
workers = _number("WEB_CONCURRENCY", 3, 1)
# What waits while every worker is busy; beyond it the proxy is refused, and says so.
backlog = _number("LISTEN_BACKLOG", 512, 1)

# A worker that has not answered for so long is killed. The proxy gives up a little earlier, with a page of its own.
timeout = _number("REQUEST_TIMEOUT", 120, 10)
# Told to stop, a worker ends the request that it has, whatever the request was promised.
graceful_timeout = timeout
# Against memory that grows: a worker is replaced between two requests, never all at the same time.
max_requests = _number("MAX_REQUESTS", 5000)
max_requests_jitter = max_requests // 5

# Nothing that a browser sends to us is longer; cookies and the answers of SAML and OpenID Connect fit in.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# Whom to believe about the client is asked by the application (TRUSTED_PROXY), and by nobody before it.
forwarded_allow_ips = ""
proxy_protocol = False
# Another spelling of a header that only a proxy may set is dropped.
header_map = "drop"

# A worker shows that it lives by touching a file: in memory, so that a slow disk does not look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # memory, only files of gunicorn # noqa: S108 # nosec B108
umask = 0o077
proc_name = "skill-rirekisho"
# Signals say all that is needed; nobody else talks to this process.
control_socket_disable = True


def post_worker_init(worker):
    """Take what the application is made of out of what the collector of garbage looks through, again and again.

    A page of a large city makes enough objects for several rounds, each of which took 0.15 s over code that never goes.
    """
    gc.collect()
    gc.freeze()


logger_class = Logger
loglevel = os.environ.get("LOG_LEVEL") or "info"
