/* SPDX-License-Identifier: MIT */
/* Tracing of memory from the start of the program (-X tracemalloc). */
#ifndef OROCHI_MODULE_TRACEMALLOC_H
#define OROCHI_MODULE_TRACEMALLOC_H

/* frames: how many of each traceback are kept, 1 to 65535. Stops the world. */
void tracemalloc_start(int frames);

#endif
