"""The small site, with the packages that kept tokens before."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES_BY_NAME, INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "social_django",
]
MIDDLEWARE = [*MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]

# What these packages keep is the same everywhere; the database beside may be in use by other tests.
DATABASES = {"default": {**DATABASES_BY_NAME["sqlite"], "TEST": {"NAME": ":memory:"}}}
