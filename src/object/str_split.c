/* SPDX-License-Identifier: MIT */
/* str methods that cut and assemble. Results that equal an exact operand are the operand. */
#include "object/str_split.h"

#include "object/dict.h"
#include "object/int.h"
#include "object/list_int.h"
#include "object/str_search.h"
#include "object/unicode_data.h"

/* ---- strip. */

static inline bool is_space(Py_UCS4 c)
{
    return c < 128 ? ascii_is_space(c) : char_is_space(c);
}

static bool is_stripped(PyObject *chars, Py_UCS4 c)
{
    return chars == NULL ? is_space(c)
                         : search_char(str_kind(chars), str_data(chars), str_length(chars), c) >= 0;
}

PyObject *str_strip(PyObject *s, PyObject *chars, int sides)
{
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t start = 0, end = str_length(s);
    if (chars == NULL && str_is_ascii(s)) {
        const char *text = data;
        while ((sides & STRIP_LEFT) && start < end && ascii_is_space((unsigned char)text[start])) {
            start++;
        }
        while ((sides & STRIP_RIGHT) && end > start &&
               ascii_is_space((unsigned char)text[end - 1])) {
            end--;
        }
        return str_substring(s, start, end);
    }
    if (sides & STRIP_LEFT) {
        while (start < end && is_stripped(chars, str_read(kind, data, start))) {
            start++;
        }
    }
    if (sides & STRIP_RIGHT) {
        while (end > start && is_stripped(chars, str_read(kind, data, end - 1))) {
            end--;
        }
    }
    return str_substring(s, start, end);
}

/* ---- split. */

static ALWAYS_INLINE int add_slice(struct list_builder *list, PyObject *s, Py_ssize_t start,
                                   Py_ssize_t end)
{
    return list_builder_add(list, str_substring(s, start, end));
}

/* The first character at or after i that is a space, or is none; else n. */
static Py_ssize_t skip_spaces(int kind, const void *data, Py_ssize_t i, Py_ssize_t n)
{
    while (i < n && is_space(str_read(kind, data, i))) {
        i++;
    }
    return i;
}
static Py_ssize_t skip_others(int kind, const void *data, Py_ssize_t i, Py_ssize_t n)
{
    while (i < n && !is_space(str_read(kind, data, i))) {
        i++;
    }
    return i;
}

static PyObject *split_spaces(PyObject *s, Py_ssize_t max)
{
    struct list_builder list;
    list_builder_init(&list);
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t n = str_length(s), i;
    for (i = skip_spaces(kind, data, 0, n); i < n && max-- > 0;) {
        Py_ssize_t end = skip_others(kind, data, i, n);
        if (add_slice(&list, s, i, end) < 0) {
            return NULL;
        }
        i = skip_spaces(kind, data, end, n);
    }
    return i < n && add_slice(&list, s, i, n) < 0 ? NULL : list_builder_finish(&list);
}

static PyObject *reversed(struct list_builder *b)
{
    PyObject *list = list_builder_finish(b);
    return list != NULL && list_reverse(list) < 0 ? NULL : list;
}

static PyObject *rsplit_spaces(PyObject *s, Py_ssize_t max)
{
    struct list_builder list;
    list_builder_init(&list);
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t i = str_length(s);
    for (;;) {
        while (i > 0 && is_space(str_read(kind, data, i - 1))) {
            i--;
        }
        if (i == 0) {
            break;
        }
        Py_ssize_t end = i;
        if (max-- == 0) {
            if (add_slice(&list, s, 0, end) < 0) {
                return NULL;
            }
            break;
        }
        while (i > 0 && !is_space(str_read(kind, data, i - 1))) {
            i--;
        }
        if (add_slice(&list, s, i, end) < 0) {
            return NULL;
        }
    }
    return reversed(&list);
}

static int check_separator(PyObject *separator)
{
    if (str_length(separator) == 0) {
        return error_raise_int(PyExc_ValueError, "empty separator");
    }
    return 0;
}

