// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/seal.h"

#include <errno.h>

#include "enforcer/event.h"
#include "enforcer/secret.h"

#define NS_PER_S UINT64_C(1000000000)

void bl_seal_close(struct bl_seal *seal)
{
	bl_sensor_guard(seal->sensor)->is_sealed = 1;
}

bool bl_seal_is_closed(const struct bl_seal *seal)
{
	return bl_sensor_guard(seal->sensor)->is_sealed != 0;
}

int bl_seal_open(struct bl_seal *seal, const char *secret, const char **reterr_message)
{
	uint64_t boot_ns = bl_time_boot();

	if (!bl_seal_is_closed(seal))
		return 0;
	if (!seal->hash) {
		*reterr_message =
			"no secret was configured when the daemon started ('unseal_hash'); only a restart of the machine opens the seal";
		return -ENOKEY;
	}
	if (boot_ns < seal->wait_until_ns) {
		*reterr_message = "one secret a second is tried; wait and try again";
		return -EAGAIN;
	}
	if (!bl_secret_matches(secret, seal->hash)) {
		seal->wait_until_ns = bl_time_boot() + BL_SEAL_WAIT_S * NS_PER_S;
		*reterr_message = "this is not the secret";
		return -EACCES;
	}
	bl_sensor_guard(seal->sensor)->is_sealed = 0;
	return 0;
}
