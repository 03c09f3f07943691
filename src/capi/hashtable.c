/* SPDX-License-Identifier: MIT */
/* _Py_hashtable: a hash table of C pointers that modules of the standard library use; and hashing.
 * Entries hang in chains, one chain per bucket; buckets double when there are more entries. */
#define Py_BUILD_CORE 1
#include <Python.h>
#undef HAVE_STD_ATOMIC
#include <internal/pycore_hashtable.h>
#undef Py_BUILD_CORE

#include <stdlib.h>

#include "base/hash.h"
#include "capi/capi_int.h"

#define FIRST_BUCKETS 16

Py_hash_t _Py_HashPointer(const void *p)
{
    Py_hash_t hash = object_identity_number(value_from_object(p));
    return hash == -1 ? -2 : hash;
}

Py_hash_t _Py_HashBytes(const void *data, Py_ssize_t length)
{
    return length == 0 ? 0 : hash_bytes(data, (size_t)length);
}

PyHash_FuncDef *PyHash_GetFuncDef(void)
{
    static PyHash_FuncDef function = {_Py_HashBytes, "siphash13", 64, 128};
    return &function;
}

Py_uhash_t _Py_hashtable_hash_ptr(const void *key)
{
    return (Py_uhash_t)_Py_HashPointer(key);
}

int _Py_hashtable_compare_direct(const void *a, const void *b)
{
    return a == b;
}

static _Py_hashtable_entry_t *find_entry(_Py_hashtable_t *table, const void *key)
{
    Py_uhash_t hash = table->hash_func(key);
    _Py_slist_item_t *item = table->buckets[hash & (table->nbuckets - 1)].head;
    for (; item != NULL; item = item->next) {
        _Py_hashtable_entry_t *entry = (_Py_hashtable_entry_t *)item;
        if (entry->key_hash == hash && table->compare_func(key, entry->key)) {
            return entry;
        }
    }
    return NULL;
}

_Py_hashtable_t *_Py_hashtable_new_full(_Py_hashtable_hash_func hash,
                                        _Py_hashtable_compare_func compare,
                                        _Py_hashtable_destroy_func destroy_key,
                                        _Py_hashtable_destroy_func destroy_value,
                                        _Py_hashtable_allocator_t *allocator)
{
    _Py_hashtable_t *table = calloc(1, sizeof *table);
    if (table == NULL) {
        return NULL;
    }
    table->nbuckets = FIRST_BUCKETS;
    table->buckets = calloc(FIRST_BUCKETS, sizeof *table->buckets);
    if (table->buckets == NULL) {
        free(table);
        return NULL;
    }
    table->get_entry_func = find_entry;
    table->hash_func = hash;
    table->compare_func = compare;
    table->key_destroy_func = destroy_key;
    table->value_destroy_func = destroy_value;
    return table;
}

_Py_hashtable_t *_Py_hashtable_new(_Py_hashtable_hash_func hash, _Py_hashtable_compare_func compare)
{
    return _Py_hashtable_new_full(hash, compare, NULL, NULL, NULL);
}

static void grow(_Py_hashtable_t *table)
{
    size_t count = table->nbuckets * 2;
    _Py_slist_t *buckets = calloc(count, sizeof *buckets);
    if (buckets == NULL) {
        return; /* the chains get longer */
    }
    for (size_t i = 0; i < table->nbuckets; i++) {
        _Py_slist_item_t *item = table->buckets[i].head, *next;
        for (; item != NULL; item = next) {
            _Py_slist_t *to = &buckets[((_Py_hashtable_entry_t *)item)->key_hash & (count - 1)];
            next = item->next;
            item->next = to->head;
            to->head = item;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->nbuckets = count;
}

int _Py_hashtable_set(_Py_hashtable_t *table, const void *key, void *value)
{
    _Py_hashtable_entry_t *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return -1;
    }
    if (table->nentries >= table->nbuckets) {
        grow(table);
    }
    entry->key_hash = table->hash_func(key);
    entry->key = (void *)(uintptr_t)key;
    entry->value = value;
    _Py_slist_t *bucket = &table->buckets[entry->key_hash & (table->nbuckets - 1)];
    entry->_Py_slist_item.next = bucket->head;
    bucket->head = &entry->_Py_slist_item;
    table->nentries++;
    return 0;
}

void *_Py_hashtable_get(_Py_hashtable_t *table, const void *key)
{
    _Py_hashtable_entry_t *entry = find_entry(table, key);
    return entry == NULL ? NULL : entry->value;
}

size_t _Py_hashtable_size(const _Py_hashtable_t *table)
{
    return table->nentries;
}

void _Py_hashtable_clear(_Py_hashtable_t *table)
{
    for (size_t i = 0; i < table->nbuckets; i++) {
        _Py_slist_item_t *item = table->buckets[i].head, *next;
        for (; item != NULL; item = next) {
            _Py_hashtable_entry_t *entry = (_Py_hashtable_entry_t *)item;
            next = item->next;
            if (table->key_destroy_func != NULL) {
                table->key_destroy_func(entry->key);
            }
            if (table->value_destroy_func != NULL) {
                table->value_destroy_func(entry->value);
            }
            free(entry);
        }
        table->buckets[i].head = NULL;
    }
    table->nentries = 0;
}

void _Py_hashtable_destroy(_Py_hashtable_t *table)
{
    _Py_hashtable_clear(table);
    free(table->buckets);
    free(table);
}

PyAPI_FUNC(PyObject *) _Py_strhex(const char *bytes, Py_ssize_t n);
PyObject *_Py_strhex(const char *bytes, Py_ssize_t n)
{
    PyObject *s = PyUnicode_New(n * 2, 127);
    for (Py_ssize_t i = 0; s != NULL && i < n * 2; i++) {
        int nibble = (unsigned char)bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
        PyUnicode_1BYTE_DATA(s)[i] = (Py_UCS1) "0123456789abcdef"[nibble];
    }
    return s;
}
