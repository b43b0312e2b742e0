"""Names that the program does not define itself: of modules that nobody has, and builtins under older names."""

import builtins
from pathlib import PurePosixPath

from asking import State, named

PYTHON_2 = {
    "unicode": "str",
    "text_type": "str",
    "basestring": "str",
    "string_types": "str",
    "binary_type": "bytes",
    "xrange": "range",
    "range": "range",
    "long": "int",
    "unichr": "chr",
    "unich": "chr",
    "izip": "zip",
    "imap": "map",
    "ifilter": "filter",
    "raw_input": "input",
    "integer_types": "int",
    "builtin_str": "str",
    "native_str": "str",
}  # names that compatibility modules give to builtins: in Python 3 each has one meaning, wherever it comes from
SPELLINGS = {
    "io.open": "open",
    "os.unlink": "os.remove",
    "threading.currentThread": "threading.current_thread",
    "threading.activeCount": "threading.active_count",
    "asyncio.iscoroutinefunction": "inspect.iscoroutinefunction",
}
OF_FILES = frozenset(
    "open os.chmod os.stat os.lstat os.rmdir os.rename os.replace os.readlink os.path.exists os.path.isfile "
    "os.path.isdir os.path.islink os.path.samefile os.makedirs os.mkdir os.remove".split()
)
"""Functions that take a path, as a text or as an object: both name one file."""
BUILTIN_TYPES = frozenset(
    "str bytes int float bool list dict set tuple object range zip map filter chr ord type super frozenset "
    "bytearray".split()
)


def paths_as_texts(function, arguments):
    """The arguments of a call to the outside; where these are paths, each in its one spelling."""
    if function not in OF_FILES:
        return arguments
    first, *others = map(_path_of, arguments) if arguments else ("",)
    return [str(PurePosixPath(first)) if type(first) is str else first, *others][: len(arguments)]


def _path_of(value):
    """The text of a path; of an object of the program what it says its path is."""
    if isinstance(value, PurePosixPath):
        return str(value)
    is_own = type(value) is not State.unknown and hasattr(type(value), "__fspath__")
    return type(value).__fspath__(value) if is_own else value


def outside(name):
    """What a name of another module, or one that nothing defines, stands for."""
    name = State.aliases.get(name, name).removeprefix("builtins.")
    name = SPELLINGS.get(name, name)
    leaf = name.rpartition(".")[2]
    meaning = leaf if leaf in BUILTIN_TYPES else PYTHON_2.get(leaf.lstrip("_"))
    return getattr(builtins, meaning) if meaning and "." in name else named(name)
