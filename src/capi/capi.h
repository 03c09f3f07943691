/* SPDX-License-Identifier: MIT */
/* The extension boundary, for main/. */
#ifndef OROCHI_CAPI_CAPI_H
#define OROCHI_CAPI_CAPI_H

/* Start-up: sets the hooks through which the layers below reach extension code. */
void capi_init(void);

#endif
