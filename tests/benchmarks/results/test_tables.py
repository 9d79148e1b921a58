"""Records become the tables of docs/results.md."""

from __future__ import annotations

from benchmarks.results.pages.dispersions import dispersions
from benchmarks.results.pages.gates import gates
from benchmarks.results.pages.policies import Flown, fuel_of_pilot, policies
from benchmarks.results.plan import PLAN
from daemon.config.load import load_config
from tests.benchmarks.results.samples import dispersed, flights, run_result


def flown(title: str, **values: float) -> Flown:
    """A column, of 40 landings."""
    found = flights(("landed",) * 40, **values)
    return Flown(title, found.result, found)


def test_gates_have_each_seed_and_the_median_if_all_passed() -> None:
    runs = [run_result("a", 1), run_result("b", 3), run_result("c", 2, gates=(1,))]
    text = gates(runs)
    assert "| gate | seed 1 | seed 3 | seed 2 | median |" in text
    assert "| 1 | 1.0 M steps, 1.0 min; 90%, 1300 | 3.0 M steps" in text
    assert text.splitlines()[2].endswith("| 2.0 M steps, 1.0 min |")
    assert text.splitlines()[3].endswith("| not passed | passed by 2 of 3 |")
    assert text.splitlines()[4].endswith("| 10.0 M steps, 60.0 min |")
    assert "median" not in gates(runs[:1])


def test_the_policies_are_beside_their_median_and_the_pilot() -> None:
    pilot = flown("reference pilot", miss_m=1.0, fuel_left=0.6)
    models = [
        flown("seed 1", miss_m=2.0, fuel_left=0.5),
        flown("seed 2", miss_m=4.0, fuel_left=0.4),
        flown("seed 3", miss_m=3.0, fuel_left=0.5),
    ]
    lines = policies(models, pilot, None).splitlines()
    assert lines[0] == "|  | seed 1 | seed 2 | seed 3 | median | reference pilot |"
    of = {line.split("|")[1].strip(): line for line in lines}
    assert of["distance from the pad"] == (
        "| distance from the pad | 2.00 m | 4.00 m | 3.00 m | 3.00 m | 1.00 m |"
    )
    assert of["... of 95% at most"].startswith("| ... of 95% at most | 2.00 m | 4.00 m | 3.00 m |")
    fuel = of["fuel used, of the pilot's"]
    assert fuel.startswith("| fuel used, of the pilot's | 1.25 (1.25 to 1.25) | 1.50 (")
    assert fuel.endswith("| 1.25 | 1.00 (1.00 to 1.00) |")


def test_without_flights_the_fuel_is_of_the_means() -> None:
    one, pilot = flown("seed 1"), flown("reference pilot", fuel_left=0.6)
    text = policies([Flown("seed 1", one.result, None)], pilot, None)
    assert "| fuel used, of the pilot's | 1.25 | 1.00 (1.00 to 1.00) |" in text
    assert "| ... of 95% at most | - | 3.00 m |" in text


def test_fuel_is_compared_where_both_landed() -> None:
    one = flights(("landed", "crashed", "landed"))
    other = flights(("landed", "landed", "crashed"), fuel_left=0.75)
    assert fuel_of_pilot(one, other) == [2.0]


def test_the_plan_names_each_training_once_and_of_known_vehicles() -> None:
    assert len({planned.name for planned in PLAN}) == len(PLAN)
    for vehicle in {planned.vehicle for planned in PLAN}:
        load_config(None, {"fleet": {"vehicle": vehicle}})


def test_dispersions_pool_the_models_flights() -> None:
    found = [(1, dispersed(10, 2.0)), (2, dispersed(8, 4.0))]
    lines = dispersions(found).splitlines()
    assert lines[0] == (
        "| case | seed 1, 2 | success | reference pilot's | distance from the pad "
        "| reference pilot's |"
    )
    assert lines[2].startswith("| `thrust` | 100, 80% | 90.0% (69.9 to 97.2) | 100.0% (72.2 to")
    assert lines[2].endswith("| 3.00 m | 1.00 m |")
