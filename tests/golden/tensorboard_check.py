"""Reads a run directory's scalars back with TensorBoard's own EventAccumulator.

Run: python tensorboard_check.py RUN_DIRECTORY
Exits with 1 unless every epoch of training_history.json is there, with the same numbers.
"""
import json
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

FIELDS = {"loss/train": "trainLoss", "loss/validation": "validationLoss",
          "accuracy/train": "trainAccuracy", "accuracy/validation": "validationAccuracy",
          "accuracy/robust": "robustAccuracy", "learning_rate": "learningRate",
          "images_per_second": "imagesPerSecond"}

directory = pathlib.Path(sys.argv[1])
epochs = json.loads((directory / "training_history.json").read_text())["epochs"]
events = EventAccumulator(str(directory)).Reload()
wrong = 0
for tag, field in FIELDS.items():
    expected = {record["epoch"]: record[field] for record in epochs if field in record}
    found = {e.step: e.value for e in events.Scalars(tag)} if tag in events.Tags()["scalars"] else {}
    fine = found.keys() == expected.keys() and all(
        abs(found[step] - value) <= 1e-5 * max(1, abs(value)) for step, value in expected.items())
    wrong += not fine
    print(f"{tag}: {len(found)} of {len(expected)} epochs, {'equal' if fine else 'DIFFERENT'}")
sys.exit(1 if wrong else 0)
