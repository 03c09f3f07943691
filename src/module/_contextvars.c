/* SPDX-License-Identifier: MIT */
/* _contextvars: see object/context.c. */
#include "object/context.h"
#include "object/native.h"

static Value copy_context(Value self)
{
    return value_from_object(context_copy_current());
}

static const struct native_def functions[] = {
    {"copy_context", "($module, /)", "Return a copy of the current context.", .f0 = copy_context},
    {NULL},
};

static int exec(PyObject *module)
{
    return context_init() < 0 || module_add_type(module, &PyContext_Type) < 0 ||
                   module_add_type(module, &PyContextVar_Type) < 0 ||
                   module_add_type(module, &PyContextToken_Type) < 0
               ? -1
               : 0;
}

const struct module_def contextvars_module = {"_contextvars", "Context Variables", functions, exec};
