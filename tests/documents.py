"""The README and what is in ``docs/``, as docutils reads them: blocks, links, tables, names."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
#: What a site's developer reads; CONTRIBUTING.rst and the changelog are for those who change the package.
FOR_SITES = (ROOT / "README.rst", *sorted(DOCS.glob("*.rst")))
EVERYTHING = (*FOR_SITES, ROOT / "CONTRIBUTING.rst", ROOT / "CHANGELOG.rst")
WARNING = 2


class _AnyOption(dict):
    def __missing__(self, name):
        return directives.unchanged


class _Block(Directive):
    """``.. code-block::``, with the options that Sphinx knows."""

    has_content, optional_arguments = True, 1
    option_spec = _AnyOption(caption=directives.unchanged)

    def run(self):
        text = "\n".join(self.content)
        return [nodes.literal_block(text, text, language=(self.arguments or ["text"])[0])]


class _Passed(Directive):
    """What Sphinx makes of the code, which it checks itself."""

    has_content, optional_arguments, final_argument_whitespace = True, 1, True
    option_spec = _AnyOption(members=directives.unchanged)

    def run(self):
        return []


directives.register_directive("code-block", _Block)


class _Pages(_Passed):
    """``.. toctree::``, which leads to each page it names."""

    def run(self):
        links = [nodes.reference("", name, refuri=f"{name}.rst") for name in self.content]
        return [nodes.paragraph("", "", *links)]


directives.register_directive("toctree", _Pages)
for _name in ("automodule", "autoclass", "autodata", "literalinclude"):
    directives.register_directive(_name, _Passed)


@lru_cache
def tree(path):
    """Return the document; what docutils would warn of is an error."""
    return publish_doctree(
        path.read_text(encoding="utf-8"),
        source_path=str(path),
        settings_overrides={
            "halt_level": WARNING,
            "report_level": WARNING,
            "_disable_config": True,
        },
    )


def text_of(path):
    return path.read_text(encoding="utf-8")


def blocks(path):
    """Return each block of a document: its language, ``""`` after ``::``, and its text."""
    return [
        (node.get("language", ""), node.astext())
        for node in tree(path).findall(nodes.literal_block)
    ]


def literals(path):
    """Return each ``literal`` within the sentences of a document."""
    return [" ".join(node.astext().split()) for node in tree(path).findall(nodes.literal)]


def tables(path):
    """Return each table of a document: its rows, the heading first, each the texts of its cells."""
    return [
        [[cell.astext() for cell in row.findall(nodes.entry)] for row in table.findall(nodes.row)]
        for table in tree(path).findall(nodes.table)
    ]


def rows(path, heading):
    """Return the rows of the table whose first heading is ``heading``."""
    for found in tables(path):
        if found[0][0] == heading:
            return found[1:]
    raise LookupError(f"{path} has no table that begins with {heading!r}")


def first_words(path, heading):
    """Return the first name in each row of a table."""
    return [re.match(r"\|?[\w-]+", row[0])[0] for row in rows(path, heading)]


def links(path):
    """Return where a document leads within this repository: addresses relative to it."""
    found = [node["refuri"] for node in tree(path).findall(nodes.reference) if "refuri" in node]
    found += [node["uri"] for node in tree(path).findall(nodes.image)]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(path):
    """Return the ids of the sections of a document."""
    return {name for node in tree(path).findall(nodes.section) for name in node["ids"]}


def sections(path):
    """Return the sections of a document by their titles."""
    return {node[0].astext(): node for node in tree(path).findall(nodes.section)}


def terms(node):
    """Return the literals that are terms of definition lists, in a document or a section."""
    return [
        " ".join(part.astext().split())
        for term in node.findall(nodes.term)
        if not re.sub(
            "[, ]", "", "".join(part.astext() for part in term if isinstance(part, nodes.Text))
        )
        for part in term
        if isinstance(part, nodes.literal)
    ]
