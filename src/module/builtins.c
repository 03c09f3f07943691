/* SPDX-License-Identifier: MIT */
/* The builtins module: functions. The types are added from builtin_types below. */
#include "module/builtins.h"
#include "module/sys.h"

#include <unistd.h>

#include "compile/compile.h"
#include "module/import.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/float.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/number_format.h"
#include "object/str.h"
#include "vm/vm.h"

static Value builtin_abs(Value self, Value x)
{
    return object_unary(x, OP_ABS);
}

/* Takes what is known to be true, or false, and is not what all() and any() look for. */
static bool take_unwanted(void *wanted, Value item)
{
    bool truth;
    if (value_is_int(item)) {
        truth = value_int(item) != 0;
    } else if (value_is_none(item) || value_same_bits(item, VALUE_FALSE)) {
        truth = false;
    } else if (value_same_bits(item, VALUE_TRUE)) {
        truth = true;
    } else {
        return false;
    }
    return truth != *(const int *)wanted;
}

/* all() and any(): the first item whose truth is `wanted` decides. */
static Value scan_truth(Value iterable, int wanted)
{
    Value iterator = object_iter_owned(iterable);
    if (value_is_null(iterator)) {
        return VALUE_NULL;
    }
    for (;;) {
        Value item = object_drain(iterator, take_unwanted, &wanted);
        if (!value_is_present(item)) {
            return value_is_null(item) ? VALUE_NULL : value_from_bool(!wanted);
        }
        int truth = object_truth(item);
        if (truth < 0) {
            return VALUE_NULL;
        }
        if (truth == wanted) {
            return value_from_bool(wanted);
        }
    }
}

static Value builtin_all(Value self, Value iterable)
{
    return scan_truth(iterable, 0);
}
static Value builtin_any(Value self, Value iterable)
{
    return scan_truth(iterable, 1);
}

static Value builtin_ascii(Value self, Value object)
{
    return value_from_object(object_ascii(object));
}

static Value in_base(Value number, char letter)
{
    Value index = object_index(number);
    if (value_is_null(index)) {
        return VALUE_NULL;
    }
    return value_from_object(number_printf_int(index, letter, true, -1));
}

static Value builtin_bin(Value self, Value number)
{
    return in_base(number, 'b');
}
static Value builtin_oct(Value self, Value number)
{
    return in_base(number, 'o');
}
static Value builtin_hex(Value self, Value number)
{
    return in_base(number, 'x');
}

static Value builtin_breakpoint(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value hook = sys_get("breakpointhook");
    if (!value_is_present(hook)) {
        return error_raise(PyExc_RuntimeError, "lost sys.breakpointhook");
    }
    return sys_audit("builtins.breakpoint", &hook, 1) < 0 ? VALUE_NULL
                                                          : object_call(hook, args, nargs, kwnames);
}

static Value builtin_callable(Value self, Value object)
{
    return value_from_bool(object_is_callable(object));
}

static Value builtin_chr(Value self, Value number)
{
    int code;
    if (arg_int(number, &code) < 0) {
        return VALUE_NULL;
    }
    if (code < 0 || code > 0x10FFFF) {
        return error_raise(PyExc_ValueError, "chr() arg not in range(0x110000)");
    }
    return value_from_object(str_from_char((Py_UCS4)code));
}

static Value builtin_ord(Value self, Value c)
{
    Py_ssize_t length;
    if (str_check(c)) {
        length = str_length(value_object(c));
        if (length == 1) {
            return value_from_int(str_at(value_object(c), 0));
        }
    } else if (bytes_check(c)) {
        length = bytes_length(value_object(c));
        if (length == 1) {
            return value_from_int((unsigned char)bytes_data(value_object(c))[0]);
        }
    } else if (bytearray_check(c)) {
        length = object_length(c);
        if (length == 1) {
            return object_getitem(c, value_from_int(0));
        }
    } else {
        return error_raise(PyExc_TypeError, "ord() expected string of length 1, but %T found", c);
    }
    return error_raise(PyExc_TypeError,
                       "ord() expected a character, but string of length %zd found", length);
}

