"""Count how code is built: ``python .ci/house.py PACKAGE[:TESTS] ...`` prints a column for each folder.

Migrations are left out, as are modules without a line. Functions are counted without their docstring.
``python .ci/house.py django_anilist:tests`` is about this project.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path
from statistics import median

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCHES = (
    ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.BoolOp,
    ast.comprehension, ast.match_case,
)  # fmt: skip


class House:
    """The modules of a package, as text and as trees."""

    def __init__(self, folder: Path, leave_out: str = "migrations") -> None:
        paths = [path for path in folder.rglob("*.py") if leave_out not in path.parts]
        texts = {path: path.read_text(encoding="utf-8") for path in paths}
        self.texts = {path: text for path, text in texts.items() if text.strip()}
        self.trees = {path: ast.parse(text) for path, text in self.texts.items()}
        self.names = {path: self._name(path, folder) for path in self.texts}

    @staticmethod
    def _name(path: Path, folder: Path) -> str:
        parts = path.relative_to(folder.parent).with_suffix("").parts
        return ".".join(part for part in parts if part != "__init__")

    def of(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Yield all nodes of these kinds."""
        for node in chain.from_iterable(map(ast.walk, self.trees.values())):
            if isinstance(node, kinds):
                yield node

    def lines(self) -> list[int]:
        return [text.count("\n") for text in self.texts.values()]

    def comments(self) -> int:
        return sum(
            token.type == tokenize.COMMENT
            for text in self.texts.values()
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
        )

    def own_imports(self, tree: ast.AST, name: str, package: bool) -> set[str]:
        """Return which modules of this package ``tree`` imports, without looking into functions."""
        found = set()
        for node in outside_functions(tree):
            found |= targets(node, name, package) & set(self.names.values())
        return found - {name}

    def graph(self) -> dict[str, set[str]]:
        return {
            name: self.own_imports(self.trees[path], name, path.stem == "__init__")
            for path, name in self.names.items()
        }

    def hidden_imports(self) -> int:
        """Count imports of the package's own modules that stand inside functions."""
        root = next(iter(self.names.values())).partition(".")[0]
        found = {
            node
            for function in self.of(*FUNCTIONS)
            for node in ast.walk(function)
            if isinstance(node, ast.ImportFrom)
            and (node.level or str(node.module).partition(".")[0] == root)
        }
        return len(found)


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported; nothing that only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS) or "TYPE_CHECKING" in ast.dump(
            getattr(child, "test", child)
        ):
            continue
        yield child
        yield from outside_functions(child)


def targets(node: ast.AST, name: str, package: bool) -> set[str]:
    """Return the absolute names that an import statement in the module ``name`` may load."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return set()
    parts = name.split(".")
    base = parts[: len(parts) - node.level + package] if node.level else []
    module = ".".join([*base, *([node.module] if node.module else [])])
    # "from package import module" loads the module; the package's own file is loaded before all of it.
    modules = {f"{module}.{alias.name}" for alias in node.names}
    return modules | {module}


def body_lines(function: ast.AST) -> int:
    """Return over how many lines a function's body goes, without its docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return (body[-1].end_lineno - body[0].lineno + 1) if body else 0


def typed_share(house: House) -> float:
    """Return the share of parameters, but for self and cls, that say their type."""
    arguments = [node.args for node in house.of(*FUNCTIONS)]
    parameters = [
        one
        for args in arguments
        for one in (*args.posonlyargs, *args.args, *args.kwonlyargs)
        if one.arg not in ("self", "cls")
    ]
    return sum(one.annotation is not None for one in parameters) / max(len(parameters), 1)


def share_documented(house: House) -> float:
    classes = list(house.of(ast.ClassDef))
    return sum(ast.get_docstring(one) is not None for one in classes) / max(len(classes), 1)


def circle(graph: dict[str, set[str]]) -> str:
    """Return "none", or the modules of a circle."""
    # Whoever takes a neighbour from the package needs the package's own file: no circle.
    plain = {
        name: {one for one in used if not name.startswith(f"{one}.")}
        for name, used in graph.items()
    }
    try:
        TopologicalSorter(plain).prepare()
    except CycleError as error:
        return " > ".join(one.partition(".")[2] for one in error.args[1])
    return "none"


def figures(folder: Path, tests: Path | None) -> dict[str, str]:
    """Return all that is counted of a package, by the name of the figure."""
    house = House(folder)
    lines, functions = house.lines(), [body_lines(node) for node in house.of(*FUNCTIONS)]
    branches = [
        sum(isinstance(one, BRANCHES) for one in ast.walk(node)) for node in house.of(*FUNCTIONS)
    ]
    found = {
        "modules": len(lines),
        "lines": sum(lines),
        "median module": median(lines),
        "largest module": max(lines),
        "median function": median(functions),
        "largest function": max(functions),
        "most branches in one": max(branches),
        "parameters typed": f"{typed_share(house):.0%}",
        "classes with docstring": f"{share_documented(house):.0%}",
        "comments per 100 lines": f"{house.comments() * 100 / sum(lines):.1f}",
        "import circle": circle(house.graph()),
        "own imports in functions": house.hidden_imports(),
        "tests": "-",
        "test lines per line": "-",
    }
    if tests:
        suite = House(tests)
        written = "\n".join(suite.texts.values())
        found["tests"] = len(re.findall(r"^ *(?:async )?def test_", written, re.MULTILINE))
        found["test lines per line"] = f"{sum(suite.lines()) / sum(lines):.1f}"
    return {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in found.items()
    }


def main(arguments: list[str]) -> None:
    columns = {}
    for argument in arguments:
        folder, _, tests = argument.partition(":")
        columns[Path(folder).name] = figures(Path(folder), Path(tests) if tests else None)
    print(f"{'':26}" + "".join(f"{name[:18]:>20}" for name in columns))
    for row in next(iter(columns.values())):
        print(f"{row:26}" + "".join(f"{column[row]:>20}" for column in columns.values()))


if __name__ == "__main__":
    main(sys.argv[1:])
