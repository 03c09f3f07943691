/* SPDX-License-Identifier: MIT */
/* Ends of lines: IncrementalNewlineDecoder, and finding them in text.
 *
 * A decoder is used under the lock of the text file that owns it; one that the program made itself
 * is used as a program uses any unlocked object: races may lose an update of `seen`, nothing worse.
 */
#include "module/io_int.h"

static struct newline_decoder *cast(Value self)
{
    return (struct newline_decoder *)value_object(self);
}

PyObject *newline_decoder_new(PyObject *decoder, bool translate)
{
    struct newline_decoder *d =
        (struct newline_decoder *)object_alloc(&IncrementalNewlineDecoder_Type, 0);
    if (d != NULL) {
        heap_init(d, &d->decoder, decoder);
        d->translate = translate;
    }
    return (PyObject *)d;
}

/* Which ends of lines occur in text; a final \r does not count, the caller kept it back. */
static int scan(PyObject *text)
{
    int kind = str_kind(text), seen = 0;
    const void *data = str_data(text);
    Py_ssize_t n = str_length(text);
    for (Py_ssize_t i = 0; i < n && seen != (NEWLINE_CR | NEWLINE_LF | NEWLINE_CRLF); i++) {
        Py_UCS4 c = str_read(kind, data, i);
        if (c == '\n') {
            seen |= NEWLINE_LF;
        } else if (c == '\r') {
            bool pair = i + 1 < n && str_read(kind, data, i + 1) == '\n';
            seen |= pair ? NEWLINE_CRLF : NEWLINE_CR;
            i += pair;
        }
    }
    return seen;
}

static PyObject *translate(PyObject *text)
{
    struct str_builder b;
    str_builder_init(&b);
    Py_ssize_t n = str_length(text), start = 0;
    for (;;) {
        Py_ssize_t cr = str_find_char(text, '\r', start, n, 1);
        if (cr < 0) {
            break;
        }
        if (str_builder_slice(&b, text, start, cr) < 0 || str_builder_char(&b, '\n') < 0) {
            return NULL;
        }
        start = cr + 1;
        start += start < n && str_at(text, start) == '\n';
    }
    if (str_builder_slice(&b, text, start, n) < 0) {
        return NULL;
    }
    return str_builder_finish(&b);
}

PyObject *newline_decode(struct newline_decoder *d, Value input, bool final)
{
    Value decoded = input;
    if (d->decoder != NULL && !value_is_none(value_from_object(d->decoder))) {
        decoded = object_call_method2(value_from_object(d->decoder), names.decode, input,
                                      value_from_bool(final));
    }
    if (value_is_null(decoded)) {
        return NULL;
    }
    if (!str_check(decoded)) {
        return error_raise_null(PyExc_TypeError, "decoder should return a string result, not '%T'",
                                decoded);
    }
    PyObject *text = value_object(decoded);
    if (d->pending_cr && (final || str_length(text) > 0)) {
        text = str_concat(str_from_char('\r'), text);
        d->pending_cr = false;
    }
    if (text == NULL) {
        return NULL;
    }
    Py_ssize_t n = str_length(text);
    if (!final && n > 0 && str_at(text, n - 1) == '\r') {
        text = str_substring(text, 0, n - 1);
        d->pending_cr = true;
        if (text == NULL) {
            return NULL;
        }
    }
    if (str_find_char(text, '\r', 0, str_length(text), 1) < 0) {
        if (str_find_char(text, '\n', 0, str_length(text), 1) >= 0) {
            d->seen |= NEWLINE_LF;
        }
        return text;
    }
    d->seen |= scan(text);
    return d->translate ? translate(text) : text;
}

Value newline_seen(int seen)
{
    static const char *const kinds[] = {"\r", "\n", "\r\n"};
    Value found[3];
    size_t count = 0;
    for (int i = 0; i < 3; i++) {
        if ((seen & (1 << i)) != 0) {
            found[count++] = value_from_object(str_from_text(kinds[i]));
        }
    }
    return count == 0   ? VALUE_NONE
           : count == 1 ? found[0]
                        : value_from_object(tuple_from_array(found, count));
}

Py_ssize_t io_find_line_end(bool translated, bool universal, PyObject *newline, PyObject *text,
                            Py_ssize_t start, Py_ssize_t end, Py_ssize_t *consumed)
{
    *consumed = end;
    if (translated) {
        Py_ssize_t at = str_find_char(text, '\n', start, end, 1);
        return at < 0 ? -1 : at + 1;
    }
    if (universal) {
        Py_ssize_t lf = str_find_char(text, '\n', start, end, 1);
        Py_ssize_t cr = str_find_char(text, '\r', start, lf < 0 ? end : lf, 1);
        if (cr < 0) {
            return lf < 0 ? -1 : lf + 1;
        }
        return lf == cr + 1 ? lf + 1 : cr + 1;
    }
    Py_ssize_t length = newline == NULL ? 1 : str_length(newline);
    Py_ssize_t at = newline == NULL ? str_find_char(text, '\n', start, end, 1)
                                    : str_find(text, newline, start, end, 1);
    if (at >= 0) {
        return at + length;
    }
    *consumed = end - start >= length ? end - length + 1 : start;
    return -1;
}

