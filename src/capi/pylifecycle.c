/* SPDX-License-Identifier: MIT */
/* What is known about the interpreter, its fatal end, and signals. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "capi/capi_int.h"
#include "module/sys.h"

/* ---- The interpreter. */

int Py_IsInitialized(void)
{
    return 1;
}

const char *Py_GetVersion(void)
{
    return sys_version;
}

int Py_OptimizeFlag;
const char *Py_FileSystemDefaultEncoding = "utf-8";
const char *Py_FileSystemDefaultEncodeErrors = "surrogateescape";
int Py_HasFileSystemDefaultEncoding = 1;

void capi_init_flags(void)
{
    Py_OptimizeFlag = sys_config.optimize;
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
    return NULL;
}

void Py_EndInterpreter(PyThreadState *state) {}
