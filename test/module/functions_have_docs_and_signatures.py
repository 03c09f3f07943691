# SPDX-License-Identifier: MIT
"""Every public function of the modules in C has a docstring; signatures read like CPython's."""
import _codecs
import _io
import _operator
import _socket
import binascii
import inspect
import itertools
import math
import posix
import select
import sys
import time
import unicodedata
import zlib

for place in [__builtins__, _operator, _socket, binascii, itertools, math, posix,
              select, sys, time, unicodedata, zlib, str, bytes, bytearray, list, dict, set,
              frozenset, int, float, complex, tuple, range, memoryview, object, type, property]:
    names = [name for name in vars(place) if not name.startswith("_")]
    print(place.__name__, [name for name in sorted(names)
                           if callable(getattr(place, name)) and name not in ("memfd_create", "DirEntry", "posix_spawn")
                           and not getattr(place, name).__doc__])

for function in [
        compile, open, sorted, print, sum, round, pow, int.__round__, int.to_bytes, str.split,
        str.replace, str.encode, bytes.split, bytes.hex, bytearray.insert, list.sort, list.index,
        dict.fromkeys, tuple, memoryview, property, type.mro, posix.open, posix.link, posix.access,
        posix.utime, posix.splice, posix.setxattr, posix.register_at_fork, 
        math.gcd, math.isclose, math.hypot, itertools.tee, itertools.chain,
        itertools.accumulate, _io.FileIO, _io.TextIOWrapper, _io.BytesIO, _io.StringIO,
        _operator.call, select.epoll, select.epoll.register, sys.exit, sys._getframe, sys.intern,
        binascii.b2a_base64, zlib.compress, unicodedata.normalize, _codecs.utf_16_ex_decode]:
    text = function.__text_signature__
    try:
        print(function.__name__, repr(text), inspect.signature(function) if text else "")
    except ValueError as error:
        print(function.__name__, error)
