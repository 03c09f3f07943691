/* SPDX-License-Identifier: MIT */
#ifndef OROCHI_MODULE_ATEXIT_H
#define OROCHI_MODULE_ATEXIT_H

/* Runs and forgets the functions of atexit.register, last one first. Runs Python code; exceptions
 * are reported as unraisable. For main/ at shutdown. */
void atexit_run(void);

#endif