PyObject *str_split(PyObject *s, PyObject *separator, Py_ssize_t max)
{
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    if (separator == NULL) {
        return split_spaces(s, max);
    }
    if (check_separator(separator) < 0) {
        return NULL;
    }
    struct list_builder list;
    list_builder_init(&list);
    int kind = str_kind(s);
    const char *data = str_data(s);
    Py_ssize_t n = str_length(s), m = str_length(separator), start = 0;
    const void *needle = str_kind(separator) > kind ? NULL : str_data_as(separator, kind);
    while (needle != NULL && max-- > 0) {
        Py_ssize_t i = search_forward(kind, data + start * kind, n - start, needle, m);
        if (i < 0) {
            break;
        }
        if (add_slice(&list, s, start, start + i) < 0) {
            return NULL;
        }
        start += i + m;
    }
    return add_slice(&list, s, start, n) < 0 ? NULL : list_builder_finish(&list);
}

PyObject *str_rsplit(PyObject *s, PyObject *separator, Py_ssize_t max)
{
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    if (separator == NULL) {
        return rsplit_spaces(s, max);
    }
    if (check_separator(separator) < 0) {
        return NULL;
    }
    struct list_builder list;
    list_builder_init(&list);
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t end = str_length(s), m = str_length(separator);
    const void *needle = str_kind(separator) > kind ? NULL : str_data_as(separator, kind);
    while (needle != NULL && max-- > 0) {
        Py_ssize_t i = search_back(kind, data, end, needle, m);
        if (i < 0) {
            break;
        }
        if (add_slice(&list, s, i + m, end) < 0) {
            return NULL;
        }
        end = i;
    }
    return add_slice(&list, s, 0, end) < 0 ? NULL : reversed(&list);
}

static inline bool is_linebreak(Py_UCS4 c)
{
    return c < 128 ? c - 0xa <= 3 || c - 0x1c <= 2 : char_is_linebreak(c);
}

/* Some of the eight bytes is below ' ' or above 0x7f. */
static inline bool has_control_or_high(const unsigned char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t w;
    memcpy(&w, p, 8);
    return ((w | (w - ones * ' ')) & ones * 0x80) != 0;
}

/* The next line break at or after i, else n. */
static Py_ssize_t find_linebreak(int kind, const void *data, Py_ssize_t i, Py_ssize_t n)
{
    if (kind == 1) {
        const unsigned char *p = data;
        for (;; i++) {
            while (n - i >= 8 && !has_control_or_high(p + i)) {
                i += 8;
            }
            if (i >= n || (p[i] < ' ' ? is_linebreak(p[i]) : p[i] == 0x85)) {
                return i;
            }
        }
    }
    while (i < n && !is_linebreak(str_read(kind, data, i))) {
        i++;
    }
    return i;
}

PyObject *str_splitlines(PyObject *s, bool keep_ends)
{
    struct list_builder list;
    list_builder_init(&list);
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t n = str_length(s);
    for (Py_ssize_t i = 0; i < n;) {
        Py_ssize_t start = i;
        i = find_linebreak(kind, data, i, n);
        Py_ssize_t end = i;
        if (i < n) {
            bool crlf =
                str_read(kind, data, i) == '\r' && i + 1 < n && str_read(kind, data, i + 1) == '\n';
            i += crlf ? 2 : 1;
        }
        if (add_slice(&list, s, start, keep_ends ? i : end) < 0) {
            return NULL;
        }
    }
    return list_builder_finish(&list);
}

PyObject *str_partition(PyObject *s, PyObject *separator, int direction)
{
    if (check_separator(separator) < 0) {
        return NULL;
    }
    Py_ssize_t n = str_length(s);
    Py_ssize_t i = str_find(s, separator, 0, n, direction);
    if (i < -1) {
        return NULL;
    }
    PyObject *empty = str_empty();
    if (i < 0) {
        PyObject *whole = str_exact(s);
        return whole == NULL   ? NULL
               : direction > 0 ? tuple_pack(3, whole, empty, empty)
                               : tuple_pack(3, empty, empty, whole);
    }
    PyObject *head = str_substring(s, 0, i);
    PyObject *tail = str_substring(s, i + str_length(separator), n);
    return head == NULL || tail == NULL ? NULL : tuple_pack(3, head, separator, tail);
}

