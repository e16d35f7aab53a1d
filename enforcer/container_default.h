/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What [containers] says: which policy holds for containers that no policy selects. It belongs to
 * the policies it was read with: whatever puts these in force again, puts it in force with them.
 */
#pragma once

#include <stddef.h>

struct bl_container_default {
	char *policy;  /* NULL: none */
	char **exempt; /* patterns of cgroups it is not for */
	size_t exempt_count;
};

void bl_container_default_fini(struct bl_container_default *container_default);

/* -ENOMEM leaves it as it was. */
int bl_container_default_exempt(struct bl_container_default *container_default, const char *pattern)
	__attribute__((warn_unused_result));
void bl_container_default_clear_exempt(struct bl_container_default *container_default);

int bl_container_default_copy(const struct bl_container_default *container_default,
			      struct bl_container_default *ret_copy)
	__attribute__((warn_unused_result));
