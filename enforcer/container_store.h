/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of containers, kept from one daemon to the next: what a hook has told is in no file
 * of a runtime's, and a runtime may have removed its files while tasks of the container live on.
 * One file a container in a directory of our own, which the next boot does not find any more.
 */
#pragma once

#include "enforcer/containers.h"

/* Makes the directory if it is not there. Not thought for others to read. */
int bl_container_store_make(const char *dir) __attribute__((warn_unused_result));

/* Replaces what there was of that cgroup. */
int bl_container_save(const char *dir, const struct bl_known *known)
	__attribute__((warn_unused_result));

/* There may be none. */
int bl_container_forget(const char *dir, uint64_t id) __attribute__((warn_unused_result));

/*
 * Adds what was saved. Whether their cgroups are still there is the caller's to find out. A file
 * that is none is passed over: ret_broken counts them.
 */
int bl_container_load(const char *dir, struct bl_containers *containers, size_t *ret_broken)
	__attribute__((warn_unused_result));
