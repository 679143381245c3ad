"""`scripts/bench [NAME …] [--json]`: runs the named benches, or all, and prints their figures."""

import argparse
import signal
import sys
from collections.abc import Callable

from scripts.benchmarks import fairness, gather, measure, publish, scale, weekly
from scripts.benchmarks.figures import Figure, as_json, as_table

BENCHES: dict[str, Callable[[], list[Figure]]] = {
    "weekly": weekly.measure,
    "fairness": fairness.measure,
    "gather": gather.measure,
    "measure": measure.measure,
    "publish": publish.measure,
    "scale": scale.measure,
}


def main() -> int:
    """Run the benches; 1 when a goal does not hold."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what a bench started is stopped then too
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure speed, memory and requests against their goals.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--json", action="store_true", help="print a list of {name, value, unit, goal, holds}")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHES))
    if unknown:
        parser.error(f"no bench {', '.join(unknown)}; known: {', '.join(BENCHES)}")
    figures = [figure for name in options.names or BENCHES for figure in BENCHES[name]()]
    sys.stdout.write((as_json(figures) if options.json else as_table(figures)) + "\n")
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
