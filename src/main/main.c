/* SPDX-License-Identifier: MIT */
/* The program, and what other programs call to be like it. lifecycle.c has the order of events. */
#include <stdlib.h>

#include "capi/capi.h"
#include "main/main_int.h"

/* Starts, runs and ends. The exit status. */
static int run_main(PyConfig *config, PyStatus status)
{
    if (!PyStatus_Exception(status)) {
        status = runtime_start(config);
    }
    PyConfig_Clear(config);
    if (PyStatus_IsExit(status)) {
        return status.exitcode;
    }
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    runtime_exit(run_program(runtime_config()));
}

int Py_BytesMain(int argc, char **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    return run_main(&config, PyConfig_SetBytesArgv(&config, argc, argv));
}

int Py_Main(int argc, wchar_t **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    return run_main(&config, PyConfig_SetArgv(&config, argc, argv));
}

int Py_RunMain(void)
{
    capi_end_embedding();
    int status = run_program(runtime_config());
    capi_begin_embedding();
    return Py_FinalizeEx() < 0 ? 120 : status;
}

int main(int argc, char **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!PyStatus_Exception(status) && pathconfig_program() != NULL) {
        status = config_set_bytes(&config.executable, pathconfig_program());
    }
    return run_main(&config, status);
}
