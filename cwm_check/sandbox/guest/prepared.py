"""What every run finds: modules and outputs of its own, and a library that asks for what it is not told.

All of it is made while the component is built, for an instance serves one job only.
"""

import functools
import inspect
import linecache
import urllib.parse

import _pydatetime
from asking import bind
from guards import Output, names_of_builtins
from imports import Modules
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


def _reading_texts():
    """Have what takes addresses apart ask for a text: its cache would ask whether two unknown ones are equal."""
    for name in ("urlsplit", "urlparse", "urljoin", "urldefrag"):
        setattr(urllib.parse, name, _of_texts(getattr(urllib.parse, name)))


def _taking_unknown_zones():
    """Have dates ask for a time zone where an unknown object is given as one."""
    known = _pydatetime._check_tzinfo_arg

    def check(zone):
        if type(zone) is Unknown:
            bind(zone, "tzinfo")
        known(zone)

    _pydatetime._check_tzinfo_arg = check


def _of_texts(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        for value in args:
            if type(value) is Unknown:
                bind(value, "str")
        return function(*args, **kwargs)

    return call


def prepare():
    """Make it; once more after a run has used it."""
    _without_files()
    _reading_texts()
    _taking_unknown_zones()
    Prepared.outputs = {"stdout": Output(), "stderr": Output()}
    Prepared.modules = Modules(made_modules(Prepared.outputs.__getitem__), None)
    Prepared.modules["sys"].modules = Prepared.modules.loaded
    Prepared.modules.names = names_of_builtins(Prepared.modules, Prepared.outputs)
