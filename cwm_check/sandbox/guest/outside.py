"""Names that the program does not define itself: of modules that nobody has, and builtins under older names."""

import builtins

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
BUILTIN_TYPES = frozenset(
    "str bytes int float bool list dict set tuple object range zip map filter chr ord type super frozenset "
    "bytearray".split()
)


def outside(name):
    """What a name of another module, or one that nothing defines, stands for."""
    name = State.aliases.get(name, name).removeprefix("builtins.")
    name = "open" if name == "io.open" else name
    leaf = name.rpartition(".")[2]
    meaning = leaf if leaf in BUILTIN_TYPES else PYTHON_2.get(leaf.lstrip("_"))
    return getattr(builtins, meaning) if meaning and "." in name else named(name)
