"""Records of the changed functions: both versions of each, and the facts that their source alone proves."""

from __future__ import annotations

from dataclasses import dataclass

from cwm_check.vocabulary import Binding, ParameterKind, SkipReason


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function, as written."""

    name: str
    kind: ParameterKind
    default: str | None = None
    """Source text of the default."""
    annotation: str | None = None
    """Source text of the annotation."""


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """One version of one function."""

    qualname: str
    """Dotted, without `<locals>`: `Class.method`, `outer.inner`."""
    source: str
    """The text of the definition with its decorators, dedented."""
    first_line: int
    """First decorator or `def`, 1-based."""
    def_line: int
    last_line: int
    binding: Binding
    owner: str | None
    """Qualified name of the class it is a method of; None otherwise."""
    parameters: tuple[Parameter, ...]
    """With `self` or `cls`."""
    decorators: tuple[str, ...] = ()
    """Source text without `@`."""
    is_async: bool = False
    is_generator: bool = False
    is_nested: bool = False
    """Defined inside another function: it is reached by running that one."""


@dataclass(frozen=True, slots=True)
class ChangedFunction:
    """A function that exists before and after and may behave differently."""

    path: str
    before_path: str
    qualname: str
    """The name after; `before.qualname` differs for a moved or renamed function."""
    before: FunctionSource
    after: FunctionSource
    before_module: str
    """The whole text of the module, before."""
    after_module: str
    changed_before: tuple[int, ...]
    """1-based lines of `before_module` inside the function that differ; empty if only its context changed."""
    changed_after: tuple[int, ...]
    because: tuple[str, ...] = ()
    """Names outside the function that it reads and that changed; empty when its own text changed."""


@dataclass(frozen=True, slots=True)
class FileFunctions:
    """What pairing the functions of one changed file gives."""

    path: str
    changed: tuple[ChangedFunction, ...]
    added: tuple[FunctionSource, ...] = ()
    removed: tuple[FunctionSource, ...] = ()
    problem: SkipReason | None = None
    unread: tuple[str, ...] = ()
    """Names outside functions that changed and that no function of the file reads."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A change that the source alone proves, for instance a changed default."""

    rule: str
    """A rule id of `rules.py`."""
    subject: str
    """What it is about: a parameter, a decorator, an exception type."""
    before: str | None
    """Source text before; None if there was none."""
    after: str | None
    line: int
    """1-based line in `after_module`."""
