/* SPDX-License-Identifier: MIT */
#ifndef OROCHI_MODULE_SIGNAL_H
#define OROCHI_MODULE_SIGNAL_H

#include <stdbool.h>

/* Start-up, main thread. `install`: SIGPIPE and SIGXFSZ are ignored, and SIGINT raises
 * KeyboardInterrupt (if nobody has decided otherwise), which else begins when the module is
 * imported. 0, or -1 with an exception. */
int signal_init(bool install);
/* The end of an interpreter whose process goes on: signals with handlers in Python do what they do
 * by default again. */
void signal_finalize(void);
/* Acts as if the signal had arrived; for _thread.interrupt_main and PyErr_SetInterrupt. -1 if there
 * is no such signal. Async-signal-safe. */
int signal_simulate(int number);
/* Has the signal arrived without its handler having run? It will not run. Main thread. */
bool signal_take(int number);

#endif
