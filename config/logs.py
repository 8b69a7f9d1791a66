"""Log lines that name the request and never a person: no query string, no local variables."""

import contextvars
import logging
import re

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keeps the record."""
        record.request_id = request_id.get()
        return True


class QuietFormatter(logging.Formatter):
    """One line: time, level, logger, request id, message; of an exception its type and place only."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with whatever follows a `?` in a path removed."""
        return re.sub(r"\?\S*", "", super().format(record))

    def formatException(self, ei) -> str:  # noqa: N802 - the standard library's name
        """Return type and code places of an exception; its message may quote what a person wrote."""
        lines = []
        trace = ei[2]
        while trace is not None:
            code = trace.tb_frame.f_code
            lines.append(f"  {code.co_filename}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return "\n".join([*lines, ei[0].__name__])
