/* SPDX-License-Identifier: MIT */
/* The hash functions that CPython builds in: _md5, _sha1, _sha256, _sha512, _sha3 (OpenSSL does the
 * arithmetic) and _blake2 (libb2, for its keys, salts and digest sizes).
 *
 * One type per algorithm, one structure for all. The state is malloc memory, freed by the
 * finalizer. Updates run under the object's io_lock; long ones detach the thread. */
#include "module/digest_libraries.h"
#include "module/io_int.h"
#include "thread/thread.h"

enum { DETACH_FROM = 4096, MOST_DIGEST = 64, MOST_OUTPUT = 1 << 29 };

struct algorithm {
    const char *name;
    const char *symbol;          /* of libcrypto; NULL: BLAKE2 */
    int digest_size, block_size; /* 0: extendable output */
    const EVP_MD *md;            /* atomic: found at the first use */
};

struct digest {
    PyObject_HEAD const struct algorithm *algorithm;
    EVP_MD_CTX *context; /* malloc memory, owned */
    union {
        blake2b_state b;
        blake2s_state s;
    } blake;
    int blake_size;
    struct io_lock lock;
};

static struct digest *cast(Value self)
{
    return (struct digest *)value_object(self);
}
static bool is_blake2b(const struct digest *d)
{
    return d->algorithm->block_size == 128;
}

static Value fail(void)
{
    return error_raise(PyExc_ValueError, "the hash function failed");
}

static void feed(struct digest *d, const void *data, size_t n)
{
    if (d->context != NULL) {
        crypto.update(d->context, data, n);
    } else if (is_blake2b(d)) {
        blake.b_update(&d->blake.b, data, n);
    } else {
        blake.s_update(&d->blake.s, data, n);
    }
}

