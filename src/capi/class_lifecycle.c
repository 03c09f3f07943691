/* SPDX-License-Identifier: MIT */
/* Birth and death of instances of extension types, and of classes that derive from them. */
#include "capi/type_int.h"
#include "object/weakref.h"

/* ---- Defaults. Our own parts of an object are not counted: there is nothing to visit or clear. */

static int own_traverse(PyObject *self, visitproc visit, void *argument)
{
    return 0;
}

static int own_clear(PyObject *self)
{
    return 0;
}

static void own_dealloc(PyObject *self)
{
    self->ob_type->tp_free(self);
}

/* The nearest base whose instances an extension (or we) deallocate. */
static PyTypeObject *deallocating_base(PyTypeObject *type)
{
    while (type->tp_dealloc == capi_class_dealloc) {
        type = type->tp_base;
    }
    return type;
}

static int class_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *base = self->ob_type;
    while (base->tp_traverse == class_traverse) {
        base = base->tp_base;
    }
    /* What drop_own_parts and capi_class_dealloc give up; our slots are not counted. */
    PyObject **dict = base->tp_dictoffset == 0 ? object_dict_pointer(self) : NULL;
    if (dict != NULL) {
        Py_VISIT(*dict);
    }
    if (!type_has_feature(base, Py_TPFLAGS_HEAPTYPE)) {
        Py_VISIT((PyObject *)self->ob_type);
    }
    return base->tp_traverse == NULL ? 0 : base->tp_traverse(self, visit, arg);
}

static int class_clear(PyObject *self)
{
    PyTypeObject *base = self->ob_type;
    while (base->tp_clear == class_clear) {
        base = base->tp_base;
    }
    return base->tp_clear == NULL ? 0 : base->tp_clear(self);
}

static void fill_class(PyTypeObject *type)
{
    type->tp_dealloc = capi_class_dealloc;
    if (type_is_python(type)) {
        type->tp_traverse = class_traverse;
        type->tp_clear = class_clear;
    }
    type->tp_alloc = PyType_GenericAlloc;
    type->tp_free = type_has_feature(type, Py_TPFLAGS_HAVE_GC) ? PyObject_GC_Del : PyObject_Free;
}

/* A type without visiting of its own is collected as its base is. */
static void inherit_collection(PyTypeObject *type, PyTypeObject *base)
{
    if (!type_has_feature(type, Py_TPFLAGS_HAVE_GC) && type_has_feature(base, Py_TPFLAGS_HAVE_GC) &&
        type->tp_traverse == NULL && type->tp_clear == NULL) {
        type->tp_flags |= Py_TPFLAGS_HAVE_GC;
        type->tp_traverse = base->tp_traverse;
        type->tp_clear = base->tp_clear;
    }
}

static void fill_free(PyTypeObject *type)
{
    if (type->tp_free == NULL || type->tp_free == PyObject_Free) {
        type->tp_free =
            type_has_feature(type, Py_TPFLAGS_HAVE_GC) ? PyObject_GC_Del : PyObject_Free;
    }
}

void capi_fill_lifecycle(PyTypeObject *type)
{
    uint32_t flags = type_info(type)->flags;
    PyTypeObject *base = type->tp_base;
    if (flags & TYPE_PYTHON) {
        if (type->tp_dealloc == NULL) {
            fill_class(type);
        }
        return;
    }
    if (flags & TYPE_EXTENSION) {
        inherit_collection(type, base);
    } else if (type_has_feature(type, Py_TPFLAGS_HAVE_GC) && type->tp_traverse == NULL) {
        type->tp_traverse = own_traverse;
        type->tp_clear = own_clear;
    }
    if (type->tp_alloc == NULL) {
        type->tp_alloc = base == NULL ? PyType_GenericAlloc : base->tp_alloc;
    }
    if (type->tp_dealloc == NULL) {
        bool heap = type_has_feature(type, Py_TPFLAGS_HEAPTYPE);
        type->tp_dealloc = base == NULL ? own_dealloc
                           : heap       ? capi_class_dealloc
                                        : base->tp_dealloc;
    }
    if (type->tp_free == NULL && base != NULL && base->tp_free != PyObject_Free) {
        type->tp_free = base->tp_free;
    }
    fill_free(type);
}

/* ---- Birth. */

/* protobuf makes instances of static types before it makes them ready. */
PyObject *PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t count)
{
    struct thread *t = capi_enter();
    if (UNLIKELY(type->tp_cache == NULL) && capi_ready_type(type) < 0) {
        return capi_return_object(t, NULL);
    }
    if ((type_info(type)->flags & TYPE_FOREIGN) == 0) {
        return capi_return_object(t, object_alloc(type, count));
    }
    PyObject *object = object_alloc_foreign(type, count);
    if (UNLIKELY(object == NULL)) {
        return capi_return_object(t, NULL);
    }
    capi_make_private(object); /* first: a forked child would find it dead, and deallocate it */
    capi_leave(t);
    return object;
}

