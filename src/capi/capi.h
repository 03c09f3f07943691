/* SPDX-License-Identifier: MIT */
/* The extension boundary, for main/. */
#ifndef OROCHI_CAPI_CAPI_H
#define OROCHI_CAPI_CAPI_H

/* Start-up: sets the hooks through which the layers below reach extension code. */
void capi_init(void);
/* The calling thread is in code of a program that embeds Python from now on: extension code, under
 * the extension lock. May wait for it. */
void capi_begin_embedding(void);
/* The same thread is in our own code again. */
void capi_end_embedding(void);
/* Another interpreter is about to be made: forgets modules of extensions, not their types. */
void capi_reset(void);
/* After sys_audit_end; all other threads are frozen. */
void capi_forget_audit_hooks(void);

#endif
