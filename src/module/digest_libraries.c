/* SPDX-License-Identifier: MIT */
#include "module/digest_libraries.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "object/error.h"

struct crypto_functions crypto;
struct blake_functions blake;

static void *crypto_library, *blake_library;

static const char *const crypto_names[] = {
    "EVP_MD_CTX_new",   "EVP_MD_CTX_free",    "EVP_MD_CTX_copy_ex", "EVP_DigestInit_ex",
    "EVP_DigestUpdate", "EVP_DigestFinal_ex", "EVP_DigestFinalXOF"};
static const char *const blake_names[] = {"blake2b_init_param", "blake2b_update", "blake2b_final",
                                          "blake2s_init_param", "blake2s_update", "blake2s_final"};

/* Fills the structure at `functions`, which has a pointer per name, in order. NULL if something is
 * missing. */
static void *load(const char *library, const char *const *names, size_t count, void *functions)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < count && handle != NULL; i++) {
        void *function = dlsym(handle, names[i]);
        if (function == NULL) {
            return NULL;
        }
        memcpy((char *)functions + i * sizeof function, &function, sizeof function);
    }
    return handle;
}

static void load_crypto(void)
{
    _Static_assert(sizeof crypto / sizeof(void *) == sizeof crypto_names / sizeof *crypto_names,
                   "a name per function");
    crypto_library =
        load("libcrypto.so.3", crypto_names, sizeof crypto_names / sizeof *crypto_names, &crypto);
}

static void load_blake(void)
{
    _Static_assert(sizeof blake / sizeof(void *) == sizeof blake_names / sizeof *blake_names,
                   "a name per function");
    blake_library =
        load("libb2.so.1", blake_names, sizeof blake_names / sizeof *blake_names, &blake);
}

static bool report(const void *library, const char *name)
{
    if (library == NULL) {
        error_raise(PyExc_ImportError, "%s cannot be loaded", name);
        return false;
    }
    return true;
}

bool crypto_ensure(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_crypto);
    return report(crypto_library, "libcrypto.so.3");
}

bool blake_ensure(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_blake);
    return report(blake_library, "libb2.so.1");
}

const EVP_MD *crypto_find_digest(const char *symbol)
{
    const EVP_MD *(*function)(void);
    void *address = dlsym(crypto_library, symbol);
    memcpy(&function, &address, sizeof function);
    return address != NULL ? function() : NULL;
}
