/* SPDX-License-Identifier: MIT */
/* libcrypto and libb2, loaded when the first hash object is made: with what they bring along they
 * are two megabytes, which most programs have no use for. */
#ifndef OROCHI_MODULE_DIGEST_LIBRARIES_H
#define OROCHI_MODULE_DIGEST_LIBRARIES_H

#include <blake2.h>
#include <openssl/evp.h>
#include <stdbool.h>

/* The functions of libcrypto and libb2, named as there without the prefix. Constant once
 * ..._ensure has returned true. */
struct crypto_functions {
    __typeof__(EVP_MD_CTX_new) *ctx_new;
    __typeof__(EVP_MD_CTX_free) *ctx_free;
    __typeof__(EVP_MD_CTX_copy_ex) *ctx_copy_ex;
    __typeof__(EVP_DigestInit_ex) *init_ex;
    __typeof__(EVP_DigestUpdate) *update;
    __typeof__(EVP_DigestFinal_ex) *final_ex;
    __typeof__(EVP_DigestFinalXOF) *final_xof;
};
struct blake_functions {
    __typeof__(blake2b_init_param) *b_init_param;
    __typeof__(blake2b_update) *b_update;
    __typeof__(blake2b_final) *b_final;
    __typeof__(blake2s_init_param) *s_init_param;
    __typeof__(blake2s_update) *s_update;
    __typeof__(blake2s_final) *s_final;
};
extern struct crypto_functions crypto;
extern struct blake_functions blake;

/* Loads the library if that has not happened yet. False with an exception set. */
bool crypto_ensure(void);
bool blake_ensure(void);
/* The digest that the function of this name describes ("EVP_sha256"). After crypto_ensure. */
const EVP_MD *crypto_find_digest(const char *symbol);

#endif
