"""What every run finds: modules and outputs of its own, and a library that asks for what it is not told.

All of it is made while the component is built, for an instance serves one job only.
"""

import ast
import dataclasses
import email.utils
import enum
import functools
import inspect
import ipaddress
import linecache
import sys
import traceback
import typing
import urllib.parse
import xml.etree.ElementTree

import _pydatetime
from asking import ask, bind, encode
from guards import Output, names_of_builtins
from imports import Modules
from outside import outside
from surroundings import made_modules
from unknowns import Unknown


class Prepared:
    """What a run needs and no job changes."""

    outputs: dict = {}
    modules = None


def _without_files():
    """Have the library ask no file system for the text of the program: frames and warnings have none to show."""
    linecache.checkcache = lambda filename=None: None
    linecache.updatecache = lambda filename, module_globals=None: []
    inspect.getsourcefile = lambda value: None
    inspect.getmodule = lambda value, _filename=None: None


LOOKING = {
    inspect: "signature getfullargspec unwrap getmro getmembers getsource getsourcelines getdoc getattr_static isclass "
    "isfunction ismethod isroutine isbuiltin ismodule isgenerator isgeneratorfunction iscoroutine iscoroutinefunction "
    "isasyncgen isasyncgenfunction isawaitable isabstract isdatadescriptor",
    dataclasses: "replace asdict astuple fields",
    typing: "get_type_hints",
    traceback: "format_exception format_exception_only format_tb extract_tb",
}
"""What the library says of an object; of one that nobody knows it would look for ever, or say that it is nothing."""
TEXTS = {
    urllib.parse: {"urlsplit": None, "urlparse": None, "urljoin": None, "urldefrag": None},
    inspect: {"cleandoc": None},
    ast: {"literal_eval": r"\[1, 2\]"},
    ipaddress: {"ip_address": r"10\.0\.0\.1", "ip_network": r"10\.0\.0\.0/8", "ip_interface": r"10\.0\.0\.1/8"},
    email.utils: dict.fromkeys(("parsedate", "parsedate_tz", "parsedate_to_datetime"), "Fri, 02 Jan 2026 03:04:05 GMT"),
    xml.etree.ElementTree: dict.fromkeys(("fromstring", "XML"), '<a b="1"><c>d</c>e</a>'),
}
"""What takes texts apart and does not say so of an unknown object, and what such a text matches."""


def _looking_at_unknown():
    """Have the library ask what it says of an unknown object."""
    for module, names in LOOKING.items():
        for name in names.split():
            setattr(module, name, _asked_of_unknown(f"{module.__name__}.{name}", getattr(module, name)))


def _asked_of_unknown(name, function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        if any(type(value) is Unknown for value in args):
            told = {n: encode(value) for n, value in kwargs.items()}
            return ask("call", outside(name), *args, kw=told, discarded=False)
        return function(*args, **kwargs)

    return call


def _reading_texts():
    """Have what takes texts apart ask for one: a cache would ask whether two unknown ones are equal."""
    for module, names in TEXTS.items():
        for name, pattern in names.items():
            setattr(module, name, _of_texts(getattr(module, name), pattern))


def _taking_unknown_zones():
    """Have dates ask for a time zone where an unknown object is given as one."""
    known = _pydatetime._check_tzinfo_arg

    def check(zone):
        if type(zone) is Unknown:
            bind(zone, "tzinfo")
        known(zone)

    _pydatetime._check_tzinfo_arg = check


def _with_former_names():
    """Have what only former versions of a module name be asked for: programs that use it were written for these."""
    for module, names in ((ast, ("Num", "Str", "Bytes", "NameConstant", "Ellipsis", "Index", "ExtSlice")),):
        module.__getattr__ = functools.partial(_former, module.__name__, names)


def _former(module, names, name):
    if name not in names:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return outside(f"{module}.{name}")


def _walking_unknown_nodes():
    """Have what walks a syntax tree ask where the tree is an unknown object: it would look for fields of its class."""
    for name in ("walk", "iter_child_nodes", "iter_fields", "dump", "unparse"):
        setattr(ast, name, _of_nodes(getattr(ast, name), f"ast.{name}"))
    for visitor in (ast.NodeVisitor, ast.NodeTransformer):
        for name in {"visit", "generic_visit"} & vars(visitor).keys():
            setattr(visitor, name, _visit(vars(visitor)[name], name, visitor is ast.NodeTransformer))


def _of_nodes(function, name):
    @functools.wraps(function)
    def call(node, *args, **kwargs):
        return (outside(name) if type(node) is Unknown else function)(node, *args, **kwargs)

    return call


def _visit(method, name, gives_node):
    @functools.wraps(method)
    def call(self, node):
        if type(node) is not Unknown:
            return method(self, node)
        result = outside(f"self.{name}")(node)
        return node if gives_node else result

    return call


def _finding_members():
    """Have an enumeration ask for a value of one of its members: its table has none that is unknown."""
    known = enum.EnumType.__call__

    def call(cls, *args, **kwargs):
        if len(args) == 1 and type(args[0]) is Unknown and not kwargs:
            values = [m._value_ for m in cls.__members__.values() if type(m._value_) in (int, str)]
            if values:
                bind(args[0], type(values[0]).__name__, *values[:60])
        if not cls.__members__ and args:  # it makes an enumeration, of the module that calls
            kwargs.setdefault("module", sys._getframe(1).f_globals.get("__name__"))
        return known(cls, *args, **kwargs)

    enum.EnumType.__call__ = call


def _of_texts(function, pattern):
    @functools.wraps(function)
    def call(*args, **kwargs):
        for value in args:
            if type(value) is Unknown:
                bind(value, "str", pattern=pattern)
        return function(*args, **kwargs)

    return call


def adapt_library():
    """Have the library ask for what it is not told, once and for all runs."""
    _without_files()
    _looking_at_unknown()
    _reading_texts()
    _taking_unknown_zones()
    _finding_members()
    _with_former_names()
    _walking_unknown_nodes()


def prepare():
    """Make what a run uses up; once more after a run has used it."""
    Prepared.outputs = {"stdout": Output(), "stderr": Output()}
    Prepared.modules = Modules(made_modules(Prepared.outputs.__getitem__), None)
    Prepared.modules["sys"].modules = Prepared.modules.loaded
    Prepared.modules.names = names_of_builtins(Prepared.modules, Prepared.outputs)
