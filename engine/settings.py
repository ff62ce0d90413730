"""All settings of the engine. What differs by machine comes from the environment."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

# A checkout, or the folder in which an installed package is called.
BASE_DIR = Path(__file__).resolve().parent.parent
if not (BASE_DIR / "manage.py").exists():
    BASE_DIR = Path.cwd()
# NAME_FILE names a file that has the value of NAME.
env = environ.FileAwareEnv()
if (BASE_DIR / ".env").exists():
    environ.FileAwareEnv.read_env(BASE_DIR / ".env")

MEGABYTE = 1024 * 1024

ENGINE_DATA_DIR = Path(env.str("ENGINE_DATA_DIR", default=str(BASE_DIR / "var" / "engine"))).resolve()
# It holds documents, so all files are created private to their owner.
os.umask(0o077)
ENGINE_HOST = env.str("ENGINE_HOST", default="127.0.0.1")
ENGINE_PORT = env.int("ENGINE_PORT", default=8001)
ENGINE_THREADS = env.int("ENGINE_THREADS", default=8)

# The key and the credits (empty: no limit) of the default account, which is created at startup.
ENGINE_KEY = env.str("ENGINE_KEY", default="").strip()
ENGINE_BALANCE = env.int("ENGINE_BALANCE") if env.str("ENGINE_BALANCE", default="") else None

# Trades the accuracy of OCR for speed.
ENGINE_READING = env.str("ENGINE_READING", default="accurate")
if ENGINE_READING not in ("accurate", "fast"):
    raise ImproperlyConfigured(f"ENGINE_READING must be 'accurate' or 'fast', not {ENGINE_READING!r}.")

# Documents processed at the same time, and the resources of each.
ENGINE_PROCESSES = env.int("ENGINE_PROCESSES", default=2)
# Megabytes of resident memory for each child process.
ENGINE_CHILD_MEMORY_MB = env.int("ENGINE_CHILD_MEMORY_MB", default=1400)
# Its address space: OpenVINO and ONNX Runtime reserve about twice what they use.
ENGINE_CHILD_ADDRESS_SPACE_MB = 3 * ENGINE_CHILD_MEMORY_MB
ENGINE_SECONDS_PER_PAGE = env.float("ENGINE_SECONDS_PER_PAGE", default=30)
# Added to the seconds of the pages: loading models on a slow machine.
ENGINE_SECONDS_PER_DOCUMENT = env.float("ENGINE_SECONDS_PER_DOCUMENT", default=60)
ENGINE_MAX_UPLOAD = env.int("ENGINE_MAX_UPLOAD_MB", default=100) * MEGABYTE
ENGINE_MAX_PAGES = env.int("ENGINE_MAX_PAGES", default=500)
# Processing attempts per document: crashes and restarts of the engine cost one each.
ENGINE_MAX_ATTEMPTS = env.int("ENGINE_MAX_ATTEMPTS", default=3)

# Seconds before the second, third... attempt of a webhook, and whether plain http may leave this machine.
ENGINE_WEBHOOK_PAUSES = env.list("ENGINE_WEBHOOK_PAUSES", cast=float, default=[5, 60])
ENGINE_WEBHOOK_TIMEOUT = env.float("ENGINE_WEBHOOK_TIMEOUT", default=10)
ENGINE_WEBHOOK_HTTP = env.bool("ENGINE_WEBHOOK_HTTP", default=False)

# An optional language model that helps with parsing and classification.
ENGINE_LLM_URL = env.str("ENGINE_LLM_URL", default="")
ENGINE_LLM_MODEL = env.str("ENGINE_LLM_MODEL", default="")
ENGINE_LLM_KEY = env.str("ENGINE_LLM_KEY", default="").strip()
ENGINE_LLM_SECONDS = env.float("ENGINE_LLM_SECONDS", default=30)

# Nothing is signed and there are no sessions, so the key need not outlive the process.
SECRET_KEY = get_random_secret_key()
DEBUG = False
# Every response requires a key in a header, so Host header attacks gain nothing.
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = ["django.contrib.contenttypes", "rest_framework", "drf_spectacular", "engine"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "engine.urls"
APPEND_SLASH = True

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ENGINE_DATA_DIR / "engine.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL, since NORMAL may lose the last commits in a power cut. Deleted rows are overwritten.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

# Uploads of any size are streamed to the disk.
FILE_UPLOAD_TEMP_DIR = ENGINE_DATA_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
with contextlib.suppress(PermissionError):  # the folder belongs to another user
    ENGINE_DATA_DIR.chmod(0o700)
FILE_UPLOAD_HANDLERS = ["engine.api.upload_handler.DocumentUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = MEGABYTE
DATA_UPLOAD_MAX_NUMBER_FILES = 100
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["engine.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "engine.api.pagination.SizedPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "engine.api.errors.handle_exception",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Anesya API (local engine)",
    "DESCRIPTION": "A local server that speaks the extraction API 0.8.1. Paths under /x/ are its own.",
    "VERSION": "0.8.1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "engine.api.openapi_descriptions.complete_schema",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ServerEnum": "engine.models.Server.choices",
        "StatusEnum": "engine.models.Status.choices",
        "ExtractionStepEnum": "engine.models.ExtractionStep.choices",
    },
}

LOG_FORMAT = env.str("LOG_FORMAT", default="text")
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT must be 'text' or 'json', not {LOG_FORMAT!r}.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} engine {levelname} {name}: {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(levelname)s %(name)s %(message)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "static_fields": {"program": "engine"},
            "timestamp": "time",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("ENGINE_LOG_LEVEL", default="WARNING")},
}
