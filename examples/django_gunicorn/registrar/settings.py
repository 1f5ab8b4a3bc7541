"""Django's settings: no database, no users, no cookies, answers in JSON."""

from __future__ import annotations

import os
import secrets

DEBUG = False
# Nothing is signed with it, but Django wants one to report an error.
SECRET_KEY = secrets.token_urlsafe(50)
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")
ROOT_URLCONF = "registrar.urls"
WSGI_APPLICATION = "registrar.wsgi.application"
INSTALLED_APPS = ()
MIDDLEWARE = ("registrar.failures.AnswerFailures",)
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # What the lines mean is in docs/operating.md.
    "loggers": {"geventconnpool_ext": {"handlers": ["stderr"], "level": "INFO"}},
}
