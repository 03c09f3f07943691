# SPDX-License-Identifier: MIT
"""Writes src/object's character tables, from what the reference interpreter knows.

usage: gen_unicode.py OUTPUT

Two levels: a page index, then per character the index of a record. A record holds flags, digit
values, and case mappings: simple ones as offsets, full ones (several characters, or different from
the simple one) as an index into a pool of [count, characters...].
"""
import ctypes
import sys
import unicodedata

PAGE_BITS = 7
FLAGS = ("ALPHA DECIMAL DIGIT NUMERIC LOWER UPPER TITLE SPACE PRINTABLE XID_START XID_CONTINUE "
         "LINEBREAK CASED CASE_IGNORABLE").split()
api = ctypes.pythonapi
is_cased, is_ignorable = api._PyUnicode_IsCased, api._PyUnicode_IsCaseIgnorable
simple = [api._PyUnicode_ToLowercase, api._PyUnicode_ToUppercase, api._PyUnicode_ToTitlecase]

pool = [0]
pool_index = {}


def pooled(text):
    """Index in the pool of the text, adding it."""
    if text not in pool_index:
        pool_index[text] = len(pool)
        pool.append(len(text))
        pool.extend(map(ord, text))
    return pool_index[text]


def flags_of(code, c, category):
    tests = (c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.islower(), c.isupper(),
             category == "Lt", c.isspace(), c.isprintable(), c.isidentifier() and c != "_",
             ("a" + c).isidentifier(), c.splitlines() == [""], bool(is_cased(code)),
             bool(is_ignorable(code)))
    return sum(1 << i for i, test in enumerate(tests) if test)


def record_of(code):
    c = chr(code)
    category = unicodedata.category(c)
    if category in ("Cn", "Co", "Cs"):
        if not c.isprintable() and not is_ignorable(code) and c.lower() == c == c.upper():
            return (0, -1, -1, 0, 0, 0, 0, 0, 0, 0)
    flags = flags_of(code, c, category)
    lower, upper, title = (f(code) for f in simple)
    full = [c.lower(), c.upper(), c.title(), c.casefold()]
    special = [pooled(text) if text != chr(plain) else 0
               for text, plain in zip(full, (lower, upper, title, lower))]
    return (flags, unicodedata.decimal(c, -1), unicodedata.digit(c, -1), lower - code, upper - code,
            title - code, *special)


def write_array(out, c_type, name, values, per_line=24):
    out.write(f"static const {c_type} {name}[{len(values)}] = {{\n")
    for i in range(0, len(values), per_line):
        out.write(" " + ",".join(map(str, values[i:i + per_line])) + ",\n")
    out.write("};\n")


def main(path):
    records, record_index, pages, page_index = [], {}, [], {}
    index = []
    for start in range(0, 0x110000, 1 << PAGE_BITS):
        page = []
        for code in range(start, start + (1 << PAGE_BITS)):
            record = record_of(code)
            if record not in record_index:
                record_index[record] = len(records)
                records.append(record)
            page.append(record_index[record])
        page = tuple(page)
        if page not in page_index:
            page_index[page] = len(pages)
            pages.append(page)
        index.append(page_index[page])
    with open(path, "w") as out:
        out.write("/* Made by tools/gen_unicode.py. */\n")
        for i, flag in enumerate(FLAGS):
            out.write(f"#define CHAR_{flag} {1 << i}\n")
        out.write(f"enum {{ CHAR_PAGE_BITS = {PAGE_BITS} }};\n")
        out.write("struct char_record {\n    uint16_t flags;\n    int8_t decimal, digit;\n"
                  "    int32_t lower, upper, title;\n"
                  "    uint16_t full_lower, full_upper, full_title, full_fold;\n};\n")
        write_array(out, "struct char_record", "char_records",
                    ["{" + ",".join(map(str, r)) + "}" for r in records], 6)
        write_array(out, "uint16_t", "char_index", index)
        write_array(out, "uint16_t", "char_pages", [i for page in pages for i in page], 32)
        write_array(out, "uint32_t", "char_pool", pool)


main(sys.argv[1])
