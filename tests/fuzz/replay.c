// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeds files to a fuzz target, for builds without a fuzzer: what was once found stays found. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/policy.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *directory, const char *name)
{
	bl_cleanup_free char *text = NULL;
	char path[4096];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	r = bl_read_file(path, BL_POLICY_BYTES_MAX, &text, &len);
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
		return 1;
	}
	return LLVMFuzzerTestOneInput((const uint8_t *)text, len);
}

int main(int argc, char **argv)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		bl_cleanup_closedir DIR *directory = opendir(argv[i]);
		struct dirent *entry;

		while (directory && (entry = readdir(directory))) {
			if (*entry->d_name == '.')
				continue;
			count++;
			if (replay(argv[i], entry->d_name))
				return 1;
		}
	}
	printf("%zu files\n", count);
	return count ? 0 : 1;
}
