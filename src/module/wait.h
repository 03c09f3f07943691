/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors with a deadline. */
#ifndef OROCHI_MODULE_WAIT_H
#define OROCHI_MODULE_WAIT_H

#include <poll.h>
#include <stdint.h>

/* Deadlines are times of os_monotonic_ns; -1: none. timeout in nanoseconds, negative: none. */
int64_t wait_deadline(int64_t timeout);
/* Until then, rounded up, as poll and epoll_wait want it. */
int wait_milliseconds(int64_t deadline);
/* poll(2), detached; signal handlers run when it is interrupted, and it goes on afterwards. How
 * many are ready, 0 at the deadline, or -1 with an exception. May run Python code. */
int wait_poll(struct pollfd *table, nfds_t count, int64_t deadline);

#endif