/* ---- join. */

struct join_size {
    Py_ssize_t length;
    Py_UCS4 max_char;
};

static int join_too_long(void)
{
    return error_raise_int(PyExc_OverflowError, "join() result is too long for a Python string");
}

static ALWAYS_INLINE int add_size(struct join_size *size, PyObject *s)
{
    Py_UCS4 max_char = str_max_char_bound(s);
    if (max_char > size->max_char) {
        size->max_char = max_char;
    }
    if (str_length(s) > PY_SSIZE_T_MAX - size->length) {
        return join_too_long();
    }
    size->length += str_length(s);
    return 0;
}

static ALWAYS_INLINE Py_ssize_t put_str(int kind, void *to, Py_ssize_t at, PyObject *part)
{
    Py_ssize_t n = str_length(part);
    str_copy_chars(kind, to, at, str_kind(part), str_data(part), 0, n);
    return at + n;
}

PyObject *str_join_array(const Value *parts, size_t count)
{
    if (count == 1) {
        return value_object(parts[0]);
    }
    struct join_size size = {0, 0x7f};
    for (size_t i = 0; i < count; i++) {
        if (add_size(&size, value_object(parts[i])) < 0) {
            return NULL;
        }
    }
    PyObject *result = str_new(size.length, size.max_char);
    if (result == NULL || size.length == 0) {
        return result;
    }
    int kind = str_kind(result);
    void *to = str_writable(result);
    Py_ssize_t at = 0;
    for (size_t i = 0; i < count; i++) {
        at = put_str(kind, to, at, value_object(parts[i]));
    }
    return result;
}

/* What join() has to put together. The items of a list are copied first: others may change it. */
enum { JOIN_FEW = 64 };
struct join_items {
    PyObject *const *items;
    Py_ssize_t count;
    PyObject *few[JOIN_FEW];
};

static int join_get_items(struct join_items *j, Value iterable)
{
    PyObject *o = object_to_fast_sequence(iterable, "can only join an iterable");
    if (o != NULL && list_check(value_from_object(o))) {
        j->count = list_copy_few(o, j->few, JOIN_FEW);
        if (j->count >= 0) {
            j->items = j->few;
            return 0;
        }
        o = list_to_tuple(o);
    }
    if (o == NULL) {
        return -1;
    }
    j->items = ((PyTupleObject *)o)->ob_item;
    j->count = tuple_length(o);
    return 0;
}

