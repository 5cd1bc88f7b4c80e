"""``wsgi`` for gunicorn, ``asgi`` for uvicorn; AniList's minute is as long as ``LIVE_WINDOW`` says."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.live.settings")

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

wsgi = get_wsgi_application()
asgi = get_asgi_application()

from django_anilist import shared  # noqa: E402  its models want Django to be set up

shared.BUDGET_WINDOW = float(os.environ["LIVE_WINDOW"])
# An outage is waited out for half of AniList's minute, there and here.
shared.BREAKER_PERIOD = shared.BUDGET_WINDOW / 2
# As docs/operating.rst advises: what is there at the start is no garbage.
gc.collect()
gc.freeze()
