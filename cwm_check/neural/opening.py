"""The name of a world model in, a simulator that executes nothing out: on steps for nano, on frames for cwm.

A model is here (a name, a folder) or on a server (`openai:URL#NAME`). A served model speaks cwm, with the tokenizer of
`CWM_CHECK_TOKENIZER`, unless it is called nano.
"""

from __future__ import annotations

import os
from pathlib import Path

from cwm_check.errors import CwmCheckError
from cwm_check.inference.providers import Device
from cwm_check.neural.frame_model import FrameModel
from cwm_check.neural.frames import on_frames
from cwm_check.neural.predictor import require_vocabulary
from cwm_check.neural.remote import PREFIX, Remote, server_of
from cwm_check.neural.rounds import NeuralSimulator
from cwm_check.neural.simulator import on_steps
from cwm_check.neural.step_model import StepModel
from cwm_check.store import Manifest, find_model, require_intact


def open_neural(name: str = "nano", device: Device = "auto", *, threads: int = 0) -> NeuralSimulator:
    """Return a simulator on the model of that name, in that folder, or on that server."""
    if speaks(name) == "cwm":
        return on_frames(open_frame_model(name, device, threads=threads))
    return on_steps(open_step_model(name, device, threads=threads))


def speaks(name: str) -> str:
    """Return the codec of a model."""
    if not name.startswith(PREFIX):
        return find_model(name).manifest.codec
    return "nano" if server_of(name).name.rpartition("/")[2].startswith("nano") else "cwm"


def open_step_model(name: str, device: Device = "auto", *, threads: int = 0, masked: bool = True) -> StepModel:
    """Return what answers steps; `masked`: conditions can only be said to be true, to be false or to raise."""
    from cwm_check.inference.engine import Engine

    if name.startswith(PREFIX):
        server = server_of(name)
        served = Manifest(server.name, "nano", "", server.address, "", ())
        return StepModel(Remote(server, timeout=_timeout()), served, masked=masked)
    model = find_model(name)
    require_intact(model)
    require_vocabulary(model)
    return StepModel(Engine(model.graph, device, threads), model.manifest, masked=masked)


def open_frame_model(name: str, device: Device = "auto", *, threads: int = 0) -> FrameModel:
    """Return what goes on with frames."""
    from cwm_check.codecs.cwm_tokenizer import CwmTokenizer
    from cwm_check.inference.engine import Engine

    if name.startswith(PREFIX):
        server = server_of(name)
        return FrameModel(server.name, Remote(server, timeout=_timeout()), CwmTokenizer(_tokenizer()))
    model = find_model(name)
    require_intact(model)
    tokenizer = CwmTokenizer(model.folder / "tokenizer.json")
    return FrameModel(model.manifest.name, Engine(model.graph, device, threads, keeps=True), tokenizer)


def _tokenizer() -> Path:
    path = os.environ.get("CWM_CHECK_TOKENIZER")
    if not path:
        raise CwmCheckError("a served CWM needs its tokenizer: set CWM_CHECK_TOKENIZER to its tokenizer.json")
    return Path(path)


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
