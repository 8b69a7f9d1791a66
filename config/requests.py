"""The request as the server makes it, before any middleware could refuse what it says."""

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

# No charset: config.middleware.ReadableFormsMiddleware answers 400.
_UNREADABLE = {"charset": "unreadable"}


class Request(WSGIRequest):
    """Django's own, made also where the header Content-Type cannot be read: it names what no codec is, or holds NUL."""

    def _set_content_type_params(self, meta):
        """Read the header; one that cannot be read says that its form is in no charset of ours."""
        try:
            super()._set_content_type_params(meta)
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", dict(_UNREADABLE)


class Handler(WSGIHandler):
    """Django's own, with that request."""

    request_class = Request
