"""The facts about AniList that the sandbox is held to, by section and row of our collection of them.

A test says with ``@pytest.mark.fact("2a.7")`` which of them it shows. Here is what is well enough
known: documented, recorded, or told by several clients alike.
"""

from __future__ import annotations

FACTS = {
    # OAuth
    "1.1": "where authorization begins",
    "1.2": "where a code becomes a token",
    "1.3": "JSON and forms",
    "1.4": "clients by HTTP Basic",
    "1.5": "state comes back",
    "1.6": "PKCE is ignored",
    "1.7": "no scopes",
    "1.8": "a refresh token that is good for nothing",
    "1.9": "a token lives a year",
    "1.10": "the shape of a grant",
    "1.11": "long codes, good once",
    "1.12": "the claims of a token",
    "1.13": "unknown clients and redirects",
    "1.14": "other response types",
    "1.15": "wrong secrets",
    "1.16": "spent, old and odd codes",
    "1.18": "denying",
    "1.20": "one redirect URL, to the letter",
    "1.21": "the PIN page",
    "1.22": "the implicit grant",
    "1.23": "revoking",
    "1.24": "signing in needs a person there, and none here",
    "1.25": "no e-mail",
    # GraphQL: replies
    "2a.1": "dead tokens",
    "2a.2": "strangers who ask for the viewer",
    "2a.4": "what belongs to somebody else",
    "2a.5": "documents against the schema",
    "2a.6": "arguments against the rules",
    "2a.7": "what is not there",
    "2a.8": "unknown and private users",
    "2a.9": "over the limit",
    "2a.10": "switched off",
    "2a.11": "the gate for strangers",
    "2a.12": "blocked clients",
    "2a.13": "too complex",
    "2a.14": "faults of the server, and web pages",
    # GraphQL: the limit
    "2b.1": "30 a minute",
    "2b.3": "headers count from 30",
    "2b.4": "the headers of a refusal",
    "2b.5": "what browsers may read",
    "2b.6": "a minute outside",
    "2b.7": "by address",
    "2b.8": "bursts",
    "2b.10": "two spellings of headers",
    # GraphQL: shape and limits
    "2c.1": "POST",
    "2c.2": "no arrays of operations",
    "2c.3": "aliases",
    "2c.4": "complexity",
    "2c.6": "one field in a page",
    "2c.7": "50 in a page",
    "2c.8": "25 in a connection",
    "2c.9": "totals that lie",
    "2c.11": "long lists of ids, and several pages at once",
    "2c.12": "null is not given",
    "2c.13": "numbers as texts",
    "2c.14": "introspection",
    "2c.15": "cookie, cache and CORS",
    "2c.16": "outages",
    # Data
    "3.1": "the viewer",
    "3.2": "collections and their chunks",
    "3.3": "groups of a list",
    "3.4": "what is private",
    "3.5": "the old groups of a list",
    "3.6": "custom lists of an entry",
    "3.7": "saving entries",
    "3.8": "deleting entries",
    "3.9": "scores",
    "3.10": "fuzzy dates",
    "3.11": "titles",
    "3.12": "media",
    "3.13": "values by version",
    "3.14": "notifications",
    "3.15": "airing",
    "3.16": "what people do and write",
    "3.17": "answers that are too large to come",
    "3.18": "what the schema has gained",
}

#: As well known, and nothing that a stand-in could show.
NOT_TO_BE_SHOWN = {
    "2b.2": "how headers counted until August 2025",
    "2b.9": "the pace that other clients chose",
}
