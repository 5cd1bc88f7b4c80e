"""Every fault by its name, what it may lead to, and the servers that play them."""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

import trustme

from tests.faults import echoes, graphql, limits, oauth, tls
from tests.faults.bodies import BODIES, DENSE, HEAVY
from tests.faults.oauth import named_token
from tests.faults.server import Exchange, Fault, FaultServer, answer
from tests.faults.transport import FAULTS

#: What the site gets for its code where nothing is wrong.
NEW_TOKEN = "canary-new-token"
#: The same, of a kind that names whose it is.
NAMED_TOKEN = named_token(5001)

LIVES = oauth.lives(NEW_TOKEN)

#: Everything that a server of plain HTTP can answer.
PLAIN: dict[str, Fault] = {
    **FAULTS, **BODIES, **DENSE, **HEAVY, **limits.LIMITS, **limits.BUDGETS, **limits.PROVISIONAL, **limits.REDIRECTS,
    **echoes.ECHOES, **graphql.REJECTIONS, **graphql.NO_REJECTIONS, **graphql.REFUSALS,
    **graphql.SHAPES, **graphql.IDS, **graphql.OTHERS, **graphql.PROFILES, **graphql.LISTS,
    **graphql.ENTRIES, **oauth.TOKENS, **oauth.CODES, **oauth.CLIENTS, **LIVES,
}  # fmt: skip

#: Where there is no server, or none that takes the connection up.
NOWHERE = ("a closed port", "hang before the connection")

NAMES = (*PLAIN, *tls.UNTRUSTED, *tls.HANDSHAKES, *tls.INSIDE, *NOWHERE)

#: What only the site's own deadline ends.
WAITING = frozenset(
    name for name in NAMES if name.startswith(("hang", "drip")) or name == "endless 100 Continue"
)

#: A good answer of either endpoint, under the name of no fault.
WELL = "well"
_GOOD: dict[str, Fault] = {
    "token": answer(json.dumps(oauth.grant(NEW_TOKEN)).encode()),
    "named": answer(json.dumps(oauth.grant(NAMED_TOKEN)).encode()),
    "graphql": answer(
        json.dumps(
            {
                "data": {
                    "Viewer": graphql.VIEWER,
                    "MediaListCollection": {
                        "hasNextChunk": False,
                        "lists": [{"name": "Watching", "entries": [graphql.ENTRY]}],
                    },
                    "p0": {"media": [graphql.MEDIUM]},
                }
            }
        ).encode()
    ),
}


#: Where nobody comes who follows no redirect.
_ELSEWHERE = answer(b"{}", "404 Not Found")


def _routed(good: Mapping[str, Fault]) -> Fault:
    """Return what plays the fault that the address names: ``/graphql/drip%20a%20body``."""

    def fault(exchange: Exchange) -> None:
        place, _, name = exchange.head.split(b" ")[1].decode().strip("/").partition("/")
        found = good.get(place) if name == WELL else PLAIN.get(unquote(name))
        (found or _ELSEWHERE)(exchange)

    return fault


@dataclass(frozen=True)
class Servers:
    """Where each fault is played; ``ca_bundle`` is the file of the authority that all may trust."""

    plain: str
    others: dict[str, str]
    ca_bundle: str
    running: list[FaultServer] = field(default_factory=list, repr=False)

    def address(self, place: str, name: str) -> str:
        """Return where ``place`` (``token`` or ``graphql``) is, with the fault called ``name``."""
        return self.others.get(name) or f"{self.plain}{place}/{quote(name, safe='')}"

    def settle(self) -> None:
        for server in self.running:
            server.settle()


@contextlib.contextmanager
def servers(**more: Fault) -> Iterator[Servers]:
    """Run the servers of all faults; ``more`` are good answers at further places."""
    authority = trustme.CA()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        bundle = Path(folder, "ca.pem")
        authority.cert_pem.write_to_path(str(bundle))
        plain = stack.enter_context(FaultServer(_routed({**_GOOD, **more})))
        found = {
            name: stack.enter_context(server) for name, server in _tls_servers(authority).items()
        }
        others = {name: server.url for name, server in found.items()}
        others["a closed port"] = "http://127.0.0.1:1/"
        others["hang before the connection"] = stack.enter_context(_full_backlog())
        yield Servers(plain.url, others, str(bundle), [plain, *found.values()])


def _tls_servers(authority: trustme.CA) -> dict[str, FaultServer]:
    good = tls.context(authority, tls.HOST)
    well = _GOOD["graphql"]
    return {
        "TLS as it should be": FaultServer(well, good),
        **{name: FaultServer(well, made(authority)) for name, made in tls.UNTRUSTED.items()},
        **{name: FaultServer(well, greeting=fault) for name, fault in tls.HANDSHAKES.items()},
        **{name: FaultServer(fault, good) for name, fault in tls.INSIDE.items()},
    }


@contextlib.contextmanager
def _full_backlog() -> Iterator[str]:
    """A listener that accepts nobody, and has no room for one more to wait."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
