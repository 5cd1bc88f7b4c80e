"""Nodes of our tags: one looks ahead in its loops, so that one request serves all; one prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.template import Context, Node
from django.template.base import FilterExpression, Parser, Token
from django.template.library import SimpleNode
from django.utils.safestring import SafeString

from django_anilist.calm import calm

#: A loop over more than this is not looked through.
MAX_ROWS = 2_000

_Expect = Callable[[Context, Iterable[object]], None]


class Loop:
    """One ``{% for %}`` around a tag: the names it sets, and what it goes through."""

    def __init__(self, parser: Parser, token: Token) -> None:
        words = token.split_contents()
        place = words.index("in", 1)
        self.names = "".join(words[1:place]).split(",")
        self.sequence = parser.compile_filter(words[place + 1])

    def rows(self, context: Context) -> Sequence[Any]:
        """Return what the loop goes through; nothing where looking would use it up."""
        found = self.sequence.resolve(context, ignore_failures=True)
        return found if hasattr(found, "__len__") and len(found) <= MAX_ROWS else ()

    def variables(self, row: Any) -> dict[str, Any]:
        return (
            {self.names[0]: row}
            if len(self.names) == 1
            else dict(zip(self.names, row, strict=False))
        )


class LookAhead(Node):
    """A tag, and before it is first rendered in its loops a look at all they will hand to it."""

    def __init__(self, tag: SimpleNode, loops: list[Loop], expect: _Expect) -> None:
        self.tag = tag
        self.loops = loops
        self.expect = expect

    def render(self, context: Context) -> Any:
        if self.loops and self.tag.args and not self._looked(context):
            self.expect(context, list(self._values(context, self.loops, self.tag.args[0])))
        return self.tag.render(context)

    def _looked(self, context: Context) -> bool:
        """Tell whether this run of the outermost loop was looked through already."""
        loop = context.get("forloop")
        for _ in self.loops[1:]:
            loop = loop and loop.get("parentloop")
        before, context.render_context[self] = context.render_context.get(self), loop
        return before is loop

    def _values(
        self, context: Context, loops: list[Loop], expression: FilterExpression
    ) -> Iterator[object]:
        if not loops:
            yield expression.resolve(context, ignore_failures=True)
            return
        outer, *inner = loops
        for row in outer.rows(context):
            with context.push(**outer.variables(row)):
                yield from self._values(context, inner, expression)


def looking_ahead(
    compile_tag: Callable[[Parser, Token], SimpleNode], expect: _Expect
) -> Callable[[Parser, Token], Node]:
    """Return a compiler of the same tag, which tells ``expect`` what its loops will bring."""

    def compile_looking(parser: Parser, token: Token) -> Node:
        loops = [Loop(parser, of) for name, of in parser.command_stack if name == "for"]
        return LookAhead(compile_tag(parser, token), loops, expect)

    return compile_looking


class Printed(Node):
    """A tag without ``as`` that returns more than text: shown by ``show``, autoescape or not."""

    def __init__(self, tag: SimpleNode, show: Callable[[Any], SafeString]) -> None:
        self.tag = tag
        self.show = show

    @calm(SafeString)
    def render(self, context: Context) -> SafeString:
        args, kwargs = self.tag.get_resolved_arguments(context)
        return self.show(self.tag.func(*args, **kwargs))
