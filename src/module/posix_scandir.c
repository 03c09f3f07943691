/* SPDX-License-Identifier: MIT */
/* posix: listdir, scandir and DirEntry. */
#include <dirent.h>

#include "module/posix_int.h"
#include "object/function.h"
#include "thread/lock.h"

/* ---- Reading directories. */

/* Opens "." for None, and a duplicate of a descriptor, which is rewound. */
static DIR *open_directory(const struct path *p)
{
    if (p->fd == -1) {
        return DETACHED(opendir(p->text != NULL ? p->text : "."));
    }
    int fd = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return NULL;
    }
    DIR *dir = DETACHED(fdopendir(fd));
    if (dir == NULL) {
        int saved = errno;
        close(fd);
        errno = saved;
    } else {
        rewinddir(dir);
    }
    return dir;
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* The next entry that is not "." or ".."; NULL at the end, or with errno set. */
static struct dirent *read_directory(DIR *dir)
{
    for (;;) {
        errno = 0;
        struct dirent *e = DETACHED(readdir(dir));
        if (e == NULL || !is_dots(e->d_name)) {
            return e;
        }
    }
}

static void close_directory(const struct path *p, DIR *dir)
{
    if (p->fd != -1) {
        rewinddir(dir);
    }
    DETACHED(closedir(dir));
}

