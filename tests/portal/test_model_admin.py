"""What every page of Django's admin has in common."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from portal.model_admin import BaseModelAdmin
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def test_an_empty_name_of_a_field_is_no_error():
    client = Client()
    client.force_login(make_person("Root", is_staff=True, is_superuser=True))
    statuses = {}
    for model, page in admin.site._registry.items():
        if isinstance(page, BaseModelAdmin):
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[0])
            statuses[model.__name__] = client.post(url, {"_to_field": ""}).status_code

    assert statuses
    assert set(statuses.values()) <= {302, 403}
