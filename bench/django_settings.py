"""What a Django project of one application needs as its settings."""

from __future__ import annotations

SETTINGS = """\
import os
from urllib.parse import urlsplit

url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": url.username,
        "HOST": url.hostname,
        "PORT": url.port,
    }
}
INSTALLED_APPS = ["shop"]
USE_TZ = True
SECRET_KEY = "for trying and measuring"
"""
"""The application is `shop`, on the database that DATABASE_URL names; what comes after is added to it."""
