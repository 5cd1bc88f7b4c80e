"""What mozilla-django-oidc needs; by default it has no timeout at all."""

from benchmarks.rivals import APPS, AUTHORIZE_URL, CLIENT_ID, CLIENT_SECRET, MIDDLEWARE

START = "/oidc/authenticate/"
CALLBACK = "/oidc/callback/"
SETTINGS = {
    "ROOT_URLCONF": "benchmarks.rivals.oidc_site.urls",
    "INSTALLED_APPS": [*APPS, "mozilla_django_oidc"],
    "MIDDLEWARE": MIDDLEWARE,
    "AUTHENTICATION_BACKENDS": ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    "OIDC_RP_CLIENT_ID": CLIENT_ID,
    "OIDC_RP_CLIENT_SECRET": CLIENT_SECRET,
    "OIDC_RP_SIGN_ALGO": "HS256",
    "OIDC_OP_AUTHORIZATION_ENDPOINT": AUTHORIZE_URL,
    "OIDC_USE_NONCE": False,
    "OIDC_TIMEOUT": 5,
    "LOGIN_REDIRECT_URL": "/in/",
    "LOGIN_REDIRECT_URL_FAILURE": "/failed/",
}
