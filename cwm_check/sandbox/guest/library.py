"""The part of the standard library that programs may use, loaded while the component is built: no file is there later.

It is loaded before the guest's own modules, so that what every run touches lies close together (`heap`).
"""

import importlib
import pkgutil
import sys

import heap

PURE = """
abc array ast base64 binascii bisect calendar cmath codecs collections collections.abc colorsys contextlib
contextvars copy copyreg csv dataclasses datetime decimal difflib enum errno fnmatch fractions functools
graphlib hashlib heapq hmac html html.parser inspect io ipaddress itertools json json.decoder json.encoder
keyword locale math ntpath numbers operator posixpath pprint re reprlib shlex stat statistics string struct textwrap
tokenize token traceback types typing unicodedata urllib urllib.parse warnings weakref zlib gettext optparse
argparse configparser email email.utils email.header email.message email.errors email.policy email.charset
email.encoders email.generator email.parser email.contentmanager email.headerregistry email.mime.application
email.mime.base email.mime.image email.mime.message email.mime.multipart email.mime.nonmultipart email.mime.text
http http.cookies http.cookiejar xml xml.sax xml.sax.saxutils xml.etree xml.etree.ElementTree mimetypes linecache dis
opcode timeit uuid quopri secrets __future__ _collections_abc stringprep html.entities encodings encodings.idna
encodings.aliases encodings.latin_1 encodings.cp1252 encodings.utf_8 encodings.utf_16 encodings.utf_32
encodings.shift_jis encodings.utf_8_sig encodings.hex_codec encodings.rot_13 encodings.punycode
encodings.ascii encodings.iso8859_15 encodings.iso8859_1 encodings.gbk encodings.big5 encodings.euc_jp
encodings.cp437 encodings.cp850 encodings.cp1250 encodings.cp1251 encodings.iso8859_2 encodings.iso8859_5
encodings.mac_roman encodings.gb18030 encodings.euc_kr encodings.utf_7 encodings.utf_16_le encodings.utf_16_be
encodings.utf_32_le encodings.utf_32_be encodings.charmap
encodings.koi8_r encodings.unicode_escape encodings.raw_unicode_escape encodings.base64_codec
_strptime _pydatetime random pathlib tomllib zoneinfo
""".split()

for name in PURE:
    importlib.import_module(name)
ENCODINGS = frozenset(f"encodings.{module.name}" for module in pkgutil.iter_modules(sys.modules["encodings"].__path__))
heap.fill_holes()
