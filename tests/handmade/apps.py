"""The app of the tests that keeps tokens by hand."""

from django.apps import AppConfig


class HandmadeConfig(AppConfig):
    name = "tests.handmade"
    default_auto_field = "django.db.models.BigAutoField"
