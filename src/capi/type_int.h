/* SPDX-License-Identifier: MIT */
/* Types between typeobject.c, class_lifecycle.c and the loader. */
#ifndef OROCHI_CAPI_TYPE_INT_H
#define OROCHI_CAPI_TYPE_INT_H

#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/type_int.h"

/* tp_alloc, tp_free, tp_dealloc, tp_traverse, tp_clear, where they are missing. The base is filled
 * already. */
void capi_fill_lifecycle(PyTypeObject *type);
/* tp_dealloc of classes without one of their own: Python classes and PyType_FromSpec. */
void capi_class_dealloc(PyObject *self);
/* The extension's methods, members and getsets go to tp_dict. 0 or -1. */
int capi_add_descriptors(PyTypeObject *type);
/* Makes an extension type that has its C fields ready. 0 or -1. */
int capi_ready_type(PyTypeObject *type);
/* late_slots.c. Around init and exec functions of modules, in our code; and for each static type
 * that is made ready in between. */
void capi_late_slots_begin(void);
void capi_late_slots_note(PyTypeObject *type);
void capi_late_slots_end(void);

#endif
