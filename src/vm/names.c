/* SPDX-License-Identifier: MIT */
/* Names: globals, builtins, class and module locals, unbound locals. */
#include "vm/vm_int.h"

PyObject *frame_names(const struct frame *frame)
{
    return (frame->flags & FRAME_NAMES) != 0 ? frame->owner : frame->globals;
}

/* The value of a name in a mapping, VALUE_ABSENT, or an error. */
static Value find_name(PyObject *mapping, PyObject *name)
{
    Value m = value_from_object(mapping);
    if (dict_check_exact(m)) {
        return dict_get_str(mapping, name);
    }
    Value v = object_getitem(m, value_from_object(name));
    if (value_is_null(v) && error_matches(PyExc_KeyError)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return v;
}

static Value raise_name_error(PyObject *name)
{
    error_raise(PyExc_NameError, "name '%U' is not defined", name);
    PyObject *exception = error_take();
    if (exception != NULL && exception->ob_type == (PyTypeObject *)PyExc_NameError) {
        heap_store(exception, &((PyNameErrorObject *)exception)->name, name);
    }
    error_restore(exception);
    return VALUE_NULL;
}

Value vm_load_global(struct frame *frame, PyObject *name)
{
    Value v = find_name(frame->globals, name);
    if (value_is_absent(v)) {
        v = find_name(frame->function->func_builtins, name);
    }
    return value_is_absent(v) ? raise_name_error(name) : v;
}

Value vm_load_name(struct frame *frame, PyObject *name)
{
    Value v = find_name(frame_names(frame), name);
    return value_is_absent(v) ? vm_load_global(frame, name) : v;
}

int vm_store_name(struct frame *frame, PyObject *name, Value v)
{
    PyObject *locals = frame_names(frame);
    if (dict_check_exact(value_from_object(locals))) {
        return dict_set_str(locals, name, v);
    }
    return object_setitem(value_from_object(locals), value_from_object(name), v);
}

int vm_delete_name(struct frame *frame, PyObject *name)
{
    PyObject *locals = frame_names(frame);
    if (dict_check_exact(value_from_object(locals))) {
        int deleted = dict_delete(locals, value_from_object(name));
        if (deleted == 0) {
            raise_name_error(name);
        }
        return deleted > 0 ? 0 : -1;
    }
    if (object_setitem(value_from_object(locals), value_from_object(name), VALUE_ABSENT) < 0) {
        if (error_matches(PyExc_KeyError)) {
            error_clear();
            raise_name_error(name);
        }
        return -1;
    }
    return 0;
}

int vm_delete_global(struct frame *frame, PyObject *name)
{
    int deleted = dict_delete(frame->globals, value_from_object(name));
    if (deleted == 0) {
        raise_name_error(name);
    }
    return deleted > 0 ? 0 : -1;
}

Value vm_load_classderef(struct frame *frame, unsigned cell)
{
    PyObject *name = tuple_object(frame->code->base.co_localsplusnames, cell);
    Value v = find_name(frame_names(frame), name);
    if (!value_is_absent(v)) {
        return v;
    }
    v = cell_get(value_object(frame->regs[cell]));
    if (value_is_null(v)) {
        vm_raise_unbound(frame, cell);
    }
    return v;
}

void vm_raise_unbound(struct frame *frame, unsigned reg)
{
    const PyCodeObject *code = &frame->code->base;
    PyObject *name = tuple_object(code->co_localsplusnames, reg);
    int kind = ((PyBytesObject *)code->co_localspluskinds)->ob_sval[reg];
    if ((kind & 0x80) != 0) {
        error_raise(PyExc_NameError,
                    "cannot access free variable '%U' where it is not associated with a value in "
                    "enclosing scope",
                    name);
    } else {
        error_raise(PyExc_UnboundLocalError,
                    "cannot access local variable '%U' where it is not associated with a value",
                    name);
    }
}

int vm_setup_annotations(struct frame *frame)
{
    PyObject *locals = frame_names(frame);
    Value v = find_name(locals, names.__annotations__);
    if (!value_is_absent(v)) {
        return value_is_null(v) ? -1 : 0;
    }
    PyObject *dict = dict_new();
    return dict == NULL ? -1 : vm_store_name(frame, names.__annotations__, value_from_object(dict));
}
