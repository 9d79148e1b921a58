"""`make failpoints`: every failpoint with every action, as a table; exit code 1 on a fault."""

from __future__ import annotations

import sys

from daemon.base.failpoint import FAILPOINTS
from tests.failpoints.trial import all_trials, carry_out


def main() -> int:
    """Run all trials, or those whose description contains the first argument."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    failed = 0
    last = ""
    for trial in all_trials():
        if wanted not in str(trial):
            continue
        if trial.point != last:
            print(f"\n{trial.point}: {FAILPOINTS[trial.point]}")
            last = trial.point
        outcome = carry_out(trial)
        verdict = "ok" if not outcome.faults else "FAILED"
        print(f"  {trial.action:7} {trial.scenario.name:24} {verdict:6} {outcome.happened[:110]}")
        for fault in outcome.faults:
            print(f"          {fault}")
        sys.stdout.flush()
        failed += bool(outcome.faults)
    print(f"\n{failed} failed" if failed else "\nnothing was lost")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