/* ---- The type */

static int decoder_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[3];
    bool translated;
    if (native_bind("IncrementalNewlineDecoder", "(decoder, translate, errors='strict')",
                    &signature, args, nargs, kwnames, bound) < 0 ||
        arg_bool(bound[1], &translated) < 0) {
        return -1;
    }
    struct newline_decoder *d = cast(self);
    heap_store(d, &d->decoder, value_box(bound[0]));
    d->translate = translated;
    d->pending_cr = false;
    d->seen = 0;
    return 0;
}

static Value decoder_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static int check_ready(const struct newline_decoder *d)
{
    return d->decoder != NULL ? 0
                              : error_raise_int(PyExc_ValueError,
                                                "IncrementalNewlineDecoder.__init__() not called");
}

static Value decoder_decode(Value self, const Value *args)
{
    bool final = false;
    if (check_ready(cast(self)) < 0 ||
        (value_is_present(args[1]) && arg_bool(args[1], &final) < 0)) {
        return VALUE_NULL;
    }
    return value_from_object(newline_decode(cast(self), args[0], final));
}

static bool has_inner(const struct newline_decoder *d)
{
    return !value_is_none(value_from_object(d->decoder));
}

static Value decoder_getstate(Value self)
{
    struct newline_decoder *d = cast(self);
    if (check_ready(d) < 0) {
        return VALUE_NULL;
    }
    Value parts[2] = {value_from_object(bytes_new("", 0)), value_from_int(0)};
    if (has_inner(d)) {
        Value state = object_call_method0(value_from_object(d->decoder), names.getstate);
        if (value_is_null(state)) {
            return VALUE_NULL;
        }
        if (!tuple_check(state) || tuple_length(value_object(state)) != 2) {
            return error_raise(PyExc_TypeError, "illegal decoder state");
        }
        parts[0] = tuple_get(value_object(state), 0);
        parts[1] = tuple_get(value_object(state), 1);
    }
    Value flags = object_binary(parts[1], value_from_int(1), OP_LSHIFT);
    if (value_is_null(flags)) {
        return VALUE_NULL;
    }
    parts[1] = object_binary(flags, value_from_int(d->pending_cr), OP_OR);
    return value_is_null(parts[1]) ? VALUE_NULL : value_from_object(tuple_from_array(parts, 2));
}

static Value decoder_setstate(Value self, Value state)
{
    struct newline_decoder *d = cast(self);
    if (check_ready(d) < 0) {
        return VALUE_NULL;
    }
    if (!tuple_check(state) || tuple_length(value_object(state)) != 2) {
        return error_raise(PyExc_TypeError, "state argument must be a tuple");
    }
    uint64_t flags = 0;
    if (!int_check(tuple_get(value_object(state), 1)) ||
        int_to_u64(tuple_get(value_object(state), 1), &flags) < 0) {
        return error_occurred() ? VALUE_NULL
                                : error_raise(PyExc_TypeError, "illegal decoder state");
    }
    d->pending_cr = flags & 1;
    if (!has_inner(d)) {
        return VALUE_NONE;
    }
    Value inner[2] = {tuple_get(value_object(state), 0), int_from_u64(flags >> 1)};
    return object_call_method1(value_from_object(d->decoder), names.setstate,
                               value_from_object(tuple_from_array(inner, 2)));
}

static Value decoder_reset(Value self)
{
    struct newline_decoder *d = cast(self);
    if (check_ready(d) < 0) {
        return VALUE_NULL;
    }
    d->seen = 0;
    d->pending_cr = false;
    return has_inner(d) ? object_call_method0(value_from_object(d->decoder), names.reset)
                        : VALUE_NONE;
}

static Value get_newlines(Value self, void *closure)
{
    return check_ready(cast(self)) < 0 ? VALUE_NULL : newline_seen(cast(self)->seen);
}

static void trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct newline_decoder *)self)->decoder);
}

static const struct native_def methods[] = {
    {"decode", "($self, /, input, final=False)", "Decodes and translates newlines.",
     .n = decoder_decode},
    {"getstate", "($self, /)", "The state: pending bytes and flags.", .f0 = decoder_getstate},
    {"reset", "($self, /)", "Forgets what is pending.", .f0 = decoder_reset},
    {"setstate", "($self, state, /)", "Sets what getstate() returned.", .f1 = decoder_setstate},
    {NULL},
};
static const struct getset_def getsets[] = {{"newlines", get_newlines}, {NULL}};
static struct type_info decoder_info = {
    .ops = {.new_ = decoder_new, .init = decoder_init},
    .trace = trace,
    .methods = methods,
    .getsets = getsets,
};
PyTypeObject IncrementalNewlineDecoder_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io.IncrementalNewlineDecoder",
    .tp_doc = "IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nDecodes piece "
              "by piece and translates newlines.",
    .tp_basicsize = sizeof(struct newline_decoder),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&decoder_info,
};
