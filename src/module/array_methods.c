/* SPDX-License-Identifier: MIT */
/* The methods of arrays, their iterator, pickling, and the module itself. */
#include "module/array_int.h"

static Value none_unless(int status)
{
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_append(Value self, Value v)
{
    return none_unless(array_append(array_cast(self), v));
}
static Value method_extend(Value self, Value v)
{
    return none_unless(array_extend(array_cast(self), v));
}

static Value method_buffer_info(Value self)
{
    struct array *a = array_cast(self);
    byte_lock(&a->lock);
    const char *items = a->items;
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    byte_unlock(&a->lock);
    Value pair[2] = {int_from_u64((uint64_t)(uintptr_t)items), int_from_ssize(length)};
    return value_from_object(tuple_from_array(pair, 2));
}

static void swap_bytes(char *item, size_t size)
{
    for (size_t i = 0, k = size - 1; i < k; i++, k--) {
        char c = item[i];
        item[i] = item[k];
        item[k] = c;
    }
}

static Value method_byteswap(Value self)
{
    struct array *a = array_cast(self);
    byte_lock(&a->lock);
    for (Py_ssize_t i = 0; i < ((PyVarObject *)a)->ob_size; i++) {
        swap_bytes(a->items + (size_t)i * a->kind->size, a->kind->size);
    }
    byte_unlock(&a->lock);
    return VALUE_NONE;
}

static Value method_copy(Value self)
{
    struct array *a = array_cast(self), *copy = array_new(&array_type, a->kind, 0);
    return copy == NULL || array_extend(copy, self) < 0 ? VALUE_NULL : value_from_object(copy);
}

static Value method_deepcopy(Value self, Value unused)
{
    return method_copy(self);
}

static Value method_count(Value self, Value wanted)
{
    struct array_search s;
    Py_ssize_t found = 0;
    if (array_search_init(&s, array_cast(self), wanted) < 0) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0;; i++) {
        Value item = array_search_find(&s, i);
        if (!value_is_present(item)) {
            return value_is_null(item) ? item : int_from_ssize(found);
        }
        int equal = object_equal(item, wanted);
        if (equal < 0) {
            return VALUE_NULL;
        }
        found += equal;
    }
}

/* The first place of an equal item, which is then in *item; -1 if there is none, -2 on error. */
static Py_ssize_t find_equal(struct array *a, Value wanted, Py_ssize_t low, Py_ssize_t high,
                             Value *item)
{
    struct array_search s;
    if (array_search_init(&s, a, wanted) < 0) {
        return -2;
    }
    for (Py_ssize_t i = low; i < high; i++) {
        *item = array_search_find(&s, i);
        if (!value_is_present(*item)) {
            return value_is_null(*item) ? -2 : -1;
        }
        int equal = object_equal(*item, wanted);
        if (equal != 0) {
            return equal < 0 ? -2 : i;
        }
    }
    return -1;
}

static Value method_index(Value self, const Value *args)
{
    struct array *a = array_cast(self);
    Py_ssize_t low, high;
    if (arg_search_range(args[1], args[2], array_length(a), &low, &high) < 0) {
        return VALUE_NULL;
    }
    Value item;
    Py_ssize_t at = find_equal(a, args[0], low, high, &item);
    if (at == -1) {
        return error_raise(PyExc_ValueError, "array.index(x): x not in array");
    }
    return at < 0 ? VALUE_NULL : int_from_ssize(at);
}

/* The comparisons may run Python code, and other threads may change the array: what is deleted is
 * still the item that was found equal, else the search begins again. */
static Value method_remove(Value self, Value wanted)
{
    struct array *a = array_cast(self);
    char raw[sizeof(double)];
    Value item;
    Py_ssize_t at;
    while ((at = find_equal(a, wanted, 0, PY_SSIZE_T_MAX, &item)) >= 0) {
        int deleted = a->kind->put(item, raw) < 0 ? -1 : array_delete(a, at, raw);
        if (deleted != 0) {
            return deleted < 0 ? VALUE_NULL : VALUE_NONE;
        }
    }
    return at == -1 ? error_raise(PyExc_ValueError, "array.remove(x): x not in array") : VALUE_NULL;
}

static Value method_insert(Value self, const Value *args)
{
    struct array *a = array_cast(self);
    Py_ssize_t index;
    char raw[sizeof(double)];
    if (arg_index(args[0], &index) < 0 || a->kind->put(args[1], raw) < 0) {
        return VALUE_NULL;
    }
    return none_unless(array_insert_raw(a, index, raw));
}