static int update(struct digest *d, Value data)
{
    Py_buffer view;
    if (str_check(data)) {
        return error_raise_int(PyExc_TypeError, "Strings must be encoded before hashing");
    }
    if (!object_has_buffer(data)) {
        return error_raise_int(PyExc_TypeError, "object supporting the buffer API required");
    }
    if (object_get_buffer(data, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    io_lock_acquire(&d->lock);
    if (view.len >= DETACH_FROM) {
        thread_detach();
        feed(d, view.buf, (size_t)view.len);
        thread_reattach();
    } else {
        feed(d, view.buf, (size_t)view.len);
    }
    io_lock_release(&d->lock);
    object_release_buffer(&view);
    return 0;
}

static Value digest_update(Value self, Value data)
{
    return update(cast(self), data) < 0 ? VALUE_NULL : VALUE_NONE;
}

/* The digest so far, `size` bytes; the state goes on. */
static int finish(struct digest *d, unsigned char *out, size_t size)
{
    int ok = 1;
    io_lock_acquire(&d->lock);
    if (d->context != NULL) {
        EVP_MD_CTX *copy = crypto.ctx_new();
        ok = copy != NULL && crypto.ctx_copy_ex(copy, d->context);
        ok = ok && (d->algorithm->digest_size == 0 ? crypto.final_xof(copy, out, size)
                                                   : crypto.final_ex(copy, out, NULL));
        crypto.ctx_free(copy);
    } else if (is_blake2b(d)) {
        blake2b_state copy = d->blake.b;
        blake.b_final(&copy, out, (uint8_t)size);
    } else {
        blake2s_state copy = d->blake.s;
        blake.s_final(&copy, out, (uint8_t)size);
    }
    io_lock_release(&d->lock);
    return ok ? 0 : -1;
}

static int digest_size(const struct digest *d)
{
    return d->context == NULL ? d->blake_size : d->algorithm->digest_size;
}

static PyObject *digest_bytes(Value self, Value length)
{
    struct digest *d = cast(self);
    Py_ssize_t size = digest_size(d);
    if (value_is_present(length) && (arg_index(length, &size) < 0 || size < 0)) {
        return error_occurred() ? NULL
                                : error_raise_null(PyExc_ValueError, "value must be positive");
    }
    if (size >= MOST_OUTPUT) {
        return error_raise_null(PyExc_ValueError, "length is too large");
    }
    PyObject *bytes = bytes_new(NULL, size);
    if (bytes == NULL || finish(d, (unsigned char *)bytes_data(bytes), (size_t)size) < 0) {
        return bytes == NULL ? NULL : (fail(), NULL);
    }
    return bytes;
}

static Value to_hex(PyObject *bytes)
{
    return bytes == NULL ? VALUE_NULL
                         : object_call_method0(value_from_object(bytes), str_intern_text("hex"));
}

static Value digest_digest(Value self)
{
    return value_from_object(digest_bytes(self, VALUE_ABSENT));
}
static Value digest_hexdigest(Value self)
{
    return to_hex(digest_bytes(self, VALUE_ABSENT));
}
static Value shake_digest(Value self, const Value *args)
{
    return value_from_object(digest_bytes(self, args[0]));
}
static Value shake_hexdigest(Value self, const Value *args)
{
    return to_hex(digest_bytes(self, args[0]));
}

static Value digest_copy(Value self)
{
    struct digest *d = cast(self);
    struct digest *copy = (struct digest *)object_alloc(value_type(self), 0);
    if (copy == NULL) {
        return VALUE_NULL;
    }
    io_lock_acquire(&d->lock);
    copy->algorithm = d->algorithm;
    copy->blake = d->blake;
    copy->blake_size = d->blake_size;
    bool ok = true;
    if (d->context != NULL) {
        copy->context = crypto.ctx_new();
        ok = copy->context != NULL && crypto.ctx_copy_ex(copy->context, d->context);
    }
    io_lock_release(&d->lock);
    return ok ? value_from_object(copy) : fail();
}

static void digest_finalize(Value self)
{
    struct digest *d = cast(self);
    if (d->context != NULL) {
        crypto.ctx_free(d->context);
        d->context = NULL;
    }
}

static Value get_name(Value self, void *closure)
{
    return value_from_object(str_intern_text(cast(self)->algorithm->name));
}
static Value get_digest_size(Value self, void *closure)
{
    return value_from_int(digest_size(cast(self)));
}
static Value get_block_size(Value self, void *closure)
{
    return value_from_int(cast(self)->algorithm->block_size);
}

static const struct native_def digest_methods[] = {
    {"copy", "($self, /)", "A copy of the hash object in its current state.", .f0 = digest_copy},
    {"digest", "($self, /)", "The digest of all data so far, as bytes.", .f0 = digest_digest},
    {"hexdigest", "($self, /)", "The digest of all data so far, in hexadecimal digits.",
     .f0 = digest_hexdigest},
    {"update", "($self, data, /)", "Adds data to what is hashed.", .f1 = digest_update},
    {NULL},
};
static const struct native_def shake_methods[] = {
    {"copy", "($self, /)", "A copy of the hash object in its current state.", .f0 = digest_copy},
    {"digest", "($self, length, /)", "The digest of all data so far, as bytes.", .n = shake_digest},
    {"hexdigest", "($self, length, /)", "The digest of all data so far, in hexadecimal digits.",
     .n = shake_hexdigest},
    {"update", "($self, data, /)", "Adds data to what is hashed.", .f1 = digest_update},
    {NULL},
};
static const struct getset_def digest_getsets[] = {
    {"block_size", get_block_size}, {"digest_size", get_digest_size}, {"name", get_name}, {NULL}};

/* SHA-3: how many of the 1600 bits of the state a block fills, the rest, and what ends a message.
 */
static Value get_rate_bits(Value self, void *closure)
{
    return value_from_int(cast(self)->algorithm->block_size * 8);
}
static Value get_capacity_bits(Value self, void *closure)
{
    return value_from_int(1600 - cast(self)->algorithm->block_size * 8);
}
static Value get_suffix(Value self, void *closure)
{
    return value_from_object(
        bytes_new(cast(self)->algorithm->digest_size == 0 ? "\x1f" : "\x06", 1));
}
static const struct getset_def sha3_getsets[] = {{"block_size", get_block_size},
                                                 {"digest_size", get_digest_size},
                                                 {"name", get_name},
                                                 {"_capacity_bits", get_capacity_bits},
                                                 {"_rate_bits", get_rate_bits},
                                                 {"_suffix", get_suffix},
                                                 {NULL}};

/* ---- Making */

static const EVP_MD *ensure_md(struct algorithm *a)
{
    const EVP_MD *md = atomic_load_acquire(&a->md);
    if (md == NULL && crypto_ensure()) {
        md = crypto_find_digest(a->symbol);
        atomic_store_release(&a->md, md);
    }
    return md;
}

static Value make(PyTypeObject *type, struct algorithm *a, Value data)
{
    const EVP_MD *md = ensure_md(a);
    if (md == NULL) {
        return error_occurred() ? VALUE_NULL : fail();
    }
    struct digest *d = (struct digest *)object_alloc(type, 0);
    if (d == NULL) {
        return VALUE_NULL;
    }
    d->algorithm = a;
    d->context = crypto.ctx_new();
    if (d->context == NULL || !crypto.init_ex(d->context, md, NULL)) {
        return fail();
    }
    bool has_data = value_is_present(data);
    return has_data && update(d, data) < 0 ? VALUE_NULL : value_from_object(d);
}

#define EVP_TYPE(ident, module, methods_table, getsets_table, md_function, size, block)            \
    static struct algorithm ident##_algorithm = {#ident, #md_function, size, block};               \
    static struct type_info ident##_info = {.ops = {.finalize = digest_finalize},                  \
                                            .methods = methods_table,                              \
                                            .getsets = getsets_table,                              \
                                            .flags = TYPE_OBSERVED | TYPE_NO_NEW};                 \
    static PyTypeObject ident##_type = {                                                           \
        STATIC_TYPE_HEAD, .tp_name = module "." #ident, .tp_basicsize = sizeof(struct digest),     \
        .tp_flags = Py_TPFLAGS_DEFAULT, .tp_cache = (PyObject *)&ident##_info};                    \
    static Value ident##_new(Value self, const Value *args)                                        \
    {                                                                                              \
        return make(&ident##_type, &ident##_algorithm, args[0]);                                   \
    }

EVP_TYPE(md5, "_md5", digest_methods, digest_getsets, EVP_md5, 16, 64)
EVP_TYPE(sha1, "_sha1", digest_methods, digest_getsets, EVP_sha1, 20, 64)
EVP_TYPE(sha224, "_sha256", digest_methods, digest_getsets, EVP_sha224, 28, 64)
EVP_TYPE(sha256, "_sha256", digest_methods, digest_getsets, EVP_sha256, 32, 64)
EVP_TYPE(sha384, "_sha512", digest_methods, digest_getsets, EVP_sha384, 48, 128)
EVP_TYPE(sha512, "_sha512", digest_methods, digest_getsets, EVP_sha512, 64, 128)
EVP_TYPE(sha3_224, "_sha3", digest_methods, sha3_getsets, EVP_sha3_224, 28, 144)
EVP_TYPE(sha3_256, "_sha3", digest_methods, sha3_getsets, EVP_sha3_256, 32, 136)
EVP_TYPE(sha3_384, "_sha3", digest_methods, sha3_getsets, EVP_sha3_384, 48, 104)
EVP_TYPE(sha3_512, "_sha3", digest_methods, sha3_getsets, EVP_sha3_512, 64, 72)
EVP_TYPE(shake_128, "_sha3", shake_methods, sha3_getsets, EVP_shake128, 0, 168)
EVP_TYPE(shake_256, "_sha3", shake_methods, sha3_getsets, EVP_shake256, 0, 136)

#define DIGEST_SIGNATURE "($module, /, string=b'', *, usedforsecurity=True)"
#define SHA3_SIGNATURE "($module, data=b'', /, *, usedforsecurity=True)"
#define ROW(ident, signature)                                                                      \
    {                                                                                              \
#ident, signature, NULL, .n = ident##_new                                                  \
    }

#define DIGEST_MODULE(symbol, text, rows, ...)                                                     \
    static int symbol##_exec(PyObject *module)                                                     \
    {                                                                                              \
        PyTypeObject *const types[] = {__VA_ARGS__};                                               \
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {                              \
            if (type_ready(types[i]) < 0) {                                                        \
                return -1;                                                                         \
            }                                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }                                                                                              \
    const struct module_def symbol = {.name = text, .functions = rows, .exec = symbol##_exec};

static const struct native_def md5_rows[] = {ROW(md5, DIGEST_SIGNATURE), {NULL}};
static const struct native_def sha1_rows[] = {ROW(sha1, DIGEST_SIGNATURE), {NULL}};
static const struct native_def sha256_rows[] = {
    ROW(sha224, DIGEST_SIGNATURE), ROW(sha256, DIGEST_SIGNATURE), {NULL}};
static const struct native_def sha512_rows[] = {
    ROW(sha384, DIGEST_SIGNATURE), ROW(sha512, DIGEST_SIGNATURE), {NULL}};
static const struct native_def sha3_rows[] = {ROW(sha3_224, SHA3_SIGNATURE),
                                              ROW(sha3_256, SHA3_SIGNATURE),
                                              ROW(sha3_384, SHA3_SIGNATURE),
                                              ROW(sha3_512, SHA3_SIGNATURE),
                                              ROW(shake_128, SHA3_SIGNATURE),
                                              ROW(shake_256, SHA3_SIGNATURE),
                                              {NULL}};

DIGEST_MODULE(md5_module, "_md5", md5_rows, &md5_type)
DIGEST_MODULE(sha1_module, "_sha1", sha1_rows, &sha1_type)
DIGEST_MODULE(sha256_module, "_sha256", sha256_rows, &sha224_type, &sha256_type)
DIGEST_MODULE(sha512_module, "_sha512", sha512_rows, &sha384_type, &sha512_type)
DIGEST_MODULE(sha3_module, "_sha3", sha3_rows, &sha3_224_type, &sha3_256_type, &sha3_384_type,
              &sha3_512_type, &shake_128_type, &shake_256_type)

/* ---- BLAKE2 */

static const struct algorithm blake2b_algorithm = {"blake2b", NULL, BLAKE2B_OUTBYTES, 128};
static const struct algorithm blake2s_algorithm = {"blake2s", NULL, BLAKE2S_OUTBYTES, 64};

struct blake_options {
    Py_ssize_t digest_size, fanout, depth, node_depth, inner_size;
    uint64_t leaf_size, node_offset;
    bool last_node;
    unsigned char key[64], salt[16], person[16];
    Py_ssize_t key_length;
};

/* Copies a buffer argument of at most `most` bytes. Its length, or -1. */
static Py_ssize_t copy_bytes(Value v, unsigned char *out, Py_ssize_t most, const char *what)
{
    Py_buffer view;
    if (value_is_absent(v)) {
        return 0;
    }
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    Py_ssize_t n = view.len;
    if (n <= most) {
        memcpy(out, view.buf, (size_t)n);
    } else {
        n = error_raise_int(PyExc_ValueError, "maximum %s length is %zd bytes", what, most);
    }
    object_release_buffer(&view);
    return n;
}

/* 64 bits of an int that is not negative; absent: *out stays. */
static int unsigned_number(Value v, uint64_t *out)
{
    if (value_is_absent(v)) {
        return 0;
    }
    Value n = object_index(v);
    if (value_is_null(n)) {
        return -1;
    }
    return int_sign(n) < 0 ? error_raise_int(PyExc_ValueError, "value must be positive")
                           : int_to_u64(n, out);
}

static int number(Value v, Py_ssize_t low, Py_ssize_t high, Py_ssize_t *out, const char *message)
{
    if (value_is_present(v) && arg_index(v, out) < 0) {
        return -1;
    }
    return *out >= low && *out <= high ? 0 : error_raise_int(PyExc_ValueError, "%s", message);
}

enum {
    DATA,
    DIGEST_SIZE,
    KEY,
    SALT,
    PERSON,
    FANOUT,
    DEPTH,
    LEAF_SIZE,
    NODE_OFFSET,
    NODE_DEPTH,
    INNER_SIZE,
    LAST_NODE,
    FOR_SECURITY,
    BLAKE_COUNT
};

static int read_options(const Value *v, int out_bytes, int salt_bytes, struct blake_options *o)
{
    *o = (struct blake_options){.digest_size = out_bytes, .fanout = 1, .depth = 1};
    char size_message[64];
    snprintf(size_message, sizeof size_message, "digest_size must be between 1 and %d bytes",
             out_bytes);
    if (number(v[DIGEST_SIZE], 1, out_bytes, &o->digest_size, size_message) < 0 ||
        copy_bytes(v[SALT], o->salt, salt_bytes, "salt") < 0 ||
        copy_bytes(v[PERSON], o->person, salt_bytes, "person") < 0 ||
        number(v[FANOUT], 0, 255, &o->fanout, "fanout must be between 0 and 255") < 0 ||
        number(v[DEPTH], 1, 255, &o->depth, "depth must be between 1 and 255") < 0 ||
        number(v[NODE_DEPTH], 0, 255, &o->node_depth, "node_depth must be between 0 and 255") < 0) {
        return -1;
    }
    char inner_message[64];
    snprintf(inner_message, sizeof inner_message, "inner_size must be between 0 and is %d",
             out_bytes);
    if (number(v[INNER_SIZE], 0, out_bytes, &o->inner_size, inner_message) < 0 ||
        unsigned_number(v[LEAF_SIZE], &o->leaf_size) < 0 ||
        unsigned_number(v[NODE_OFFSET], &o->node_offset) < 0 ||
        (value_is_present(v[LAST_NODE]) && arg_bool(v[LAST_NODE], &o->last_node) < 0)) {
        return -1;
    }
    if (o->leaf_size > UINT32_MAX) {
        return error_raise_int(PyExc_OverflowError, "leaf_size is too large");
    }
    o->key_length = copy_bytes(v[KEY], o->key, out_bytes, "key");
    return o->key_length < 0 ? -1 : 0;
}

static void start_blake2b(blake2b_state *state, const struct blake_options *o)
{
    blake2b_param p = {.digest_length = (uint8_t)o->digest_size,
                       .key_length = (uint8_t)o->key_length,
                       .fanout = (uint8_t)o->fanout,
                       .depth = (uint8_t)o->depth,
                       .leaf_length = (uint32_t)o->leaf_size,
                       .node_offset = o->node_offset,
                       .node_depth = (uint8_t)o->node_depth,
                       .inner_length = (uint8_t)o->inner_size};
    memcpy(p.salt, o->salt, sizeof p.salt);
    memcpy(p.personal, o->person, sizeof p.personal);
    blake.b_init_param(state, &p);
    state->last_node = o->last_node;
    if (o->key_length > 0) {
        unsigned char block[BLAKE2B_BLOCKBYTES] = {0};
        memcpy(block, o->key, (size_t)o->key_length);
        blake.b_update(state, block, sizeof block);
    }
}

static void start_blake2s(blake2s_state *state, const struct blake_options *o)
{
    blake2s_param p = {.digest_length = (uint8_t)o->digest_size,
                       .key_length = (uint8_t)o->key_length,
                       .fanout = (uint8_t)o->fanout,
                       .depth = (uint8_t)o->depth,
                       .leaf_length = (uint32_t)o->leaf_size,
                       .node_depth = (uint8_t)o->node_depth,
                       .inner_length = (uint8_t)o->inner_size};
    for (int i = 0; i < 6; i++) {
        p.node_offset[i] = (uint8_t)(o->node_offset >> 8 * i);
    }
    memcpy(p.salt, o->salt, sizeof p.salt);
    memcpy(p.personal, o->person, sizeof p.personal);
    blake.s_init_param(state, &p);
    state->last_node = o->last_node;
    if (o->key_length > 0) {
        unsigned char block[BLAKE2S_BLOCKBYTES] = {0};
        memcpy(block, o->key, (size_t)o->key_length);
        blake.s_update(state, block, sizeof block);
    }
}

static Value blake_new(PyTypeObject *type, const struct algorithm *a, const Value *args,
                       size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[BLAKE_COUNT];
    struct blake_options options;
    bool big = a->block_size == 128;
    if (native_bind(a->name,
                    "(data=b'', /, *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, "
                    "depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, "
                    "last_node=False, usedforsecurity=True)",
                    &signature, args, nargs, kwnames, bound) < 0 ||
        read_options(bound, a->digest_size, big ? BLAKE2B_SALTBYTES : BLAKE2S_SALTBYTES, &options) <
            0) {
        return VALUE_NULL;
    }
    if (!big && options.node_offset >> 48 != 0) {
        return error_raise(PyExc_OverflowError, "node_offset is too large");
    }
    struct digest *d = blake_ensure() ? (struct digest *)object_alloc(type, 0) : NULL;
    if (d == NULL) {
        return VALUE_NULL;
    }
    d->algorithm = a;
    d->blake_size = (int)options.digest_size;
    if (big) {
        start_blake2b(&d->blake.b, &options);
    } else {
        start_blake2s(&d->blake.s, &options);
    }
    bool has_data = value_is_present(bound[DATA]);
    return has_data && update(d, bound[DATA]) < 0 ? VALUE_NULL : value_from_object(d);
}

static Value blake2b_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return blake_new(type, &blake2b_algorithm, args, nargs, kwnames);
}
static Value blake2s_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return blake_new(type, &blake2s_algorithm, args, nargs, kwnames);
}

#define BLAKE_TYPE(ident)                                                                          \
    static struct type_info ident##_info = {                                                       \
        .ops = {.new_ = ident##_new}, .methods = digest_methods, .getsets = digest_getsets};       \
    static PyTypeObject ident##_type = {STATIC_TYPE_HEAD, .tp_name = "_blake2." #ident,            \
                                        .tp_basicsize = sizeof(struct digest),                     \
                                        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,      \
                                        .tp_cache = (PyObject *)&ident##_info};
BLAKE_TYPE(blake2b)
BLAKE_TYPE(blake2s)

static int add_blake(PyObject *module, PyTypeObject *type, int out, int key, int salt)
{
    if (type_ready(type) < 0) {
        return -1;
    }
    const struct {
        const char *name;
        int value;
    } rows[] = {{"MAX_DIGEST_SIZE", out},
                {"MAX_KEY_SIZE", key},
                {"SALT_SIZE", salt},
                {"PERSON_SIZE", salt}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (dict_set_str(type->tp_dict, str_intern_text(rows[i].name),
                         value_from_int(rows[i].value)) < 0) {
            return -1;
        }
    }
    return module_add_type(module, type);
}

static int blake2_exec(PyObject *module)
{
    return add_blake(module, &blake2b_type, BLAKE2B_OUTBYTES, BLAKE2B_KEYBYTES, BLAKE2B_SALTBYTES) <
                   0
               ? -1
               : add_blake(module, &blake2s_type, BLAKE2S_OUTBYTES, BLAKE2S_KEYBYTES,
                           BLAKE2S_SALTBYTES);
}

const struct module_def blake2_module = {
    .name = "_blake2", .doc = "The BLAKE2 hash functions.", .exec = blake2_exec};
