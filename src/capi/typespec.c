/* SPDX-License-Identifier: MIT */
/* Types from a PyType_Spec. */
#include "capi/type_int.h"
#include "object/list.h"

#include <structmember.h>

#define PLACE_TYPE(field) offsetof(PyHeapTypeObject, ht_type.field)
#define PLACE_NUMBER(field) offsetof(PyHeapTypeObject, as_number.field)
#define PLACE_SEQUENCE(field) offsetof(PyHeapTypeObject, as_sequence.field)
#define PLACE_MAPPING(field) offsetof(PyHeapTypeObject, as_mapping.field)
#define PLACE_ASYNC(field) offsetof(PyHeapTypeObject, as_async.field)
#define PLACE_BUFFER(field) offsetof(PyHeapTypeObject, as_buffer.field)
#define FIELD(structure, field) [Py_##field] = (uint16_t)PLACE_##structure(field),

/* Where a slot of a specification goes, by its number; 0: nowhere. */
static const uint16_t slot_places[] = {
#include "capi/spec_slots.def"
};
#define SLOT_NUMBERS ((int)(sizeof slot_places / sizeof slot_places[0]))

struct type_plan {
    PyTypeObject *metatype;
    PyObject *module; /* or NULL */
    PyType_Spec *spec;
    PyObject *bases;
    PyTypeObject *base;
    const PyMemberDef *members; /* or NULL */
    Py_ssize_t member_count;
};

/* ---- What the specification says. */

static void *find_slot(const PyType_Spec *spec, int number)
{
    for (const PyType_Slot *s = spec->slots; s->slot != 0; s++) {
        if (s->slot == number) {
            return s->pfunc;
        }
    }
    return NULL;
}

static PyObject *find_bases(const PyType_Spec *spec, PyObject *given)
{
    PyObject *bases = given != NULL ? given : find_slot(spec, Py_tp_bases);
    if (bases == NULL) {
        PyObject *base = find_slot(spec, Py_tp_base);
        return tuple_pack(1, base != NULL ? base : (PyObject *)&PyBaseObject_Type);
    }
    return PyTuple_Check(bases) ? capi_object(bases) : tuple_pack(1, bases);
}

static int check_slots(const PyType_Spec *spec)
{
    for (const PyType_Slot *s = spec->slots; s->slot != 0; s++) {
        if (s->slot < 0 || s->slot > Py_am_send) {
            return error_raise_int(PyExc_RuntimeError, "invalid slot offset");
        }
    }
    return 0;
}

static int plan_type(struct type_plan *plan, PyTypeObject *metatype, PyObject *bases)
{
    if (check_slots(plan->spec) < 0 || (plan->bases = find_bases(plan->spec, bases)) == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < tuple_length(plan->bases); i++) {
        Value base = tuple_get(plan->bases, i);
        if (type_check(base) && capi_ready_type(type_cast(base)) < 0) {
            return -1;
        }
    }
    plan->base = type_best_base(plan->bases);
    plan->metatype =
        plan->base == NULL
            ? NULL
            : type_calculate_metaclass(metatype != NULL ? metatype : &PyType_Type, plan->bases);
    plan->members = find_slot(plan->spec, Py_tp_members);
    for (const PyMemberDef *m = plan->members; m != NULL && m->name != NULL; m++) {
        plan->member_count++;
    }
    return plan->metatype == NULL ? -1 : 0;
}

/* ---- Filling the type. */

static const char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = heap_alloc(size, CELL_RAW);
    if (copy == NULL) {
        error_no_memory();
        return NULL;
    }
    return memcpy(copy, text, size);
}

/* Members with these names say where the instance has its special fields. */
static void take_special_member(PyTypeObject *type, const PyMemberDef *m)
{
    if (strcmp(m->name, "__weaklistoffset__") == 0) {
        type->tp_weaklistoffset = m->offset;
    } else if (strcmp(m->name, "__dictoffset__") == 0) {
        type->tp_dictoffset = m->offset;
    } else if (strcmp(m->name, "__vectorcalloffset__") == 0) {
        type->tp_vectorcall_offset = m->offset;
    }
}

static void copy_members(PyTypeObject *type, const struct type_plan *plan)
{
    PyMemberDef *members = (PyMemberDef *)(void *)((char *)type + plan->metatype->tp_basicsize);
    memcpy(members, plan->members, (size_t)plan->member_count * sizeof *members);
    type->tp_members = members;
    for (Py_ssize_t i = 0; i < plan->member_count; i++) {
        take_special_member(type, &members[i]);
    }
}

