# SPDX-License-Identifier: MIT
"""Writes the tables of module unicodedata, from what the reference interpreter's module knows.

usage: gen_unicodedata.py OUTPUT

For Unicode 14.0 and for 3.2 (unicodedata.ucd_3_2_0): a two-level table of records, and one of
indices into a pool of decompositions ([tag << 8 | count, characters...]). Then the pairs that
canonical composition joins, and names: every name is a row of word numbers; a hash table finds
them. Names that end in the code point itself are kept as ranges with a prefix.
"""
import sys
import unicodedata

PAGE_BITS = 7
ALIASES = """
NULL;START OF HEADING;START OF TEXT;END OF TEXT;END OF TRANSMISSION;ENQUIRY;ACKNOWLEDGE;ALERT;
BACKSPACE;CHARACTER TABULATION;HORIZONTAL TABULATION;LINE FEED;NEW LINE;END OF LINE;LINE TABULATION;
VERTICAL TABULATION;FORM FEED;CARRIAGE RETURN;SHIFT OUT;LOCKING-SHIFT ONE;SHIFT IN;LOCKING-SHIFT ZERO;
DATA LINK ESCAPE;DEVICE CONTROL ONE;DEVICE CONTROL TWO;DEVICE CONTROL THREE;DEVICE CONTROL FOUR;
NEGATIVE ACKNOWLEDGE;SYNCHRONOUS IDLE;END OF TRANSMISSION BLOCK;CANCEL;END OF MEDIUM;SUBSTITUTE;ESCAPE;
INFORMATION SEPARATOR FOUR;FILE SEPARATOR;INFORMATION SEPARATOR THREE;GROUP SEPARATOR;
INFORMATION SEPARATOR TWO;RECORD SEPARATOR;INFORMATION SEPARATOR ONE;UNIT SEPARATOR;DELETE;
PADDING CHARACTER;HIGH OCTET PRESET;BREAK PERMITTED HERE;NO BREAK HERE;INDEX;NEXT LINE;
START OF SELECTED AREA;END OF SELECTED AREA;CHARACTER TABULATION SET;HORIZONTAL TABULATION SET;
CHARACTER TABULATION WITH JUSTIFICATION;HORIZONTAL TABULATION WITH JUSTIFICATION;LINE TABULATION SET;
VERTICAL TABULATION SET;PARTIAL LINE FORWARD;PARTIAL LINE DOWN;PARTIAL LINE BACKWARD;PARTIAL LINE UP;
REVERSE LINE FEED;REVERSE INDEX;SINGLE SHIFT TWO;SINGLE-SHIFT-2;SINGLE SHIFT THREE;SINGLE-SHIFT-3;
DEVICE CONTROL STRING;PRIVATE USE ONE;PRIVATE USE-1;PRIVATE USE TWO;PRIVATE USE-2;SET TRANSMIT STATE;
CANCEL CHARACTER;MESSAGE WAITING;START OF GUARDED AREA;START OF PROTECTED AREA;END OF GUARDED AREA;
END OF PROTECTED AREA;START OF STRING;SINGLE GRAPHIC CHARACTER INTRODUCER;SINGLE CHARACTER INTRODUCER;
CONTROL SEQUENCE INTRODUCER;STRING TERMINATOR;OPERATING SYSTEM COMMAND;PRIVACY MESSAGE;
APPLICATION PROGRAM COMMAND;NUL;SOH;STX;ETX;EOT;ENQ;ACK;BEL;BS;HT;TAB;LF;NL;EOL;VT;FF;CR;SO;SI;DLE;DC1;
DC2;DC3;DC4;NAK;SYN;ETB;CAN;EOM;SUB;ESC;FS;GS;RS;US;SP;DEL;PAD;HOP;BPH;NBH;IND;NEL;SSA;ESA;HTS;HTJ;VTS;
PLD;PLU;RI;SS2;SS3;DCS;PU1;PU2;STS;CCH;MW;SPA;EPA;SOS;SGC;SCI;CSI;ST;OSC;PM;APC;NBSP;SHY;CGJ;ALM;SAM;
FVS1;FVS2;FVS3;FVS4;MVS;ZWSP;ZWNJ;ZWJ;LRM;RLM;LRE;RLE;PDF;LRO;RLO;NNBSP;MMSP;WJ;LRI;RLI;FSI;PDI;BOM;
BYTE ORDER MARK;ZWNBSP;LATIN CAPITAL LETTER GHA;LATIN SMALL LETTER GHA;ARABIC SMALL HIGH LIGATURE ALEF WITH YEH BARREE;
SYRIAC SUBLINEAR COLON SKEWED LEFT;KANNADA LETTER LLLA;LAO LETTER FO FON;LAO LETTER FO FAY;LAO LETTER RO;
LAO LETTER LO;TIBETAN MARK BKA- SHOG GI MGO;HANGUL JONGSEONG YESIEUNG-KIYEOK;
HANGUL JONGSEONG YESIEUNG-SSANGKIYEOK;HANGUL JONGSEONG SSANGYESIEUNG;HANGUL JONGSEONG YESIEUNG-KHIEUKH;
WEIERSTRASS ELLIPTIC FUNCTION;MICR ON US SYMBOL;MICR DASH SYMBOL;WHITE LEFT LENTICULAR BRACKET;
LEFTWARDS TRIANGLE-HEADED ARROW WITH DOUBLE VERTICAL STROKE;MEDEFAIDRIN CAPITAL LETTER H;
RIGHTWARDS TRIANGLE-HEADED ARROW WITH DOUBLE VERTICAL STROKE;YI SYLLABLE ITERATION MARK;
PRESENTATION FORM FOR VERTICAL RIGHT WHITE LENTICULAR BRACKET;MYANMAR LETTER KHAMTI LLA;
BYZANTINE MUSICAL SYMBOL FTHORA SKLIRON CHROMA VASIS;CUNEIFORM SIGN NU11 TENU;
CUNEIFORM SIGN NU11 OVER NU11 BUR OVER BUR;MEDEFAIDRIN SMALL LETTER NG
""".replace("\n", "").split(";") + [f"VS{i}" for i in range(1, 257)]


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
    aliases = []
    for alias in ALIASES:
        try:
            aliases.append((ord(unicodedata.lookup(alias)), alias))
        except (KeyError, TypeError):
            pass
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
