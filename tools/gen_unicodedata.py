# SPDX-License-Identifier: MIT
"""Writes the tables of module unicodedata, from what the reference interpreter's module knows.

usage: gen_unicodedata.py OUTPUT

For Unicode 14.0 and for 3.2 (unicodedata.ucd_3_2_0): a two-level table of records, and one of
indices into a pool of decompositions ([tag << 8 | count, characters...]). Then the pairs that
canonical composition joins, and names: every name is a row of word numbers; a hash table finds
them. Names that end in the code point itself are kept as ranges with a prefix.
"""
import ctypes
import sys
import unicodedata

PAGE_BITS = 7
SEQUENCE = 1 << 31  # in name_codes: a sequence, not a character


def name_of(code):
    """Also of the private characters at which the interpreter keeps aliases and named sequences."""
    buffer = ctypes.create_string_buffer(512)
    return buffer.value.decode() if get_name(code, buffer, 512, 1) else ""


def load_name_api():
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = get_pointer(unicodedata._ucnhash_CAPI, b"unicodedata._ucnhash_CAPI")
    address = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[0]
    return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_int,
                            ctypes.c_int)(address)


get_name = load_name_api()


def write_array(out, c_type, name, values, per_line=24):
    out.write(f"static const {c_type} {name}[{max(len(values), 1)}] = {{\n")
    for i in range(0, len(values), per_line):
        out.write(" " + ",".join(map(str, values[i:i + per_line])) + ",\n")
    out.write("};\n")


def write_strings(out, name, values):
    out.write(f"static const char *const {name}[{len(values)}] = {{\n")
    for value in values:
        out.write(f' "{value}",\n')
    out.write("};\n")


class Interned:
    """Values by number, in the order in which they came."""

    def __init__(self, *first):
        self.values, self.numbers = [], {}
        for value in first:
            self.number(value)

    def number(self, value):
        if value not in self.numbers:
            self.numbers[value] = len(self.values)
            self.values.append(value)
        return self.numbers[value]


def write_two_levels(out, name, numbers):
    pages = Interned()
    size = 1 << PAGE_BITS
    index = [pages.number(tuple(numbers[i:i + size])) for i in range(0, 0x110000, size)]
    write_array(out, "uint16_t", name + "_index", index)
    write_array(out, "uint16_t", name + "_pages", [n for page in pages.values for n in page], 32)


categories = Interned("Cn")
bidirectionals = Interned("")
widths = Interned("N")
tags = Interned("")
records = Interned()
numerics = Interned(None)
pool, pool_numbers = [0], {"": 0}


def decomposition_number(text):
    if text not in pool_numbers:
        parts = text.split()
        tag = parts.pop(0) if parts[0].startswith("<") else ""
        pool_numbers[text] = len(pool)
        pool.append(tags.number(tag) << 8 | len(parts))
        pool.extend(int(part, 16) for part in parts)
    return pool_numbers[text]


def write_version(out, prefix, ucd):
    record_numbers, decompositions = [], []
    for code in range(0x110000):
        c = chr(code)
        decomposition = "" if 0xac00 <= code < 0xd7a4 else ucd.decomposition(c)
        decompositions.append(decomposition_number(decomposition))
        record_numbers.append(records.number((
            categories.number(ucd.category(c)), bidirectionals.number(ucd.bidirectional(c)),
            ucd.combining(c), ucd.mirrored(c), widths.number(ucd.east_asian_width(c)),
            ucd.decimal(c, -1), ucd.digit(c, -1), numerics.number(ucd.numeric(c, None)))))
    write_two_levels(out, prefix + "_record", record_numbers)
    write_two_levels(out, prefix + "_decomposition", decompositions)


def write_compositions(out):
    pairs = []
    for code in range(0x110000):
        c = chr(code)
        text = unicodedata.decomposition(c)
        if text and not text.startswith("<") and " " in text:
            first, second = (int(part, 16) for part in text.split())
            if unicodedata.normalize("NFC", chr(first) + chr(second)) == c:
                pairs.append((first, second, code))
    pairs.sort()
    write_array(out, "struct composition", "compositions",
                ["{%d,%d,%d}" % pair for pair in pairs], 6)