static Value method_pop(Value self, const Value *args)
{
    struct array *a = array_cast(self);
    Py_ssize_t index = -1;
    char raw[sizeof(double)];
    if (value_is_present(args[0]) && arg_index(args[0], &index) < 0) {
        return VALUE_NULL;
    }
    while (array_read(a, index, raw)) {
        Value item = a->kind->get(raw); /* fails for a 'u' item that is no character */
        int deleted = value_is_null(item) ? -1 : array_delete(a, index, raw);
        if (deleted != 0) {
            return deleted < 0 ? VALUE_NULL : item;
        }
    }
    return error_raise(PyExc_IndexError,
                       array_length(a) == 0 ? "pop from empty array" : "pop index out of range");
}

static Value method_reverse(Value self)
{
    struct array *a = array_cast(self);
    size_t size = a->kind->size;
    char item[sizeof(double)];
    byte_lock(&a->lock);
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    for (Py_ssize_t i = 0, k = length - 1; i < k; i++, k--) {
        char *low = a->items + (size_t)i * size, *high = a->items + (size_t)k * size;
        memcpy(item, low, size);
        memcpy(low, high, size);
        memcpy(high, item, size);
    }
    byte_unlock(&a->lock);
    return VALUE_NONE;
}

static Value method_tolist(Value self)
{
    return value_from_object(array_to_list(array_cast(self)));
}

static Value method_fromlist(Value self, Value list)
{
    struct array *a = array_cast(self);
    if (!list_check(list)) {
        return error_raise(PyExc_TypeError, "arg must be list");
    }
    struct array *added = array_new(&array_type, a->kind, 0);
    Py_ssize_t length = list_length(value_object(list));
    for (Py_ssize_t i = 0; added != NULL && i < length; i++) {
        Value item = list_find(value_object(list), i);
        if (value_is_absent(item)) {
            return error_raise(PyExc_RuntimeError, "list changed size during iteration");
        }
        if (array_append(added, item) < 0) {
            return VALUE_NULL;
        }
    }
    return added == NULL ? VALUE_NULL
                         : none_unless(array_append_raw(a, added->items, array_length(added)));
}

static PyObject *to_bytes(struct array *a)
{
    Py_ssize_t length;
    char *items = array_snapshot(a, &length);
    return items != NULL ? bytes_new(items, length * (Py_ssize_t)a->kind->size) : NULL;
}

static Value method_tobytes(Value self)
{
    return value_from_object(to_bytes(array_cast(self)));
}

static Value method_frombytes(Value self, Value bytes)
{
    return none_unless(array_append_bytes(array_cast(self), bytes));
}

static Value method_fromunicode(Value self, Value text)
{
    if (!str_check(text)) {
        return error_raise(PyExc_TypeError, "fromunicode() argument must be str, not %T", text);
    }
    if (array_cast(self)->kind->code != 'u') {
        return error_raise(PyExc_ValueError,
                           "fromunicode() may only be called on unicode type arrays");
    }
    return none_unless(array_append_str(array_cast(self), value_object(text)));
}

static Value method_tounicode(Value self)
{
    if (array_cast(self)->kind->code != 'u') {
        return error_raise(PyExc_ValueError,
                           "tounicode() may only be called on unicode type arrays");
    }
    return value_from_object(array_to_str(array_cast(self)));
}

static Value method_fromfile(Value self, const Value *args)
{
    struct array *a = array_cast(self);
    Py_ssize_t count, size = a->kind->size;
    if (arg_index(args[1], &count) < 0) {
        return VALUE_NULL;
    }
    if (count < 0) {
        return error_raise(PyExc_ValueError, "negative count");
    }
    if (count > PY_SSIZE_T_MAX / size) {
        return error_no_memory();
    }
    Value bytes = object_call_method1(args[0], names.read, int_from_ssize(count * size));
    if (value_is_null(bytes)) {
        return bytes;
    }
    if (!bytes_check(bytes)) {
        return error_raise(PyExc_TypeError, "read() didn't return bytes");
    }
    Py_ssize_t got = bytes_length(value_object(bytes));
    if (array_append_bytes(a, bytes) < 0) {
        return VALUE_NULL;
    }
    return got == count * size ? VALUE_NONE
                               : error_raise(PyExc_EOFError, "read() didn't return enough bytes");
}

enum { FILE_BLOCK = 64 * 1024 };

