// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_default.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/util.h"

void bl_container_default_clear_exempt(struct bl_container_default *container_default)
{
	for (size_t i = 0; i < container_default->exempt_count; i++)
		free(container_default->exempt[i]);
	container_default->exempt_count = 0;
}

void bl_container_default_fini(struct bl_container_default *container_default)
{
	bl_container_default_clear_exempt(container_default);
	free(container_default->exempt);
	free(container_default->policy);
	*container_default = (struct bl_container_default){0};
}

int bl_container_default_exempt(struct bl_container_default *container_default, const char *pattern)
{
	size_t count = container_default->exempt_count;
	char **grown = reallocarray(container_default->exempt, count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	container_default->exempt = grown;
	grown[count] = strdup(pattern);
	if (!grown[count])
		return -ENOMEM;
	container_default->exempt_count++;
	return 0;
}

int bl_container_default_copy(const struct bl_container_default *container_default,
			      struct bl_container_default *ret_copy)
{
	bl_cleanup(bl_container_default_fini) struct bl_container_default copy = {0};

	if (container_default->policy) {
		copy.policy = strdup(container_default->policy);
		if (!copy.policy)
			return -ENOMEM;
	}
	for (size_t i = 0; i < container_default->exempt_count; i++) {
		int r = bl_container_default_exempt(&copy, container_default->exempt[i]);

		if (r < 0)
			return r;
	}
	*ret_copy = copy;
	copy = (struct bl_container_default){0};
	return 0;
}
