"""Which view answers what."""

from __future__ import annotations

from django.urls import path, register_converter

from . import views


class DomainName:
    """A domain name in a path. What the registry thinks of it, it says itself."""

    regex = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"

    def to_python(self, value):
        """Return the name as views get it."""
        return value.lower()

    def to_url(self, value):
        """Return the name as it stands in a path."""
        return value


register_converter(DomainName, "domain_name")

urlpatterns = [
    path("domain/<domain_name:name>", views.domain),
    path("domain/<domain_name:name>/info", views.info),
    path("health", views.health),
]
