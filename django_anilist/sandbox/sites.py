"""Sites that media link to; their addresses are of the kind that lead nowhere (RFC 2606)."""

from __future__ import annotations

from typing import Any

LINKS: list[dict[str, Any]] = [
    {"id": 1, "url": "https://official.example/", "site": "Official Site", "siteId": 1,
     "type": "INFO", "language": "Japanese", "color": None, "icon": None, "notes": None,
     "isDisabled": False},
    {"id": 2, "url": "https://stream.example/", "site": "Sandbox Stream", "siteId": 5,
     "type": "STREAMING", "language": "English", "color": "#F47521", "icon": None, "notes": None,
     "isDisabled": False},
    {"id": 3, "url": "https://social.example/", "site": "Sandbox Social", "siteId": 17,
     "type": "SOCIAL", "language": None, "color": "#03A9F4", "icon": None, "notes": "Fans",
     "isDisabled": False},
]  # fmt: skip
