"""Settings of a server that is stopped in the middle: it writes down which requests it has begun."""

import os
import time
from pathlib import Path

from tests.drills.served_settings import *  # noqa: F403
from tests.drills.served_settings import MIDDLEWARE as OURS

MIDDLEWARE = ["tests.drills.slow_settings.BegunMiddleware", *OURS]


class BegunMiddleware:
    """Notes the number of a request in the file BEGUN before anything else, and takes its time with it."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.file = Path(os.environ["BEGUN"])

    def __call__(self, request):
        if number := request.GET.get("number"):
            with self.file.open("a") as file:
                file.write(f"{number}\n")
            time.sleep(float(request.GET["seconds"]))
        return self.get_response(request)
