/* SPDX-License-Identifier: MIT */
/* Addresses: between struct sockaddr and Python values. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "module/socket_int.h"
#include "thread/thread.h"

static Value host_text(int family, const void *address)
{
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(family, address, text, sizeof text) == NULL
               ? error_from_errno(NULL)
               : value_from_object(str_from_text(text));
}

static Value unix_path(const struct sockaddr_un *a, socklen_t length)
{
    size_t size = length > offsetof(struct sockaddr_un, sun_path)
                      ? length - offsetof(struct sockaddr_un, sun_path)
                      : 0;
    if (size > 0 && a->sun_path[0] == 0) { /* Linux's abstract names are bytes */
        return value_from_object(bytes_new(a->sun_path, (Py_ssize_t)size));
    }
    return value_from_object(
        str_from_filename(a->sun_path, (Py_ssize_t)strnlen(a->sun_path, size)));
}

Value socket_address(int fd, const struct sockaddr *address, socklen_t length, int protocol)
{
    if (length == 0) {
        return VALUE_NONE;
    }
    switch (address->sa_family) {
    case AF_INET: {
        const struct sockaddr_in *a = (const struct sockaddr_in *)(const void *)address;
        Value parts[2] = {host_text(AF_INET, &a->sin_addr), value_from_int(ntohs(a->sin_port))};
        return value_is_null(parts[0]) ? parts[0] : value_from_object(tuple_from_array(parts, 2));
    }
    case AF_INET6: {
        const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)(const void *)address;
        Value parts[4] = {host_text(AF_INET6, &a->sin6_addr), value_from_int(ntohs(a->sin6_port)),
                          value_from_int(ntohl(a->sin6_flowinfo)),
                          value_from_int(a->sin6_scope_id)};
        return value_is_null(parts[0]) ? parts[0] : value_from_object(tuple_from_array(parts, 4));
    }
    case AF_UNIX: return unix_path((const struct sockaddr_un *)(const void *)address, length);
    default: {
        Value parts[2] = {value_from_int(address->sa_family),
                          value_from_object(bytes_new(address->sa_data, sizeof address->sa_data))};
        return value_from_object(tuple_from_array(parts, 2));
    }
    }
}

/* Text of a host name: str is encoded by IDNA if it is not ASCII. NULL on error. */
static const char *host_name(Value v, const char *caller)
{
    if (str_check(v)) {
        PyObject *text = value_object(v);
        if (!str_is_ascii(text)) {
            PyObject *bytes = str_encode(text, "idna", "strict");
            return bytes == NULL ? NULL : bytes_data(bytes);
        }
        return str_utf8(text, NULL);
    }
    if (bytes_check(v)) {
        return bytes_data(value_object(v));
    }
    if (bytearray_check(v)) {
        PyObject *bytes = bytes_from_value(v);
        return bytes == NULL ? NULL : bytes_data(bytes);
    }
    return error_raise_null(PyExc_TypeError, "str, bytes or bytearray expected, not %T", v);
}

/* Looks a host up for the family. 0 or -1. */
static int resolve(const char *host, int family, struct sockaddr_storage *out)
{
    struct addrinfo hints = {.ai_family = family}, *found;
    if (*host == 0) {
        hints.ai_flags = AI_PASSIVE;
        hints.ai_socktype = SOCK_DGRAM;
    }
    if (family == AF_INET && strcmp(host, "<broadcast>") == 0) {
        ((struct sockaddr_in *)out)->sin_addr.s_addr = INADDR_BROADCAST;
        return 0;
    }
    void *address = family == AF_INET ? (void *)&((struct sockaddr_in *)out)->sin_addr
                                      : (void *)&((struct sockaddr_in6 *)out)->sin6_addr;
    if (*host != 0 && inet_pton(family, host, address) == 1) {
        return 0;
    }
    thread_detach();
    int code = getaddrinfo(*host == 0 ? NULL : host, *host == 0 ? "0" : NULL, &hints, &found);
    thread_reattach();
    if (code != 0) {
        socket_gaierror(code);
        return -1;
    }
    size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    const void *source = family == AF_INET
                             ? (void *)&((struct sockaddr_in *)(void *)found->ai_addr)->sin_addr
                             : (void *)&((struct sockaddr_in6 *)(void *)found->ai_addr)->sin6_addr;
    memcpy(address, source, size);
    freeaddrinfo(found);
    return 0;
}

