"""What the program can import.

Real: pure, deterministic modules, loaded when the component is built (there is no file system later). Made here: the
modules of `surroundings`. Text: modules of the checked repository. Everything else is an unknown module whose
attributes are questions.
"""

import builtins
import json
import marshal
import sys
import types

import wit_world
from asking import State, bind
from library import ENCODINGS, PURE
from outside import outside
from surroundings import unknown_attributes
from unknowns import Unknown

_GONE = frozenset(
    """
__builtin__ BaseHTTPServer CGIHTTPServer ConfigParser Cookie HTMLParser Queue SimpleHTTPServer SocketServer StringIO
Tkinter UserDict UserList UserString anydbm cPickle cStringIO commands cookielib copy_reg dumbdbm exceptions
future_builtins htmlentitydefs httplib md5 robotparser sets sha tkFileDialog tkFont tkMessageBox thread urllib2 urlparse
xmlrpclib
""".split()
)
"""Modules of Python 2: no version that runs today has them, so that what is written for their absence runs."""
_IMPURE = {"uuid", "secrets", "inspect"}  # loaded since others need them; their clock and random calls would trap


def known(name, module):
    """Have the library find a module of the program by its name; what it imports itself stays what it is.

    `dataclasses` and `typing` look there for what annotations in text mean.
    """
    if name not in sys.modules or name.partition(".")[0] not in sys.stdlib_module_names:
        sys.modules[name] = module


class Nobodys:
    """A finder that says of modules and encodings which Python does not have that they are not there.

    Looking for their files would end the run, as there are none any more. What Python has and was not loaded ends it.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        is_there = (
            name in ENCODINGS if name.startswith("encodings.") else name.partition(".")[0] in sys.stdlib_module_names
        )
        if not is_there:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class Modules(dict):
    """The program's `__import__`: module name -> module, made on first use."""

    def __init__(self, made, names):
        super().__init__(made)
        self.names = names  # what modules of the repository get as builtins
        self.texts = {}
        self.loaded = dict(made)  # the program's `sys.modules`

    def __call__(self, name, globals=None, locals=None, fromlist=(), level=0):
        if level:
            base = (globals or {}).get("__package__") or "program"
            if level > 1:
                base = base.rsplit(".", level - 1)[0]
            name = self._as_before(f"{base}.{name}" if name else base)
        elif type(fromlist) is list:  # C code importing through the program's `__import__`
            return REAL_IMPORT(name, globals, locals, fromlist, level)
        if type(name) is Unknown:
            bind(name, "str")
        module = self[name]
        if not fromlist:
            return module if level else self[name.split(".")[0]]
        for leaf in fromlist:
            if leaf != "*" and leaf not in vars(module) and "__path__" in vars(module):
                self._submodule(module, name, leaf)
        return module

    def _as_before(self, name):
        """The name of a module beside the program's; one that nobody has goes by the name before the move."""
        own, former = State.moved or ("", "")
        is_beside = own and f"{name}.".startswith(f"{own}.")
        return former + name.removeprefix(own) if is_beside and self.text(name) is None else name

    def _submodule(self, module, name, leaf):
        if f"{name}.{leaf}" in self or self.text(f"{name}.{leaf}") is not None:
            setattr(module, leaf, self[f"{name}.{leaf}"])

    def text(self, name):
        """The compiled statements of a repository module and whether it is a package; None when there is none."""
        if name not in self.texts:
            said = wit_world.ask(json.dumps({"op": "source", "name": name}))
            self.texts[name] = None if said == "{}" else (said[1:], said[0] == "p")
        return self.texts[name]

    def __missing__(self, name):
        parent, _, leaf = name.rpartition(".")
        if (
            (name in PURE and name.split(".")[0] not in _IMPURE | {"random", "zoneinfo"})
            or name == "random"
            or name in ("inspect",)
        ):
            try:
                REAL_IMPORT(name)  # by no name list: a package's own would load modules that are not there
                self[name] = self.loaded[name] = sys.modules[name]
                return self[name]
            except ImportError:
                pass
        if parent:
            self[parent]
        if name in _GONE and self.text(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = types.ModuleType(name)
        module.__file__ = f"/{name.replace('.', '/')}.py"
        self[name] = self.loaded[name] = module
        found = self.text(name)
        if found is None:
            unknown_attributes(module, name)
        else:
            self.load(module, name, *found)
        if parent:
            setattr(self[parent], leaf, module)
        return module

    def load(self, module, name, code, package):
        """Run a repository module; its classes are the program's, too."""
        State.program_modules.add(name)
        known(name, module)
        module.__builtins__ = self.names
        module.__package__ = name if package else name.rpartition(".")[0]
        if package:
            module.__path__ = []
        execute(code, vars(module), name)


def execute(compiled, namespace, name):
    """Run the statements of a module one by one; what a failing one binds becomes unknown.

    A definition whose decorator fails (`@app.command()` where something unknown decorated `app` itself) is kept without
    it.
    """
    for code, plain, names in marshal.loads(compiled.encode("latin-1")):
        error = _failure(code, namespace)
        if error is not None and plain is not None:
            error = _failure(plain, namespace)
        if error is not None:
            State.failed.append(f"{name}: {type(error).__name__}: {error}")
            for bound in names:
                if bound not in namespace:
                    namespace[bound] = outside(f"{name}.{bound}")


def _failure(code, namespace):
    try:
        exec(code, namespace)
    except Exception as error:
        return error
    return None


REAL_IMPORT = builtins.__import__
