/* SPDX-License-Identifier: MIT */
/* posix: argument vectors, and posix_spawn. */
#include <sched.h>
#include <signal.h>
#include <spawn.h>

#include "module/posix_int.h"
#include "module/posix_spawn.h"

static int vector_init(struct string_vector *v, size_t capacity)
{
    *v = (struct string_vector){heap_alloc((capacity + 1) * sizeof(char *), CELL_WORDS),
                                list_new(0), 0};
    if (v->strings == NULL || v->owners == NULL) {
        error_no_memory();
        return -1;
    }
    return 0;
}

static int vector_push(struct string_vector *v, PyObject *bytes)
{
    if (bytes == NULL || list_append(v->owners, value_from_object(bytes)) < 0) {
        return -1;
    }
    v->strings[v->count++] = bytes_data(bytes);
    return 0;
}

int vector_from_sequence(Value sequence, const char *function, struct string_vector *out)
{
    PyObject *items = object_to_tuple(sequence);
    if (items == NULL) {
        return -1;
    }
    Py_ssize_t n = tuple_length(items);
    if (n == 0) {
        return error_raise_int(PyExc_ValueError, "%s() arg 2 must not be empty", function);
    }
    if (vector_init(out, (size_t)n) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        struct path p;
        if (path_convert(tuple_get(items, i), function, "argv", PATH_PLAIN, &p) < 0) {
            return -1;
        }
        PyObject *copy = bytes_new(p.text, bytes_length(p.encoded));
        if (vector_push(out, copy) < 0) {
            return -1;
        }
        if (i == 0 && p.text[0] == '\0') {
            return error_raise_int(PyExc_ValueError, "%s() arg 2 first element cannot be empty",
                                   function);
        }
    }
    return 0;
}

static PyObject *environment_entry(Value key, Value value)
{
    struct path k, v;
    if (path_convert(key, NULL, "env key", PATH_PLAIN, &k) < 0 ||
        path_convert(value, NULL, "env value", PATH_PLAIN, &v) < 0) {
        return NULL;
    }
    size_t n = strlen(k.text), m = strlen(v.text);
    if (n == 0 || strchr(k.text + 1, '=') != NULL) {
        return error_raise_null(PyExc_ValueError, "illegal environment variable name");
    }
    PyObject *entry = bytes_new(NULL, (Py_ssize_t)(n + m + 1));
    if (entry != NULL) {
        memcpy(bytes_data(entry), k.text, n);
        bytes_data(entry)[n] = '=';
        memcpy(bytes_data(entry) + n + 1, v.text, m);
    }
    return entry;
}

