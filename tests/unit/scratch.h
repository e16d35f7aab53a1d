/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of a test's own, and gone after it. */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct scratch {
	char dir[64];
	char path[128]; /* of the file the test is about */
};

static inline int scratch_make(struct scratch *scratch, const char *name)
{
	const char *parent = getenv("TMPDIR");

	/* Sockets have to fit into sun_path. */
	if (!parent || snprintf(scratch->dir, sizeof(scratch->dir), "%s/bailiff-XXXXXX", parent) >=
			       (int)sizeof(scratch->dir))
		snprintf(scratch->dir, sizeof(scratch->dir), "/tmp/bailiff-XXXXXX");
	if (!mkdtemp(scratch->dir))
		return -1;
	snprintf(scratch->path, sizeof(scratch->path), "%s/%s", scratch->dir, name);
	return 0;
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	return remove(path);
}

static inline void scratch_remove(struct scratch *scratch)
{
	nftw(scratch->dir, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
