/* SPDX-License-Identifier: MIT */
/* Names and numbers: getaddrinfo and its relatives. The classic lookups that return static memory
 * of the C library run under `lookup_mutex`, taken while detached. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <unistd.h>

#include "module/socket_int.h"
#include "module/sys.h"
#include "object/dict.h"
#include "object/exception.h"
#include "thread/thread.h"

static PyObject *gaierror_type, *herror_type; /* set once when the module is made */
static pthread_mutex_t lookup_mutex = PTHREAD_MUTEX_INITIALIZER;

static Value raise_pair(PyObject *type, int code, const char *text)
{
    PyObject *number = value_box(value_from_int(code)), *message = str_from_text(text);
    PyObject *args = number == NULL || message == NULL ? NULL : tuple_pack(2, number, message);
    PyObject *exception = args == NULL ? NULL : exception_new(type, args);
    if (exception != NULL) {
        error_set_instance(exception);
    }
    return VALUE_NULL;
}

Value socket_gaierror(int code)
{
    return code == EAI_SYSTEM ? error_from_errno(NULL)
                              : raise_pair(gaierror_type, code, gai_strerror(code));
}

static const char *optional_text(Value v, const char *message)
{
    if (str_check(v)) {
        PyObject *text = value_object(v);
        PyObject *bytes = str_is_ascii(text) ? NULL : str_encode(text, "idna", "strict");
        return str_is_ascii(text) ? str_utf8(text, NULL) : bytes == NULL ? NULL : bytes_data(bytes);
    }
    if (bytes_check(v)) {
        return bytes_data(value_object(v));
    }
    return error_raise_null(PyExc_OSError, "%s", message);
}

static PyObject *info_list(const struct addrinfo *found)
{
    PyObject *list = list_new(4);
    for (; list != NULL && found != NULL; found = found->ai_next) {
        Value address = socket_address(-1, found->ai_addr, found->ai_addrlen, found->ai_protocol);
        const char *name = found->ai_canonname == NULL ? "" : found->ai_canonname;
        Value row[5] = {value_from_int(found->ai_family), value_from_int(found->ai_socktype),
                        value_from_int(found->ai_protocol), value_from_object(str_from_text(name)),
                        address};
        if (value_is_null(address) ||
            list_append(list, value_from_object(tuple_from_array(row, 5))) < 0) {
            return NULL;
        }
    }
    return list;
}

static Value names_getaddrinfo(Value self, const Value *args)
{
    enum { HOST, PORT, FAMILY };
    struct addrinfo hints = {0}, *found;
    int *const fields[4] = {&hints.ai_family, &hints.ai_socktype, &hints.ai_protocol,
                            &hints.ai_flags};
    for (int i = 0; i < 4; i++) {
        if (value_is_present(args[FAMILY + i]) && arg_int(args[FAMILY + i], fields[i]) < 0) {
            return VALUE_NULL;
        }
    }
    const char *host = NULL, *port = NULL;
    if (!value_is_none(args[HOST])) {
        host = optional_text(args[HOST], "getaddrinfo() argument 1 must be string or None");
        if (host == NULL) {
            return error_occurred() && error_matches(PyExc_OSError)
                       ? (error_clear(),
                          error_raise(PyExc_TypeError, "getaddrinfo() argument 1 must "
                                                       "be string or None"))
                       : VALUE_NULL;
        }
    }
    if (int_check(args[PORT])) {
        PyObject *text = object_str(args[PORT]);
        port = text == NULL ? NULL : str_utf8(text, NULL);
    } else if (str_check(args[PORT])) {
        port = str_utf8(value_object(args[PORT]), NULL);
    } else if (!value_is_none(args[PORT])) {
        port = optional_text(args[PORT], "Int or String expected");
    }
    if (error_occurred()) {
        return VALUE_NULL;
    }
    if (sys_audit_values("socket.getaddrinfo", "OOiii", args[HOST], args[PORT], hints.ai_family,
                         hints.ai_socktype, hints.ai_protocol) < 0) {
        return VALUE_NULL;
    }
    thread_detach();
    int code = getaddrinfo(host, port, &hints, &found);
    thread_reattach();
    if (code != 0) {
        return socket_gaierror(code);
    }
    PyObject *list = info_list(found);
    freeaddrinfo(found);
    return value_from_object(list);
}