int vector_from_environment(Value mapping, struct string_vector *out)
{
    Value keys_value = object_call_method0(mapping, names.keys);
    Value values_value =
        value_is_null(keys_value) ? VALUE_NULL : object_call_method0(mapping, names.values);
    if (value_is_null(values_value)) {
        return -1;
    }
    PyObject *keys = object_to_tuple(keys_value), *values = object_to_tuple(values_value);
    if (keys == NULL || values == NULL || vector_init(out, (size_t)tuple_length(keys)) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < tuple_length(keys) && i < tuple_length(values); i++) {
        if (vector_push(out, environment_entry(tuple_get(keys, i), tuple_get(values, i))) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- posix_spawn */

struct spawn {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    struct string_vector argv, env;
    PyObject *owners; /* paths of the file actions */
};

static int add_open(struct spawn *s, PyObject *action)
{
    int fd, flags, mode;
    struct path p;
    if (tuple_length(action) != 5 || arg_int(tuple_get(action, 1), &fd) < 0 ||
        path_convert(tuple_get(action, 2), NULL, "path", PATH_PLAIN, &p) < 0 ||
        arg_int(tuple_get(action, 3), &flags) < 0 || arg_int(tuple_get(action, 4), &mode) < 0) {
        return error_occurred() ? -1
                                : error_raise_int(PyExc_TypeError,
                                                  "A open file_action tuple must have 5 elements");
    }
    if (list_append(s->owners, value_from_object(p.encoded)) < 0) {
        return -1;
    }
    errno = posix_spawn_file_actions_addopen(&s->actions, fd, p.text, flags, (mode_t)mode);
    return errno == 0 ? 0 : (error_from_errno(NULL), -1);
}

static int add_action(struct spawn *s, Value v)
{
    int kind, fd, fd2;
    if (!tuple_check(v) || tuple_length(value_object(v)) == 0) {
        return error_raise_int(PyExc_TypeError,
                               "Each file_actions element must be a non-empty tuple");
    }
    PyObject *action = value_object(v);
    if (arg_int(tuple_get(action, 0), &kind) < 0) {
        return -1;
    }
    if (kind == 0) {
        return add_open(s, action);
    }
    if (kind == 1 && tuple_length(action) == 2) {
        if (arg_int(tuple_get(action, 1), &fd) < 0) {
            return -1;
        }
        errno = posix_spawn_file_actions_addclose(&s->actions, fd);
    } else if (kind == 2 && tuple_length(action) == 3) {
        if (arg_int(tuple_get(action, 1), &fd) < 0 || arg_int(tuple_get(action, 2), &fd2) < 0) {
            return -1;
        }
        errno = posix_spawn_file_actions_adddup2(&s->actions, fd, fd2);
    } else {
        return error_raise_int(PyExc_TypeError,
                               kind == 1 || kind == 2
                                   ? "A file_action tuple has the wrong number of elements"
                                   : "Unknown file_actions identifier");
    }
    return errno == 0 ? 0 : (error_from_errno(NULL), -1);
}

static int fill_signals(Value signals, sigset_t *set)
{
    sigemptyset(set);
    Value iterator = object_iter(signals), item;
    if (value_is_null(iterator)) {
        return -1;
    }
    while (value_is_present(item = object_next(iterator))) {
        int number;
        if (arg_int(item, &number) < 0) {
            return -1;
        }
        if (number < 1 || number > SIGRTMAX) {
            return error_raise_int(PyExc_ValueError, "signal number %d out of range [1; %d]",
                                   number, SIGRTMAX);
        }
        sigaddset(set, number);
    }
    return value_is_null(item) ? -1 : 0;
}

enum {
    PATH,
    ARGV,
    ENV,
    FILE_ACTIONS,
    SETPGROUP,
    RESETIDS,
    SETSID,
    SETSIGMASK,
    SETSIGDEF,
    SCHEDULER
};

static bool is_given(Value v)
{
    return value_is_present(v) && !value_is_none(v);
}

static int set_group(struct spawn *s, Value v, short *flags)
{
    int group;
    if (!is_given(v)) {
        return 0;
    }
    if (arg_int(v, &group) < 0) {
        return -1;
    }
    posix_spawnattr_setpgroup(&s->attributes, group);
    *flags |= POSIX_SPAWN_SETPGROUP;
    return 0;
}

static int set_truth(Value v, short flag, short *flags)
{
    int truth = 0;
    if (int_argument(v, 0, &truth) < 0) {
        return -1;
    }
    *flags |= truth ? flag : 0;
    return 0;
}

static int set_signals(struct spawn *s, Value v, short flag, short *flags)
{
    sigset_t signals;
    if (!is_given(v)) {
        return 0;
    }
    if (fill_signals(v, &signals) < 0) {
        return -1;
    }
    if (flag == POSIX_SPAWN_SETSIGMASK) {
        posix_spawnattr_setsigmask(&s->attributes, &signals);
    } else {
        posix_spawnattr_setsigdefault(&s->attributes, &signals);
    }
    *flags |= flag;
    return 0;
}

static int set_scheduler(struct spawn *s, Value v, short *flags)
{
    struct sched_param param = {0};
    int policy;
    if (!is_given(v)) {
        return 0;
    }
    PyObject *pair = tuple_check(v) ? value_object(v) : NULL;
    if (pair == NULL || tuple_length(pair) != 2) {
        return error_raise_int(PyExc_TypeError, "A scheduler tuple must have two elements");
    }
    if (is_given(tuple_get(pair, 0))) {
        if (arg_int(tuple_get(pair, 0), &policy) < 0) {
            return -1;
        }
        posix_spawnattr_setschedpolicy(&s->attributes, policy);
        *flags |= POSIX_SPAWN_SETSCHEDULER;
    } else {
        *flags |= POSIX_SPAWN_SETSCHEDPARAM;
    }
    if (!tuple_check(tuple_get(pair, 1)) ||
        arg_int(tuple_get(value_object(tuple_get(pair, 1)), 0), &param.sched_priority) < 0) {
        return error_occurred()
                   ? -1
                   : error_raise_int(PyExc_TypeError, "must have a sched_param object");
    }
    posix_spawnattr_setschedparam(&s->attributes, &param);
    return 0;
}

static int set_attributes(struct spawn *s, const Value *args)
{
    short flags = 0;
    if (set_group(s, args[SETPGROUP], &flags) < 0 ||
        set_truth(args[RESETIDS], POSIX_SPAWN_RESETIDS, &flags) < 0 ||
        set_truth(args[SETSID], POSIX_SPAWN_SETSID, &flags) < 0 ||
        set_signals(s, args[SETSIGMASK], POSIX_SPAWN_SETSIGMASK, &flags) < 0 ||
        set_signals(s, args[SETSIGDEF], POSIX_SPAWN_SETSIGDEF, &flags) < 0 ||
        set_scheduler(s, args[SCHEDULER], &flags) < 0) {
        return -1;
    }
    posix_spawnattr_setflags(&s->attributes, flags);
    return 0;
}

static int add_actions(struct spawn *s, Value actions)
{
    if (!is_given(actions)) {
        return 0;
    }
    PyObject *items = object_to_tuple(actions);
    for (Py_ssize_t i = 0; items != NULL && i < tuple_length(items); i++) {
        if (add_action(s, tuple_get(items, i)) < 0) {
            return -1;
        }
    }
    return items == NULL ? -1 : 0;
}

static Value run_spawn(struct spawn *s, const Value *args, const struct path *p, bool search)
{
    pid_t pid;
    if (add_actions(s, args[FILE_ACTIONS]) < 0 || set_attributes(s, args) < 0) {
        return VALUE_NULL;
    }
    int error = search ? posix_spawnp(&pid, p->text, &s->actions, &s->attributes, s->argv.strings,
                                      s->env.strings)
                       : posix_spawn(&pid, p->text, &s->actions, &s->attributes, s->argv.strings,
                                     s->env.strings);
    if (error != 0) {
        errno = error;
        return path_error(p);
    }
    return value_from_int(pid);
}

static Value spawn_process(const Value *args, const char *function, bool search)
{
    struct path p;
    struct spawn s = {.owners = list_new(0)};
    if (s.owners == NULL || path_convert(args[PATH], function, "path", PATH_PLAIN, &p) < 0) {
        return VALUE_NULL;
    }
    if (!list_check(args[ARGV]) && !tuple_check(args[ARGV])) {
        return error_raise(PyExc_TypeError, "%s: argv must be a tuple or list", function);
    }
    if (vector_from_sequence(args[ARGV], function, &s.argv) < 0) {
        return VALUE_NULL;
    }
    if (!object_is_mapping(args[ENV])) {
        return error_raise(PyExc_TypeError, "%s: environment must be a mapping object", function);
    }
    if (vector_from_environment(args[ENV], &s.env) < 0 ||
        sys_audit_values("os.posix_spawn", "OOO", p.object, args[ARGV], args[ENV]) < 0) {
        return VALUE_NULL;
    }
    posix_spawn_file_actions_init(&s.actions);
    posix_spawnattr_init(&s.attributes);
    Value result = run_spawn(&s, args, &p, search);
    posix_spawn_file_actions_destroy(&s.actions);
    posix_spawnattr_destroy(&s.attributes);
    return result;
}

static Value do_posix_spawn(Value self, const Value *args)
{
    return spawn_process(args, "posix_spawn", false);
}

static Value do_posix_spawnp(Value self, const Value *args)
{
    return spawn_process(args, "posix_spawnp", true);
}

/* The lines of the text are indented to below the parameters. */
#define SPAWN_SIGNATURE(indent)                                                                    \
    "($module, path, argv, env, /, *, file_actions=(),\n" indent                                   \
    "setpgroup=<unrepresentable>, resetids=False, setsid=False,\n" indent                          \
    "setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)"

const struct native_def posix_spawn_functions[] = {
    {"posix_spawn", SPAWN_SIGNATURE("            "), "Runs a program in a new process.",
     .n = do_posix_spawn},
    {"posix_spawnp", SPAWN_SIGNATURE("             "),
     "Runs a program, found on PATH, in a new process.", .n = do_posix_spawnp},
    {NULL},
};