static bool allocates_classes(const PyTypeObject *metatype)
{
    return metatype->tp_alloc != NULL && !capi_is_our_code((const void *)metatype->tp_alloc);
}

/* sip's metaclass notes there which C++ class the new one stands for, and fills its slots. */
PyObject *capi_alloc_class(PyTypeObject *metatype)
{
    allocfunc alloc = metatype->tp_alloc;
    if (!allocates_classes(metatype)) {
        return object_alloc(metatype, 0);
    }
    capi_leave_to(thread_current(), (const void *)alloc);
    Value class = capi_result(alloc(metatype, 0), "tp_alloc", NULL);
    if (!value_is_null(class) && value_object(class)->ob_type != metatype) {
        return error_raise_null(PyExc_TypeError,
                                "tp_alloc of %.200s returned another type's object",
                                metatype->tp_name);
    }
    return value_is_null(class) ? NULL : value_object(class);
}

int capi_take_class_slots(PyTypeObject *type)
{
    if (!allocates_classes(((PyObject *)type)->ob_type)) {
        return 0;
    }
    type_info(type)->flags |= TYPE_OWN_SLOTS; /* nobody else sees the class yet */
    capi_take_slots(type, true);
    return slots_add_wrappers(type);
}

PyObject *PyType_GenericNew(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return type->tp_alloc(type, 0);
}

/* Makes an object of memory that extension code has: private, with one reference. */
static PyObject *adopt(PyObject *object, PyTypeObject *type)
{
    object->ob_type = type;
    object->ob_refcnt = 1;
    if (type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        ((PyObject *)type)->ob_refcnt++;
    }
    heap_adopt_foreign(object);
    return object;
}

PyObject *PyObject_Init(PyObject *object, PyTypeObject *type)
{
    return object == NULL ? PyErr_NoMemory() : adopt(object, type);
}

PyVarObject *PyObject_InitVar(PyVarObject *object, PyTypeObject *type, Py_ssize_t size)
{
    if (object == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    object->ob_size = size;
    return (PyVarObject *)adopt((PyObject *)object, type);
}

static PyObject *new_object(PyTypeObject *type, Py_ssize_t count, bool clear)
{
    size_t size = (size_t)type->tp_basicsize;
    if (type->tp_itemsize != 0) {
        size += (size_t)count * (size_t)type->tp_itemsize;
    }
    struct thread *t = capi_enter();
    PyObject *object = heap_alloc_foreign((size + 7) & ~(size_t)7);
    if (object == NULL) {
        return capi_return(t, error_no_memory());
    }
    capi_leave(t);
    return adopt(object, type);
}

PyObject *_PyObject_New(PyTypeObject *type)
{
    return new_object(type, 0, false);
}

PyVarObject *_PyObject_NewVar(PyTypeObject *type, Py_ssize_t count)
{
    PyVarObject *object = (PyVarObject *)new_object(type, count, false);
    if (object != NULL) {
        object->ob_size = count;
    }
    return object;
}

PyObject *_PyObject_GC_New(PyTypeObject *type)
{
    return new_object(type, 0, true);
}

PyVarObject *_PyObject_GC_NewVar(PyTypeObject *type, Py_ssize_t count)
{
    return _PyObject_NewVar(type, count);
}

void _Py_NewReference(PyObject *object)
{
    object->ob_refcnt = 1;
    heap_adopt_foreign(object);
}

/* ---- Death. */

/* Runs __del__, once. True if the object was resurrected: then it is public. */
static bool finalize_first(PyObject *self)
{
    void (*finalize)(Value) = type_ops(self->ob_type)->finalize;
    if (finalize == NULL || heap_was_finalized(self)) {
        return false;
    }
    heap_set_finalized(self);
    self->ob_refcnt = 1;
    heap_adopt_foreign(self);
    struct thread *t = capi_enter();
    PyObject *current = error_take();
    finalize(capi_value(self));
    if (error_occurred()) {
        error_write_unraisable(value_from_object(self), NULL);
    }
    error_restore(current);
    capi_leave(t);
    self->ob_refcnt--;
    /* Python code has seen it, and may have kept it: the collector finds out. */
    return true;
}

/* What a class written in Python added to the instance. */
static void drop_own_parts(PyObject *self, PyTypeObject *type, PyTypeObject *base)
{
    if (type->tp_weaklistoffset != 0 && base->tp_weaklistoffset == 0) {
        PyObject_ClearWeakRefs(self);
    }
    if (type->tp_dictoffset != 0 && base->tp_dictoffset == 0 &&
        type_info(type)->shape_offset == 0) {
        PyObject **dict = object_dict_pointer(self);
        if (dict != NULL) {
            Py_CLEAR(*dict);
        }
    }
}

void capi_class_dealloc(PyObject *self)
{
    PyTypeObject *type = self->ob_type, *base = deallocating_base(type);
    if (finalize_first(self)) {
        return;
    }
    drop_own_parts(self, type, base);
    base->tp_dealloc(self);
    if (type_has_feature(type, Py_TPFLAGS_HEAPTYPE) &&
        !type_has_feature(base, Py_TPFLAGS_HEAPTYPE)) {
        Py_DECREF(type);
    }
}

/* A private tuple or list of ours: its cell is the collector's, or the next tuple's. */
static void drop_items(PyObject *o)
{
    PyObject **items =
        PyTuple_Check(o) ? ((PyTupleObject *)o)->ob_item : ((PyListObject *)o)->ob_item;
    Py_ssize_t count = Py_SIZE(o);
    o->ob_refcnt = OBJECT_PUBLIC_COUNT; /* from here on it is as any dead object of ours */
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = items[i];
        items[i] = NULL;
        Py_XDECREF(item);
    }
    Py_SET_SIZE(o, 0);
    capi_keep_tuple(o, count);
}