static Value do_listdir(Value self, const Value *args)
{
    struct path p;
    if (path_convert(args[0], "listdir", "path", PATH_FD | PATH_NONE, &p) < 0 ||
        sys_audit_values("os.listdir", "O", p.object) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = list_new(0);
    DIR *dir = list != NULL ? open_directory(&p) : NULL;
    if (dir == NULL) {
        return list == NULL ? VALUE_NULL : path_error(&p);
    }
    Value result = value_from_object(list);
    struct dirent *e;
    while (!value_is_null(result) && (e = read_directory(dir)) != NULL) {
        Value name = path_result(&p, e->d_name, strlen(e->d_name));
        if (value_is_null(name) || list_append(list, name) < 0) {
            result = VALUE_NULL;
        }
    }
    int error = value_is_null(result) ? 0 : errno;
    close_directory(&p, dir);
    if (error != 0) {
        errno = error;
        return path_error(&p);
    }
    return result;
}

/* ---- DirEntry. Constant but for the cached results, which are set once. */

struct dir_entry {
    PyObject head;
    PyObject *name, *path;
    PyObject *stat, *lstat; /* atomic: caches, NULL until asked for */
    unsigned char type;     /* DT_* */
    int dir_fd;             /* of scandir(fd), or -1 */
    uint64_t inode;
};

static struct dir_entry *entry_of(Value v)
{
    return (struct dir_entry *)value_object(v);
}

static void entry_trace(PyObject *self, struct tracer *tracer)
{
    struct dir_entry *e = (struct dir_entry *)self;
    trace_pointer(tracer, e->name);
    trace_pointer(tracer, e->path);
    trace_pointer(tracer, e->stat);
    trace_pointer(tracer, e->lstat);
}

static Value entry_fetch(struct dir_entry *e, bool follow)
{
    struct path p;
    struct stat s;
    Value given = value_from_object(e->dir_fd != -1 ? e->name : e->path);
    if (path_convert(given, "DirEntry", "path", PATH_PLAIN, &p) < 0) {
        return VALUE_NULL;
    }
    p.object = value_from_object(e->path);
    int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
    if (DETACHED(fstatat(e->dir_fd != -1 ? e->dir_fd : AT_FDCWD, p.text, &s, flags)) < 0) {
        return path_error(&p);
    }
    return posix_stat_value(&s);
}

static Value entry_lstat(struct dir_entry *e)
{
    PyObject *known = atomic_load_acquire(&e->lstat);
    if (known != NULL) {
        return value_from_object(known);
    }
    Value v = entry_fetch(e, false);
    if (!value_is_null(v)) {
        heap_store(e, &e->lstat, value_object(v));
    }
    return v;
}

/* 1, 0, -1 */
static int entry_is_symlink(struct dir_entry *e)
{
    if (e->type != DT_UNKNOWN) {
        return e->type == DT_LNK;
    }
    Value s = entry_lstat(e);
    int64_t mode;
    return value_is_null(s) || int_to_i64(tuple_get(value_object(s), 0), &mode) < 0
               ? -1
               : S_ISLNK((mode_t)mode);
}

static Value entry_get_stat(struct dir_entry *e, bool follow)
{
    if (!follow) {
        return entry_lstat(e);
    }
    PyObject *known = atomic_load_acquire(&e->stat);
    if (known != NULL) {
        return value_from_object(known);
    }
    int is_link = entry_is_symlink(e);
    if (is_link < 0) {
        return VALUE_NULL;
    }
    Value v = is_link ? entry_fetch(e, true) : entry_lstat(e);
    if (!value_is_null(v)) {
        heap_store(e, &e->stat, value_object(v));
    }
    return v;
}

static Value entry_stat(Value self, const Value *args)
{
    int follow = flag_argument(args[0], true);
    return follow < 0 ? VALUE_NULL : entry_get_stat(entry_of(self), follow);
}

static Value entry_test_mode(struct dir_entry *e, bool follow, mode_t wanted)
{
    bool is_link = e->type == DT_LNK, unknown = e->type == DT_UNKNOWN;
    if (!unknown && !(follow && is_link)) {
        return value_from_bool(!is_link && e->type == (wanted == S_IFDIR ? DT_DIR : DT_REG));
    }
    Value s = entry_get_stat(e, follow);
    if (value_is_null(s)) {
        if (error_matches(PyExc_FileNotFoundError)) {
            error_clear();
            return VALUE_FALSE;
        }
        return s;
    }
    int64_t mode;
    if (int_to_i64(tuple_get(value_object(s), 0), &mode) < 0) {
        return VALUE_NULL;
    }
    return value_from_bool(((mode_t)mode & S_IFMT) == wanted);
}

static Value entry_is_dir(Value self, const Value *args)
{
    int follow = flag_argument(args[0], true);
    return follow < 0 ? VALUE_NULL : entry_test_mode(entry_of(self), follow, S_IFDIR);
}

static Value entry_is_file(Value self, const Value *args)
{
    int follow = flag_argument(args[0], true);
    return follow < 0 ? VALUE_NULL : entry_test_mode(entry_of(self), follow, S_IFREG);
}

static Value entry_symlink(Value self)
{
    int is_link = entry_is_symlink(entry_of(self));
    return is_link < 0 ? VALUE_NULL : value_from_bool(is_link);
}

static Value entry_inode(Value self)
{
    return int_from_u64(entry_of(self)->inode);
}

static Value entry_fspath(Value self)
{
    return value_from_object(entry_of(self)->path);
}

static Value entry_class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static Value entry_repr(Value self)
{
    return value_from_object(str_format("<DirEntry %R>", value_from_object(entry_of(self)->name)));
}

static Value entry_get_name(Value self, void *closure)
{
    return value_from_object(entry_of(self)->name);
}

static Value entry_get_path(Value self, void *closure)
{
    return value_from_object(entry_of(self)->path);
}

static const struct native_def entry_methods[] = {
    {"is_dir", "($self, /, *, follow_symlinks=True)", "Is the entry a directory?",
     .n = entry_is_dir},
    {"is_file", "($self, /, *, follow_symlinks=True)", "Is the entry an ordinary file?",
     .n = entry_is_file},
    {"is_symlink", "($self, /)", "Is the entry a symbolic link?", .f0 = entry_symlink},
    {"stat", "($self, /, *, follow_symlinks=True)", "The stat_result of the entry; asked for once.",
     .n = entry_stat},
    {"inode", "($self, /)", "The inode of the entry; asked for once.", .f0 = entry_inode},
    {"__fspath__", "($self, /)", "The path, for os.fspath().", .f0 = entry_fspath},
    {"__class_getitem__", "($self, object, /)", "See PEP 585.", .flags = NATIVE_CLASS,
     .f1 = entry_class_getitem},
    {NULL},
};
static const struct getset_def entry_getsets[] = {
    {"name", entry_get_name}, {"path", entry_get_path}, {NULL}};
static struct type_info entry_info = {
    .ops = {.repr = entry_repr},
    .trace = entry_trace,
    .methods = entry_methods,
    .getsets = entry_getsets,
    .flags = TYPE_NO_NEW,
};
PyTypeObject dir_entry_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "posix.DirEntry",
    .tp_basicsize = sizeof(struct dir_entry),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&entry_info,
};

/* ---- The iterator. The byte lock guards `dir` against a second thread. */

struct scandir_iterator {
    PyObject head;
    DIR *dir;          /* under lock; NULL when closed */
    PyObject *encoded; /* keeps the path's text */
    Value object;
    int fd;
    bool is_bytes, warned;
    uint8_t lock, busy;
};

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    struct scandir_iterator *it = (struct scandir_iterator *)self;
    trace_pointer(tracer, it->encoded);
    trace_value(tracer, it->object);
}

static struct path iterator_path(const struct scandir_iterator *it)
{
    return (struct path){.object = it->object,
                         .encoded = it->encoded,
                         .fd = it->fd,
                         .text = it->encoded != NULL ? bytes_data(it->encoded) : NULL,
                         .is_bytes = it->is_bytes};
}

/* Takes the directory away from the iterator, so that nobody else uses it meanwhile. */
static DIR *iterator_take(struct scandir_iterator *it)
{
    byte_lock(&it->lock);
    DIR *dir = it->dir;
    it->dir = NULL;
    byte_unlock(&it->lock);
    return dir;
}

