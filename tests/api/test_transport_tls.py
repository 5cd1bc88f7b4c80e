"""TLS is verified, always: with a doubtful server not a byte is exchanged."""

from __future__ import annotations

import ssl
import warnings

import pytest
import trustme

from django_anilist.api.errors import Unavailable
from django_anilist.api.secrets import Secret
from django_anilist.api.transport import Call, RequestsTransport
from tests.faults.server import FaultServer, answer, is_in_time
from tests.faults.tls import HANDSHAKES, PAST, UNTRUSTED, context
from tests.faults.transport import FAULTS


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def transport(authority, tmp_path):
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    transport = RequestsTransport(
        referer="https://site.test/", user_agent="tests", ca_bundle=str(bundle)
    )
    yield transport
    transport.close()


def refused(transport, server, deadline=20.0):
    with pytest.raises(Unavailable) as caught:
        transport.send(Call(server.url, {}, Secret("canary-token"), deadline=deadline))
    assert server.received == []
    return caught.value.reason


def test_a_server_of_a_trusted_authority_is_heard(transport, authority):
    with FaultServer(answer(), context(authority, "127.0.0.1")) as server:
        assert transport.send(Call(server.url, {})).status == 200


@pytest.mark.parametrize("name", UNTRUSTED)
def test_no_byte_reaches_a_server_that_cannot_be_trusted(transport, authority, name):
    with FaultServer(answer(), UNTRUSTED[name](authority)) as server:
        assert refused(transport, server) in ("tls", "connection")


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_broken_handshake_is_an_outage_in_time(transport, name):
    with FaultServer(answer(), greeting=HANDSHAKES[name]) as server:
        assert refused(transport, server, 1.0) in ("tls", "connection", "timeout")
        assert is_in_time(lambda: refused(transport, server, 1.0), 1)


def test_an_unknown_authority_is_not(transport):
    with FaultServer(answer(), context(trustme.CA(), "127.0.0.1")) as server:
        assert refused(transport, server) == "tls"


def test_a_certificate_for_another_host_is_not(transport, authority):
    with FaultServer(answer(), context(authority, "anilist.test")) as server:
        assert refused(transport, server) == "tls"


def test_an_expired_certificate_is_not(transport, authority):
    with FaultServer(answer(), context(authority, "127.0.0.1", not_after=PAST)) as server:
        assert refused(transport, server) == "tls"


def test_a_server_that_only_speaks_old_tls_is_not(transport, authority):
    old = context(authority, "127.0.0.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # naming TLS 1.1 is enough for one
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with FaultServer(answer(), old) as server:
        assert refused(transport, server) in ("tls", "connection")


def test_plain_http_behind_a_tls_address_is_not(transport):
    with FaultServer(answer()) as server:
        server.url = server.url.replace("http:", "https:")
        assert refused(transport, server, 1.0) in ("tls", "connection", "timeout")


def test_a_server_that_never_shakes_hands_is_cut_off(transport):
    """Silent after accepting: it waits for a request that TLS never lets through."""
    with FaultServer(FAULTS["hang at once"]) as server:
        server.url = server.url.replace("http:", "https:")
        assert refused(transport, server, 1.0) == "timeout"
        assert is_in_time(lambda: refused(transport, server, 1.0), 1)


@pytest.mark.parametrize("name", ["drip headers", "drip a body", "hang inside the body"])
def test_the_deadline_holds_over_tls_too(transport, authority, name):
    with FaultServer(FAULTS[name], context(authority, "127.0.0.1")) as server:

        def cut_off():
            with pytest.raises(Unavailable):
                transport.send(Call(server.url, {}, deadline=1))

        assert is_in_time(cut_off, 1)
