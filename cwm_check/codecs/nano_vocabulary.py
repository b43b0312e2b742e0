"""The vocabulary of the nano codec: data only, in the order of the token ids.

Changing anything here makes every trained checkpoint unreadable: append, or train anew.
Pieces of names come from a count over the standard library and installed packages.
"""

from __future__ import annotations

SPECIALS = """
    <pad> <end> <given> <answer> <raise> <more> <cut> <context> <names> <full> <complete> <partial> <call> <line>
    <return> <exception> <depth> <source> <evidence> <confidence> <item> <unbound> <do> <test> <iterate> <result>
    <value> <ask-call> <getattr> <getitem> <truth> <compare> <isinstance> <length> <raises> <next> <NoneType>
    <bool> <int> <float> <str> <bytes> <list> <tuple> <dict> <set> <object> <spare0> <spare1> <spare2> <spare3>
    <spare4> <spare5> <spare6> <spare7>
"""
LINE_POINTERS = 128
LOCAL_POINTERS = 48

KEYWORDS = """
    False None True and as assert async await break class continue def del elif else except finally for from global if
    import in is lambda nonlocal not or pass raise return try while with yield
"""
BUILTINS = """
    len range sum max min abs int str list dict set sorted reversed enumerate zip any all ord chr tuple bool float
    round map filter isinstance print type repr divmod pow iter next hash bin hex oct open object format bytes
    frozenset super getattr hasattr setattr callable issubclass slice id vars
"""
EXCEPTIONS = """
    Exception ValueError KeyError IndexError TypeError AttributeError ZeroDivisionError StopIteration OverflowError
    UnicodeDecodeError UnicodeEncodeError NameError UnboundLocalError RuntimeError NotImplementedError AssertionError
    RecursionError LookupError OSError FileNotFoundError ImportError
"""
METHODS = """
    append insert pop remove sort reverse extend count index find rfind upper lower strip lstrip rstrip title
    capitalize swapcase replace split rsplit splitlines join zfill ljust rjust center removeprefix removesuffix
    isdigit isalpha isupper islower isalnum isspace istitle isnumeric isdecimal isidentifier isascii isprintable
    startswith endswith get items keys values update setdefault copy clear partition rpartition encode decode
    translate maketrans casefold expandtabs add discard union intersection difference symmetric_difference issubset
    issuperset isdisjoint popitem fromkeys rindex format_map bit_length is_integer key sep default start end self
    group groups fullmatch findall match search sub math re string
"""
NAME_PIECES = """
    Error name version Type init path value file args info Value sys Not error line module data parse read check the
    File collections typing Import new write result abc code future use main call encoding message has text exc size
    Key Warning msg Base prefix must base kwargs after types Attribute warnings annotations item cls mode only cache
    Path close names TYPE warn func python errors config Any utf create make current filename run last load time
    context obj first spec Dict state found Implemented lines length target Mapping before Info String Invalid
    function are empty argument Set invalid other source parent exception this Name Runtime Callable number header val
    root handle options cannot files lock The deprecated Sequence platform parts whitespace directory CHECKING process
    DEFAULT content user Python stream buffer Class traceback can build parser functools test Var strict extra List
    url method Tuple stderr register Iterable Parser environ unknown instead one arg Deprecation non expected used
    level metadata flags stdout out debug Found Module should getitem importlib local package but contextlib ignore
    valid Stream Iterator Generator Context escape slots command log supported paths will style params System exists
    Index Lock token validate attr pos stacklevel output does old field num env instance flag extensions cast raw
    already indent attribute contains entry failed table true visit setup when Literal fields arguments required
    warning part missing doc modules have protocol Function status win that resolve wrapper full node store block
    width requires Union offset more char https err Unicode Named Handler got For was Bytes flush Cannot report enter
    final Alias Text exceptions utils Match using left util Return install available dirname leave mod pattern
    itertools ensure suffix safe action chain stat pytest than option inspect total timeout reduce right long iterable
    MAX wrap skip include Use stop This release Event param cmd convert Exit res allowed exist contextmanager body
    environment partial force tag json sequence reset relative mapping support Data request stack you Version which
    original wait Enum callback allow core thread show closed location Config enum datetime idx NAME argv binary host
    loop factory logging unicode src Generic html child given bound marker Protocol threading event stdin auto
    normalize var date Argument headers Call dataclass ext internal specified without description running system
    server link handler Stop Wrapper pathlib Spec basename VERSION Like strings none isfile lineno variable Unknown
    access ASCII executable ERROR keyword http Request same simple isdir FILE frozen Proxy namespace dump subprocess
    literal Group frame attrs chars Str Iteration maxsize delete errno post dataclasses hook dest called removed kind
    meta cached too send HTTP overload single Mutable mark extension Directory template case created From may Get
    results Default commit Node false recursive multiple Logger extract connection alias seen Object operator Async
    order logger been Method save setitem SIZE seconds Result inner initial reason integer collect fail posix ref
    Pattern socket Test generate Keyboard Simple Read tmp unexpected verbose script PATH abspath Interrupt origin
    installed task regex Traceback plain select shared opt Writer done tempfile newline opts readline complete api
    second explicit lookup section DEBUG head display Windows byte With port username password query scheme domain
    email price rows row col column page amount account ready enabled is_ has_ to_ ok db py io os up by of on at no
    ing ed er able tion un de ct st ent ment ight eth ter con per pro
"""
# fmt: off
SYMBOLS = (
    " = ", ", ", ": ", " + ", " - ", " * ", " / ", " // ", " % ", " ** ", " == ", " != ", " < ", " > ", " <= ",
    " >= ", " += ", " -= ", " *= ", " /= ", " //= ", " %= ", " **= ", " |= ", " &= ", " ^= ", " | ", " & ", " ^ ",
    " << ", " >> ", " in ", " not in ", " is ", " is not ", " and ", " or ", " if ", " else ", " for ", "not ",
    "return ", "lambda ", "()", "[]", "{}", "::", "->", "    ", "\n    ", "\n        ", "__", "', '", "': ", "': '",
    ", '",
)
# fmt: on
