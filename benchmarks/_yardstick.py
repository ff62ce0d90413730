"""The least that takes an upload safely: one Django view that streams, hashes, syncs and inserts."""

from __future__ import annotations

import hashlib
import os
import sys
import uuid
from pathlib import Path

import django
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.serving import serve

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
TABLE = "CREATE TABLE IF NOT EXISTS document (id INTEGER PRIMARY KEY, path TEXT, sha256 TEXT, size INTEGER)"
INSERT = "INSERT INTO document (path, sha256, size) VALUES (%s, %s, %s)"

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for measuring",
    ALLOWED_HOSTS=["*"],
    FILE_UPLOAD_HANDLERS=["django.core.files.uploadhandler.TemporaryFileUploadHandler"],
    FILE_UPLOAD_TEMP_DIR=str(FOLDER),
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(FOLDER / "yardstick.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    },
)


def upload(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse()
    digest, size = hashlib.sha256(), 0
    document = request.FILES["document"]
    assert isinstance(document, UploadedFile)
    target = FOLDER / uuid.uuid4().hex
    with target.open("wb") as file:
        for block in document.chunks(256 * 1024):
            digest.update(block)
            size += len(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(FOLDER, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [target.name, digest.hexdigest(), size])
    return HttpResponse(status=201)


urlpatterns = [path("upload/", upload)]

if __name__ == "__main__":
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    serve(get_wsgi_application(), "127.0.0.1", PORT, threads=8, folder=FOLDER)
