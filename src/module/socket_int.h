/* SPDX-License-Identifier: MIT */
/* What the files of the _socket module share. */
#ifndef OROCHI_MODULE_SOCKET_INT_H
#define OROCHI_MODULE_SOCKET_INT_H

#include <errno.h>
#include <sys/socket.h>

#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

/* Up to the timeout as CPython's, which _ssl reads through the capsule _socket.CAPI. */
struct socket {
    PyObject_HEAD int fd;                /* atomic; -1: closed */
    int family, type, protocol;          /* constant after __init__ */
    struct _object *(*fail_errno)(void); /* raises OSError from errno; constant */
    int64_t timeout_ns;                  /* atomic; -1: blocking, 0: non-blocking */
    PyObject *weakrefs;
};
extern PyTypeObject Socket_Type;

/* The Python form of an address: (host, port), a path, None ... */
Value socket_address(int fd, const struct sockaddr *address, socklen_t length, int protocol);
/* The reverse, for the socket's family; looks names up. caller is for messages. 0 or -1. */
int socket_read_address(struct socket *s, Value v, struct sockaddr_storage *out, socklen_t *length,
                        const char *caller);
/* Adds the functions that look names up, and herror and gaierror. */
int socket_add_names(PyObject *module);
/* Raises socket.gaierror for a result of getaddrinfo. */
Value socket_gaierror(int code);

#endif