static Value method_tofile(Value self, Value file)
{
    Py_ssize_t length;
    struct array *a = array_cast(self);
    char *items = array_snapshot(a, &length);
    length *= a->kind->size;
    for (Py_ssize_t at = 0; items != NULL && at < length; at += FILE_BLOCK) {
        Py_ssize_t count = length - at < FILE_BLOCK ? length - at : FILE_BLOCK;
        PyObject *block = bytes_new(items + at, count);
        if (block == NULL ||
            value_is_null(object_call_method1(file, names.write, value_from_object(block)))) {
            return VALUE_NULL;
        }
    }
    return items != NULL ? VALUE_NONE : VALUE_NULL;
}

static Value method_sizeof(Value self)
{
    struct array *a = array_cast(self);
    return int_from_size((size_t)value_type(self)->tp_basicsize +
                         (size_t)array_length(a) * a->kind->size);
}

/* ---- Pickling. */

static Value instance_state(Value self)
{
    Value dict;
    int found = object_find_attr(self, names.__dict__, &dict);
    return found < 0 ? VALUE_NULL : found ? dict : VALUE_NONE;
}

static Value module_function(const char *name)
{
    Value import = builtin_function("__import__");
    Value module = value_is_null(import)
                       ? import
                       : object_call1(import, value_from_object(str_from_text("array")));
    return value_is_null(module) ? module : object_getattr(module, str_intern_text(name));
}

static Value method_reduce_ex(Value self, Value argument)
{
    struct array *a = array_cast(self);
    int64_t protocol;
    Value type = value_from_object(value_type(self)), state = instance_state(self);
    if (!int_check(argument)) {
        return error_raise(PyExc_TypeError, "__reduce_ex__ argument should be an integer");
    }
    if (int_to_i64(argument, &protocol) < 0 || value_is_null(state)) {
        return VALUE_NULL;
    }
    Value code = value_from_object(str_from_char((Py_UCS4)a->kind->code));
    PyObject *arguments;
    Value function = type;
    if (protocol < 3) {
        PyObject *list = array_to_list(a);
        Value parts[2] = {code, value_from_object(list)};
        arguments = list != NULL ? tuple_from_array(parts, 2) : NULL;
    } else {
        PyObject *bytes = to_bytes(a);
        Value parts[4] = {type, code, value_from_int(a->kind->machine_format),
                          value_from_object(bytes)};
        function = module_function("_array_reconstructor");
        arguments = bytes != NULL ? tuple_from_array(parts, 4) : NULL;
    }
    if (arguments == NULL || value_is_null(function)) {
        return VALUE_NULL;
    }
    Value result[3] = {function, value_from_object(arguments), state};
    return value_from_object(tuple_from_array(result, 3));
}

/* The formats that pickles name by number. */
static const struct machine_format {
    uint8_t size;
    char kind; /* 'u', 's' integers, 'f' floats, 't' text */
    bool big_endian;
} machine_formats[] = {
    {1, 'u', 0}, {1, 's', 0}, {2, 'u', 0}, {2, 'u', 1}, {2, 's', 0}, {2, 's', 1},
    {4, 'u', 0}, {4, 'u', 1}, {4, 's', 0}, {4, 's', 1}, {8, 'u', 0}, {8, 'u', 1},
    {8, 's', 0}, {8, 's', 1}, {4, 'f', 0}, {4, 'f', 1}, {8, 'f', 0}, {8, 'f', 1},
    {2, 't', 0}, {2, 't', 1}, {4, 't', 0}, {4, 't', 1},
};
enum { MACHINE_FORMATS = sizeof machine_formats / sizeof machine_formats[0] };

static Value decode_float(const char *bytes, const struct machine_format *format)
{
    char item[8];
    memcpy(item, bytes, format->size);
    if (format->big_endian) {
        swap_bytes(item, format->size);
    }
    float f;
    double d;
    memcpy(&f, item, sizeof f);
    memcpy(&d, item, sizeof d);
    return float_from_double(format->size == 4 ? f : d);
}

static Value decode_text(PyObject *bytes, const struct machine_format *format)
{
    const char *encoding = format->size == 2    ? format->big_endian ? "utf-16-be" : "utf-16-le"
                           : format->big_endian ? "utf-32-be"
                                                : "utf-32-le";
    return value_from_object(
        str_decode(bytes_data(bytes), bytes_length(bytes), encoding, "strict"));
}

