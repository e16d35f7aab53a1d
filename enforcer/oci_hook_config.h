/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator set for bailiff-oci-hook in /etc/bailiff/oci-hook.ini: where the daemon is, how
 * long it is waited for, and what becomes of a container when it does not answer. The daemon's own
 * configuration is config.h; the hook must not fail because of that.
 */
#pragma once

#include <stdbool.h>

#include "enforcer/policy.h"

#define BL_HOOK_CONFIG_FILE BL_CONFIG_DIR "/oci-hook.ini"

#define BL_HOOK_TIMEOUT_MS     2000
#define BL_HOOK_TIMEOUT_MS_MAX 60000

struct bl_hook_config {
	char *socket;
	unsigned timeout_ms; /* for everything that the hook does */
	bool is_refusing;    /* on_unavailable = refuse */
};

void bl_hook_config_fini(struct bl_hook_config *config);

/*
 * Reads file, which need not exist, over the defaults. -EINVAL, and what open() and read() return:
 * diags say why. *ret_config is written on success only.
 */
int bl_hook_config_load(const char *file, struct bl_diags *diags, struct bl_hook_config *ret_config)
	__attribute__((warn_unused_result));