/* Checks the items; also the size of the result. */
static int join_measure(PyObject *separator, const struct join_items *j, struct join_size *size)
{
    if (j->count > 1 && str_length(separator) > 0) {
        if (__builtin_mul_overflow(str_length(separator), j->count - 1, &size->length)) {
            return join_too_long();
        }
        size->max_char = str_max_char_bound(separator);
    }
    for (Py_ssize_t i = 0; i < j->count; i++) {
        PyObject *item = j->items[i];
        if (UNLIKELY(!type_has_feature(item->ob_type, Py_TPFLAGS_UNICODE_SUBCLASS))) {
            return error_raise_int(PyExc_TypeError,
                                   "sequence item %zd: expected str instance, %T found", i,
                                   value_from_object(item));
        }
        if (add_size(size, item) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *str_join(PyObject *separator, Value iterable)
{
    struct join_items j;
    if (join_get_items(&j, iterable) < 0) {
        return NULL;
    }
    if (j.count == 0) {
        return str_empty();
    }
    if (j.count == 1 && j.items[0]->ob_type == &PyUnicode_Type) {
        return j.items[0];
    }
    struct join_size size = {0, 0x7f};
    if (join_measure(separator, &j, &size) < 0) {
        return NULL;
    }
    PyObject *result = str_new(size.length, size.max_char);
    if (result == NULL || size.length == 0) {
        return result;
    }
    int kind = str_kind(result);
    void *to = str_writable(result);
    bool separated = str_length(separator) > 0;
    Py_ssize_t at = put_str(kind, to, 0, j.items[0]);
    for (Py_ssize_t i = 1; i < j.count; i++) {
        if (separated) {
            at = put_str(kind, to, at, separator);
        }
        at = put_str(kind, to, at, j.items[i]);
    }
    return result;
}

/* ---- replace. */

static PyObject *replace_char(PyObject *s, Py_UCS4 old, Py_UCS4 fresh, Py_ssize_t max)
{
    int kind = str_kind(s);
    Py_ssize_t n = str_length(s);
    Py_ssize_t i = search_char(kind, str_data(s), n, old);
    if (i < 0) {
        return str_exact(s);
    }
    /* The kind may shrink if the old character was the widest: then collect and narrow. */
    Py_UCS4 bound = str_max_char_bound(s);
    int wide = fresh > bound ? (fresh > 0xffff ? 4 : fresh > 0xff ? 2 : 1) : kind;
    bool ascii = str_is_ascii(s) && fresh < 0x80;
    PyObject *r = str_alloc(n, wide, ascii);
    if (r == NULL) {
        return NULL;
    }
    void *to = str_writable(r);
    str_copy_chars(wide, to, 0, kind, str_data(s), 0, n);
    for (; i < n && max > 0; max--) {
        str_write(wide, to, i++, fresh);
        Py_ssize_t step = search_char(wide, (char *)to + i * wide, n - i, old);
        if (step < 0) {
            break;
        }
        i += step;
    }
    bool may_narrow = !ascii && old > 0x7f && fresh < old;
    return may_narrow ? str_from_kind(wide, to, n) : r;
}

/* Puts `fresh` before each of the first max characters and, if max allows, at the end. */
static PyObject *replace_between(PyObject *s, PyObject *fresh, Py_ssize_t max)
{
    struct str_builder b;
    str_builder_init(&b);
    Py_ssize_t n = str_length(s);
    for (Py_ssize_t i = 0; i <= n; i++) {
        if (max-- > 0 && str_builder_str(&b, fresh) < 0) {
            return NULL;
        }
        if (i < n && str_builder_char(&b, str_at(s, i)) < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&b);
}

static PyObject *replace_text(PyObject *s, PyObject *old, PyObject *fresh, Py_ssize_t max)
{
    int kind = str_kind(s);
    const void *needle = str_data_as(old, kind);
    if (needle == NULL) {
        return NULL;
    }
    const char *data = str_data(s);
    Py_ssize_t n = str_length(s), m = str_length(old), start = 0;
    Py_ssize_t i = search_forward(kind, data, n, needle, m);
    if (i < 0) {
        return str_exact(s);
    }
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    if (str_builder_reserve(&b, n, 0x7f) < 0) {
        return NULL;
    }
    while (i >= 0 && max-- > 0) {
        if (str_builder_slice(&b, s, start, start + i) < 0 || str_builder_str(&b, fresh) < 0) {
            return NULL;
        }
        start += i + m;
        i = search_forward(kind, data + start * kind, n - start, needle, m);
    }
    return str_builder_slice(&b, s, start, n) < 0 ? NULL : str_builder_finish(&b);
}

PyObject *str_replace(PyObject *s, PyObject *old, PyObject *new_, Py_ssize_t max)
{
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    Py_ssize_t m = str_length(old);
    if (max == 0 || str_length(s) < m || str_kind(old) > str_kind(s)) {
        return str_exact(s);
    }
    if (m == 0) {
        return str_length(new_) == 0 ? str_exact(s) : replace_between(s, new_, max);
    }
    if (m == 1 && str_length(new_) == 1) {
        return replace_char(s, str_at(old, 0), str_at(new_, 0), max);
    }
    return replace_text(s, old, new_, max);
}

/* ---- Padding and tabs. */

static void fill_chars(int kind, void *to, Py_ssize_t start, Py_ssize_t count, Py_UCS4 c)
{
    if (kind == 1) {
        memset((char *)to + start, (int)c, (size_t)count);
        return;
    }
    for (Py_ssize_t i = start; i < start + count; i++) {
        str_write(kind, to, i, c);
    }
}

PyObject *str_pad(PyObject *s, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill)
{
    left = left < 0 ? 0 : left;
    right = right < 0 ? 0 : right;
    if (left == 0 && right == 0) {
        return str_exact(s);
    }
    if (left > PY_SSIZE_T_MAX - str_length(s) || right > PY_SSIZE_T_MAX - left - str_length(s)) {
        return error_raise_null(PyExc_OverflowError, "padded string is too long");
    }
    Py_UCS4 max_char = str_max_char_bound(s);
    Py_ssize_t n = str_length(s);
    PyObject *padded = str_new(left + n + right, fill > max_char ? fill : max_char);
    if (padded == NULL) {
        return NULL;
    }
    int kind = str_kind(padded);
    void *to = str_writable(padded);
    fill_chars(kind, to, 0, left, fill);
    str_copy_chars(kind, to, left, str_kind(s), str_data(s), 0, n);
    fill_chars(kind, to, left + n, right, fill);
    return padded;
}

PyObject *str_expandtabs(PyObject *s, int tab_size)
{
    struct str_builder b;
    str_builder_init(&b);
    Py_ssize_t column = 0;
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 c = str_at(s, i);
        if (c == '\t') {
            Py_ssize_t spaces = tab_size > 0 ? tab_size - column % tab_size : 0;
            if (b.length > PY_SSIZE_T_MAX / 8 - spaces) {
                return error_raise_null(PyExc_OverflowError, "new string is too long");
            }
            column += spaces;
            if (str_builder_fill(&b, ' ', spaces) < 0) {
                return NULL;
            }
            continue;
        }
        column = c == '\n' || c == '\r' ? 0 : column + 1;
        if (str_builder_char(&b, c) < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&b);
}

/* ---- translate. */

/* The table's entry for c: ABSENT to keep c, else None, an int or a str. */
static Value translate_lookup(Value table, Py_UCS4 c)
{
    Value key = value_from_int(c);
    if (dict_check_exact(table)) {
        return dict_get(value_object(table), key);
    }
    Value v = object_getitem(table, key);
    if (value_is_null(v) && error_matches(PyExc_LookupError)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return v;
}

static int translate_char(struct str_builder *b, Value table, Py_UCS4 c)
{
    Value v = translate_lookup(table, c);
    if (value_is_null(v)) {
        return -1;
    }
    if (value_is_absent(v)) {
        return str_builder_char(b, c);
    }
    if (value_is_none(v)) {
        return 0;
    }
    if (int_check(v)) {
        int64_t code;
        if (int_clip_i64(v, &code) != 0 || code < 0 || code > 0x10ffff) {
            return error_raise_int(PyExc_ValueError,
                                   "character mapping must be in range(0x110000)");
        }
        return str_builder_char(b, (Py_UCS4)code);
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError,
                               "character mapping must return integer, None or str");
    }
    return str_builder_str(b, value_object(v));
}

/* Entries of a table known for ASCII characters: another ASCII character, or one of these. */
enum { TRANSLATE_UNKNOWN = 0x80, TRANSLATE_DELETE, TRANSLATE_LONGER };

/* Looks the character up once; the table's entry if a byte can say it. -1 on error. */
static int translate_learn(unsigned char *known, Value table, Py_UCS4 c)
{
    Value v = translate_lookup(table, c);
    if (value_is_null(v)) {
        return -1;
    }
    if (str_check(v) && str_length(value_object(v)) == 1) {
        v = value_from_int(str_at(value_object(v), 0));
    }
    int64_t code;
    bool ascii = int_check(v) && int_clip_i64(v, &code) == 0 && code >= 0 && code < 0x80;
    known[c] = value_is_absent(v) ? (unsigned char)c
               : value_is_none(v) ? TRANSLATE_DELETE
               : ascii            ? (unsigned char)code
                                  : TRANSLATE_LONGER;
    return 0;
}

/* Translates ASCII characters into such, each looked up once; *done tells how many. */
static int translate_ascii(struct str_builder *b, PyObject *s, Value table, Py_ssize_t *done)
{
    const unsigned char *from = str_data(s);
    Py_ssize_t n = str_length(s), used = 0;
    if (str_builder_reserve(b, n, 0x7f) < 0) {
        return -1;
    }
    char *to = str_writable(b->buffer);
    unsigned char known[128];
    memset(known, TRANSLATE_UNKNOWN, sizeof known);
    for (*done = 0; *done < n; ++*done) {
        unsigned char c = from[*done];
        if (known[c] == TRANSLATE_UNKNOWN && translate_learn(known, table, c) < 0) {
            return -1;
        }
        if (known[c] == TRANSLATE_LONGER) {
            break;
        }
        to[used] = (char)known[c];
        used += known[c] != TRANSLATE_DELETE;
    }
    b->length = used;
    return 0;
}

PyObject *str_translate(PyObject *s, Value table)
{
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    Py_ssize_t i = 0;
    if (str_is_ascii(s) && translate_ascii(&b, s, table, &i) < 0) {
        return NULL;
    }
    for (; i < str_length(s); i++) {
        if (translate_char(&b, table, str_at(s, i)) < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&b);
}

static int maketrans_pairs(PyObject *table, PyObject *x, PyObject *y)
{
    if (str_length(x) != str_length(y)) {
        return error_raise_int(PyExc_ValueError,
                               "the first two maketrans arguments must have equal length");
    }
    for (Py_ssize_t i = 0; i < str_length(x); i++) {
        if (dict_set(table, value_from_int(str_at(x, i)), value_from_int(str_at(y, i))) < 0) {
            return -1;
        }
    }
    return 0;
}

static int maketrans_dict(PyObject *table, Value x)
{
    if (!dict_check_exact(x)) {
        return error_raise_int(PyExc_TypeError,
                               "if you give only one argument to maketrans it must be a dict");
    }
    size_t position = 0;
    Value key, v;
    while (dict_next(value_object(x), &position, &key, &v, NULL)) {
        if (str_check(key)) {
            if (str_length(value_object(key)) != 1) {
                return error_raise_int(PyExc_ValueError,
                                       "string keys in translate table must be of length 1");
            }
            key = value_from_int(str_at(value_object(key), 0));
        } else if (!int_check(key)) {
            return error_raise_int(PyExc_TypeError,
                                   "keys in translate table must be strings or integers");
        }
        if (dict_set(table, key, v) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *maketrans_argument(Value v, int number)
{
    if (!str_check(v)) {
        return error_raise_null(PyExc_TypeError, "maketrans() argument %d must be str, not %T",
                                number, v);
    }
    return value_object(v);
}

Value str_maketrans(Value self, const Value *args)
{
    PyObject *table = dict_new();
    if (table == NULL) {
        return VALUE_NULL;
    }
    if (value_is_absent(args[1])) {
        return maketrans_dict(table, args[0]) < 0 ? VALUE_NULL : value_from_object(table);
    }
    PyObject *y = maketrans_argument(args[1], 2);
    if (y == NULL) {
        return VALUE_NULL;
    }
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "first maketrans argument must be a string if there is "
                                            "a second argument");
    }
    if (maketrans_pairs(table, value_object(args[0]), y) < 0) {
        return VALUE_NULL;
    }
    if (!value_is_absent(args[2])) {
        PyObject *z = maketrans_argument(args[2], 3);
        for (Py_ssize_t i = 0; z != NULL && i < str_length(z); i++) {
            if (dict_set(table, value_from_int(str_at(z, i)), VALUE_NONE) < 0) {
                return VALUE_NULL;
            }
        }
        if (z == NULL) {
            return VALUE_NULL;
        }
    }
    return value_from_object(table);
}
