/* SPDX-License-Identifier: MIT */
/* What is known about the interpreter, its fatal end, and signals. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capi/capi_int.h"
#include "module/sys.h"

/* ---- The interpreter. */

const char *Py_GetVersion(void)
{
    return sys_version;
}

const char *Py_FileSystemDefaultEncoding = "utf-8";
const char *Py_FileSystemDefaultEncodeErrors = "surrogateescape";
int Py_HasFileSystemDefaultEncoding = 1;

const char *Py_GetPlatform(void)
{
    return "linux";
}

const char *Py_GetCopyright(void)
{
    return sys_copyright;
}

const char *Py_GetCompiler(void)
{
    return "[GCC " __VERSION__ "]";
}

const char *Py_GetBuildInfo(void)
{
    return "Orochi " OROCHI_VERSION ", " __DATE__ ", " __TIME__;
}

#undef Py_FatalError
void _Py_NO_RETURN Py_FatalError(const char *message)
{
    _Py_FatalErrorFunc("Py_FatalError", message);
}

int Py_FdIsInteractive(FILE *file, const char *name)
{
    return isatty(fileno(file)) ||
           (Py_InteractiveFlag &&
            (name == NULL || strcmp(name, "<stdin>") == 0 || strcmp(name, "???") == 0));
}

void _Py_NO_RETURN _Py_FatalErrorFunc(const char *function, const char *message)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s: %s\n", function, message);
    abort();
}

/* ---- Signals. */

PyOS_sighandler_t PyOS_getsig(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) < 0 ? SIG_ERR : action.sa_handler;
}

PyOS_sighandler_t PyOS_setsig(int number, PyOS_sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler}, old;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_ONSTACK;
    return sigaction(number, &action, &old) < 0 ? SIG_ERR : old.sa_handler;
}

/* ---- Other interpreters: there are none. */

const unsigned long Py_Version = PY_VERSION_HEX;

PyThreadState *Py_NewInterpreter(void)
{
    fputs("Orochi has no sub-interpreters: Py_NewInterpreter fails\n", stderr);
    return NULL;
}

PyAPI_FUNC(PyThreadState *) _Py_NewInterpreter(int isolated);
PyThreadState *_Py_NewInterpreter(int isolated)
{
    return Py_NewInterpreter();
}

void Py_EndInterpreter(PyThreadState *state) {}

PyInterpreterState *PyInterpreterState_New(void)
{
    Py_NewInterpreter();
    return NULL;
}

/* Of the only one, which ends with the program. */
void PyInterpreterState_Clear(PyInterpreterState *interpreter) {}

void PyInterpreterState_Delete(PyInterpreterState *interpreter) {}

/* For a child process that is about to execute another program. */
void _Py_RestoreSignals(void)
{
    static const int ignored[] = {SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) {
        signal(ignored[i], SIG_DFL);
    }
}