static int read_port(Value v, const char *caller, int *port)
{
    if (arg_int(v, port) < 0) {
        return -1;
    }
    return *port >= 0 && *port <= 0xffff
               ? 0
               : error_raise_int(PyExc_OverflowError, "%s(): port must be 0-65535.", caller);
}

static int read_inet(Value v, struct sockaddr_storage *out, socklen_t *length, const char *caller)
{
    struct sockaddr_in *a = (struct sockaddr_in *)out;
    int port;
    if (!tuple_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s(): AF_INET address must be tuple, not %T",
                               caller, v);
    }
    PyObject *t = value_object(v);
    if (tuple_length(t) != 2) {
        return error_raise_int(PyExc_TypeError, "%s(): AF_INET address must be a pair (host, port)",
                               caller);
    }
    const char *host = host_name(tuple_get(t, 0), caller);
    a->sin_family = AF_INET;
    *length = sizeof *a;
    if (host == NULL || resolve(host, AF_INET, out) < 0 ||
        read_port(tuple_get(t, 1), caller, &port) < 0) {
        return -1;
    }
    a->sin_port = htons((uint16_t)port);
    return 0;
}

static int read_inet6(Value v, struct sockaddr_storage *out, socklen_t *length, const char *caller)
{
    struct sockaddr_in6 *a = (struct sockaddr_in6 *)out;
    int port;
    int64_t flow = 0, scope = 0;
    if (!tuple_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s(): AF_INET6 address must be tuple, not %T",
                               caller, v);
    }
    PyObject *t = value_object(v);
    Py_ssize_t n = tuple_length(t);
    if (n < 2 || n > 4) {
        return error_raise_int(PyExc_TypeError,
                               "%s(): AF_INET6 address must be a tuple (host, port[, "
                               "flowinfo[, scopeid]])",
                               caller);
    }
    const char *host = host_name(tuple_get(t, 0), caller);
    a->sin6_family = AF_INET6;
    *length = sizeof *a;
    if (host == NULL || resolve(host, AF_INET6, out) < 0 ||
        read_port(tuple_get(t, 1), caller, &port) < 0 ||
        (n > 2 && arg_i64(tuple_get(t, 2), &flow) < 0) ||
        (n > 3 && arg_i64(tuple_get(t, 3), &scope) < 0)) {
        return -1;
    }
    if (flow < 0 || flow > 0xfffff) {
        return error_raise_int(PyExc_OverflowError, "%s(): flowinfo must be 0-1048575.", caller);
    }
    a->sin6_port = htons((uint16_t)port);
    a->sin6_flowinfo = htonl((uint32_t)flow);
    a->sin6_scope_id = (uint32_t)scope;
    return 0;
}

static int read_unix(Value v, struct sockaddr_storage *out, socklen_t *length)
{
    struct sockaddr_un *a = (struct sockaddr_un *)out;
    PyObject *bytes;
    if (str_check(v)) {
        bytes = str_encode(value_object(v), "utf-8", "surrogateescape");
    } else if (object_has_buffer(v)) {
        bytes = bytes_from_value(v);
    } else {
        return error_raise_int(PyExc_TypeError, "a bytes-like object is required, not '%T'", v);
    }
    if (bytes == NULL) {
        return -1;
    }
    size_t size = (size_t)bytes_length(bytes);
    bool abstract = size > 0 && bytes_data(bytes)[0] == 0;
    if (size > sizeof a->sun_path - !abstract) {
        return error_raise_int(PyExc_OSError, "AF_UNIX path too long");
    }
    a->sun_family = AF_UNIX;
    memcpy(a->sun_path, bytes_data(bytes), size);
    if (!abstract) {
        a->sun_path[size] = 0;
    }
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + !abstract);
    return 0;
}

int socket_read_address(struct socket *s, Value v, struct sockaddr_storage *out, socklen_t *length,
                        const char *caller)
{
    memset(out, 0, sizeof *out);
    switch (s->family) {
    case AF_INET: return read_inet(v, out, length, caller);
    case AF_INET6: return read_inet6(v, out, length, caller);
    case AF_UNIX: return read_unix(v, out, length);
    default: return error_raise_int(PyExc_OSError, "%s(): bad family", caller);
    }
}