static Value names_getnameinfo(Value self, const Value *args)
{
    int flags;
    if (arg_int(args[1], &flags) < 0) {
        return VALUE_NULL;
    }
    if (!tuple_check(args[0])) {
        return error_raise(PyExc_TypeError, "getnameinfo() argument 1 must be a tuple");
    }
    PyObject *t = value_object(args[0]);
    if (tuple_length(t) < 2 || !str_check(tuple_get(t, 0))) {
        return error_raise(PyExc_TypeError, "illegal sockaddr argument");
    }
    PyObject *port = object_str(tuple_get(t, 1));
    const char *host = str_utf8(value_object(tuple_get(t, 0)), NULL);
    const char *service = port == NULL ? NULL : str_utf8(port, NULL);
    if (host == NULL || service == NULL || sys_audit("socket.getnameinfo", args, 1) < 0) {
        return VALUE_NULL;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
    char name[NI_MAXHOST], port_name[NI_MAXSERV];
    hints.ai_flags = AI_NUMERICHOST;
    thread_detach();
    int code = getaddrinfo(host, service, &hints, &found);
    if (code == 0) {
        code = getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, port_name,
                           sizeof port_name, flags);
        freeaddrinfo(found);
    }
    thread_reattach();
    if (code != 0) {
        return socket_gaierror(code);
    }
    return value_from_object(tuple_pack(2, str_from_text(name), str_from_text(port_name)));
}

static Value names_gethostname(Value self)
{
    char name[1025];
    if (sys_audit("socket.gethostname", NULL, 0) < 0) {
        return VALUE_NULL;
    }
    return gethostname(name, sizeof name) < 0 ? error_from_errno(NULL)
                                              : value_from_object(str_from_text(name));
}

static Value names_gethostbyname(Value self, Value host)
{
    struct socket any = {.family = AF_INET};
    struct sockaddr_storage address;
    socklen_t length;
    PyObject *pair = tuple_new(2);
    if (pair == NULL || sys_audit("socket.gethostbyname", &host, 1) < 0 ||
        tuple_init_item(pair, 0, host) < 0 || tuple_init_item(pair, 1, value_from_int(0)) < 0 ||
        socket_read_address(&any, value_from_object(pair), &address, &length, "gethostbyname") <
            0) {
        return VALUE_NULL;
    }
    Value result = socket_address(-1, (struct sockaddr *)&address, length, 0);
    return value_is_null(result) ? result : tuple_get(value_object(result), 0);
}

/* (name, aliases, addresses) of a hostent; called with the lookup mutex held, so it only copies. */
struct host_entry {
    char name[256], aliases[8][256], addresses[16][INET6_ADDRSTRLEN];
    int alias_count, address_count;
};

static void copy_host(const struct hostent *h, struct host_entry *out)
{
    snprintf(out->name, sizeof out->name, "%s", h->h_name);
    for (; out->alias_count < 8 && h->h_aliases[out->alias_count] != NULL; out->alias_count++) {
        snprintf(out->aliases[out->alias_count], 256, "%s", h->h_aliases[out->alias_count]);
    }
    for (; out->address_count < 16 && h->h_addr_list[out->address_count] != NULL;
         out->address_count++) {
        inet_ntop(h->h_addrtype, h->h_addr_list[out->address_count],
                  out->addresses[out->address_count], INET6_ADDRSTRLEN);
    }
}

static Value host_value(const struct host_entry *e)
{
    PyObject *aliases = list_new(0), *addresses = list_new(0);
    for (int i = 0; aliases != NULL && i < e->alias_count; i++) {
        list_append(aliases, value_from_object(str_from_text(e->aliases[i])));
    }
    for (int i = 0; addresses != NULL && i < e->address_count; i++) {
        list_append(addresses, value_from_object(str_from_text(e->addresses[i])));
    }
    return aliases == NULL || addresses == NULL
               ? VALUE_NULL
               : value_from_object(tuple_pack(3, str_from_text(e->name), aliases, addresses));
}

