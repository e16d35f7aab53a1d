/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seal (I11): while it is closed nobody but the daemon changes the engine, root included. It is
 * opened by a secret whose hash the configuration had when the daemon started, or by a restart of
 * the machine. What it stops is in the programs: bpf/guard.bpf.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "enforcer/sensor.h"

/* Between two tries of a secret. */
#define BL_SEAL_WAIT_S 1

/* What is said besides when root is refused what is pinned. */
#define BL_SEAL_HINT                                                                               \
	"; if a daemon sealed it and is gone, what it put into force stays until the machine is restarted"

/* Why what would change what is in force is refused. */
#define BL_SEAL_REFUSAL "the engine is sealed; 'bailiff unseal' opens the seal"

struct bl_seal {
	struct bl_sensor *sensor; /* borrowed */
	const char *hash;         /* borrowed; NULL: no secret opens it */
	uint64_t wait_until_ns;   /* CLOCK_BOOTTIME */
};

void bl_seal_close(struct bl_seal *seal);
bool bl_seal_is_closed(const struct bl_seal *seal);

/*
 * Opens it. -EACCES: the secret is another; -ENOKEY: there is none; -EAGAIN: too soon after the
 * last try. *reterr_message (static) says so with the remedy. An open seal stays open.
 */
int bl_seal_open(struct bl_seal *seal, const char *secret, const char **reterr_message)
	__attribute__((warn_unused_result));
