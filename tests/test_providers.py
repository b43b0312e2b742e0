"""What ONNX Runtime is told where there is a GPU, with a runtime and a driver that are only played: none is here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnxruntime")

from cwm_check.commands import doctor
from cwm_check.commands.cli import main
from cwm_check.errors import AnalysisError
from cwm_check.inference import providers, rows
from cwm_check.inference.providers import Opened, open_session, why_not

TENSORRT, CUDA, CPU = (f"{name}ExecutionProvider" for name in ("Tensorrt", "CUDA", "CPU"))


class Runtime:
    """Notes what it is told; `starts` are the providers that come up."""

    def __init__(self, *starts: str, built: tuple[str, ...] = (TENSORRT, CUDA, CPU)) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.preloaded = False
        self._starts = starts
        self._built = built

    def get_available_providers(self) -> list[str]:
        return list(self._built)

    def preload_dlls(self, directory: str) -> None:
        self.preloaded = True
        print("a banner")

    def set_default_logger_severity(self, level: int) -> None:
        pass

    class SessionOptions:
        def add_session_config_entry(self, name: str, value: str) -> None:
            pass

    def InferenceSession(self, path: str, options: object, providers: list[tuple[str, dict[str, Any]]]) -> Any:
        self.told = providers
        starts = [name for name, _ in providers if name in self._starts] or [CPU]
        return type("Session", (), {"get_providers": lambda self: starts})()


def on(monkeypatch: pytest.MonkeyPatch, runtime: Runtime, *, gpu: bool = True, tensorrt: bool = True) -> Runtime:
    monkeypatch.setattr(providers, "_import_runtime", lambda: runtime)
    monkeypatch.setattr(providers, "_has_gpu", lambda: gpu)
    monkeypatch.setattr(providers, "_library", lambda name: object() if tensorrt else None)
    return runtime


ON_CUDA = (CUDA, {"device_id": 0, "arena_extend_strategy": "kSameAsRequested"})
ON_TENSORRT = (TENSORRT, {"device_id": 0, "trt_fp16_enable": True})
ON_CPU: tuple[str, dict[str, Any]] = (CPU, {})


@pytest.mark.parametrize(
    ("device", "tensorrt", "told"),
    [
        ("auto", True, [ON_TENSORRT, ON_CUDA, ON_CPU]),
        ("auto", False, [ON_CUDA, ON_CPU]),
        ("tensorrt", True, [ON_TENSORRT, ON_CUDA, ON_CPU]),
        ("cuda", True, [ON_CUDA, ON_CPU]),
        ("cpu", True, [ON_CPU]),
    ],
)
def test_providers_and_their_options(
    device: Any, tensorrt: bool, told: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = on(monkeypatch, Runtime(TENSORRT, CUDA), tensorrt=tensorrt)
    opened = open_session(Path("model.onnx"), device)
    assert runtime.told == told
    assert runtime.preloaded is (len(told) > 1)
    assert (opened.device, opened.note) == ({TENSORRT: "tensorrt", CUDA: "cuda", CPU: "cpu"}[told[0][0]], "")
    assert capsys.readouterr().out == ""  # reports go there


def test_auto_falls_back_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, Runtime())
    opened = open_session(Path("model.onnx"))
    assert (opened.device, opened.note) == ("cpu", "tensorrt does not start, the model runs on cpu")


@pytest.mark.parametrize(
    ("runtime", "gpu", "tensorrt", "device", "message"),
    [
        (
            Runtime(built=(CPU,)),
            True,
            True,
            "cuda",
            "is not usable: install 'cwm-check[gpu]' in place of [cpu]; or say",
        ),
        (Runtime(CUDA), False, True, "cuda", "is not usable: there is no NVIDIA driver with a GPU; or say"),
        (
            Runtime(CUDA),
            True,
            False,
            "tensorrt",
            "is not usable: libnvinfer.so.10 is not there: install TensorRT 10; or",
        ),
        (Runtime(), True, True, "cuda", "does not start: its libraries are missing or of another version"),
    ],
    ids=["cpu build", "no gpu", "no library", "does not start"],
)
def test_a_named_device_that_does_not_work_is_an_error(
    runtime: Runtime, gpu: bool, tensorrt: bool, device: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, runtime, gpu=gpu, tensorrt=tensorrt)
    with pytest.raises(AnalysisError) as error:
        open_session(Path("model.onnx"), device)
    assert str(error.value).startswith(f"device {device} {message}")


def test_the_cache_stays_on_the_device_and_is_written_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Any, ...]] = []
    bound: dict[str, Any] = {}

    class Value:
        @staticmethod
        def ortvalue_from_numpy(array: Any, device: str, number: int) -> Any:
            made.append((array.dtype, array.shape, device))
            return Value()

        def data_ptr(self) -> int:
            return 4096

    class Binding:
        def bind_cpu_input(self, name: str, array: Any) -> None:
            bound[name] = "cpu"

        def bind_input(self, name: str, *place: Any) -> None:
            bound[name] = place

        def bind_output(self, name: str, *place: Any) -> None:
            bound[name] = place

    def value(name: str, shape: list[Any]) -> Any:
        return type("Value", (), {"name": name, "shape": shape, "type": "tensor(float16)"})()

    class Session:
        def get_inputs(self) -> list[Any]:
            names = ("input_ids", "places", "seqlens_k")
            return [*(value(name, []) for name in names), value("past_key_values.0.key", ["r", 2, "p", 16])]

        def get_outputs(self) -> list[Any]:
            return [value("logits", ["w", 96])]

        def io_binding(self) -> Binding:
            return Binding()

        def run_with_iobinding(self, binding: Binding) -> None:
            pass

    monkeypatch.setattr("onnxruntime.OrtValue", Value)
    # One prompt is too long to be read with the others: they are read into the first two rows.
    batch, _ = rows.start(Opened(Session(), "cuda"), [(5,), (6,), (7,) * 200], 8, None)
    assert made == [(np.float16, (3, 2, 208, 16), "cuda")]
    last = ("cuda", 0, np.float16, (1, 2, 208, 16), 4096 + 2 * (2 * 208 * 16 * 2))
    assert bound["past_key_values.0.key"] == bound["present.0.key"] == last
    batch.step([1, 2, 3])
    assert bound["past_key_values.0.key"] == bound["present.0.key"] == ("cuda", 0, np.float16, (3, 2, 208, 16), 4096)
    host = ("input_ids", "places", "homes", "seqlens_k", "total_sequence_length", "logit_rows")
    assert [bound[name] for name in host] == ["cpu"] * 6
    assert bound["logits"][0] == "cpu"
    assert not batch.is_nimble


# --- doctor


def test_doctor_says_why_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [TENSORRT, CUDA, CPU])
    monkeypatch.setattr(providers, "_has_gpu", lambda: False)
    told = {part.subject: (part.works, part.detail) for part in doctor.examine()}
    assert told["cuda"] == told["tensorrt"] == (False, "there is no NVIDIA driver with a GPU")
    assert why_not(onnxruntime, "cpu") == ""


def test_doctor_names_models_and_what_is_wrong_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from checkpoints import NANO, write_checkpoint

    pytest.importorskip("onnx")
    monkeypatch.setenv("CWM_CHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("cwm_check.store.bundled_folders", lambda: ())
    assert main(["model", "export", str(write_checkpoint(tmp_path / "tiny", NANO)), "--licence", "MIT"]) == 0
    told = {part.subject: part for part in doctor.examine()}
    assert (told["model tiny"].works, told["model tiny"].detail) == (True, "float32, speaks nano, 0.3 MB, MIT")
    data = tmp_path / "cache" / "models" / "tiny" / "model.onnx.data"
    data.unlink()
    told = {part.subject: part for part in doctor.examine()}
    assert (told["model tiny"].works, told["model tiny"].needed) == (False, False)
    assert told["model tiny"].detail == f"{data} is missing: install or export the model again"


def test_doctor_shows_a_server_but_not_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CWM_CHECK_API_KEY", "very-secret")
    for text, works in (
        ("openai:http://h:8000#facebook/cwm", True),
        ("openai:http://me:pass@h#m", False),
        ("nano", False),
    ):
        monkeypatch.setenv("CWM_CHECK_MODEL", text)
        (part,) = [part for part in doctor.examine() if part.subject == "server"]
        assert part.works is works
        assert "secret" not in part.detail
        assert "pass@" not in part.detail
    monkeypatch.setenv("CWM_CHECK_MODEL", "openai:http://h:8000#facebook/cwm")
    (part,) = [part for part in doctor.examine() if part.subject == "server"]
    assert part.detail == "facebook/cwm at http://h:8000, with a key; not asked"
