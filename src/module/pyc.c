/* SPDX-License-Identifier: MIT */
/* Cache files carry a seal, so that one that was cut off or changed is compiled again, and never
 * believed. At the end of what importlib writes come a hash of all bytes before it and a tag;
 * marshal does not look beyond the code object. importlib asks _classify_pyc about every file
 * before it uses one, and takes the source if that says EOFError.
 *
 * A file without the tag was made by somebody else's hands, or was cut off: its code is read once
 * to find out. */
#include "base/hash.h"
#include "bytecode/code.h"
#include "module/import.h"
#include "object/buffer.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/module.h"
#include "object/str.h"

#include <string.h>

#define HEADER_BYTES 16
static const char tag[4] = {'o', 's', 'e', 'l'};
enum { SEAL_BYTES = sizeof(uint64_t) + sizeof tag };

static bool code_can_be_read(const char *data, Py_ssize_t length)
{
    Py_ssize_t consumed;
    bool read = length > HEADER_BYTES &&
                !value_is_null(marshal_load(data + HEADER_BYTES, length - HEADER_BYTES, &consumed));
    error_clear();
    return read;
}

static bool is_intact(const char *data, Py_ssize_t length)
{
    if (length < HEADER_BYTES + SEAL_BYTES ||
        memcmp(data + length - sizeof tag, tag, sizeof tag) != 0) {
        return code_can_be_read(data, length);
    }
    uint64_t hash;
    memcpy(&hash, data + length - SEAL_BYTES, sizeof hash);
    return hash == hash_checksum(data, (size_t)length - SEAL_BYTES);
}

/* `self` is importlib's function in all of these. */
static Value classify(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value flags = object_call(self, args, nargs, kwnames);
    Py_buffer view;
    if (value_is_null(flags) || nargs == 0 || object_get_buffer(args[0], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    bool intact = is_intact(view.buf, view.len);
    object_release_buffer(&view);
    return intact ? flags : error_raise(PyExc_EOFError, "the cache file is damaged");
}

static Value write_sealed(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value data = object_call(self, args, nargs, kwnames);
    Py_buffer view;
    if (value_is_null(data) || object_get_buffer(data, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    char seal[SEAL_BYTES];
    uint64_t hash = hash_checksum(view.buf, (size_t)view.len);
    object_release_buffer(&view);
    memcpy(seal, &hash, sizeof hash);
    memcpy(seal + sizeof hash, tag, sizeof tag);
    PyObject *bytes = bytes_new(seal, sizeof seal);
    if (bytes == NULL || value_is_null(object_call_method1(data, str_intern_text("extend"),
                                                           value_from_object(bytes)))) {
        return VALUE_NULL;
    }
    return data;
}

static const struct native_def wrappers[] = {
    {"_classify_pyc", NULL, "Checks the header and the seal of a cache file.", .raw = classify},
    {"_code_to_timestamp_pyc", NULL, "Produce the data for a timestamp-based pyc.",
     .raw = write_sealed},
    {"_code_to_hash_pyc", NULL, "Produce the data for a hash-based pyc.", .raw = write_sealed},
};

int import_seal_caches(PyObject *external)
{
    PyObject *dict = module_dict(external);
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        PyObject *name = str_intern_text(wrappers[i].name);
        Value original = object_getattr(value_from_object(external), name);
        PyObject *wrapper =
            value_is_null(original)
                ? NULL
                : native_function_new(&wrappers[i], original,
                                      str_intern_text("_frozen_importlib_external"));
        if (wrapper == NULL || dict_set_str(dict, name, value_from_object(wrapper)) < 0) {
            return -1;
        }
    }
    return 0;
}