/* The bytes, which are in the format, as what array() takes. */
static Value decode_items(PyObject *bytes, const struct machine_format *format)
{
    Py_ssize_t length = bytes_length(bytes);
    if (length % format->size != 0) {
        return error_raise(PyExc_ValueError, "string length not a multiple of item size");
    }
    if (format->kind == 't') {
        return decode_text(bytes, format);
    }
    PyObject *list = list_new(length / format->size);
    for (Py_ssize_t at = 0; list != NULL && at < length; at += format->size) {
        const char *item = bytes_data(bytes) + at;
        Value v = format->kind == 'f'
                      ? decode_float(item, format)
                      : int_from_byte_array((const unsigned char *)item, format->size,
                                            !format->big_endian, format->kind == 's');
        if (value_is_null(v) || list_append(list, v) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

/* An array kind with the same layout: a long of another machine may be an int here. */
static const struct array_kind *kind_for_format(const struct array_kind *wanted, int64_t number)
{
    if (wanted->machine_format == number) {
        return wanted;
    }
    const struct machine_format *format = &machine_formats[number];
    for (const struct array_kind *k = array_kinds; k->code != 0; k++) {
        const struct machine_format *own = &machine_formats[k->machine_format];
        if (format->kind != 'f' && format->kind != 't' && own->kind == format->kind &&
            own->size == format->size) {
            return k;
        }
    }
    return wanted;
}

static Value reconstruct(Value self, const Value *args)
{
    int64_t number;
    if (!value_is_instance(args[0], &PyType_Type)) {
        return error_raise(PyExc_TypeError, "first argument must be a type object, not %T",
                           args[0]);
    }
    PyTypeObject *type = (PyTypeObject *)value_object(args[0]);
    if (!type_is_subtype(type, &array_type)) {
        return error_raise(PyExc_TypeError, "%s is not a subtype of %s", type->tp_name,
                           array_type.tp_name);
    }
    if (!str_check(args[1]) || str_length(value_object(args[1])) != 1) {
        return error_raise(PyExc_TypeError,
                           "_array_reconstructor() argument 2 must be a unicode character, not %T",
                           args[1]);
    }
    const struct array_kind *kind = array_kind_find(str_at(value_object(args[1]), 0));
    if (kind == NULL) {
        return error_raise(PyExc_ValueError, "second argument must be a valid type code");
    }
    if (arg_i64(args[2], &number) < 0) {
        return VALUE_NULL;
    }
    if (number < 0 || number >= MACHINE_FORMATS) {
        return error_raise(PyExc_ValueError, "third argument must be a valid machine format code.");
    }
    if (!bytes_check(args[3])) {
        return error_raise(PyExc_TypeError, "fourth argument should be bytes, not %T", args[3]);
    }
    Value items = args[3];
    if (kind->machine_format != number) {
        items = decode_items(value_object(args[3]), &machine_formats[number]);
        kind = kind_for_format(kind, number);
    } else if (bytes_length(value_object(items)) % kind->size != 0) {
        return error_raise(PyExc_ValueError, "bytes length not a multiple of item size");
    }
    if (value_is_null(items)) {
        return items;
    }
    return object_call2(args[0], value_from_object(str_from_char((Py_UCS4)kind->code)), items);
}

/* ---- Tables. */

static Value get_typecode(Value self, void *closure)
{
    return value_from_object(str_from_char((Py_UCS4)array_cast(self)->kind->code));
}
static Value get_itemsize(Value self, void *closure)
{
    return value_from_int(array_cast(self)->kind->size);
}

const struct getset_def array_getsets[] = {
    {"typecode", get_typecode, NULL, "the typecode character used to create the array"},
    {"itemsize", get_itemsize, NULL, "the size, in bytes, of one array item"},
    {NULL},
};

const struct native_def array_methods[] = {
    {"append", "($self, v, /)", "Append a new item to the end.", .f1 = method_append},
    {"buffer_info", "($self, /)", "A tuple (address, length) of the items in memory.",
     .f0 = method_buffer_info},
    {"byteswap", "($self, /)", "Swap the bytes of all items.", .f0 = method_byteswap},
    {"__copy__", "($self, /)", "A copy.", .f0 = method_copy},
    {"count", "($self, v, /)", "How many items equal v.", .f1 = method_count},
    {"__deepcopy__", "($self, unused, /)", "A copy.", .f1 = method_deepcopy},
    {"extend", "($self, bb, /)", "Append items to the end.", .f1 = method_extend},
    {"fromfile", "($self, f, n, /)", "Read n items from the file object.", .n = method_fromfile},
    {"fromlist", "($self, list, /)", "Append the items of a list.", .f1 = method_fromlist},
    {"frombytes", "($self, buffer, /)", "Append items from the bytes of a buffer.",
     .f1 = method_frombytes},
    {"fromunicode", "($self, ustr, /)", "Append the characters of a str.",
     .f1 = method_fromunicode},
    {"index", "($self, v, start=0, stop=sys.maxsize, /)", "Index of the first item that equals v.",
     .n = method_index},
    {"insert", "($self, i, v, /)", "Insert a new item before position i.", .n = method_insert},
    {"pop", "($self, i=-1, /)", "Remove and return the item at i (default last).", .n = method_pop},
    {"__reduce_ex__", "($self, value, /)", "State for pickling.", .f1 = method_reduce_ex},
    {"remove", "($self, v, /)", "Remove the first item that equals v.", .f1 = method_remove},
    {"reverse", "($self, /)", "Reverse the order of the items.", .f0 = method_reverse},
    {"tofile", "($self, f, /)", "Write all items to the file object.", .f1 = method_tofile},
    {"tolist", "($self, /)", "The items as a list.", .f0 = method_tolist},
    {"tobytes", "($self, /)", "The items as bytes.", .f0 = method_tobytes},
    {"tounicode", "($self, /)", "The characters as a str.", .f0 = method_tounicode},
    {"__sizeof__", "($self, /)", "Size of the array in memory, in bytes.", .f0 = method_sizeof},
    {NULL},
};

/* ---- The iterator. */

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct sequence_iterator *)self)->sequence);
}

