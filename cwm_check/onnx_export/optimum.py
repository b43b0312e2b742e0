"""The second road from a checkpoint to ONNX: through optimum, which knows many architectures and is our reference.

It needs an environment of its own (`pip install 'cwm-check[cpu,optimum]' torch`): optimum exports only together with
transformers 4.57, which has no `cwm`. Ministral is the same architecture, so CWM is registered as one.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

from cwm_check.errors import CwmCheckError

_TASK = "text-generation-with-past"
_FULL_EVERY = 4  # CWM's layers 0, 4, 8, ... attend to everything


def write_graph(source: Path, target: Path, precision: str) -> None:
    """Write optimum's graph of the checkpoint in `source` into the folder `target`."""
    if precision != "float32":
        raise CwmCheckError(f"--via optimum writes float32, not {precision}")
    try:
        from optimum.exporters.onnx import main_export
    except ImportError as error:
        raise CwmCheckError(f"optimum cannot be used ({error}): pip install 'cwm-check[optimum]' torch") from error
    logging.getLogger("optimum").setLevel(logging.ERROR)  # it warns above a tolerance of 1e-5
    register_cwm()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, about the shapes it fixes
        main_export(str(source), str(target), task=_TASK)


def open_reference(folder: Path, threads: int) -> Any:
    """Return optimum's own runner of the graph in `folder`, to measure against."""
    from onnxruntime import SessionOptions
    from optimum.onnxruntime import ORTModelForCausalLM

    register_cwm()
    options = SessionOptions()
    options.intra_op_num_threads = threads
    model = ORTModelForCausalLM.from_pretrained(folder, session_options=options)
    model.num_key_value_heads = model.config.num_key_value_heads  # it does not know that CWM shares them
    model.embed_size_per_head = model.config.head_dim
    return model


def register_cwm() -> None:
    """Make transformers 4.57 and optimum read CWM checkpoints, whichever transformers wrote them."""
    from optimum.exporters.onnx.model_configs import LlamaOnnxConfig
    from optimum.exporters.tasks import TasksManager
    from optimum.utils import NormalizedTextConfigWithGQA
    from transformers import AutoConfig, AutoModelForCausalLM, MinistralConfig, MinistralForCausalLM

    class CwmConfig(MinistralConfig):  # type: ignore[misc]
        model_type = "cwm"

        def __init__(self, **settings: Any) -> None:
            super().__init__(**_as_ministral(settings))

    class CwmForCausalLM(MinistralForCausalLM):  # type: ignore[misc]
        config_class = CwmConfig

    class CwmOnnxConfig(LlamaOnnxConfig):  # type: ignore[misc]
        NORMALIZED_CONFIG_CLASS = NormalizedTextConfigWithGQA

    CwmForCausalLM.__module__ = MinistralForCausalLM.__module__  # optimum infers the library from it
    AutoConfig.register("cwm", CwmConfig, exist_ok=True)
    AutoModelForCausalLM.register(CwmConfig, CwmForCausalLM, exist_ok=True)
    TasksManager.create_register("onnx", overwrite_existing=True)("cwm", "text-generation", _TASK)(CwmOnnxConfig)


def _as_ministral(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings with CWM's defaults, and the rotary ones of transformers 5 spelled as in transformers 4."""
    given = {
        "rms_norm_eps": 1e-5,
        "sliding_window": 8192,
        "num_hidden_layers": 64,
        "rope_theta": 1_000_000.0,
        **settings,
    }
    if rotary := dict(given.pop("rope_parameters", None) or {}):
        given["rope_theta"] = rotary.pop("rope_theta", given["rope_theta"])
        given["rope_scaling"] = rotary
    layers = range(given["num_hidden_layers"])
    usual = ["sliding_attention" if i % _FULL_EVERY else "full_attention" for i in layers]
    return {**given, "layer_types": given.get("layer_types") or usual}
