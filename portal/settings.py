"""All settings. What differs by machine comes from the environment; docs/settings.md lists every name."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.client_network import LOOPBACK
from portal.environment import Environment, database_settings, url_prefix
from portal.paths import ASSETS, BASE_DIR
from portal.private_files import FILE, FOLDER, private_folder
from portal.secrets import kept_secret, secret_setting
from portal.shared_cache import cache_settings

# Makes Django's generic classes subscriptable at run time: ModelAdmin[Team].
django_stubs_ext.monkeypatch()

env = Environment()
if (BASE_DIR / ".env").exists():
    Environment.read_env(BASE_DIR / ".env")

# All state: database, documents, the secret key, and the data of the embedded engine.
# Its parent must exist: on an unmounted disk, a new folder would look like an empty portal.
DATA_DIR = private_folder(Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve())

SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret.key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PORTAL_HOST = env.str("PORTAL_HOST", default="127.0.0.1")
PORTAL_PORT = env.int("PORTAL_PORT", default=8000)
# The path below which the portal is, as "/portal"; all addresses, cookies and redirects stay below it.
FORCE_SCRIPT_NAME = url_prefix(env.str("PORTAL_PATH", default="/"))
COOKIE_PATH = f"{FORCE_SCRIPT_NAME or ''}/"
WEB_THREADS = env.int("WEB_THREADS", default=8)

# The extraction API; without a URL, the embedded engine is used.
ANESYA_BASE_URL = env.str("ANESYA_BASE_URL", default="").rstrip("/")
ANESYA_API_KEY = env.str("ANESYA_API_KEY", default="")
ANESYA_SERVER = env.str("ANESYA_SERVER", default="FR-1")
ANESYA_SCHEME_WORD = env.str("ANESYA_SCHEME_WORD", default="")
# Further hosts that teams may connect to with API keys of their own; "*" allows any.
OWN_CONNECTION_HOSTS = env.list("OWN_CONNECTION_HOSTS", default=["api.anesya.app"])
# Networks of one's own to which webhooks may be sent; all others have to be public addresses, over HTTPS.
WEBHOOK_PRIVATE_NETWORKS = env.list("WEBHOOK_PRIVATE_NETWORKS", cast=ip_network, default=[])
# Days that messages of webhooks are kept with their log.
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", default=30)
# Encryption keys for the API keys of teams and second factors, newest first; SECRET_KEY if empty.
SEALING_KEYS = env.list("SEALING_KEYS", default=[])
ENGINE_HOST = env.str("ENGINE_HOST", default="127.0.0.1")
ENGINE_PORT = env.int("ENGINE_PORT", default=8001)
ENGINE_KEY = env.str("ENGINE_KEY", default="")

# Uploads. The API documents no limits; these are ours.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", default=50) * 1024 * 1024
DRAFTS_MAX_FILES = env.int("DRAFTS_MAX_FILES", default=1000)
DRAFTS_MAX_BYTES = env.int("DRAFTS_MAX_MB", default=5000) * 1024 * 1024
UPLOAD_MAX_PAGES = env.int("UPLOAD_MAX_PAGES", default=500)
# Requests that an API token may make in a minute, counted in each web process.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)
WORKER_THREADS = env.int("WORKER_THREADS", default=16)
# Folders of the server in which teams may watch folders for documents; without any, nobody can.
WATCHED_FOLDER_ROOTS = env.list("WATCHED_FOLDER_ROOTS", default=[])
# Mail servers, with a port if it is neither 993 nor 143, of which teams may read mailboxes; "*" allows any.
INCOMING_MAIL_HOSTS = env.list("INCOMING_MAIL_HOSTS", default=[])
# A folder on another disk for a counter that reveals when DATA_DIR and database were restored from a backup.
WITNESS_DIR = env.str("WITNESS_DIR", default="")
# Days that orphaned files stay in quarantine before they are deleted; 0 keeps them for ever.
QUARANTINE_DAYS = env.int("QUARANTINE_DAYS", default=90)
# Days that deleted documents stay in the trash, unless their team chose otherwise; 0 erases them at once.
TRASH_DAYS = env.int("TRASH_DAYS", default=30)
# Days that a guest link may be good for at most; 0 allows none.
GUEST_LINK_MAX_DAYS = env.int("GUEST_LINK_MAX_DAYS", default=90)
RECEIPTS_WITH_NAMES = env.bool("RECEIPTS_WITH_NAMES", default=False)
# An optional Celery broker; messages carry row ids only (see `celery_transport`).
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
CELERY_QUEUE = env.str("CELERY_QUEUE", default="extractions")
# The bearer token for /metrics and the details of /healthz; if empty, only staff may read them.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Seconds after an upload before "not found" from the API can be trusted (see extractions/forwarding).
SETTLING_SECONDS = env.int("SETTLING_SECONDS", default=120)
# Documents queued in the embedded engine at once; the rest wait in the portal, which shares fairly between people.
ENGINE_PROCESSES = env.int("ENGINE_PROCESSES", default=2)
ENGINE_BACKLOG = 2 * ENGINE_PROCESSES
ENGINE_CHILD_MEMORY_MB = env.int("ENGINE_CHILD_MEMORY_MB", default=1400)
# Hours after a document was resent at which to search for duplicates: the service may have accepted both.
DUPLICATE_SEARCH_HOURS = env.list("DUPLICATE_SEARCH_HOURS", cast=float, default=[24.0, 168.0])
# Scales all delays of forwarding (leases, backoff, deadlines), so that tests can run days in minutes.
FORWARDING_TIME_SCALE = env.float("FORWARDING_TIME_SCALE", default=1.0)

# Backups by the worker: where, how often, how many are kept, and what seals the keys; without it they are left out.
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUP_EVERY_HOURS = env.float("BACKUP_EVERY_HOURS", default=24)
BACKUP_KEEP = env.int("BACKUP_KEEP", default=14)
BACKUP_BEFORE_UPGRADE = env.bool("BACKUP_BEFORE_UPGRADE", default=True)
BACKUP_PASSPHRASE = env.str("BACKUP_PASSPHRASE", default="")

INSTALLED_APPS = [
    "portal",
    "portal.people",
    "portal.audit",
    "extractions",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "portal.request_ids.RequestIdMiddleware",
    "portal.middleware.ProxyMiddleware",
    "portal.request_encoding.TextValidationMiddleware",
    "extractions.views.conditional_polls.ConditionalPollMiddleware",
    "portal.middleware.MinimalNotModifiedMiddleware",
    "portal.middleware.PageCompressionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "extractions.views.store_unmounted.StoreMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.ClientIdentityMiddleware",
    "portal.audit.recording.ActorMiddleware",
    "portal.refused_access.RefusalMiddleware",
    "portal.middleware.NoStoreMiddleware",
    "portal.sessions.SessionEndMiddleware",
    "portal.people.devices.DeviceMiddleware",
    "portal.people.second_factors.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.TimeZoneMiddleware",
    "portal.middleware.BusyDatabaseMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ASSETS / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "extractions.context.navigation",
            ],
        },
    },
]

DATABASES = {"default": database_settings(env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"))}
# The cache shared by all processes, above all for sign-in limits: in the database, or in Redis.
CACHES = cache_settings(env.str("CACHE_URL", default=""))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "extractions:dashboard"
ACCOUNT_ADAPTER = "portal.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "portal.people.tokens.ResetTokenGenerator"  # noqa: S105 - a class
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# Neither mail, pages nor timing reveal whether an account exists.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "portal.people.sign_in_forms.SignInForm",
    "reauthenticate": "portal.people.sign_in_forms.ConfirmByPasswordForm",
    "change_password": "portal.people.sign_in_forms.NewPasswordForm",
    "set_password": "portal.people.sign_in_forms.FirstPasswordForm",
    "reset_password": "portal.people.forms.ResetRequestForm",
    "add_email": "portal.people.forms.NewAddressForm",
}
# Changes of credentials require reauthentication, and are notified by mail.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
# Disabled: they would lock out everybody behind the same address. Ours are in portal/people/sign_in_limits.py.
ACCOUNT_RATE_LIMITS = {"login": None, "reset_password": None}
SOCIALACCOUNT_ADAPTER = "portal.people.company.provider.SocialAccountAdapter"
DEVICE_COOKIE_NAME = "device"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Each sign-in by passkey takes two requests, and many people may share an address; there is nothing to guess.
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
# There is no sign-up, and changing an address requires reauthentication.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "portal.people.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "portal.people.sign_in_forms.SecondFactorForm",
    "reauthenticate": "portal.people.sign_in_forms.ConfirmBySecondFactorForm",
    "activate_totp": "portal.people.sign_in_forms.AuthenticatorAppForm",
    "add_webauthn": "portal.people.sign_in_forms.PasskeyForm",
    "edit_webauthn": "portal.people.sign_in_forms.PasskeyNameForm",
    "login_webauthn": "portal.people.sign_in_forms.PasskeySignInForm",
}

# Whoever signs in by a password needs a second factor.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)

# Sign-in by the company's account (OpenID Connect); without an issuer there is none.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = secret_setting(
    env.str("OIDC_CLIENT_SECRET", default=""), env.str("OIDC_CLIENT_SECRET_FILE", default="")
)
OIDC_NAME = env.str("OIDC_NAME", default="SSO")
OIDC_SCOPES = env.list("OIDC_SCOPES", default=["profile", "email"])
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="groups")
# Separated by semicolons, since names of groups may hold commas.
OIDC_GROUPS = [line for line in env.str("OIDC_GROUPS", default="").split(";") if line.strip()]
OIDC_TRUSTED_DOMAINS = env.list("OIDC_TRUSTED_DOMAINS", default=[])
OIDC_CREATE_ACCOUNTS = env.bool("OIDC_CREATE_ACCOUNTS", default=True)
OIDC_ONLY = env.bool("OIDC_ONLY", default=False)
OIDC_SESSION_SECONDS = env.float("OIDC_SESSION_HOURS", default=12) * 3600
TOKEN_SIGN_IN_DAYS = env.int("TOKEN_SIGN_IN_DAYS", default=30 if OIDC_ISSUER else 0)

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
FORMAT_MODULE_PATH = "portal.formats"
LOCALE_PATHS = [ASSETS / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ASSETS / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
STATIC_ROOT.mkdir(exist_ok=True)
if not (DATA_DIR / "installation.json").exists():
    # On an existing installation, a missing folder means an unmounted disk, which is waited for.
    MEDIA_ROOT.mkdir(exist_ok=True)
# Django's defaults would make stored files readable by others.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = FILE, FOLDER
# Uploads of any size go straight to disk, never into memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 500
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Whether mail is actually delivered.
MAIL_WORKS = not EMAIL_CONFIG["EMAIL_BACKEND"].endswith((".console.EmailBackend", ".dummy.EmailBackend"))
EMAIL_TIMEOUT = 15  # seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# The addresses of proxies whose X-Forwarded-Proto and X-Forwarded-For are believed, with BEHIND_HTTPS.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", cast=ip_network, default=LOOPBACK)
# Set to true behind a proxy that ends TLS and sets X-Forwarded-Proto and X-Forwarded-For.
if env.bool("BEHIND_HTTPS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Monitoring bypasses the proxy (see docs/https.md).
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(COOKIE_PATH[1:])}(healthz|metrics)$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)
    # HSTS preloading concerns a whole domain and takes months to undo, so it is not for one application to decide.
    SILENCED_SYSTEM_CHECKS = ["security.W021", *([] if SECURE_HSTS_INCLUDE_SUBDOMAINS else ["security.W005"])]
    # Browsers accept the __Host- prefix only from this host over HTTPS, so that sibling domains cannot set them.
    # Below a path, a cookie had better stay there, which __Host- does not allow.
    cookie_prefix = "__Secure-" if FORCE_SCRIPT_NAME else "__Host-"
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{cookie_prefix}sessionid", f"{cookie_prefix}csrftoken"
    DEVICE_COOKIE_NAME = f"{cookie_prefix}device"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = COOKIE_PATH
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=14) * 24 * 3600
SESSION_IDLE_SECONDS = env.float("SESSION_IDLE_HOURS", default=12) * 3600

REST_FRAMEWORK = {
    # Each view says who gets in.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "extractions.api.openapi.ScopedSchema",
    "EXCEPTION_HANDLER": "extractions.api.errors.handle_exception",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Extraction portal",
    "DESCRIPTION": "The dialect of the extraction API 0.8.1, with tokens of the portal; what begins with x_ is ours.",
    "VERSION": "0.8.1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DocumentStateEnum": "extractions.models.lifecycle.State",
        "ExportStateEnum": "extractions.models.export.Export.State",
        "PublicationStateEnum": "extractions.models.studio.SchemaPublication.State",
        "ServerEnum": "extractions.models.options.Server",
        "ServerChoiceEnum": "extractions.intake.routing.SERVER_CHOICES",
    },
}

LOG_FORMAT = env.str("LOG_FORMAT", default="text")
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT must be 'text' or 'json', not {LOG_FORMAT!r}.")

# Errors to Sentry and traces to OpenTelemetry, if set (see portal/telemetry.py).
SENTRY_DSN = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="production")
SENTRY_TRACES_SAMPLE_RATE = env.float("SENTRY_TRACES_SAMPLE_RATE", default=0.0)
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "portal.request_ids.RequestIdFilter"}},
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(levelname)s %(name)s %(process)d %(message)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "static_fields": {"program": "portal"},
            "timestamp": "time",
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "uvicorn.error": {"level": "CRITICAL"},
        "pikepdf": {"level": "WARNING"},
    },
}
