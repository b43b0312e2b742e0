"""The name of a world model in, a neural simulator on it out."""

from __future__ import annotations

import os

from cwm_check.errors import CwmCheckError
from cwm_check.neural import NeuralSimulator
from cwm_check.predictor import require_vocabulary
from cwm_check.providers import Device
from cwm_check.step_model import StepModel
from cwm_check.store import Manifest, find_model, require_intact


def open_neural(name: str = "nano", device: Device = "auto", *, threads: int = 0) -> NeuralSimulator:
    """Return a simulator on the model of that name, or in that folder."""
    return NeuralSimulator(open_step_model(name, device, threads=threads))


def open_step_model(name: str, device: Device = "auto", *, threads: int = 0, masked: bool = True) -> StepModel:
    """Return what answers steps; `masked`: conditions can only be said to be true, to be false or to raise."""
    from cwm_check.engine import Engine
    from cwm_check.remote import PREFIX, Remote, server_of

    if name.startswith(PREFIX):
        server = server_of(name)
        served = Manifest(server.name, "nano", "", server.address, "", ())
        return StepModel(Remote(server, timeout=_timeout()), served, masked=masked)
    model = find_model(name)
    require_intact(model)
    require_vocabulary(model)
    return StepModel(Engine(model.graph, device, threads), model.manifest, masked=masked)


def _timeout() -> float:
    """Seconds to wait for a server: a large model on a busy machine takes long."""
    text = os.environ.get("CWM_CHECK_MODEL_TIMEOUT", "60")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise CwmCheckError(f"CWM_CHECK_MODEL_TIMEOUT must be a number of seconds, not {text!r}")
    return seconds