static Value iterator_self(Value self)
{
    return self;
}

static Value iterator_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *a = atomic_load_acquire(&it->sequence);
    if (a == NULL) {
        return VALUE_ABSENT;
    }
    for (;;) {
        Py_ssize_t index = atomic_load_relaxed(&it->index);
        Value item = array_find((struct array *)a, index);
        if (value_is_absent(item)) {
            heap_store(it, &it->sequence, NULL);
            return item;
        }
        if (value_is_null(item) || sequence_iterator_move(it, index, index + 1)) {
            return item;
        }
    }
}

static Value array_iterator_reduce(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *a = atomic_load_acquire(&it->sequence);
    if (a == NULL) {
        return iterator_reduce("iter", value_from_object(list_new(0)), VALUE_ABSENT);
    }
    return iterator_reduce("iter", value_from_object(a), int_from_ssize(it->index));
}

static Value iterator_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *a = atomic_load_acquire(&it->sequence);
    Py_ssize_t index;
    if (arg_index(state, &index) < 0) {
        return VALUE_NULL;
    }
    if (a != NULL) {
        Py_ssize_t length = array_length((struct array *)a);
        atomic_store_relaxed(&it->index, index < 0 ? 0 : index > length ? length : index);
    }
    return VALUE_NONE;
}

static const struct native_def iterator_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = array_iterator_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = iterator_setstate},
    {NULL},
};

static struct type_info iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject array_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "array.arrayiterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};

/* ---- The module. */

static const struct native_def functions[] = {
    {"_array_reconstructor",
     "($module, arraytype, typecode, mformat_code, items,\n"
     "                     /)",
     "Internal. Used for pickling support.", .n = reconstruct},
    {NULL},
};

static int array_exec(PyObject *module)
{
    if (type_ready(&array_type) < 0 || type_ready(&array_iterator_type) < 0 ||
        module_add_type(module, &array_type) < 0 ||
        module_add(module, "ArrayType", value_from_object(&array_type)) < 0) {
        return -1;
    }
    Value sequences = builtin_function("__import__");
    if (!value_is_null(sequences)) {
        sequences = object_call1(sequences, value_from_object(str_from_text("_collections_abc")));
    }
    Value mutable = value_is_null(sequences)
                        ? sequences
                        : object_getattr(sequences, str_intern_text("MutableSequence"));
    if (value_is_null(mutable) ||
        value_is_null(object_call_method1(mutable, str_intern_text("register"),
                                          value_from_object(&array_type)))) {
        return -1;
    }
    return module_add_str(module, "typecodes", "bBuhHiIlLqQfd");
}

const struct module_def array_module = {
    .name = "array",
    .doc = "Arrays of machine numbers.",
    .functions = functions,
    .exec = array_exec,
};