static Value host_lookup(const struct sockaddr_storage *address, const char *name)
{
    struct host_entry entry = {0};
    int code = 0;
    const void *raw = address->ss_family == AF_INET6
                          ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                          : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    thread_detach();
    pthread_mutex_lock(&lookup_mutex);
    struct hostent *h = name != NULL ? gethostbyname(name)
                                     : gethostbyaddr(raw, address->ss_family == AF_INET6 ? 16 : 4,
                                                     address->ss_family);
    if (h != NULL) {
        copy_host(h, &entry);
    } else {
        code = h_errno;
    }
    pthread_mutex_unlock(&lookup_mutex);
    thread_reattach();
    return code != 0 ? raise_pair(herror_type, code, hstrerror(code)) : host_value(&entry);
}

static Value names_gethostbyname_ex(Value self, Value host)
{
    const char *name = optional_text(host, "host name must be a string");
    struct sockaddr_storage none = {0};
    return name == NULL || sys_audit("socket.gethostbyname", &host, 1) < 0
               ? VALUE_NULL
               : host_lookup(&none, name);
}

static Value names_gethostbyaddr(Value self, Value host)
{
    const char *name = optional_text(host, "host name must be a string");
    struct addrinfo hints = {0}, *found;
    if (name == NULL || sys_audit("socket.gethostbyaddr", &host, 1) < 0) {
        return VALUE_NULL;
    }
    thread_detach();
    int code = getaddrinfo(name, NULL, &hints, &found);
    thread_reattach();
    if (code != 0) {
        return socket_gaierror(code);
    }
    struct sockaddr_storage address = {0};
    memcpy(&address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return host_lookup(&address, NULL);
}

/* ---- Services and protocols */

static Value names_getservbyname(Value self, const Value *args)
{
    PyObject *name = arg_str(args[0], "getservbyname", "argument 1");
    const char *text = name == NULL ? NULL : str_utf8(name, NULL), *protocol = NULL;
    if (text != NULL && value_is_present(args[1])) {
        PyObject *p = arg_str(args[1], "getservbyname", "argument 2");
        protocol = p == NULL ? NULL : str_utf8(p, NULL);
    }
    if (text == NULL || error_occurred() ||
        sys_audit_values("socket.getservbyname", "ss", text, protocol) < 0) {
        return VALUE_NULL;
    }
    pthread_mutex_lock(&lookup_mutex);
    struct servent *s = getservbyname(text, protocol);
    int port = s == NULL ? -1 : ntohs((uint16_t)s->s_port);
    pthread_mutex_unlock(&lookup_mutex);
    return port < 0 ? error_raise(PyExc_OSError, "service/proto not found") : value_from_int(port);
}

static Value names_getservbyport(Value self, const Value *args)
{
    int port;
    const char *protocol = NULL;
    char name[256] = "";
    if (arg_int(args[0], &port) < 0) {
        return VALUE_NULL;
    }
    if (port < 0 || port > 0xffff) {
        return error_raise(PyExc_OverflowError, "getservbyport: port must be 0-65535.");
    }
    if (value_is_present(args[1])) {
        PyObject *p = arg_str(args[1], "getservbyport", "argument 2");
        protocol = p == NULL ? NULL : str_utf8(p, NULL);
        if (protocol == NULL) {
            return VALUE_NULL;
        }
    }
    if (sys_audit_values("socket.getservbyport", "is", port, protocol) < 0) {
        return VALUE_NULL;
    }
    pthread_mutex_lock(&lookup_mutex);
    struct servent *s = getservbyport(htons((uint16_t)port), protocol);
    if (s != NULL) {
        snprintf(name, sizeof name, "%s", s->s_name);
    }
    pthread_mutex_unlock(&lookup_mutex);
    return name[0] == 0 ? error_raise(PyExc_OSError, "port/proto not found")
                        : value_from_object(str_from_text(name));
}

static Value names_getprotobyname(Value self, Value name)
{
    PyObject *text = arg_str(name, "getprotobyname", "argument");
    const char *c = text == NULL ? NULL : str_utf8(text, NULL);
    if (c == NULL) {
        return VALUE_NULL;
    }
    pthread_mutex_lock(&lookup_mutex);
    struct protoent *p = getprotobyname(c);
    int number = p == NULL ? -1 : p->p_proto;
    pthread_mutex_unlock(&lookup_mutex);
    return number < 0 ? error_raise(PyExc_OSError, "protocol not found") : value_from_int(number);
}

/* ---- Bytes and text */

static Value swap(Value v, const char *name, int bytes)
{
    if (!int_check(v)) {
        return error_raise(PyExc_TypeError, "expected int, %T found", v);
    }
    uint64_t n;
    if (int_sign(v) < 0) {
        return error_raise(PyExc_OverflowError,
                           bytes == 2
                               ? "%s: can't convert negative Python int to C 16-bit unsigned "
                                 "integer"
                               : "can't convert negative value to unsigned int",
                           name);
    }
    if (int_to_u64(v, &n) < 0) {
        return VALUE_NULL;
    }
    if (n >> 8 * bytes != 0) {
        return error_raise(PyExc_OverflowError,
                           "%s: Python int too large to convert to C %d-bit "
                           "unsigned integer",
                           name, 8 * bytes);
    }
    return int_from_u64(bytes == 2 ? htons((uint16_t)n) : htonl((uint32_t)n));
}

static Value names_htons(Value self, Value v)
{
    return swap(v, "htons", 2);
}
static Value names_ntohs(Value self, Value v)
{
    return swap(v, "ntohs", 2);
}
static Value names_htonl(Value self, Value v)
{
    return swap(v, "htonl", 4);
}
static Value names_ntohl(Value self, Value v)
{
    return swap(v, "ntohl", 4);
}

static Value names_inet_aton(Value self, Value v)
{
    PyObject *text = arg_str(v, "inet_aton", "argument");
    const char *c = text == NULL ? NULL : str_utf8(text, NULL);
    struct in_addr address;
    if (c == NULL) {
        return VALUE_NULL;
    }
    return inet_aton(c, &address) == 0
               ? error_raise(PyExc_OSError, "illegal IP address string passed to inet_aton")
               : value_from_object(bytes_new((char *)&address, sizeof address));
}

static Value to_text(int family, Value v, const char *caller)
{
    Py_buffer view;
    char text[INET6_ADDRSTRLEN];
    Py_ssize_t wanted = family == AF_INET ? 4 : 16;
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    bool right = view.len == wanted && inet_ntop(family, view.buf, text, sizeof text) != NULL;
    object_release_buffer(&view);
    if (!right) {
        return strcmp(caller, "inet_ntoa") == 0
                   ? error_raise(PyExc_OSError, "packed IP wrong length")
                   : error_raise(PyExc_ValueError, "invalid length of packed IP address string");
    }
    return value_from_object(str_from_text(text));
}

static Value names_inet_ntoa(Value self, Value v)
{
    return to_text(AF_INET, v, "inet_ntoa");
}

static int address_family(Value v, int *family)
{
    if (arg_int(v, family) < 0) {
        return -1;
    }
    if (*family != AF_INET && *family != AF_INET6) {
        errno = EAFNOSUPPORT;
        error_from_errno(NULL);
        return -1;
    }
    return 0;
}

static Value names_inet_ntop(Value self, const Value *args)
{
    int family;
    if (arg_int(args[0], &family) < 0) {
        return VALUE_NULL;
    }
    if (family != AF_INET && family != AF_INET6) {
        return error_raise(PyExc_ValueError, "unknown address family %d", family);
    }
    return to_text(family, args[1], "inet_ntop");
}

static Value names_inet_pton(Value self, const Value *args)
{
    int family;
    unsigned char packed[16];
    PyObject *text = arg_str(args[1], "inet_pton", "argument 2");
    const char *c = text == NULL ? NULL : str_utf8(text, NULL);
    if (c == NULL || address_family(args[0], &family) < 0) {
        return VALUE_NULL;
    }
    return inet_pton(family, c, packed) != 1
               ? error_raise(PyExc_OSError, "illegal IP address string passed to inet_pton")
               : value_from_object(bytes_new((char *)packed, family == AF_INET ? 4 : 16));
}

/* ---- Interfaces */

static Value names_if_nameindex(Value self)
{
    struct if_nameindex *all = if_nameindex();
    PyObject *list = all == NULL ? NULL : list_new(4);
    for (int i = 0; list != NULL && all[i].if_index != 0; i++) {
        Value row[2] = {value_from_int(all[i].if_index),
                        value_from_object(
                            str_from_filename(all[i].if_name, (Py_ssize_t)strlen(all[i].if_name)))};
        list_append(list, value_from_object(tuple_from_array(row, 2)));
    }
    if (all == NULL) {
        return error_from_errno(NULL);
    }
    if_freenameindex(all);
    return value_from_object(list);
}

static Value names_if_nametoindex(Value self, Value name)
{
    PyObject *bytes =
        str_check(name) ? str_to_filename(value_object(name)) : bytes_from_value(name);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    unsigned index = if_nametoindex(bytes_data(bytes));
    return index == 0 ? error_raise(PyExc_OSError, "no interface with this name")
                      : value_from_int(index);
}

static Value names_if_indextoname(Value self, Value index)
{
    int n;
    char name[IF_NAMESIZE];
    if (arg_int(index, &n) < 0) {
        return VALUE_NULL;
    }
    return if_indextoname((unsigned)n, name) == NULL ? error_from_errno(NULL)
                                                     : value_from_object(str_from_text(name));
}

static const struct native_def functions[] = {
    {"getaddrinfo", "($module, /, host, port, family=0, type=0, proto=0, flags=0)",
     "The addresses of a host and port.", .n = names_getaddrinfo},
    {"gethostbyaddr", "($module, host, /)", "Name, aliases and addresses of a host's address.",
     .f1 = names_gethostbyaddr},
    {"gethostbyname", "($module, host, /)", "The IPv4 address of a host.",
     .f1 = names_gethostbyname},
    {"gethostbyname_ex", "($module, host, /)", "Name, aliases and addresses of a host.",
     .f1 = names_gethostbyname_ex},
    {"gethostname", "($module, /)", "The name of this machine.", .f0 = names_gethostname},
    {"getnameinfo", "($module, sockaddr, flags, /)", "Host and port of a socket address.",
     .n = names_getnameinfo},
    {"getprotobyname", "($module, name, /)", "The number of a protocol.",
     .f1 = names_getprotobyname},
    {"getservbyname", "($module, servicename, protocolname=None, /)", "The port of a service.",
     .n = names_getservbyname},
    {"getservbyport", "($module, port, protocolname=None, /)", "The service of a port.",
     .n = names_getservbyport},
    {"htonl", "($module, integer, /)", "A 32-bit number in network byte order.", .f1 = names_htonl},
    {"htons", "($module, integer, /)", "A 16-bit number in network byte order.", .f1 = names_htons},
    {"if_indextoname", "($module, index, /)", "The name of the network interface with this number.",
     .f1 = names_if_indextoname},
    {"if_nameindex", "($module, /)", "Numbers and names of all network interfaces.",
     .f0 = names_if_nameindex},
    {"if_nametoindex", "($module, name, /)", "The number of the network interface of this name.",
     .f1 = names_if_nametoindex},
    {"inet_aton", "($module, string, /)", "An IPv4 address in text as 4 bytes.",
     .f1 = names_inet_aton},
    {"inet_ntoa", "($module, packed_ip, /)", "4 bytes as an IPv4 address in text.",
     .f1 = names_inet_ntoa},
    {"inet_ntop", "($module, af, packed_ip, /)", "An address in bytes as text.",
     .n = names_inet_ntop},
    {"inet_pton", "($module, af, ip_string, /)", "An address in text as bytes.",
     .n = names_inet_pton},
    {"ntohl", "($module, integer, /)", "A 32-bit number from network byte order.",
     .f1 = names_ntohl},
    {"ntohs", "($module, integer, /)", "A 16-bit number from network byte order.",
     .f1 = names_ntohs},
    {NULL},
};

static PyObject *make_error(PyObject *module, const char *name)
{
    PyObject *dict = dict_new(), *bases = tuple_pack(1, PyExc_OSError);
    if (dict == NULL || bases == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(str_intern_text("socket"))) < 0) {
        return NULL;
    }
    Value type = type_new(&PyType_Type, str_intern_text(name), bases, dict, NULL);
    return value_is_null(type) || module_add(module, name, type) < 0 ? NULL : value_object(type);
}

int socket_add_names(PyObject *module)
{
    PyObject *name = str_intern_text("_socket");
    for (const struct native_def *def = functions; def->name != NULL; def++) {
        PyObject *function = native_function_new(def, value_from_object(module), name);
        if (module_add(module, def->name, value_from_object(function)) < 0) {
            return -1;
        }
    }
    gaierror_type = make_error(module, "gaierror");
    herror_type = make_error(module, "herror");
    return gaierror_type == NULL || herror_type == NULL ? -1 : 0;
}