void _Py_Dealloc(PyObject *o)
{
    if (!heap_disown_foreign(o)) {
        if (PyTuple_Check(o) || PyList_Check(o)) {
            drop_items(o);
            return;
        }
        if (heap_contains(o)) {
            return;
        }
    }
    o->ob_type->tp_dealloc(o);
}

/* Runs f(object) as extension code that may leave an exception. */
static ALWAYS_INLINE void call_aside(void (*f)(PyObject *), PyObject *object, const void *function)
{
    struct thread *t = thread_current();
    PyObject *current = UNLIKELY(error_occurred()) ? error_take() : NULL;
    capi_leave_to(t, function);
    f(object);
    capi_enter();
    if (UNLIKELY(error_occurred())) {
        error_write_unraisable(VALUE_ABSENT, NULL);
    }
    if (UNLIKELY(current != NULL)) {
        error_restore(current);
    }
}

static void drop_dead(PyObject *object)
{
    object->ob_refcnt--;
    if (object->ob_refcnt == OBJECT_PUBLIC_COUNT) {
        object->ob_refcnt = 0;
    }
    if (object->ob_refcnt == 0) {
        _Py_Dealloc(object);
    }
}

void capi_foreign_dead(PyObject *object)
{
    call_aside(drop_dead, object, (const void *)object->ob_type->tp_dealloc);
}

static void drop_last(PyObject *object)
{
    Py_DECREF(object);
}

void capi_drop(PyObject *object)
{
    extension_lock_take(thread_current());
    if (object->ob_refcnt == 1) {
        call_aside(drop_last, object, (const void *)object->ob_type->tp_dealloc);
    } else {
        object->ob_refcnt--;
    }
}

static void share_lent(PyObject *object)
{
    capi_steal(object);
}

void capi_share(PyObject *object)
{
    call_aside(share_lent, object, NULL);
}

/* If the count of the heap is the only one by now, deallocation will do. */
static void clear_dead(PyObject *object)
{
    if (object_c_count(object) > 1 && object->ob_type->tp_clear != NULL) {
        object->ob_type->tp_clear(object);
    }
}

void capi_foreign_clear(PyObject *object)
{
    call_aside(clear_dead, object, (const void *)object->ob_type->tp_clear);
}

/* Extension code that looks at the error state, or leaves something there, is wrong here. */
void capi_foreign_traverse(PyObject *object, int (*visit)(PyObject *, void *), void *argument)
{
    const PyTypeObject *class = object->ob_type;
    traverseproc traverse = class->tp_traverse;
    if (traverse == NULL || traverse == own_traverse ||
        (type_has_feature(class, Py_TPFLAGS_MANAGED_DICT) && class->tp_dictoffset == 0)) {
        return; /* the last: it would look for a dict that there is none of */
    }
    struct thread *t = thread_current();
    PyObject *type = t->state.curexc_type, *value = t->state.curexc_value;
    PyObject *traceback = t->state.curexc_traceback;
    t->state.curexc_type = t->state.curexc_value = t->state.curexc_traceback = NULL;
    traverse(object, visit, argument);
    thread_enter_ours(t);
    t->state.curexc_type = type;
    t->state.curexc_value = value;
    t->state.curexc_traceback = traceback;
}

/* ---- What extension code may ask for in tp_dealloc. */

int PyObject_CallFinalizerFromDealloc(PyObject *self)
{
    return finalize_first(self) ? -1 : 0;
}

void PyObject_CallFinalizer(PyObject *self)
{
    void (*finalize)(Value) = type_ops(self->ob_type)->finalize;
    if (finalize != NULL && !heap_was_finalized(self)) {
        struct thread *t = capi_enter();
        heap_set_finalized(self);
        finalize(capi_value(self));
        capi_leave(t);
    }
}

void PyObject_ClearWeakRefs(PyObject *self)
{
    struct thread *t = capi_enter();
    if (self->ob_type->tp_weaklistoffset > 0) {
        PyObject *reference;
        while ((reference = weakref_clear_first(self)) != NULL) {
            PyObject *callback = ((PyWeakReference *)reference)->wr_callback;
            if (callback != NULL && heap_hooks.weakref_callback != NULL) {
                heap_hooks.weakref_callback(reference, callback);
            }
        }
    }
    capi_leave(t);
}
