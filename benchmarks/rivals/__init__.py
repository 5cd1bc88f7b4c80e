"""AniList by other packages, as a careful site would write it, to meet the same faults as ours.

Each folder is one site. Its ``settings`` hold ``SETTINGS``, beside those of :mod:`benchmarks.site`, and
``START`` and ``CALLBACK``, its two addresses. Where AniList is, each site reads in Django's settings:
``FAULTY_TOKEN_URL`` and ``FAULTY_USER_URL``.
"""

CLIENT_ID = "1001"
CLIENT_SECRET = "canary-of-the-client-for-signatures-by-hash"  # noqa: S105  a canary, not a secret
AUTHORIZE_URL = "https://anilist.test/authorize"
VIEWER = "query { Viewer { id name avatar { large } } }"

#: What every site has installed.
APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
