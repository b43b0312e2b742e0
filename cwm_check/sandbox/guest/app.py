"""The guest: runs one call of one version of a function inside the component, and tells what could be seen.

A job comes in as JSON: the compiled module, the function, its arguments as trees (`asking.decode`), limits. The
outcome goes out as JSON. `ask` and `emit` are the only ways out; the host trusts neither.
"""

import ast
import base64
import collections
import gc
import io
import json
import marshal
import mimetypes
import random
import re
import sys
import types
import warnings

import library  # noqa: F401 - before the guest's own modules

# isort: split
import describe
import exceptions
import heap
import imports
import kept
import objects
import observe
import prepared
import wit_world
from asking import State, Stop, decode, expression, named
from bytecode import PROGRAM
from imports import execute
from prepared import Prepared
from receivers import resolve
from rewrite import rewritten
from unknowns import Unknown
from watch import Watch, prepare

sys.meta_path.insert(0, imports.Nobodys)
warnings.simplefilter("ignore")
sys.stdout = sys.stderr = io.StringIO()  # a real write would trap
sys.stdin = None
mimetypes.init([])  # without this the first use reads files
random.seed(0)
# What is first needed later must be loaded now: there is no file system then.
"x".encode("idna"), "x".encode("latin-1"), "1".isdigit(), re.compile("(?i)a|[b-c]+")


def run(job, source, code):
    """The outcome of a job, as the host reads it: `code` is the module `source`, compiled."""
    _reset(job, source)
    outputs, modules = Prepared.outputs, Prepared.modules
    warned = _catch_warnings()
    space = _module(job, code, modules)
    watch = Watch(job.get("frames", 0), job.get("visits", ()))
    watch.start()
    target, receiver = resolve(job, space)
    if type(target) is Unknown:
        return {"kind": "refused", "value": "the function could not be defined", "failed": State.failed[:5]}
    arguments = [(a["name"], a["keyword"], decode(a["tree"])) for a in job["arguments"]]
    watched = {name: value for name, _, value in arguments} | ({} if receiver is None else {"self": receiver})
    before, kept_before = _observable(watched, receiver), kept.kept(space, receiver)
    del warned[:], outputs["stdout"].parts[:], outputs["stderr"].parts[:]
    State.begun = True
    watch.begin()
    seen = observe.Seen()
    try:
        outcome = _outcome(target, arguments, seen)
        after = _observable(watched, receiver, seen.orders)
        if outcome["kind"] == "returned":
            observe.use_handed()  # the functions that attributes hold now
    finally:
        watch.stop()
    kept.note_changes(kept_before, kept.kept(space, receiver), before, after)
    return {
        **outcome,
        "yielded": seen.yielded,
        "arguments": [[n, after.get(n, "deleted")] for n in sorted({*before, *after}) if before.get(n) != after.get(n)],
        "printed": "".join(outputs["stdout"].parts) + "".join(f"[stderr] {p}" for p in outputs["stderr"].parts),
        "warned": warned,
        "asked": State.asked,
        "failed": State.failed[:5],
        "covered": sorted(watch.covered | State.read),
        "registered": State.registered,
        "handed": observe.handed(),
        "order": seen.orders,
        "given": sorted({name for name, _ in State.given if name}),
    }


def _outcome(target, arguments, seen):
    """What the call returns, and what using that shows, or what it raises."""
    positional = [value for _, keyword, value in arguments if not keyword]
    keywords = {name: value for name, keyword, value in arguments if keyword}
    try:
        returned = observe.observe(target(*positional, **keywords), seen)
        observe.use_handed()
    except Stop:
        raise
    except BaseException as error:
        return exceptions.raised(error)
    return {"kind": "returned", "value": returned}


def _reset(job, source):
    sys.argv = ["program"]  # `argparse` reads it
    State.begun = False
    State.asked, State.known, State.stores, State.recent, State.failed, State.names = 0, {}, {}, [], [], {}
    State.decorated, State.used, State.handed, State.shown, State.registered = [], {}, {}, {}, []
    State.numbered, State.equal, State.read = {}, {}, set()
    State.given, State.objects, State.filled = [], frozenset(job.get("objects", ())), job.get("filled", {})
    State.bound, State.aliases = job.get("bound", {}), job.get("aliases", {})
    State.moved = job.get("moved", ())
    State.hidden = frozenset(job.get("hidden", ()))
    State.describe, State.source = describe.describe, source
    State.program_modules = {job["module"]}
    Prepared.modules.texts.update(dict.fromkeys(job.get("absent", ())))
    State.free = None if job.get("open") else frozenset(job.get("free", ()))


