// SPDX-License-Identifier: GPL-2.0-or-later
/* A config.json of any kind: it is refused, or every string of it is whole and known under a key. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/oci.h"
#include "enforcer/process_cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static void read_config(const uint8_t *data, size_t size)
{
	struct bl_container container = {0};
	int r = bl_oci_read_config((const char *)data, size,
				   "/run/containerd/io.containerd.runtime.v2.task/moby/web",
				   &container);

	require(r == 0 || r == -EINVAL || r == -EFBIG || r == -ENOMEM);
	require(container.label_count <= BL_OCI_LABELS_MAX);
	for (size_t i = 0; i < container.label_count; i++)
		require(container.labels[i].key && container.labels[i].value);
	if (r == 0)
		require(container.id && *container.id && container.runtime);
	require(!container.name || *container.name);
	require(!container.unit && !container.cgroup);
	bl_container_fini(&container);
}

static void read_cgroup(const uint8_t *data, size_t size)
{
	char path[64];
	char *text = malloc(size + 1);

	require(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (bl_process_cgroup_parse(text, path, sizeof(path)) == 0) {
		require(path[0] == '/' && strlen(path) < sizeof(path));
		require(!strstr(path, "/../"));
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_config(data, size);
	read_cgroup(data, size);
	return 0;
}
