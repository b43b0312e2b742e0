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
    "bindings": Part("extraction.bindings"),
    "functions": Part("extraction", parts="bindings", libraries="libcst"),
    "equivalence": Part("equivalence layout normal"),
    "syntax": Part("syntax literals", libraries="libcst"),
    "patterns": Part("probing.patterns"),
    "facts": Part("decorators facts raises signatures", parts="syntax", libraries="libcst"),
    "probes": Part("probing", parts="patterns syntax", libraries="libcst"),
    "cache": Part("cache"),
    "sandbox": Part("sandbox", parts="cache", libraries="wasmtime"),
    "guest": Part("sandbox.guest"),
    "simulate": Part("search", parts="bindings patterns sandbox"),
    "compare": Part("compare spokesmen"),
    "trial": Part("causes edits trial worth", parts="probes sandbox simulate compare"),
    "hazards": Part("hazards", parts="compare probes sandbox simulate syntax trial"),
    "alarm": Part("alarm"),
    "parallel": Part("parallel"),
    "trials": Part(
        "records results trials",
        parts="predictor cache functions git parallel probes sandbox settings simulate trial",
    ),
    "findings": Part("findings once wording", parts="compare"),
    "hazard_findings": Part("hazards.findings", parts="findings hazards"),
    "reports": Part("reports", parts="findings"),
    "codecs": Part("codecs operations", libraries="tokenizers"),
    "store": Part("store", parts="cache"),
    "engine": Part("inference", libraries="numpy onnxruntime"),
    "predictor": Part("neural.late_predictor neural.predictor", parts="codecs engine store"),
    "neural": Part("neural", parts="codecs simulate"),
    "neural_models": Part(
        "neural.frame_model neural.opening neural.remote neural.step_model",
        parts="codecs engine neural predictor store",
    ),
    "neural_trial": Part("neural.trial", parts="compare neural probes simulate trial"),
    "export": Part("onnx_export", parts="store", libraries="ml_dtypes numpy onnx onnxruntime optimum transformers"),
    "training": Part(
        "training",
        parts="codecs engine export neural neural_models simulate store",
        libraries="torch transformers numpy safetensors",
    ),
    "settings": Part("config kinds gate"),
    "debugger": Part(
        "debugging",
        parts="git functions neural probes syntax sandbox simulate compare trial findings settings",
    ),
    "acceptance": Part("accepted", parts="settings"),
    "check": Part(
        "check common decision new_code",
        parts="alarm hazards hazard_findings git functions equivalence"
        " facts findings settings neural neural_models neural_trial trial trials",
    ),
    "debug_command": Part(
        "commands.debug debugging.adapter debugging.dap debugging.history debugging.shell debugging.shell_session"
        " debugging.shell_view debugging.typed",
        parts="cache codecs commands debugger findings functions git neural_models",
        libraries="click",
    ),
    "training_command": Part("commands.train", parts="training", libraries="click"),
    "commands": Part(
        "__main__ commands",
        parts="acceptance alarm cache findings git sandbox reports settings check codecs debugger engine export"
        " neural_models store training_command debug_command",
        libraries="click onnxruntime torch",
    ),
}


@cache
def modules() -> tuple[str, ...]:
    return tuple(sorted(".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")))


OWNERS = {name: part for part, own in PARTS.items() for name in own.modules.split()}


def part_of(module: str) -> str:
    """The part that names the module or, nearest first, a folder around it; StopIteration if there is none."""
    folders = [module.rsplit(".", n)[0] for n in range(module.count(".") + 1)]
    return next(OWNERS[folder] for folder in folders if folder in OWNERS)


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
def test_every_module_belongs_to_a_part(module: str) -> None:
    assert part_of(module)


def test_no_module_is_named_by_two_parts() -> None:
    assert len(OWNERS) == sum(len(part.modules.split()) for part in PARTS.values())


@pytest.mark.parametrize("module", HOST)
def test_a_module_imports_only_its_part_and_what_that_may(module: str) -> None:
    part = part_of(module)
    allowed = {part, "records", *PARTS[part].parts.split()}
    assert {part_of(other) for other in own_modules(module)} - allowed == set()


@pytest.mark.parametrize("module", HOST)
def test_a_module_imports_only_the_libraries_of_its_part(module: str) -> None:
    part = part_of(module)
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


NOT_SOURCE = {"inference.providers", "rule_texts", "sources.plumbing"}  # texts of libraries, of git, our own examples


@pytest.mark.parametrize("module", [m for m in modules() if m not in NOT_SOURCE])
def test_lines_of_source_are_split_as_python_counts_them(module: str) -> None:
    """A form feed, U+0085 or U+2028 ends no line."""
    calls = [node.func for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)]
    assert [call for call in calls if isinstance(call, ast.Attribute) and call.attr == "splitlines"] == []


def test_no_part_of_the_table_is_out_of_date() -> None:
    named = {name for part in PARTS.values() for name in part.modules.split()}
    folders = {module.rsplit(".", n)[0] for module in modules() for n in range(module.count(".") + 1)}
    assert named - folders == set()