def _module(job, code, modules):
    """The namespace of the module under test, after its statements ran."""
    name = job["module"]
    module = types.ModuleType(name)
    imports.known(name, module)
    State.globals = modules.loaded.setdefault(name, module).__dict__
    State.globals |= {
        "__builtins__": modules.names,
        "__name__": name,
        "__package__": job.get("package") or "program",
        "__file__": f"/{name.replace('.', '/')}.py",
        "__doc__": None,
    }
    execute(code, State.globals, name)
    for filled, keys in State.filled.items():
        _fill(filled, State.globals.get(filled), keys)
    return State.globals


def _fill(name, container, keys):
    """Put unknown items in an empty list or table of the module, as if other functions had been called before."""
    if isinstance(container, dict):
        container.update((key, named(f"{name}[{key!r}]")) for key in map(ast.literal_eval, keys))
    elif isinstance(container, (list, collections.deque)):
        container.extend(named(f"{name}[{index}]") for index in range(2))


def _observable(watched, receiver, orders=None):
    """Place -> text of what a call may change: arguments, the object's attributes, unknown objects.

    `orders` gets the keys of dictionaries in it as `describe.describe_with` tells, of public attributes alone.
    """
    found = {n: describe.describe_with(orders, v) for n, v in watched.items() if n != "self" and not _is_immutable(v)}
    if receiver is not None and not isinstance(receiver, (type, Unknown)):
        found |= {
            f"self.{n}": describe.describe_with(None if str(n).startswith("_") else orders, v)
            for n, v in objects.state(receiver)
        }
        items = describe.contents(receiver)
        found |= {} if items is None else {"self": items}
    return found | dict(map(tuple, describe.unknown_state()))


def _is_immutable(value):
    return type(value) in (int, float, str, bytes, bool, type(None), Unknown)


def _catch_warnings():
    """The list that the program's warnings go to; what the library warns of by itself is not the program's."""
    warned = []

    def warn(message, category=UserWarning, stacklevel=1, source=None, **kwargs):
        if not sys._getframe(1).f_code.co_filename.startswith(PROGRAM[:-1]):
            return
        kind = type(message) if isinstance(message, Warning) else category
        name = expression(kind) if type(kind) is Unknown else getattr(kind, "__name__", str(kind))
        warned.append(f"{name.rpartition('.')[2]}: {message}")

    warnings.warn = warn
    return warned


def compiled(source, name):
    """The statements of a module, compiled, as text: they come back with every job, so that no run need compile."""
    return base64.b64encode(marshal.dumps(list(rewritten(source, name)))).decode()


_WARMING = """
import os.path, re, json
class C:
    def __init__(self, a, b=2): self.a = a; self.b = b
    def f(self, *args, c=None, **kw):
        try:
            if c is None or self.a in {1: 2}: raise ValueError(f'{self.a} {self.b!r}')
        except (ValueError, KeyError) as error:
            return [str(error), *(x for x in args if isinstance(x, int)), {'k': c, 'a': (1.5, b'x', True)}]
"""


def _warm_up():
    """Run a program once while the component is built: what the interpreter learns from it is in every instance."""
    wit_world.ask, real = (lambda question: "{}"), wit_world.ask
    try:
        prepared.prepare()
        argument = {"name": "args", "keyword": False, "tree": {"r": "1"}}
        told = {"module": "m", "qualname": "C.f", "binding": "method", "arguments": [argument]}
        for _ in range(3):
            code = base64.b64decode(compiled(_WARMING, PROGRAM)).decode("latin-1")
            json.dumps(run(json.loads(json.dumps(told)), _WARMING, code))
    finally:
        wit_world.ask = real
    _reset({"module": ""}, "")
    State.globals = {}
    random.seed(0)


prepare()
prepared.adapt_library()
_warm_up()
prepared.prepare()
gc.collect()
heap.fill_holes()
gc.freeze()
gc.disable()  # else some snapshots start every run with a full collection (10 ms)


class WitWorld(wit_world.WitWorld):
    def run(self, job, source, code):
        job = json.loads(job)
        try:
            if "compile" in job:
                return json.dumps({"kind": "compiled", "code": compiled(source, job["compile"])})
            return json.dumps(run(job, source, code))
        except Stop:
            return '{"kind": "stopped"}'
        except BaseException as error:
            sys.settrace(None)
            reason = f"{type(error).__name__}: {error}"
            return json.dumps({"kind": "refused", "value": reason, "asked": State.asked, "failed": State.failed[:5]})
