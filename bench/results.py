"""Writes the raw results of a run as one JSON file: every sample, with machine, date and versions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import orjson

from bench.gates import Runs
from bench.options import Options
from bench.rounds import Measured

FOLDER = Path(__file__).resolve().parent / "results"


def write_results(
    trials: Mapping[str, Sequence[Runs]],
    options: Options,
    about: Mapping[str, object],
    now: datetime,
    folder: Path = FOLDER,
) -> Path:
    """`trials`: by the name of their case, each with its runs; `about`: machine and versions."""
    folder.mkdir(exist_ok=True)
    document = {
        "at": now.isoformat(timespec="seconds"),
        **about,
        "options": asdict(options),
        "cases": {name: [_trial(one) for runs in each for one in runs] for name, each in trials.items()},
    }
    path = folder / f"{now:%Y-%m-%dT%H-%M-%S}.json"
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    return path


def _trial(measured: Measured) -> dict[str, object]:
    trial = measured.trial
    return {
        "title": trial.title,
        "unit": trial.unit,
        "more_is_better": trial.more_is_better,
        "targets": [asdict(target) for target in trial.targets],
        "notes": list(trial.notes),
        "contenders": [
            {
                "name": one.name,
                "kind": one.kind.value,
                "median": measured.median(one),
                "ratio_of_ours": None if (ratio := measured.ratio(one)) is None else asdict(ratio),
                "samples": [asdict(sample) for sample in measured.samples[one.name]],
            }
            for one in trial.contenders
        ],
    }