static Value builtin_getattr(Value self, const Value *args)
{
    if (!str_check(args[1])) {
        return error_raise(PyExc_TypeError, "attribute name must be string, not '%T'", args[1]);
    }
    if (value_is_absent(args[2])) {
        return object_getattr_value(args[0], args[1]);
    }
    Value found;
    int status = object_find_attr_value(args[0], args[1], &found);
    return status < 0 ? VALUE_NULL : status > 0 ? found : args[2];
}

static Value builtin_hasattr(Value self, const Value *args)
{
    if (!str_check(args[1])) {
        return error_raise(PyExc_TypeError, "attribute name must be string, not '%T'", args[1]);
    }
    Value found;
    int status = object_find_attr_value(args[0], args[1], &found);
    return status < 0 ? VALUE_NULL : value_from_bool(status);
}

static Value builtin_setattr(Value self, const Value *args)
{
    return object_setattr_value(args[0], args[1], args[2]) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value builtin_delattr(Value self, const Value *args)
{
    return object_setattr_value(args[0], args[1], VALUE_ABSENT) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value builtin_dir(Value self, const Value *args)
{
    if (value_is_present(args[0])) {
        return value_from_object(object_dir(args[0]));
    }
    PyObject *locals = vm_locals();
    if (locals == NULL) {
        return VALUE_NULL;
    }
    Value keys = object_call_method0(value_from_object(locals), names.keys);
    PyObject *list = value_is_null(keys) ? NULL : object_to_list(keys);
    if (list == NULL || list_sort(list, VALUE_ABSENT, false) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(list);
}

static Value builtin_divmod(Value self, const Value *args)
{
    return object_binary(args[0], args[1], OP_DIVMOD);
}

static Value builtin_format(Value self, const Value *args)
{
    PyObject *spec = NULL;
    if (value_is_present(args[1])) {
        spec = arg_str(args[1], "format", "argument 2");
        if (spec == NULL) {
            return VALUE_NULL;
        }
    }
    return value_from_object(object_format(args[0], spec));
}

static Value builtin_globals(Value self)
{
    return value_from_object(vm_globals());
}

static Value builtin_locals(Value self)
{
    return value_from_object(vm_locals());
}

static Value builtin_vars(Value self, const Value *args)
{
    if (value_is_absent(args[0])) {
        return value_from_object(vm_locals());
    }
    Value dict;
    int status = object_find_attr(args[0], names.__dict__, &dict);
    if (status == 0) {
        return error_raise(PyExc_TypeError, "vars() argument must have __dict__ attribute");
    }
    return status < 0 ? VALUE_NULL : dict;
}

static Value builtin_hash(Value self, Value object)
{
    Py_hash_t hash = object_hash(object);
    return hash == -1 ? VALUE_NULL : int_from_i64(hash);
}

static Value identity(Value object)
{
    if (value_is_object(object)) {
        return int_from_u64((uint64_t)(uintptr_t)value_object(object));
    }
    /* Inline numbers have no address; equal numbers are the same object. */
    return int_from_u64((object.bits >> 1) | (UINT64_C(1) << 62));
}

static Value builtin_id(Value self, Value object)
{
    Value id = identity(object);
    return value_is_null(id) || sys_audit("builtins.id", &id, 1) < 0 ? VALUE_NULL : id;
}

static Value builtin_isinstance(Value self, const Value *args)
{
    int result = object_is_instance(args[0], args[1]);
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static Value builtin_issubclass(Value self, const Value *args)
{
    int result = object_is_subclass(args[0], args[1]);
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static Value builtin_len(Value self, Value object)
{
    Py_ssize_t length = object_length(object);
    return length < 0 ? VALUE_NULL : int_from_ssize(length);
}

static Value builtin_iter(Value self, const Value *args)
{
    if (value_is_absent(args[1])) {
        return object_iter(args[0]);
    }
    if (!object_is_callable(args[0])) {
        return error_raise(PyExc_TypeError, "iter(v, w): v must be callable");
    }
    return value_from_object(callable_iterator_new(args[0], args[1]));
}

static Value builtin_next(Value self, const Value *args)
{
    Value iterator = args[0];
    if (!object_is_iterator(iterator)) {
        return error_raise(PyExc_TypeError, "'%T' object is not an iterator", iterator);
    }
    /* Not object_next and not the operation of a Python class: both drop StopIteration.value. */
    PyTypeObject *type = value_type(iterator);
    Value result = VALUE_NONE;
    Value item =
        (type_info(type)->flags & TYPE_PYTHON) != 0 ? object_call_method0(iterator, names.__next__)
        : type_ops(type)->send != NULL ? type_ops(type)->send(iterator, VALUE_NONE, &result)
                                       : type_ops(type)->next(iterator);
    if (value_is_present(item)) {
        return item;
    }
    if (value_is_absent(args[1])) {
        return value_is_null(item)
                   ? item
                   : error_raise_value(PyExc_StopIteration,
                                       value_is_none(result) ? VALUE_ABSENT : result);
    }
    if (value_is_null(item)) {
        if (!error_matches(PyExc_StopIteration)) {
            return item;
        }
        error_clear();
    }
    return args[1];
}

static Value builtin_aiter(Value self, Value iterable)
{
    Value (*aiter)(Value) = value_ops(iterable)->aiter;
    if (aiter == NULL) {
        return error_raise(PyExc_TypeError, "'%T' object is not an async iterable", iterable);
    }
    Value iterator = aiter(iterable);
    if (value_is_null(iterator)) {
        return VALUE_NULL;
    }
    if (value_ops(iterator)->anext == NULL) {
        return error_raise(PyExc_TypeError, "aiter() returned not an async iterator of type '%T'",
                           iterator);
    }
    return iterator;
}

static Value builtin_anext(Value self, const Value *args)
{
    Value (*anext)(Value) = value_ops(args[0])->anext;
    if (anext == NULL) {
        return error_raise(PyExc_TypeError, "'%T' object is not an async iterator", args[0]);
    }
    Value awaitable = anext(args[0]);
    if (value_is_null(awaitable) || value_is_absent(args[1])) {
        return awaitable;
    }
    return vm_anext_awaitable(awaitable, args[1]);
}

static Value builtin_pow(Value self, const Value *args)
{
    return object_pow(args[0], args[1], value_is_absent(args[2]) ? VALUE_NONE : args[2]);
}

static Value builtin_repr(Value self, Value object)
{
    return value_from_object(object_repr(object));
}

static Value builtin_round(Value self, const Value *args)
{
    Value method;
    int status = object_find_special(args[0], names.__round__, &method);
    if (status == 0) {
        return error_raise(PyExc_TypeError, "type %T doesn't define __round__ method", args[0]);
    }
    if (status < 0) {
        return VALUE_NULL;
    }
    bool digits = value_is_present(args[1]) && !value_is_none(args[1]);
    return digits ? object_call1(method, args[1]) : object_call0(method);
}

static Value builtin_sorted(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_check_positional("sorted", nargs, 1, 1) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = object_to_list(args[0]);
    if (list == NULL) {
        return VALUE_NULL;
    }
    Value sort = object_getattr(value_from_object(list), names.sort);
    if (value_is_null(sort) || value_is_null(object_call(sort, args + 1, 0, kwnames))) {
        return VALUE_NULL;
    }
    return value_from_object(list);
}

static int refuse_text_in_sum(Value start)
{
    if (str_check(start)) {
        return error_raise_int(PyExc_TypeError,
                               "sum() can't sum strings [use ''.join(seq) instead]");
    }
    if (bytes_check(start)) {
        return error_raise_int(PyExc_TypeError,
                               "sum() can't sum bytes [use b''.join(seq) instead]");
    }
    if (bytearray_check(start)) {
        return error_raise_int(PyExc_TypeError,
                               "sum() can't sum bytearray [use b''.join(seq) instead]");
    }
    return 0;
}

/* Adds small ints and floats. */
static ALWAYS_INLINE bool add_term(Value *sum, Value item)
{
    Value z;
    int64_t a, b;
    double x, y;
    if (value_both_int(*sum, item) && value_int_add(*sum, item, &z)) {
        *sum = z;
    } else if (float_try(*sum, &x) && float_try(item, &y)) {
        *sum = value_from_double(x + y);
    } else if (int_try_small(*sum, &a) && int_try_small(item, &b) && value_int_fits(a + b)) {
        *sum = value_from_int(a + b);
    } else {
        return false;
    }
    return true;
}

static bool take_term(void *total, Value item)
{
    return add_term(total, item);
}

/* Adds the small ints from item i on to `total`; where it stopped. No safepoint but at the end. */
static Py_ssize_t sum_ints(PyObject *list, Py_ssize_t i, Value *total)
{
    int64_t sum, term, next;
    if (!int_try_small(*total, &sum)) {
        return i;
    }
    for (PyObject *item; (item = list_find_fast(list, i)) != NULL; i++) {
        if (UNLIKELY(!int_object_try_small(item, &term) ||
                     __builtin_add_overflow(sum, term, &next))) {
            break;
        }
        sum = next;
    }
    *total = int_from_i64(sum);
    return i;
}

/* The same for a float that floats and small ints are added to. */
static Py_ssize_t sum_floats(PyObject *list, Py_ssize_t i, Value *total)
{
    double sum;
    int64_t small;
    if (!float_try(*total, &sum)) {
        return i;
    }
    for (PyObject *item; (item = list_find_fast(list, i)) != NULL; i++) {
        if (LIKELY(item->ob_type == &PyFloat_Type)) {
            sum += ((const PyFloatObject *)item)->ob_fval;
        } else if (int_object_try_small(item, &small)) {
            sum += (double)small;
        } else {
            break;
        }
    }
    *total = value_from_double(sum);
    return i;
}

/* Lists are read item by item, as their iterators do. */
static Value sum_list(PyObject *list, Value total)
{
    for (Py_ssize_t i = 0; !value_is_null(total); i++) {
        i = sum_ints(list, i, &total);
        if (value_is_null(total)) {
            break;
        }
        i = sum_floats(list, i, &total);
        Value item = list_find(list, i);
        if (value_is_absent(item)) {
            break;
        }
        total = object_binary(total, int_unbox_ready(value_object(item)), OP_ADD);
    }
    return total;
}

static Value builtin_sum(Value self, const Value *args)
{
    Value total = value_is_absent(args[1]) ? value_from_int(0) : args[1];
    if (list_check_exact(args[0])) {
        return refuse_text_in_sum(total) < 0 ? VALUE_NULL : sum_list(value_object(args[0]), total);
    }
    Value iterator = object_iter_owned(args[0]);
    if (value_is_null(iterator) || refuse_text_in_sum(total) < 0) {
        return VALUE_NULL;
    }
    for (;;) {
        Value item = object_drain(iterator, take_term, &total);
        if (!value_is_present(item)) {
            return value_is_null(item) ? VALUE_NULL : total;
        }
        total = object_binary(total, item, OP_ADD);
        if (value_is_null(total)) {
            return VALUE_NULL;
        }
    }
}

/* ---- min and max */

struct extreme {
    const char *name;
    int op; /* Py_LT or Py_GT */
    Value key, fallback;
    Value best; /* so far */
};

static int take_keyword(struct extreme *e, PyObject *name, Value value)
{
    if (str_equal_text(name, "key")) {
        e->key = value_is_none(value) ? VALUE_ABSENT : value;
    } else if (str_equal_text(name, "default")) {
        e->fallback = value;
    } else {
        return error_raise_int(PyExc_TypeError, "'%U' is an invalid keyword argument for %s()",
                               name, e->name);
    }
    return 0;
}

/* Takes numbers that are easily compared. */
static bool take_candidate(void *state, Value item)
{
    struct extreme *e = state;
    int64_t a, b;
    double x, y;
    bool less, greater;
    if (value_is_present(e->key) || value_is_absent(e->best)) {
        return false;
    }
    if (int_try_small(item, &a) && int_try_small(e->best, &b)) {
        less = a < b;
        greater = a > b;
    } else if (float_try(item, &x) && float_try(e->best, &y)) {
        less = x < y;
        greater = x > y;
    } else {
        return false;
    }
    if (e->op == Py_LT ? less : greater) {
        e->best = item;
    }
    return true;
}

/* The extreme item, VALUE_ABSENT if there is none. */
static Value find_extreme(struct extreme *e, Value iterable)
{
    Value iterator = object_iter_owned(iterable);
    if (value_is_null(iterator)) {
        return VALUE_NULL;
    }
    Value best_key = VALUE_ABSENT;
    for (;;) {
        Value item = object_drain(iterator, take_candidate, e);
        if (!value_is_present(item)) {
            return value_is_null(item) ? VALUE_NULL : e->best;
        }
        bool has_key = value_is_present(e->key);
        Value key = has_key ? object_call1(e->key, item) : item;
        if (value_is_null(key)) {
            return VALUE_NULL;
        }
        int better = 1;
        if (value_is_present(e->best)) {
            better = object_compare_bool(key, has_key ? best_key : e->best, e->op);
        }
        if (better < 0) {
            return VALUE_NULL;
        }
        if (better) {
            e->best = item;
            best_key = key;
        }
    }
}

static Value min_or_max(const char *name, int op, const Value *args, size_t nargs,
                        PyObject *kwnames)
{
    struct extreme e = {name, op, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT};
    nargs = CALL_NARGS(nargs);
    for (Py_ssize_t i = 0; kwnames != NULL && i < tuple_length(kwnames); i++) {
        if (take_keyword(&e, tuple_object(kwnames, i), args[nargs + (size_t)i]) < 0) {
            return VALUE_NULL;
        }
    }
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "%s expected at least 1 argument, got 0", name);
    }
    if (nargs > 1 && value_is_present(e.fallback)) {
        return error_raise(PyExc_TypeError,
                           "Cannot specify a default for %s() with multiple positional arguments",
                           name);
    }
    Value iterable = args[0];
    if (nargs > 1) {
        iterable = value_from_object(tuple_from_array(args, nargs));
        if (value_is_null(iterable)) {
            return VALUE_NULL;
        }
    }
    Value best = find_extreme(&e, iterable);
    if (!value_is_absent(best)) {
        return best;
    }
    if (value_is_present(e.fallback)) {
        return e.fallback;
    }
    return error_raise(PyExc_ValueError, "%s() arg is an empty sequence", name);
}

static Value builtin_min(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return min_or_max("min", Py_LT, args, nargs, kwnames);
}

static Value builtin_max(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return min_or_max("max", Py_GT, args, nargs, kwnames);
}

/* ---- print and input */

static int check_print_text(Value *v, const char *name)
{
    if (value_is_absent(*v) || value_is_none(*v)) {
        *v = VALUE_ABSENT;
        return 0;
    }
    if (str_check(*v)) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError, "%s must be None or a string, not %T", name, *v);
}

static int write_text(Value write, Value text)
{
    return value_is_null(object_call1(write, text)) ? -1 : 0;
}

static Value builtin_print(Value self, const Value *args)
{
    static PyObject *space, *newline;
    enum { ITEMS, SEP, END, FILE_, FLUSH };
    Value sep = args[SEP], end = args[END], file = args[FILE_];
    if (value_is_absent(file) || value_is_none(file)) {
        file = sys_get("stdout");
        if (value_is_absent(file)) {
            return error_raise(PyExc_RuntimeError, "lost sys.stdout");
        }
        if (value_is_none(file)) {
            return VALUE_NONE;
        }
    }
    if (check_print_text(&sep, "sep") < 0 || check_print_text(&end, "end") < 0) {
        return VALUE_NULL;
    }
    if (newline == NULL) {
        space = str_from_char(' ');
        atomic_store_release(&newline, str_from_char('\n'));
    }
    Value write = object_getattr(file, names.write);
    if (value_is_null(write)) {
        return VALUE_NULL;
    }
    PyObject *items = value_object(args[ITEMS]);
    for (Py_ssize_t i = 0; i < tuple_length(items); i++) {
        if (i > 0 && write_text(write, value_is_absent(sep) ? value_from_object(space) : sep) < 0) {
            return VALUE_NULL;
        }
        PyObject *text = object_str(tuple_get(items, i));
        if (text == NULL || write_text(write, value_from_object(text)) < 0) {
            return VALUE_NULL;
        }
    }
    if (write_text(write, value_is_absent(end) ? value_from_object(newline) : end) < 0) {
        return VALUE_NULL;
    }
    int flush = value_is_absent(args[FLUSH]) ? 0 : object_truth(args[FLUSH]);
    if (flush < 0 || (flush > 0 && value_is_null(object_call_method0(file, names.flush)))) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value lost_stream(const char *name)
{
    return error_raise(PyExc_RuntimeError, "input(): lost sys.%s", name);
}

Value (*builtins_read_terminal)(const char *prompt);

/* Is the file object the terminal with this descriptor? */
static bool is_terminal(Value file, int fd)
{
    int64_t n = -1;
    Value number = isatty(fd) ? object_call_method0(file, str_intern_text("fileno")) : VALUE_NONE;
    if (value_is_null(number)) {
        error_clear();
        return false;
    }
    return int_try_small(number, &n) && n == fd;
}

static Value read_terminal(Value in, Value out, Value prompt)
{
    if (builtins_read_terminal == NULL || !is_terminal(in, 0) || !is_terminal(out, 1)) {
        return VALUE_NONE;
    }
    PyObject *text = value_is_present(prompt) ? object_str(prompt) : str_empty();
    const char *utf8 = text == NULL ? NULL : str_utf8(text, NULL);
    return utf8 == NULL ? VALUE_NULL : builtins_read_terminal(utf8);
}

static Value read_stdin(Value in, Value out, Value prompt)
{
    if (value_is_present(prompt)) {
        PyObject *text = object_str(prompt);
        if (text == NULL ||
            value_is_null(object_call_method1(out, names.write, value_from_object(text)))) {
            return VALUE_NULL;
        }
    }
    if (value_is_null(object_call_method0(out, names.flush))) {
        error_clear();
    }
    return object_call_method0(in, names.readline);
}

static Value builtin_input(Value self, const Value *args)
{
    Value in = sys_get("stdin"), out = sys_get("stdout"), err = sys_get("stderr");
    if (!value_is_present(in) || value_is_none(in)) {
        return lost_stream("stdin");
    }
    if (!value_is_present(out) || value_is_none(out)) {
        return lost_stream("stdout");
    }
    if (value_is_present(err) && !value_is_none(err) &&
        value_is_null(object_call_method0(err, names.flush))) {
        error_clear();
    }
    if (sys_audit_values("builtins.input", "O", args[0]) < 0) {
        return VALUE_NULL;
    }
    Value line = read_terminal(in, out, args[0]);
    if (value_is_none(line)) {
        line = read_stdin(in, out, args[0]);
    }
    if (value_is_null(line)) {
        return VALUE_NULL;
    }
    if (!str_check(line)) {
        return error_raise(PyExc_TypeError, "object.readline() returned non-string");
    }
    Py_ssize_t length = str_length(value_object(line));
    if (length == 0) {
        return error_raise(PyExc_EOFError, "EOF when reading a line");
    }
    if (str_at(value_object(line), length - 1) == '\n') {
        length--;
    }
    Value result = value_from_object(str_substring(value_object(line), 0, length));
    return value_is_null(result) || sys_audit("builtins.input/result", &result, 1) < 0 ? VALUE_NULL
                                                                                       : result;
}

static Value builtin_import(Value self, const Value *args)
{
    enum { NAME_, GLOBALS, LOCALS, FROMLIST, LEVEL };
    int level = 0;
    if (!str_check(args[NAME_])) {
        return error_raise(PyExc_TypeError, "module name must be a string");
    }
    if (value_is_present(args[LEVEL]) && arg_int(args[LEVEL], &level) < 0) {
        return VALUE_NULL;
    }
    PyObject *globals = NULL;
    if (value_is_present(args[GLOBALS]) && !value_is_none(args[GLOBALS])) {
        if (level > 0 && !dict_check(args[GLOBALS])) {
            return error_raise(PyExc_TypeError, "globals must be a dict");
        }
        globals = value_box(args[GLOBALS]);
    }
    return import_module_level(value_object(args[NAME_]), globals, args[FROMLIST], level);
}

static const struct native_def functions[] = {
    {"__build_class__", NULL, "What the class statement calls.", .raw = vm_build_class},
    {"__import__",
     "($module, /, name, globals=None, locals=None, fromlist=(),\n"
     "           level=0)",
     "Imports a module; what the import statement calls.", .n = builtin_import},
    {"abs", "($module, x, /)", "The absolute value.", .f1 = builtin_abs},
    {"aiter", "($module, async_iterable, /)", "The asynchronous iterator of an iterable.",
     .f1 = builtin_aiter},
    {"all", "($module, iterable, /)", "Are all items true? True if there are none.",
     .f1 = builtin_all},
    {"anext", "($module, aiterator, default=<unrepresentable>, /)",
     "An awaitable for the next item, or the default at the end.", .n = builtin_anext},
    {"any", "($module, iterable, /)", "Is any item true? False if there are none.",
     .f1 = builtin_any},
    {"ascii", "($module, obj, /)", "The representation with non-ASCII characters escaped.",
     .f1 = builtin_ascii},
    {"bin", "($module, number, /)", "The number in binary digits, with the prefix 0b.",
     .f1 = builtin_bin},
    {"breakpoint", NULL, "Enters the debugger: calls sys.breakpointhook.",
     .raw = builtin_breakpoint},
    {"callable", "($module, obj, /)", "Can the object be called?", .f1 = builtin_callable},
    {"chr", "($module, i, /)", "The character with this code point.", .f1 = builtin_chr},
    {"compile",
     "($module, /, source, filename, mode, flags=0,\n"
     "        dont_inherit=False, optimize=-1, *, _feature_version=-1)",
     "Makes code, or a syntax tree, from source text or a syntax tree.", .n = builtin_compile},
    {"delattr", "($module, obj, name, /)", "Deletes an attribute: delattr(x, 'y') is del x.y.",
     .n = builtin_delattr},
    {"dir", "($module, object=<unrepresentable>, /)",
     "The names of the object's attributes, or those of the current scope.", .n = builtin_dir},
    {"divmod", "($module, x, y, /)", "The pair (x // y, x % y).", .n = builtin_divmod},
    {"eval", "($module, source, globals=None, locals=None, /)",
     "The value of an expression, given as text or code.", .n = builtin_eval},
    {"exec", "($module, source, globals=None, locals=None, /, *, closure=None)",
     "Runs statements, given as text or code.", .n = builtin_exec},
    {"format", "($module, value, format_spec='', /)", "The value formatted by a format spec.",
     .n = builtin_format},
    {"getattr", "($module, object, name, default=<unrepresentable>, /)",
     "An attribute by name, or the default if there is none.", .n = builtin_getattr},
    {"globals", "($module, /)", "The dict of the current module's variables.",
     .f0 = builtin_globals},
    {"hasattr", "($module, obj, name, /)", "Has the object an attribute of that name?",
     .n = builtin_hasattr},
    {"hash", "($module, obj, /)", "The hash value: equal objects have equal ones.",
     .f1 = builtin_hash},
    {"hex", "($module, number, /)", "The number in hexadecimal digits, with the prefix 0x.",
     .f1 = builtin_hex},
    {"id", "($module, obj, /)",
     "The identity: unique among the objects that exist at the same time.", .f1 = builtin_id},
    {"input", "($module, prompt='', /)", "Reads a line from standard input, without its newline.",
     .n = builtin_input},
    {"isinstance", "($module, obj, class_or_tuple, /)",
     "Is the object an instance of the class, or of one of a tuple?", .n = builtin_isinstance},
    {"issubclass", "($module, cls, class_or_tuple, /)",
     "Is the class a subclass of the other, or of one of a tuple?", .n = builtin_issubclass},
    {"iter", "($module, object, sentinel=<unrepresentable>, /)",
     "An iterator over an iterable, or over a callable's results up to sentinel.",
     .n = builtin_iter},
    {"len", "($module, obj, /)", "The number of items.", .f1 = builtin_len},
    {"locals", "($module, /)", "The dict of the current scope's variables.", .f0 = builtin_locals},
    {"max", NULL, "max(iterable, *[, default, key]) or max(a, b, *rest[, key]): the biggest item",
     .raw = builtin_max},
    {"min", NULL, "min(iterable, *[, default, key]) or min(a, b, *rest[, key]): the smallest item",
     .raw = builtin_min},
    {"next", "($module, iterator, default=<unrepresentable>, /)",
     "The next item, or the default at the end.", .n = builtin_next},
    {"oct", "($module, number, /)", "The number in octal digits, with the prefix 0o.",
     .f1 = builtin_oct},
    {"ord", "($module, c, /)", "The code point of a character.", .f1 = builtin_ord},
    {"pow", "($module, /, base, exp, mod=None)",
     "base to the power exp, modulo mod if it is given.", .n = builtin_pow},
    {"print", "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)",
     "Writes the values to a stream, sys.stdout by default.", .n = builtin_print},
    {"repr", "($module, obj, /)", "The representation of the object as a str.", .f1 = builtin_repr},
    {"round", "($module, /, number, ndigits=None)",
     "The number rounded to ndigits digits after the point.", .n = builtin_round},
    {"setattr", "($module, obj, name, value, /)",
     "Sets an attribute: setattr(x, 'y', v) is x.y = v.", .n = builtin_setattr},
    {"sorted", "($module, iterable, /, *, key=None, reverse=False)",
     "A new list of the items in ascending order.", .raw = builtin_sorted},
    {"sum", "($module, iterable, /, start=0)", "The sum of start and all items.", .n = builtin_sum},
    {"vars", "($module, object=<unrepresentable>, /)",
     "The __dict__ of an object; locals() if there is none given.", .n = builtin_vars},
    {NULL},
};

static int add_types(PyObject *module)
{
    PyTypeObject *const types[] = {
        &PyBool_Type,         &PyMemoryView_Type, &PyByteArray_Type, &PyBytes_Type,
        &PyClassMethod_Type,  &PyComplex_Type,    &PyDict_Type,      &PyEnum_Type,
        &PyFilter_Type,       &PyFloat_Type,      &PyFrozenSet_Type, &PyProperty_Type,
        &PyLong_Type,         &PyList_Type,       &PyMap_Type,       &PyBaseObject_Type,
        &PyRange_Type,        &PyReversed_Type,   &PySet_Type,       &PySlice_Type,
        &PyStaticMethod_Type, &PyUnicode_Type,    &PySuper_Type,     &PyTuple_Type,
        &PyType_Type,         &PyZip_Type,
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (module_add(module, type_short_name(types[i]), value_from_object(types[i])) < 0) {
            return -1;
        }
    }
    return 0;
}

static int builtins_exec(PyObject *module)
{
    if (module_add(module, "None", VALUE_NONE) < 0 ||
        module_add(module, "Ellipsis", VALUE_ELLIPSIS) < 0 ||
        module_add(module, "NotImplemented", VALUE_NOT_IMPLEMENTED) < 0 ||
        module_add(module, "False", VALUE_FALSE) < 0 ||
        module_add(module, "True", VALUE_TRUE) < 0 ||
        module_add(module, "__debug__", value_from_bool(compile_default_optimize == 0)) < 0) {
        return -1;
    }
    if (add_types(module) < 0 || exception_add_types(module_dict(module)) < 0) {
        return -1;
    }
    return 0;
}

const struct module_def builtins_module = {
    .name = "builtins",
    .doc = "Built-in functions, types, exceptions, and other objects.",
    .functions = functions,
    .exec = builtins_exec,
};
