"""Who may import what: the table below is the picture of the architecture."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cwm_check"


@dataclass(frozen=True)
class Part:
    """Modules (or whole folders) that belong together, and what they may import besides themselves and the records."""

    modules: str
    parts: str = ""
    libraries: str = ""


PARTS = {
    "records": Part("changes errors pairs rule_texts rules simulations textlines trace verdicts vocabulary"),
    "git": Part("git sources"),
    "bindings": Part("bindings"),
    "functions": Part(
        "functions codelines context definitions effects matching names slices", parts="bindings", libraries="libcst"
    ),
    "equivalence": Part("equivalence layout normal"),
    "syntax": Part("syntax literals", libraries="libcst"),
    "patterns": Part("patterns"),
    "facts": Part("facts raises signatures", parts="syntax", libraries="libcst"),
    "probes": Part(
        "probes aimed calls clues new_helpers pool receivers samples usage values variations",
        parts="patterns syntax",
        libraries="libcst",
    ),
    "cache": Part("cache"),
    "sandbox": Part(
        "sandbox.__init__ sandbox.build sandbox.component sandbox.messages", parts="cache", libraries="wasmtime"
    ),
    "guest": Part("sandbox.guest"),
    "simulate": Part(
        "simulate answers assumptions callees choices compared coverage explore footing frontier handlers jobs logs "
        "outcomes plausible shims targets transplants world",
        parts="bindings patterns sandbox",
    ),
    "compare": Part("compare spokesmen"),
    "trial": Part("causes trial", parts="probes sandbox simulate compare"),
    "hazards": Part(
        "hazard_trial mistakes promises repeats unreachable", parts="compare probes sandbox simulate syntax trial"
    ),
    "alarm": Part("alarm"),
    "parallel": Part("parallel"),
    "trials": Part(
        "records results trials",
        parts="predictor cache functions git parallel probes sandbox settings simulate trial",
    ),
    "findings": Part("findings once wording", parts="compare"),
    "hazard_findings": Part("hazard_findings", parts="findings hazards"),
    "reports": Part("reports", parts="findings"),
    "codecs": Part(
        "call_errors codecs control_flow operation_arithmetic operation_calls operation_errors operation_items "
        "operation_operands operation_orders operation_rounds operation_state operation_values operations",
        libraries="tokenizers",
    ),
    "store": Part("store", parts="cache"),
    "engine": Part("engine key_values packing prefixes providers rows", libraries="numpy onnxruntime"),
    "predictor": Part("late_predictor predictor", parts="codecs engine store"),
    "neural": Part("neural neural_frames predicted rounds", parts="codecs simulate"),
    "neural_models": Part("frame_model neural_open remote step_model", parts="codecs engine neural predictor store"),
    "neural_trial": Part("neural_trial", parts="compare neural probes simulate trial"),
    "export": Part(
        "architecture blocks export graph optimum_export weights",
        parts="store",
        libraries="ml_dtypes numpy onnx onnxruntime optimum transformers",
    ),
    "training": Part(
        "training",
        parts="codecs engine export neural neural_models simulate store",
        libraries="torch transformers numpy safetensors",
    ),
    "settings": Part("config kinds gate"),
    "debugger": Part(
        "account activations alignment debugger foresight listing replay session stepping subject walk",
        parts="git functions neural probes syntax sandbox simulate compare trial findings settings",
    ),
    "acceptance": Part("acceptance baseline comments intent", parts="settings"),
    "check": Part(
        "check common decision new_code",
        parts="alarm hazards hazard_findings git functions equivalence"
        " facts findings settings neural neural_models neural_trial trial trials",
    ),
    "debug_command": Part(
        "adapter dap debug_cli history shell shell_session shell_view typed",
        parts="cache codecs commands debugger findings functions git neural_models",
        libraries="click",
    ),
    "training_command": Part("train_cli", parts="training", libraries="click"),
    "commands": Part(
        "__main__ accepting bench cli demo doctor judging model_cli output run",
        parts="acceptance alarm cache findings git sandbox reports settings check codecs debugger engine export"
        " neural_models store training_command debug_command",
        libraries="click onnxruntime torch",
    ),
}


@cache
def modules() -> tuple[str, ...]:
    return tuple(sorted(".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")))


def parts_of(module: str) -> list[str]:
    folders = [module.rsplit(".", n)[0] for n in range(module.count(".") + 1)]
    return [name for name, part in PARTS.items() if set(folders) & set(part.modules.split())]


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8"))


@cache
def imported(module: str) -> set[str]:
    """Full dotted names, for instance `cwm_check.vocabulary.Level`; imports inside functions count too."""
    nodes = list(ast.walk(tree_of(module)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    assert not [node for node in froms if node.level], f"{module}: imports are absolute"
    return plain | {f"{node.module}.{alias.name}" for node in froms for alias in node.names}


def own_modules(module: str) -> set[str]:
    known, names = (
        set(modules()),
        {n.removeprefix("cwm_check.") for n in imported(module) if n.startswith("cwm_check.")},
    )
    exact = {name for name in names if name in known} | {n.rsplit(".", 1)[0] for n in names}
    return exact & known | {f"{name}.__init__" for name in exact if f"{name}.__init__" in known}


def libraries(module: str) -> set[str]:
    return (
        {name.split(".")[0] for name in imported(module)} - set(sys.stdlib_module_names) - {"cwm_check", "__future__"}
    )


HOST = [module for module in modules() if module != "__init__" and not module.startswith("sandbox.guest")]


@pytest.mark.parametrize("module", [module for module in modules() if module != "__init__"])
def test_every_module_belongs_to_one_part(module: str) -> None:
    assert len(parts_of(module)) == 1


@pytest.mark.parametrize("module", HOST)
def test_a_module_imports_only_its_part_and_what_that_may(module: str) -> None:
    (part,) = parts_of(module)
    allowed = {part, "records", *PARTS[part].parts.split()}
    assert {name for other in own_modules(module) for name in parts_of(other)} - allowed == set()


@pytest.mark.parametrize("module", HOST)
def test_a_module_imports_only_the_libraries_of_its_part(module: str) -> None:
    (part,) = parts_of(module)
    assert libraries(module) - set(PARTS[part].libraries.split()) == set()


@pytest.mark.parametrize("module", [module for module in HOST if not module.startswith("training")])
def test_nothing_on_the_host_can_run_checked_code(module: str) -> None:
    calls = [node.func for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    names |= {call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr != "compile"}
    assert (
        names & {"eval", "exec", "compile", "__import__", "import_module", "settrace", "run_path", "run_module"}
        == set()
    )


NOT_SOURCE = {"providers", "rule_texts", "sources.plumbing"}  # messages of libraries and of git, our own examples


@pytest.mark.parametrize("module", [m for m in modules() if m not in NOT_SOURCE])
def test_lines_of_source_are_split_as_python_counts_them(module: str) -> None:
    """A form feed, U+0085 or U+2028 ends no line."""
    calls = [node.func for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)]
    assert [call for call in calls if isinstance(call, ast.Attribute) and call.attr == "splitlines"] == []


def test_no_part_of_the_table_is_out_of_date() -> None:
    named = {name for part in PARTS.values() for name in part.modules.split()}
    folders = {module.rsplit(".", n)[0] for module in modules() for n in range(module.count(".") + 1)}
    assert named - folders == set()
