"""A system check for every mistake a site can make with this app, each with the line that mends it.

``docs/checks.rst`` lists them all. What a developer need not hear on their own machine is asked by
``check --deploy`` only, and what needs the database by ``check --database`` and ``migrate``.
"""

from __future__ import annotations

from django_anilist.checks.addresses import check_sandbox, check_ways
from django_anilist.checks.client import check_client
from django_anilist.checks.cookies import check_cookie, check_sessions
from django_anilist.checks.installation import check_installation
from django_anilist.checks.keys import check_derived_key, check_lost_keys, check_token_keys
from django_anilist.checks.login import check_login, check_login_page
from django_anilist.checks.redirects import check_plain_redirect_uri, check_redirect_uri
from django_anilist.checks.storage import check_cache, check_sqlite
from django_anilist.checks.values import check_names, check_values
from django_anilist.checks.versions import check_versions

CHECKS = (
    check_client,
    check_login,
    check_login_page,
    check_redirect_uri,
    check_plain_redirect_uri,
    check_sandbox,
    check_ways,
    check_installation,
    check_token_keys,
    check_names,
    check_values,
)
#: Asked by ``check --deploy`` only: in development one process and plain HTTP are all there is.
DEPLOY_CHECKS = (
    check_cookie,
    check_sessions,
    check_derived_key,
    check_sqlite,
    check_cache,
    check_versions,
)
#: Asked where the database may be: by ``check --database`` and ``migrate``.
DATABASE_CHECKS = (check_lost_keys,)
