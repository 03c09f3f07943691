/* SPDX-License-Identifier: MIT */
#ifndef OROCHI_MODULE_SIGNAL_H
#define OROCHI_MODULE_SIGNAL_H

/* Start-up, main thread: SIGPIPE and SIGXFSZ are ignored, SIGINT raises KeyboardInterrupt, if
 * nobody has decided otherwise. 0, or -1 with an exception. */
int signal_init(void);
/* Acts as if the signal had arrived; for _thread.interrupt_main and PyErr_SetInterrupt. -1 if there
 * is no such signal. Async-signal-safe. */
int signal_simulate(int number);

#endif
