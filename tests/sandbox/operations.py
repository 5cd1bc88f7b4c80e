"""Operations made up from the schema: arguments, aliases, fragments, directives and variables."""

from __future__ import annotations

import json
import random

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_union_type,
)

MAX_DEPTH = 6
MAX_FIELDS = 60

#: Ids that mean something to a fresh sandbox, so that not all that is asked for is missing.
IDS = (
    1, 5, 21, 154587, 30013, 900_001, 5001, 5002, 400_001, 400_003, 500_001, 500_002, 520_001, 540_001,
    560_001, 580_001, 590_001, 600_001, 920_001, 930_002, 940_003, 0, -1, 2_147_483_647,
)  # fmt: skip
#: The same for arguments that name somebody or a medium, by how they begin.
IDS_OF = {
    "user": (5001, 5002, 5003),
    "media": (1, 5, 21, 154587, 30013, 900_001),
    "anime": (1, 21, 154587),
    "manga": (30013, 30002),
}
#: What a field needs to answer at all.
NEEDED = {"MediaListCollection": ("userId", "type")}
TEXTS = ("alice", "bob", "Frieren", "Drama", "Magic", "", "%e%", "x" * 30, "ナルト", "a\"b\\c\n", "@eve hello")  # fmt: skip


class Operation:
    """One operation: its ``text`` and ``variables``, and how deep it goes."""

    def __init__(self, schema, seed):
        self.schema, self.random = schema, random.Random(seed)
        self.fragments, self.definitions, self.variables = [], [], {}
        self.left, self.count, self.depth = MAX_FIELDS, 0, 0
        mutation = self.random.random() < 0.2
        kind = schema.mutation_type if mutation else schema.query_type
        names = self.random.sample(sorted(kind.fields), self.random.choice((1, 1, 1, 2, 3)))
        body = " ".join(self.field(kind, name, 1) for name in names)
        given = f"({', '.join(self.definitions)})" if self.definitions else ""
        name = self.random.choice(("", " Made"))
        word = "mutation" if mutation else "query"
        self.text = "\n".join([f"{word}{name or ' Up'}{given} {{ {body} }}", *self.fragments])

    def chance(self, share):
        return self.random.random() < share

    def fresh(self, stem):
        self.count += 1
        return f"{stem}{self.count}"

    def field(self, owner, name, depth, *, alias=None):
        field = owner.fields[name]
        self.left -= 1
        self.depth = max(self.depth, depth)
        label = f"{self.fresh('as')}: " if alias or (alias is None and self.chance(0.3)) else ""
        return f"{label}{name}{self.arguments(name, field)}{self.directive()}{self.selection(field.type, depth)}"

    def directive(self):
        if not self.chance(0.05):
            return ""
        return f" @{self.random.choice(('include', 'skip'))}(if: {self.value(self.schema.type_map['Boolean'], nulls=False)})"

    def arguments(self, name, field):
        share = min(0.6, self.random.choice((0, 0.5, 1, 2)) / (len(field.args) or 1))
        needed = NEEDED.get(name, ())
        given = [
            f"{argument}: {self.value(given.type, argument, nulls=argument not in needed)}"
            for argument, given in field.args.items()
            if isinstance(given.type, GraphQLNonNull) or argument in needed or self.chance(share)
        ]
        return f"({', '.join(given)})" if given else ""

    # Values: written out, or as a variable

    def value(self, kind, argument="", *, nulls=True):
        made = self.plain(kind, argument, nulls=nulls)
        if not self.chance(0.3):
            return self.written(kind, made)
        name = self.fresh("v")
        self.definitions.append(f"${name}: {kind if nulls else f'{kind}!'}")
        self.variables[name] = made
        return f"${name}"

    def plain(self, kind, argument="", *, nulls=True):
        if isinstance(kind, GraphQLNonNull):
            return self.plain(kind.of_type, argument, nulls=False)
        if nulls and self.chance(0.05):
            return None
        if isinstance(kind, GraphQLList):
            return [self.plain(kind.of_type, argument) for _ in range(self.random.randrange(4))]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                name: self.plain(field.type)
                for name, field in kind.fields.items()
                if self.chance(0.6)
            }
        if isinstance(kind, GraphQLEnumType):
            return self.random.choice(sorted(kind.values))
        ids = [ids for stem, ids in IDS_OF.items() if argument.startswith(f"{stem}Id")] * 4
        makers = {
            "Int": lambda: self.random.choice(self.random.choice([*ids, IDS, range(60)])),
            "Float": lambda: self.random.choice((0, 3, 7.5, 101.5, -2.0)),
            "Boolean": lambda: self.chance(0.5),
            "FuzzyDateInt": lambda: self.random.choice((20200000, 20190400, 19981231, 0)),
            "CountryCode": lambda: self.random.choice(("JP", "KR")),
        }
        return makers.get(kind.name, lambda: self.random.choice(TEXTS))()

    def written(self, kind, value):
        if isinstance(kind, GraphQLNonNull):
            return self.written(kind.of_type, value)
        if value is None:
            return "null"
        if isinstance(kind, GraphQLList):
            return f"[{', '.join(self.written(kind.of_type, item) for item in value)}]"
        if isinstance(kind, GraphQLInputObjectType):
            items = (
                f"{name}: {self.written(kind.fields[name].type, item)}"
                for name, item in value.items()
            )
            return f"{{{', '.join(items)}}}"  # fmt: skip
        return value if isinstance(kind, GraphQLEnumType) else json.dumps(value)

    # Selections

    def selection(self, kind, depth):
        named = get_named_type(kind)
        if is_leaf_type(named):
            return ""
        if is_union_type(named):
            members = self.random.sample(named.types, min(3, len(named.types)))
            return " { __typename %s }" % " ".join(
                f"... on {member} {{ {self.fields(member, depth, alias=True)} }}"
                for member in members
            )
        if self.chance(0.15):
            name = self.fresh("F")
            self.fragments.append(f"fragment {name} on {named} {{ {self.fields(named, depth)} }}")
            return f" {{ ...{name} }}"
        if self.chance(0.1):
            return f" {{ ... on {named} {{ {self.fields(named, depth)} }} }}"
        return f" {{ {self.fields(named, depth)} }}"

    def fields(self, owner, depth, *, alias=None):
        assert is_object_type(owner)
        deeper = depth < MAX_DEPTH - 1 and self.left > 0
        names = [
            name
            for name, field in owner.fields.items()
            if deeper or is_leaf_type(get_named_type(field.type))
        ]
        if owner.name == "Page":  # which holds one field of data, and pageInfo
            data = [name for name in names if name != "pageInfo"]
            names = ["pageInfo", *self.random.sample(data, min(1, len(data)))] if names else []
            return " ".join(self.field(owner, name, depth + 1) for name in names) or "__typename"
        chosen = self.random.sample(names, min(len(names), self.random.randrange(1, 6)))
        found = [self.field(owner, name, depth + 1, alias=alias) for name in chosen]
        return " ".join(found) or "__typename"
