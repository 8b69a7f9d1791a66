"""Settings: one file, environment only (names: docs/operations.md).

Three variables run the product: SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)

# A key that anybody can read in the repository signs nothing: without one the start stops with a sentence.
SECRET_KEY = env.str("SECRET_KEY", default="")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing or weak. Set it to at least 50 random characters, for example the output of: "
        'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
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
    "config.middleware.RequestIdMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.DatabaseUnavailableMiddleware",
    "config.middleware.ReadableCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "access.middleware.SignInRequiredMiddleware",
    "organization.middleware.ActorMiddleware",
    "access.middleware.RefusalMiddleware",
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
# SQLite is first-class: WAL for readers beside a writer, FULL so that an acknowledged answer survives a
# power cut, IMMEDIATE so that two writers wait for each other instead of failing (docs/adr/0003).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # INSERT OR REPLACE deletes without asking the triggers that guard history, unless they are recursive.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
}
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
    if DATABASES["default"]["NAME"] == str(VAR_DIR / "db.sqlite3"):
        VAR_DIR.mkdir(exist_ok=True)
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
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
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SIGNIN_CODE_DAYS = 14

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

# --- Cookies and transport ------------------------------------------------------------------------------
# A closed network may serve plain HTTP; HTTPS is switched on with one variable once a certificate is there.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
if env.bool("TRUSTED_PROXY", default=False):
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
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "manifest-src": ["'self'"],
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
ATTACHMENT_MAX_BYTES = 5 * 1024 * 1024

# --- Language and time ----------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

# --- Static files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", ("manual", BASE_DIR / "docs" / "manual" / "img")]
STATIC_ROOT = VAR_DIR / "static"
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
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.logs.RequestIdFilter"}},
    "formatters": {"line": {"()": "config.logs.QuietFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Of every page it says which CSS it does not know.
        "weasyprint": {"level": "ERROR"},
        "weasyprint.progress": {"level": "ERROR"},
    },
}

SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # CSRF middleware is there; the check does not know our order
    # Whether other hosts of the municipality speak HTTPS, and lists in browsers, are not ours to decide.
    "security.W005",
    "security.W021",
    *([] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]),
]
