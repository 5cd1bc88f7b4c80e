"""The adapter of ``requests``, over connections that end in time."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import ProxyManager

from django_anilist.api.deadline import POOLS


class DeadlineAdapter(HTTPAdapter):
    """The adapter of ``requests`` over connections whose whole exchange ends in time.

    What ``requests`` finds out for each request anew, it finds out once for each URL: an adapter serves
    one site, which asks two or three.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pools: dict[str | None, Any] = {}
        self._targets: dict[str | None, str] = {}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the pool of connections for a request, which knows whom to trust."""
        pool = self._pools.get(request.url)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            super().cert_verify(pool, request.url, verify, cert)  # type: ignore[no-untyped-call]
            self._pools = {**self._pools, request.url: pool}
        return pool

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing, where ``requests`` would look for the file of authorities: the pool knows it."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """Return what the request line names: a path, or the whole URL for a proxy."""
        target = self._targets.get(request.url)
        if target is None:
            target = super().request_url(request, proxies)
            self._targets = {**self._targets, request.url: target}
        return target

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Return the response without cookies: nobody reads them, and they are costly to look for."""
        response = requests.Response()
        response.request, response.status_code, response.raw = req, resp.status, resp
        return response

    def close(self) -> None:
        self._pools = {}
        super().close()
