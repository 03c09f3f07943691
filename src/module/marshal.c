/* SPDX-License-Identifier: MIT */
/* marshal: values to bytes and back. bytecode/marshal.c has the format. */
#include "bytecode/code.h"
#include "module/sys.h"
#include "object/bytes.h"
#include "object/list.h"
#include "object/native.h"

enum { FORMAT_VERSION = 4 };

static int get_version(Value v, int *out)
{
    *out = FORMAT_VERSION;
    return value_is_absent(v) ? 0 : arg_int(v, out);
}

static Value marshal_dumps(Value self, const Value *args)
{
    int version;
    if (get_version(args[1], &version) < 0 ||
        sys_audit_values("marshal.dumps", "Oi", args[0], version) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(marshal_dump(args[0], version));
}

static Value marshal_dump_file(Value self, const Value *args)
{
    int version;
    if (get_version(args[2], &version) < 0 ||
        sys_audit_values("marshal.dumps", "Oi", args[0], version) < 0) {
        return VALUE_NULL;
    }
    PyObject *bytes = marshal_dump(args[0], version);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    return object_call_method1(args[1], names.write, value_from_object(bytes));
}

static int audit_loads(const Py_buffer *view)
{
    if (!sys_audit_wanted()) {
        return 0;
    }
    return sys_audit_values("marshal.loads", "O",
                            value_from_object(bytes_new(view->buf, view->len)));
}

static Value marshal_loads(Value self, Value data)
{
    Py_buffer view;
    if (object_get_buffer(data, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value v = audit_loads(&view) < 0 ? VALUE_NULL : marshal_load(view.buf, view.len, NULL);
    object_release_buffer(&view);
    return v;
}

static Value load_file(Value self, Value file)
{
    /* What is no binary file is reported as one that cannot be read. */
    Value data = object_call_method1(file, names.read, value_from_int(0));
    if (value_is_null(data)) {
        return VALUE_NULL;
    }
    if (!bytes_check(data)) {
        return error_raise(PyExc_TypeError, "file.read() returned not bytes but %T", data);
    }
    return sys_audit("marshal.load", NULL, 0) < 0 ? VALUE_NULL : marshal_load_file(file);
}

static const struct native_def functions[] = {
    {"dump", "($module, value, file, version=version, /)", "Writes a value to a binary file.",
     .n = marshal_dump_file},
    {"dumps", "($module, value, version=version, /)", "Returns the bytes that dump() would write.",
     .n = marshal_dumps},
    {"load", "($module, file, /)", "Reads one value from a binary file.", .f1 = load_file},
    {"loads", "($module, bytes, /)", "Reads one value from bytes.", .f1 = marshal_loads},
    {0},
};

static int exec(PyObject *module)
{
    return module_add_int(module, "version", FORMAT_VERSION);
}

const struct module_def marshal_module = {
    "marshal", "Python values as bytes, in the format of compiled modules.", functions, exec};
