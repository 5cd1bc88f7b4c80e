"""Run one program of the benchmarks, print its tables and keep them in the folder that is named."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from benchmarks.report import Table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    module = importlib.import_module(f"benchmarks.{options.program}")
    tables: list[Table] = []
    for table in module.tables(quick=options.quick):
        print(f"\n{table.title}\n{table.note}\n\n{table.text}", flush=True)
        tables.append(table)
    if options.into:
        for place, table in enumerate(tables):
            table.write(options.program, place, options.into)


if __name__ == "__main__":
    main()
