"""Nodes of our tags: one looks ahead in its loops, so that one request serves all; one prints."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import dropwhile, islice
from typing import Any, Protocol

from django.template import Context, Node, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.library import SimpleNode
from django.utils.safestring import SafeString

from django_anilist.calm import calm

logger = logging.getLogger("django_anilist")

#: No more than this is looked at ahead, in rows of one loop and altogether.
MAX_ROWS = 2_000
#: What our tags call the medium they take, where it is not simply the first thing they are given.
_NAMES = ("id", "media")

_Expect = Callable[[Context, Iterable[object]], None]


class _Scope(Protocol):
    """A block around a tag that sets names."""

    def scopes(self, context: Context) -> Iterator[dict[str, Any]]:
        """Yield what the names are, each time that the block is gone through."""


class Loop:
    """One ``{% for %}`` around a tag."""

    def __init__(self, parser: Parser, token: Token) -> None:
        words = token.split_contents()
        place = words.index("in", 1)
        self.names = "".join(words[1:place]).split(",")
        self.sequence = parser.compile_filter(words[place + 1])

    def scopes(self, context: Context) -> Iterator[dict[str, Any]]:
        for row in self._rows(context):
            if len(self.names) == 1:
                yield {self.names[0]: row}
            else:
                yield dict(zip(self.names, row, strict=False))

    def _rows(self, context: Context) -> Sequence[Any]:
        """Return what the loop goes through; nothing where looking would use it up."""
        found = self.sequence.resolve(context, ignore_failures=True)
        return found if hasattr(found, "__len__") and len(found) <= MAX_ROWS else ()


class With:
    """One ``{% with %}`` between a loop and a tag."""

    def __init__(self, parser: Parser, token: Token) -> None:
        words = token.split_contents()[1:]
        self.given = token_kwargs(words, parser, support_legacy=True)

    def scopes(self, context: Context) -> Iterator[dict[str, Any]]:
        yield {name: value.resolve(context) for name, value in self.given.items()}


_SCOPES: dict[str, Callable[[Parser, Token], _Scope]] = {"for": Loop, "with": With}


class Printed(Node):
    """A tag without ``as`` that returns more than text: shown by ``show``, autoescape or not."""

    def __init__(self, tag: SimpleNode, show: Callable[[Any], SafeString]) -> None:
        self.tag = tag
        self.args, self.kwargs = tag.args, tag.kwargs
        self.show = show

    @calm(SafeString)
    def render(self, context: Context) -> SafeString:
        args, kwargs = self.tag.get_resolved_arguments(context)
        return self.show(self.tag.func(*args, **kwargs))


class LookAhead(Node):
    """A tag, and before it is first rendered in its loops a look at all they will hand to it."""

    def __init__(self, tag: SimpleNode | Printed, around: list[_Scope], expect: _Expect) -> None:
        self.tag = tag
        self.around = list(dropwhile(lambda scope: not isinstance(scope, Loop), around))
        self.loops = sum(isinstance(scope, Loop) for scope in around)
        self.expect = expect
        named = (tag.kwargs[name] for name in _NAMES if name in tag.kwargs)
        self.wanted: FilterExpression | None = next(iter((*tag.args, *named)), None)

    def render(self, context: Context) -> Any:
        if self.around and self.wanted is not None and not self._looked(context):
            self._look(context, self.wanted)
        return self.tag.render(context)

    def _looked(self, context: Context) -> bool:
        """Tell whether this run of the outermost loop was looked through already."""
        loop = context.get("forloop")
        for _ in range(self.loops - 1):
            loop = loop and loop.get("parentloop")
        before, context.render_context[self] = context.render_context.get(self), loop
        return before is loop

    def _look(self, context: Context, wanted: FilterExpression) -> None:
        """Look through the loops. Where that is not to be, each tag asks for its own."""
        try:
            with closing(self._values(context, self.around, wanted)) as values:
                found = list(islice(values, MAX_ROWS))
            self.expect(context, found)
        except Exception as error:  # noqa: BLE001  the rows may hold anything
            logger.debug("A loop is not looked through: %s", type(error).__name__)

    def _values(
        self, context: Context, around: list[_Scope], wanted: FilterExpression
    ) -> Generator[object, None, None]:
        if not around:
            yield wanted.resolve(context, ignore_failures=True)
            return
        outer, *inner = around
        for names in outer.scopes(context):
            with context.push(**names):
                yield from self._values(context, inner, wanted)


def looking_ahead(
    compile_tag: Callable[[Parser, Token], SimpleNode | Printed], expect: _Expect
) -> Callable[[Parser, Token], Node]:
    """Return a compiler of the same tag, which tells ``expect`` what its loops will bring."""

    def compile_looking(parser: Parser, token: Token) -> Node:
        return LookAhead(compile_tag(parser, token), _around(parser), expect)

    return compile_looking


def _around(parser: Parser) -> list[_Scope]:
    """Return the blocks around the tag that is read just now; none where a site has loops of its own."""
    try:
        return [_SCOPES[name](parser, of) for name, of in parser.command_stack if name in _SCOPES]
    except (ValueError, IndexError, TemplateSyntaxError):
        return []


def printing(
    compile_tag: Callable[[Parser, Token], SimpleNode], show: Callable[[Any], SafeString]
) -> Callable[[Parser, Token], SimpleNode | Printed]:
    """Return a compiler of the same tag, whose result is shown by ``show`` where it has no ``as``."""

    def compile_printing(parser: Parser, token: Token) -> SimpleNode | Printed:
        tag = compile_tag(parser, token)
        return tag if tag.target_var else Printed(tag, show)

    return compile_printing
