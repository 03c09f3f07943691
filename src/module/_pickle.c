/* SPDX-License-Identifier: MIT */
/* _pickle: the pickle module's classes and functions in C.
 *
 * pickle_write.c writes objects of built-in types, pickle_reduce.c all others; pickle_load.c is the
 * machine that reads, pickle_stream.c where its bytes come from, pickle_find.c what it asks for
 * classes and gives state to. pickle_objects.c has Pickler and Unpickler, pickle_buffer.c
 * PickleBuffer. The opcodes, their order and the frames are those of CPython's, byte for byte. */
#include "module/import.h"
#include "module/pickle_int.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/str.h"

struct pickle_names pickle_names;
PyObject *pickle_error, *pickling_error, *unpickling_error;
static Value copyreg; /* the module; set once */

Value pickle_copyreg(PyObject *name)
{
    return object_getattr(copyreg, name);
}

static Value do_dump(Value self, const Value *args)
{
    (void)self;
    struct pickle_writer w;
    if (pickle_writer_init(&w, args[2], args[3], args[4]) < 0 ||
        pickle_find_write(args[1], &w.file_write) < 0 || pickle_dump(&w, args[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *data = bytes_builder_finish(&w.out);
    return data == NULL || value_is_null(object_call1(w.file_write, value_from_object(data)))
               ? VALUE_NULL
               : VALUE_NONE;
}

static Value do_dumps(Value self, const Value *args)
{
    (void)self;
    struct pickle_writer w;
    if (pickle_writer_init(&w, args[1], args[2], args[3]) < 0 || pickle_dump(&w, args[0]) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(bytes_builder_finish(&w.out));
}

static Value do_load(Value self, const Value *args)
{
    (void)self;
    struct pickle_reader r;
    return pickle_reader_init(&r, args + 1) < 0 || pickle_open(&r, args[0]) < 0 ? VALUE_NULL
                                                                                : pickle_load(&r);
}

static Value do_loads(Value self, const Value *args)
{
    (void)self;
    struct pickle_reader r;
    Py_buffer view;
    if (pickle_reader_init(&r, args + 1) < 0 ||
        object_get_buffer(args[0], &view, PyBUF_CONTIG_RO) < 0) {
        return VALUE_NULL;
    }
    r.data = view.buf;
    r.length = view.len;
    Value result = pickle_load(&r);
    object_release_buffer(&view);
    return result;
}

static const struct native_def functions[] = {
    {"dump",
     "($module, /, obj, file, protocol=None, *, fix_imports=True,\n"
     "     buffer_callback=None)",
     "Write a pickled representation of obj to the open file object file.\n\nThis is equivalent to "
     "``Pickler(file, protocol).dump(obj)``, but may be more efficient.",
     .n = do_dump},
    {"dumps",
     "($module, /, obj, protocol=None, *, fix_imports=True,\n"
     "      buffer_callback=None)",
     "Return the pickled representation of the object as a bytes object.", .n = do_dumps},
    {"load",
     "($module, /, file, *, fix_imports=True, encoding='ASCII',\n"
     "     errors='strict', buffers=())",
     "Read and return an object from the pickle data stored in a file.\n\nThis is equivalent to "
     "``Unpickler(file).load()``, but may be more efficient.",
     .n = do_load},
    {"loads",
     "($module, data, /, *, fix_imports=True, encoding='ASCII',\n"
     "      errors='strict', buffers=())",
     "Read and return an object from the given pickle data.", .n = do_loads},
    {NULL},
};

static PyObject *make_error(PyObject *base, const char *name)
{
    PyObject *dict = dict_new();
    if (dict == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(str_from_text("_pickle"))) < 0) {
        return NULL;
    }
    return value_object(
        object_call3(value_from_object(&PyType_Type), value_from_object(str_from_text(name)),
                     value_from_object(tuple_pack(1, base)), value_from_object(dict)));
}

static int make_names(void)
{
    const struct {
        PyObject **name;
        const char *text;
    } rows[] = {{&pickle_names.persistent_id, "persistent_id"},
                {&pickle_names.persistent_load, "persistent_load"},
                {&pickle_names.reducer_override, "reducer_override"},
                {&pickle_names.dispatch_table, "dispatch_table"},
                {&pickle_names.find_class, "find_class"},
                {&pickle_names.extension_registry, "_extension_registry"},
                {&pickle_names.inverted_registry, "_inverted_registry"},
                {&pickle_names.extension_cache, "_extension_cache"},
                {&pickle_names.newobj, "__newobj__"},
                {&pickle_names.newobj_ex, "__newobj_ex__"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        *rows[i].name = str_intern_text(rows[i].text);
        if (*rows[i].name == NULL) {
            return -1;
        }
    }
    copyreg = import_module("copyreg");
    return value_is_null(copyreg) ? -1 : 0;
}

static int pickle_exec(PyObject *module)
{
    if (pickle_error == NULL) {
        pickle_error = make_error(PyExc_Exception, "PickleError");
        pickling_error = pickle_error == NULL ? NULL : make_error(pickle_error, "PicklingError");
        unpickling_error =
            pickle_error == NULL ? NULL : make_error(pickle_error, "UnpicklingError");
    }
    if (pickling_error == NULL || unpickling_error == NULL || make_names() < 0 ||
        module_add(module, "PickleError", value_from_object(pickle_error)) < 0 ||
        module_add(module, "PicklingError", value_from_object(pickling_error)) < 0 ||
        module_add(module, "UnpicklingError", value_from_object(unpickling_error)) < 0) {
        return -1;
    }
    PyTypeObject *const types[] = {&pickler_type, &unpickler_type, &PyPickleBuffer_Type,
                                   &pickler_memo_type, &unpickler_memo_type};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (type_ready(types[i]) < 0 || (i < 3 && module_add_type(module, types[i]) < 0)) {
            return -1;
        }
    }
    return 0;
}

const struct module_def pickle_module = {
    .name = "_pickle",
    .doc = "Optimized C implementation for the Python pickle module.",
    .functions = functions,
    .exec = pickle_exec,
};