static void iterator_close(struct scandir_iterator *it)
{
    DIR *dir = iterator_take(it);
    if (dir != NULL) {
        struct path p = iterator_path(it);
        close_directory(&p, dir);
    }
}

/* The path of an entry: the directory's with the name after it. */
static Value join_path(const struct path *p, const char *name)
{
    const char *directory = p->text != NULL ? p->text : ".";
    size_t n = strlen(directory), m = strlen(name);
    if (p->fd != -1 || n == 0) {
        return path_result(p, name, m);
    }
    bool slash = directory[n - 1] != '/';
    char *joined = heap_alloc(n + m + 2, CELL_RAW);
    if (joined == NULL) {
        return error_no_memory();
    }
    memcpy(joined, directory, n);
    joined[n] = '/';
    memcpy(joined + n + slash, name, m + 1);
    return path_result(p, joined, n + slash + m);
}

static Value entry_new(const struct path *p, const struct dirent *d)
{
    struct dir_entry *e =
        (struct dir_entry *)object_alloc_bytes(&dir_entry_type, sizeof(struct dir_entry));
    Value name = path_result(p, d->d_name, strlen(d->d_name)), path = join_path(p, d->d_name);
    if (e == NULL || value_is_null(name) || value_is_null(path)) {
        return VALUE_NULL;
    }
    heap_init(e, &e->name, value_object(name));
    heap_init(e, &e->path, value_object(path));
    e->type = d->d_type;
    e->dir_fd = p->fd;
    e->inode = d->d_ino;
    return value_from_object(e);
}

static Value iterator_next(Value self)
{
    struct scandir_iterator *it = (struct scandir_iterator *)value_object(self);
    DIR *dir = iterator_take(it);
    if (dir == NULL) {
        return VALUE_ABSENT;
    }
    struct path p = iterator_path(it);
    struct dirent *d = read_directory(dir);
    if (d == NULL) {
        int error = errno;
        close_directory(&p, dir);
        errno = error;
        return error != 0 ? path_error(&p) : VALUE_ABSENT;
    }
    Value entry = entry_new(&p, d);
    byte_lock(&it->lock);
    it->dir = dir;
    byte_unlock(&it->lock);
    return entry;
}

static Value iterator_self(Value self)
{
    return self;
}

static Value iterator_close_method(Value self)
{
    iterator_close((struct scandir_iterator *)value_object(self));
    return VALUE_NONE;
}

static Value iterator_exit(Value self, const Value *args)
{
    return iterator_close_method(self);
}

static void iterator_finalize(Value self)
{
    struct scandir_iterator *it = (struct scandir_iterator *)value_object(self);
    if (it->dir != NULL) {
        PyObject *saved = error_take();
        if (error_warn(PyExc_ResourceWarning, 1, "unclosed scandir iterator %R", self) < 0 &&
            error_matches(PyExc_Warning)) {
            error_write_unraisable(self, NULL);
        }
        iterator_close(it);
        error_restore(saved);
    }
}

static const struct native_def iterator_methods[] = {
    {"__enter__", "($self, /)", "Enters the runtime context: returns the object itself.",
     .f0 = iterator_self},
    {"__exit__", "($self, /, *args)", "Leaves the runtime context.", .n = iterator_exit},
    {"close", "($self, /)", "Closes the iterator.", .f0 = iterator_close_method},
    {NULL},
};
static struct type_info iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next, .finalize = iterator_finalize},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW | TYPE_OBSERVED,
};
static PyTypeObject iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "posix.ScandirIterator",
    .tp_basicsize = sizeof(struct scandir_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&iterator_info,
};

static Value do_scandir(Value self, const Value *args)
{
    struct path p;
    if (path_convert(args[0], "scandir", "path", PATH_FD | PATH_NONE, &p) < 0 ||
        sys_audit_values("os.scandir", "O", p.object) < 0) {
        return VALUE_NULL;
    }
    struct scandir_iterator *it = (struct scandir_iterator *)object_alloc(&iterator_type, 0);
    if (it == NULL) {
        return VALUE_NULL;
    }
    heap_init(it, &it->encoded, p.encoded);
    heap_init_value(it, &it->object, p.object);
    it->fd = p.fd;
    it->is_bytes = p.is_bytes;
    it->dir = open_directory(&p);
    return it->dir == NULL ? path_error(&p) : value_from_object(it);
}

const struct native_def posix_scandir_functions[] = {
    {"listdir", "($module, /, path=None)", "The names in a directory.", .n = do_listdir},
    {"scandir", "($module, /, path=None)", "An iterator over the entries of a directory.",
     .n = do_scandir},
    {NULL},
};

int posix_scandir_types(PyObject *module)
{
    return type_ready(&iterator_type) < 0 || type_ready(&dir_entry_type) < 0
               ? -1
               : module_add(module, "DirEntry", value_from_object(&dir_entry_type));
}
