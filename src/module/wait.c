/* SPDX-License-Identifier: MIT */
#include "module/wait.h"

#include <errno.h>

#include "base/os.h"
#include "object/error.h"
#include "thread/thread.h"

int64_t wait_deadline(int64_t timeout)
{
    return timeout < 0 ? -1 : os_monotonic_ns() + timeout;
}

int wait_milliseconds(int64_t deadline)
{
    if (deadline < 0) {
        return -1;
    }
    int64_t left = deadline - os_monotonic_ns();
    return left <= 0                     ? 0
           : left / 1000000 >= INT32_MAX ? INT32_MAX
                                         : (int)((left + 999999) / 1000000);
}

int wait_poll(struct pollfd *table, nfds_t count, int64_t deadline)
{
    for (;;) {
        int wait = wait_milliseconds(deadline);
        thread_detach();
        int ready = poll(table, count, wait);
        int error = errno;
        thread_reattach();
        if (ready > 0 || (ready == 0 && wait_milliseconds(deadline) == 0)) {
            return ready;
        }
        if (ready < 0 && error != EINTR) {
            errno = error;
            error_from_errno(NULL);
            return -1;
        }
        if (ready < 0 && thread_safepoint(thread_current()) < 0) {
            return -1;
        }
    }
}
