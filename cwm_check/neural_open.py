"""The name of a world model in, a neural simulator on it out."""

from __future__ import annotations

from cwm_check.neural import NeuralSimulator
from cwm_check.predictor import require_vocabulary
from cwm_check.providers import Device
from cwm_check.step_model import StepModel
from cwm_check.store import find_model, require_intact


def open_neural(name: str = "nano", device: Device = "auto", *, threads: int = 0) -> NeuralSimulator:
    """Return a simulator on the model of that name, or in that folder."""
    return NeuralSimulator(open_step_model(name, device, threads=threads))


def open_step_model(name: str, device: Device = "auto", *, threads: int = 0, masked: bool = True) -> StepModel:
    """Return what answers steps; `masked`: conditions can only be said to be true, to be false or to raise."""
    from cwm_check.engine import Engine

    model = find_model(name)
    require_intact(model)
    require_vocabulary(model)
    return StepModel(Engine(model.graph, device, threads), model.manifest, masked=masked)
