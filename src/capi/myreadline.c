/* SPDX-License-Identifier: MIT */
/* Lines from a terminal: the module readline puts its function here, and input() uses it. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capi/capi_int.h"
#include "module/builtins.h"

PyAPI_DATA(PyThreadState *) _PyOS_ReadlineTState;
PyThreadState *_PyOS_ReadlineTState;
int (*PyOS_InputHook)(void);
char *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *);

/* One line with its end, in memory of PyMem_RawMalloc; "" at the end of the input; NULL: an
 * interrupt (or no memory). */
static char *read_plain(FILE *in, FILE *out, const char *prompt)
{
    size_t room = 0;
    char *line = NULL;
    if (prompt != NULL) {
        fputs(prompt, stderr);
        fflush(stderr);
    }
    clearerr(in);
    if (getline(&line, &room, in) >= 0) {
        return line;
    }
    free(line);
    return ferror(in) ? NULL : calloc(1, 1);
}

/* The function runs without the extension lock and takes it itself for what it calls. */
char *PyOS_Readline(FILE *in, FILE *out, const char *prompt)
{
    bool terminal = isatty(fileno(in)) && isatty(fileno(out));
    _PyOS_ReadlineTState = PyThreadState_Get();
    PyThreadState *state = PyEval_SaveThread();
    char *line = terminal && PyOS_ReadlineFunctionPointer != NULL
                     ? PyOS_ReadlineFunctionPointer(in, out, prompt)
                     : read_plain(in, out, prompt);
    PyEval_RestoreThread(state);
    _PyOS_ReadlineTState = NULL;
    return line;
}

/* For input(): a line in the locale's encoding, None when it is to be read from sys.stdin. */
static Value read_line(const char *prompt)
{
    if (PyOS_ReadlineFunctionPointer == NULL) {
        return VALUE_NONE;
    }
    capi_leave(thread_current());
    char *line = PyOS_Readline(stdin, stdout, prompt);
    capi_enter();
    if (line == NULL) {
        return thread_safepoint(thread_current()) < 0
                   ? VALUE_NULL
                   : error_raise_value(PyExc_KeyboardInterrupt, VALUE_ABSENT);
    }
    PyObject *text = str_from_filename(line, (Py_ssize_t)strlen(line));
    free(line);
    return value_from_object(text);
}

void capi_init_readline(void)
{
    builtins_read_terminal = read_line;
}

/* ---- The locale. */

PyAPI_FUNC(char *) _Py_SetLocaleFromEnv(int category);
char *_Py_SetLocaleFromEnv(int category)
{
    return setlocale(category, "");
}