static int copy_slots(PyTypeObject *type, const PyType_Spec *spec)
{
    for (const PyType_Slot *s = spec->slots; s->slot != 0; s++) {
        if (s->slot == Py_tp_doc) {
            type->tp_doc = s->pfunc == NULL ? NULL : copy_text(s->pfunc);
            if (s->pfunc != NULL && type->tp_doc == NULL) {
                return -1;
            }
        } else if (s->slot < SLOT_NUMBERS && slot_places[s->slot] != 0 && s->slot != Py_tp_base &&
                   s->slot != Py_tp_bases) {
            *(void **)(void *)((char *)type + slot_places[s->slot]) = s->pfunc;
        }
    }
    return 0;
}

static int set_names(PyHeapTypeObject *heap_type, const struct type_plan *plan)
{
    const char *full = plan->spec->name, *dot = strrchr(full, '.');
    PyObject *name = str_intern_text(dot == NULL ? full : dot + 1);
    const char *copy = copy_text(full);
    if (name == NULL || copy == NULL) {
        return -1;
    }
    heap_init(heap_type, &heap_type->ht_name, name);
    heap_init(heap_type, &heap_type->ht_qualname, name);
    heap_init(heap_type, &heap_type->ht_module, plan->module);
    heap_type->ht_type.tp_name = copy;
    PyObject *dict = dict_new();
    if (dict == NULL) {
        return -1;
    }
    heap_init(heap_type, &heap_type->ht_type.tp_dict, dict);
    if (dot == NULL) {
        return 0;
    }
    PyObject *module = str_from_utf8(full, dot - full);
    return module == NULL ? -1 : dict_set_str(dict, names.__module__, value_from_object(module));
}

static void set_structures(PyHeapTypeObject *heap_type)
{
    PyTypeObject *type = &heap_type->ht_type;
    type->tp_as_async = &heap_type->as_async;
    type->tp_as_number = &heap_type->as_number;
    type->tp_as_sequence = &heap_type->as_sequence;
    type->tp_as_mapping = &heap_type->as_mapping;
    type->tp_as_buffer = &heap_type->as_buffer;
}

/* The members lie behind the type, with a zero one at the end. */
static Value build_type(struct type_plan *plan)
{
    PyHeapTypeObject *heap_type =
        (PyHeapTypeObject *)object_alloc(plan->metatype, plan->member_count + 1);
    if (heap_type == NULL || set_names(heap_type, plan) < 0) {
        return VALUE_NULL;
    }
    PyTypeObject *type = &heap_type->ht_type;
    type->tp_flags = plan->spec->flags | Py_TPFLAGS_HEAPTYPE;
    heap_init(type, &type->tp_base, plan->base);
    heap_init(type, &type->tp_bases, plan->bases);
    set_structures(heap_type);
    type->tp_basicsize = plan->spec->basicsize;
    type->tp_itemsize = plan->spec->itemsize;
    if (copy_slots(type, plan->spec) < 0) {
        return VALUE_NULL;
    }
    if (plan->members != NULL) {
        copy_members(type, plan);
    }
    if (type->tp_basicsize == 0) {
        type->tp_basicsize = type_solid_size(plan->base);
    }
    return capi_ready_type(type) < 0 ? VALUE_NULL : value_from_object(type);
}

/* ---- Exported. */

static Value from_spec(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    struct type_plan plan = {.spec = spec, .module = capi_object(module)};
    return plan_type(&plan, NULL, bases) < 0 ? VALUE_NULL : build_type(&plan);
}

PyObject *PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    struct thread *t = capi_enter();
    return capi_return(t, from_spec(module, spec, bases));
}

PyObject *PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromModuleAndSpec(NULL, spec, bases);
}

PyObject *PyType_FromSpec(PyType_Spec *spec)
{
    return PyType_FromModuleAndSpec(NULL, spec, NULL);
}

void *PyType_GetSlot(PyTypeObject *type, int number)
{
    if (number < 0 || number >= SLOT_NUMBERS) {
        return CAPI_BAD_ARGUMENT();
    }
    size_t place = slot_places[number];
    if (place < sizeof(PyTypeObject)) {
        return place == 0 ? NULL : *(void **)(void *)((char *)type + place);
    }
    static const struct {
        size_t start, end, pointer;
    } parts[] = {
#define PART(pointer, part)                                                                        \
    {offsetof(PyHeapTypeObject, part),                                                             \
     offsetof(PyHeapTypeObject, part) + sizeof(((PyHeapTypeObject *)NULL)->part),                  \
     offsetof(PyTypeObject, pointer)}
        PART(tp_as_number, as_number),   PART(tp_as_sequence, as_sequence),
        PART(tp_as_mapping, as_mapping), PART(tp_as_async, as_async),
        PART(tp_as_buffer, as_buffer),
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (place >= parts[i].start && place < parts[i].end) {
            const char *structure = *(char **)(void *)((char *)type + parts[i].pointer);
            return structure == NULL
                       ? NULL
                       : *(void **)(void *)(uintptr_t)(structure + place - parts[i].start);
        }
    }
    return NULL;
}
