"""Run one program of the benchmarks, print its tables and keep them."""

from __future__ import annotations

import importlib
import sys

from benchmarks.report import Table


def main(program: str, *, quick: bool) -> None:
    tables: list[Table] = []
    for table in importlib.import_module(f"benchmarks.{program}").tables(quick=quick):
        print(f"\n{table.title}\n{table.note}\n\n{table.text}", flush=True)
        tables.append(table)
    if not quick:
        for place, table in enumerate(tables):
            table.write(program, place)


if __name__ == "__main__":
    main(sys.argv[1], quick="--quick" in sys.argv)
