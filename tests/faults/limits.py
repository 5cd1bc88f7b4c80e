"""Rate limits, redirects and 1xx: what headers alone can do."""

from __future__ import annotations

import json

from tests.faults.server import Exchange, Fault, answer

LIMITED = b'{"data": null,"errors": [{"message": "Too Many Requests.","status": 429}]}'
VIEWER_BUDGET = b'{"data": {"Viewer": {"id": 5001}, "MediaListCollection": {}}}'


def _limited(*headers: str) -> Fault:
    return answer(LIMITED, "429 Too Many Requests", *headers)


#: "Wait", in every way of saying so; ``busy``, whatever the header holds.
LIMITS: dict[str, Fault] = {
    "429 without Retry-After": _limited(),
    **{
        f"Retry-After {value!r}": _limited(f"Retry-After: {value}")
        for value in (
            "30", "0", "-1", "1e9", "soon", "NaN", "inf", "", "9" * 400,
            "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2115 07:28:00 GMT",
            "Wed, 99 Xxx 20155 99:99:99 GMT", "1" * 5000, "\xb2", "٣",
        )
    },
    "Retry-After twice": _limited("Retry-After: 30", "Retry-After: 7"),
}  # fmt: skip

#: A good answer beside a nonsense budget: what the headers say must not undo it.
BUDGETS: dict[str, Fault] = {
    f"budget {name} {value!r}": answer(VIEWER_BUDGET, "200 OK", f"X-RateLimit-{name}: {value}")
    for name in ("Limit", "Remaining", "Reset")
    for value in ("0", "-1", "many", "NaN", "9" * 400)
}


def _storm(code: int, times: int) -> Fault:
    """Send ``times`` provisional answers before a good one."""

    def fault(exchange: Exchange) -> None:
        exchange.send(f"HTTP/1.1 {code} Wait\r\nX-A: b\r\n\r\n".encode() * times)
        answer(json.dumps({"data": {}}).encode())(exchange)

    return fault


PROVISIONAL: dict[str, Fault] = {
    "100 once": _storm(100, 1),
    "100 a thousand times": _storm(100, 1000),
    "102 a hundred times": _storm(102, 100),
    "103 a hundred times": _storm(103, 100),
    "101 to another protocol": answer(b"", "101 Switching Protocols", "Upgrade: websocket"),
}

#: None may be followed, whatever it is and wherever it leads.
REDIRECTS: dict[str, Fault] = {
    f"{status} to {target[:24]!r}": answer(b"{}", f"{status} Moved", f"Location: {target}")
    for status in (300, 301, 303, 305, 307, 308)
    for target in ("http://127.0.0.1:1/", "file:///etc/passwd", "//evil.test/" + "x" * 9000)
}
