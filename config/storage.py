"""What is kept outside the database: static files with a hash in the name, messages in a cookie of ours alone."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import "./x.js"`, which Django leaves alone by default."""

    support_js_module_import_aggregation = True


class OwnCookieStorage(CookieStorage):
    """Messages in a cookie that no sibling host can plant, where the transport allows such names."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class MessageStorage(FallbackStorage):
    """Django's own choice, with that cookie."""

    storage_classes = (OwnCookieStorage, SessionStorage)
