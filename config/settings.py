"""Settings: one file, environment only (names: docs/operations/README.md).

Three variables run the product: SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from config import databases, logs, transport
from config.keys import HOW, SHORTEST, weakness_of
from lib.networks import is_host_name, parse_networks
from organization.providers import form_targets, read_providers

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)

# A key that anybody can read in the repository signs nothing: without one the start stops with a sentence.
SECRET_KEY = env.str("SECRET_KEY", default="")
# Former keys, newest first: what was signed or sealed under them is still read (docs/adr/0058).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
for _name, _key in (
    ("SECRET_KEY", SECRET_KEY),
    *(("SECRET_KEY_FALLBACKS", one) for one in SECRET_KEY_FALLBACKS),
):
    if _why := weakness_of(_key):
        raise ImproperlyConfigured(
            f"{_name} is missing or weak: {_why}. "
            f"Set it to at least {SHORTEST} random characters, for example the output of: {HOW}"
        )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "access",
    "audit",
    "organization",
    "competency",
    "assessments",
    "gaps",
    "privacy",
    "config.apps.ConfigApp",
    "crispy_forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
]

# Outermost first. Database errors are caught outside everything that touches the database, and the headers
# are set outside that, so that an error page carries them too.
MIDDLEWARE = [
    # What only a proxy may say is gone before anything else looks at the request.
    "access.client.TrustedProxyMiddleware",
    "config.middleware.RequestIdMiddleware",
    "config.middleware.RequestLogMiddleware",
    "organization.middleware.NobodyMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.ApiOverHttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.DatabaseUnavailableMiddleware",
    "config.middleware.ReadableCookiesMiddleware",
    "config.middleware.ReadableFormsMiddleware",
    "config.middleware.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "organization.middleware.TenantMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.OwnFormsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organization.middleware.RemoteUserMiddleware",
    "organization.middleware.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "access.middleware.SignInRequiredMiddleware",
    "organization.middleware.ActorMiddleware",
    "organization.middleware.SecondFactorMiddleware",
    "access.middleware.RefusalMiddleware",
    "audit.middleware.RefusalTrailMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "config.context.chrome",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------------------
DATABASES = databases.databases(env, VAR_DIR)
# Reports and exports are read from a replica where there is one (docs/adr/0070).
DATABASE_ROUTERS = ["lib.replica.Router"] if "replica" in DATABASES else []
# The second wall: every table with the municipality of its rows, the tables of nobody, the functions that look past it.
_OWN = ("audit", "organization", "competency", "assessments", "gaps", "privacy")
ROW_WALL = [f"{app}.walls.ROW_WALL" for app in _OWN]
ROW_WALL_OPEN = "organization.walls.OPEN"
ROW_WALL_DOORS = "organization.walls.DOORS"
# What refuses changes of history (lib.guards.Guard), and what `verify` asks, from top to bottom (lib.soundness.Check).
GUARDS = [f"{app}.guards.GUARDS" for app in ("audit", "competency", "assessments", "gaps", "privacy")]
SOUNDNESS = [
    *(f"lib.structure.{name}.CHECKS" for name in ("soundness", "rows")),
    *(f"{app}.soundness.CHECKS" for app in _OWN),
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Sign-in --------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organization.Staff"
AUTHENTICATION_BACKENDS = ["organization.backends.StaffBackend"]
LOGIN_URL = "organization:login"
LOGIN_REDIRECT_URL = "assessments:home"
# Argon2id m=19456, t=2, p=1: PBKDF2's default cost stops 500 people signing in at 8:30 (docs/adr/0006).
PASSWORD_HASHERS = [
    "organization.hashers.LightArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "staff_number", "kana", "email"), "max_similarity": 0.6},
    },
    {"NAME": "organization.password_rules.MinimumLength"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "organization.password_rules.NoObviousWords"},
]
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=12)
# Of whoever has a second factor.
PASSWORD_MIN_LENGTH_WITH_FACTOR = min(PASSWORD_MIN_LENGTH, 8)
SIGNIN_CODE_DAYS = 14
# Other systems that may sign people in: OIDC_…, SAML_…, LDAP_…, REMOTE_USER_… (docs/adr/0051, 0057).
try:
    SIGN_IN_PROVIDERS = read_providers(env.ENVIRON)
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from None
# false takes the local form off the sign-in page; who needs it, システム管理, opens /login/?local=1.
LOCAL_SIGNIN = env.bool("LOCAL_SIGNIN", default=True) or not SIGN_IN_PROVIDERS

# 2段階認証 (docs/adr/0056): of whom it is asked, whether every sign-in by OIDC or REMOTE_USER counts as one, and the host
# name that passkeys are kept for where it is not the one in the address.
REQUIRE_SECOND_FACTOR = env.str("REQUIRE_SECOND_FACTOR", default="none")
PROVIDER_SECOND_FACTOR = env.str("PROVIDER_SECOND_FACTOR", default="said")
PASSKEY_RP_ID = env.str("PASSKEY_RP_ID", default="").lower()
if REQUIRE_SECOND_FACTOR not in ("none", "privileged", "all"):
    raise ImproperlyConfigured("REQUIRE_SECOND_FACTOR is none, privileged or all.")
if PROVIDER_SECOND_FACTOR not in ("said", "always"):
    raise ImproperlyConfigured("PROVIDER_SECOND_FACTOR is said or always.")
if PASSKEY_RP_ID and not is_host_name(PASSKEY_RP_ID):
    raise ImproperlyConfigured("PASSKEY_RP_ID is a host name alone: no address, no port, no https://.")

# --- The trail ------------------------------------------------------------------------------------------
# What signs the trail (docs/adr/0048): the first key signs, all verify. A key of its own outlives a change of SECRET_KEY.
AUDIT_KEYS = env.list("AUDIT_KEYS", default=[SECRET_KEY, *SECRET_KEY_FALLBACKS])
for _key in AUDIT_KEYS:
    if _why := weakness_of(_key):
        raise ImproperlyConfigured(f"AUDIT_KEYS has a weak key: {_why}. Make one with: {HOW}")
AUDIT_RETENTION_YEARS = env.int("AUDIT_RETENTION_YEARS", default=3)
# 知らせ: so many refusals, or records of so many people opened, by one account within ten minutes.
AUDIT_ALARM_REFUSALS = env.int("AUDIT_ALARM_REFUSALS", default=20)
AUDIT_ALARM_PEOPLE = env.int("AUDIT_ALARM_PEOPLE", default=30)

# What `rotate_keys` seals anew: functions that return (sealed anew, unreadable).
SEALED = ["assessments.workflow.signing_keys.seal_anew", "organization.workflow.factors.seal_anew"]

# --- Long work ------------------------------------------------------------------------------------------
# A queue in our own database, worked off by `manage.py db_worker` (docs/adr/0027); IMMEDIATE_TASKS does without one.
IMMEDIATE_TASKS = env.bool("IMMEDIATE_TASKS", default=False)
TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend"
        if IMMEDIATE_TASKS
        else "django_tasks_db.DatabaseBackend",
    }
}
# The kinds of long work and where each is written (organization.jobs.Kind).
JOB_KINDS = {
    "resumes": "gaps.resume_bundle.KIND",
    "export-csv": "assessments.export_job.CSV_JOB",
    "export-cp932": "assessments.export_job.CP932_JOB",
    "export-zip": "assessments.export_job.ZIP_JOB",
    "export-xlsx": "assessments.export_job.XLSX_JOB",
    "reminders": "assessments.reminder_job.KIND",
    "import-check": "organization.workflow.import_jobs.CHECK",
    "import-apply": "organization.workflow.import_jobs.APPLY",
}
# What HR brings in (organization.import_kind.ImportKind) and takes out (assessments.export_kind.ExportKind).
IMPORT_KINDS = {
    "organization": "organization.departments_import.KIND",
    "roster": "organization.roster_import.KIND",
    "ratings": "assessments.past_kinds.RATINGS",
    "entries": "assessments.past_kinds.ENTRIES",
}
EXPORT_KINDS = {
    "records": "assessments.export_kinds.LONG",
    "records-wide": "assessments.export_kinds.WIDE",
    "coverage": "gaps.export_kinds.COVERAGE",
    "measures": "gaps.export_kinds.MEASURES",
    "training-plan": "assessments.export_kinds.PLAN",
    "certifications": "assessments.export_kinds.CERTIFICATION",
    "trainings": "assessments.export_kinds.TRAINING",
    "progress": "assessments.progress_exports.PROGRESS",
    "unsubmitted": "assessments.progress_exports.UNSUBMITTED",
}
# A longer file is made as long work. CP932 is looked through before anything is sent, while somebody waits.
EXPORT_AT_ONCE_ROWS = 20_000
EXPORT_CHECKED_ROWS = 100_000

# --- Personal data --------------------------------------------------------------------------------------
# Every table and every column, whose it is and how long it is kept (lib/personal.py, docs/adr/0054).
PERSONAL_DATA = [
    "organization.personal.TABLES",
    "assessments.personal.TABLES",
    "competency.personal.TABLES",
    "gaps.personal.TABLES",
    "privacy.personal.TABLES",
    "audit.personal.TABLES",
    "config.personal.TABLES",
]

# --- Cookies and transport ------------------------------------------------------------------------------
# HTTPS on the network; the loopback of this machine needs none, and browsers take secure cookies there. Plain HTTP
# on a network only where somebody asks for it by name (docs/adr/0053).
HTTPS = env.bool("HTTPS", default=False)
PLAIN_HTTP = env.bool("PLAIN_HTTP", default=False)
if wrong := transport.problem(ALLOWED_HOSTS, https=HTTPS, plain_http=PLAIN_HTTP):
    raise ImproperlyConfigured(wrong)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
# No host beside ours, and nobody on plain HTTP, can plant a cookie under a name with this prefix.
COOKIE_PREFIX = "" if PLAIN_HTTP else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "config.storage.MessageStorage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# A session ends when it is left alone for so long, and in any case after so long (docs/adr/0062).
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=60)
SESSION_HOURS = env.int("SESSION_HOURS", default=10)
for _name, _value, _least in (
    ("SESSION_IDLE_MINUTES", SESSION_IDLE_MINUTES, 5),
    ("SESSION_HOURS", SESSION_HOURS, 1),
    ("PASSWORD_MIN_LENGTH", PASSWORD_MIN_LENGTH, 8),
):
    if _value < _least:
        raise ImproperlyConfigured(f"{_name} is {_value} and must be at least {_least}.")
SESSION_ENGINE = "organization.sessions"
SESSION_COOKIE_AGE = SESSION_IDLE_MINUTES * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
# The proxies that may say who asks and how (access/client.py): addresses and networks. `true`, as it was once written, is a
# proxy on this machine. From anybody else X-Forwarded-… and REMOTE_USER_HEADER are removed.
try:
    TRUSTED_PROXY = parse_networks(env.str("TRUSTED_PROXY", default=""))
except ValueError as error:
    raise ImproperlyConfigured(f"TRUSTED_PROXY: {error}") from None
REMOTE_USER_HEADER = env.str("REMOTE_USER_HEADER", default="")
if REMOTE_USER_HEADER and not TRUSTED_PROXY:
    raise ImproperlyConfigured(
        "REMOTE_USER_HEADER needs TRUSTED_PROXY: the addresses that may say who signed in."
    )
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Shaped like Django 6's SECURE_CSP, so that the move to it deletes our middleware (docs/adr/0007).
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    # Signing out goes on at the provider, where one is named.
    "form-action": ["'self'", *form_targets(SIGN_IN_PROVIDERS)],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "manifest-src": ["'self'"],
    # Text becomes markup in one place alone, static/js/inert.js, whose policy has this name.
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["inert"],
}
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

# --- Uploads --------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
IMPORT_MAX_BYTES = 20 * 1024 * 1024
# What is larger, some 3,000 lines of a roster, is checked and applied by the worker, not in the request.
IMPORT_AT_ONCE_BYTES = env.int("IMPORT_AT_ONCE_BYTES", default=400_000)
# What people attach and what long work makes. No URL leads here: views hand files out, after asking the right.
FILES_DIR = Path(env.str("FILES_DIR", default=str(VAR_DIR / "files")))
# Less room than this where files (or SQLite) lie, and /readyz says no: what is begun now could not be kept.
MIN_FREE_MB = env.int("MIN_FREE_MB", default=200)
ATTACHMENT_MAX_BYTES = 5 * 1024 * 1024

# --- Maintenance ----------------------------------------------------------------------------------------
# The file that is there while `manage.py maintenance on` holds (config/maintenance.py).
MAINTENANCE_FILE = Path(env.str("MAINTENANCE_FILE", default=str(VAR_DIR / "maintenance.json")))

# --- Language and time ----------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

# --- Static files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", ("manual", BASE_DIR / "docs" / "manual" / "img")]
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.HashedStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# --- Forms ----------------------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = ("dads",)
CRISPY_TEMPLATE_PACK = "dads"
CRISPY_FAIL_SILENTLY = False

# --- Mail and logs --------------------------------------------------------------------------------------
# Without EMAIL_URL nothing is sent: お願い are printed (docs/adr/0035). SITE_URL stands in the mails as the way in.
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default="webmaster@localhost")
EMAIL_TIMEOUT = 20
SITE_URL = env("SITE_URL", default="")

# No request body, no query string and no local variable reaches a log: they hold what people wrote.
try:
    LOGGING = logs.configuration(env.str("LOG_FORMAT", default="line"))
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from None
# A line for each request: status, method, the pattern of its URL, milliseconds.
REQUEST_LOG = env.bool("REQUEST_LOG", default=False)

SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # CSRF middleware is there; the check does not know our order
    # Whether other hosts of the municipality speak HTTPS, and lists in browsers, are not ours to decide.
    "security.W005",
    "security.W021",
    *([] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]),
]