def hash_name(text):
    h = 2166136261
    for byte in text.encode():
        h = (h ^ byte) * 16777619 & 0xffffffff
    return h


def write_names(out):
    explicit, ranges = {}, []
    for code in range(0x110000):
        name = unicodedata.name(chr(code), "")
        suffix = "%04X" % code
        if not name or name.startswith("HANGUL SYLLABLE "):
            continue
        if name.endswith("-" + suffix):
            prefix = name[:-len(suffix)]
            if ranges and ranges[-1][1] == code - 1 and ranges[-1][2] == prefix:
                ranges[-1][1] = code
            else:
                ranges.append([code, code, prefix])
            continue
        explicit[code] = name
    rows = sorted(explicit.items())
    aliases, sequences, sequence_pool = [], [], []
    for code in range(0xf0000, 0xf1000):
        name = name_of(code)
        value = unicodedata.lookup(name) if name else ""
        if len(value) == 1:
            aliases.append((ord(value), name))
        elif value:
            sequences.append((SEQUENCE | len(sequence_pool), name))
            sequence_pool.append(len(value))
            sequence_pool.extend(map(ord, value))
    aliases += sequences
    words = Interned()
    offsets, stream = [], []
    for code, name in rows + aliases:
        offsets.append(len(stream))
        numbers = [words.number(word) for word in name.split(" ")]
        stream.append(len(numbers))
        stream.extend(numbers)
    table_size = 1 << 17
    table = [0] * table_size
    for i, (code, name) in enumerate(rows + aliases):
        slot = hash_name(name) & (table_size - 1)
        while table[slot]:
            slot = (slot + 1) & (table_size - 1)
        table[slot] = i + 1
    assert len(rows) + len(aliases) < 65536
    write_array(out, "uint32_t", "name_codes", [code for code, name in rows + aliases])
    out.write(f"enum {{ NAME_COUNT = {len(rows)}, NAME_TABLE_MASK = {table_size - 1} }};\n")
    write_array(out, "uint32_t", "name_sequences", sequence_pool)
    out.write("#define NAME_IS_SEQUENCE UINT32_C(0x%x)\n" % SEQUENCE)
    write_array(out, "uint32_t", "name_offsets", offsets)
    write_array(out, "uint16_t", "name_stream", stream, 32)
    write_array(out, "uint16_t", "name_table", table, 32)
    starts, text = [], ""
    for word in words.values:
        starts.append(len(text))
        text += word
    starts.append(len(text))
    write_array(out, "uint32_t", "word_starts", starts)
    out.write(f"static const char word_text[{len(text) + 1}] =\n")
    for i in range(0, len(text), 80):
        out.write(f' "{text[i:i + 80]}"\n')
    out.write(";\n")
    out.write("static const struct { uint32_t first, last; const char *prefix; } name_ranges[] = {\n")
    for first, last, prefix in ranges:
        out.write(f' {{{first},{last},"{prefix}"}},\n')
    out.write("};\n")


def main(path):
    with open(path, "w") as out:
        out.write("/* Made by tools/gen_unicodedata.py. */\n")
        out.write("enum { DB_PAGE_BITS = %d };\n" % PAGE_BITS)
        out.write("struct db_record { uint8_t category, bidirectional, combining, mirrored, width;\n"
                  "    int8_t decimal, digit; uint8_t numeric; };\n"
                  "struct composition { uint32_t first, second, joined; };\n")
        write_version(out, "new", unicodedata)
        write_version(out, "old", unicodedata.ucd_3_2_0)
        assert len(numerics.values) < 256
        write_array(out, "struct db_record", "db_records",
                    ["{" + ",".join(map(str, r)) + "}" for r in records.values], 6)
        write_array(out, "double", "db_numerics",
                    ["0"] + [repr(v) for v in numerics.values[1:]], 8)
        write_array(out, "uint32_t", "db_decompositions", pool)
        write_strings(out, "db_categories", categories.values)
        write_strings(out, "db_bidirectionals", bidirectionals.values)
        write_strings(out, "db_widths", widths.values)
        write_strings(out, "db_tags", tags.values)
        write_compositions(out)
        write_names(out)


main(sys.argv[1])
