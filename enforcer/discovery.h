/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers that nobody tells of: found in the cgroup tree, when the daemon starts and as cgroups
 * are made, by the names that runtimes give them, and bound to the policies that select them.
 *
 * The kernel tells of cgroups in a ring buffer of their own. If that was full, the tree is looked
 * through again, so that nothing is missed for good. A runtime may write what it knows of a
 * container after it has made the cgroup; then its files are looked for again for a while. Part of
 * the daemon's loop, and logs.
 */
#pragma once

#include <sys/types.h>

#include <systemd/sd-event.h>

#include "enforcer/binding.h"
#include "enforcer/intake.h"
#include "enforcer/records.h"

struct bl_discovery;

/* What it works on: borrowed, and must outlive it. */
struct bl_discovery_sources {
	struct bl_binder *binder; /* in force; what it holds changes at a reload */
	struct bl_containers *containers;
	struct bl_intake *intake;
	struct bl_records *records;
	const char *store; /* directory in which what is known is kept for the next daemon */
};

/* Looks at no cgroup yet, and forgets what an earlier daemon was told of. */
int bl_discovery_new(sd_event *event, const struct bl_discovery_sources *sources,
		     struct bl_discovery **ret_discovery) __attribute__((warn_unused_result));

/* Accepts NULL. */
void bl_discovery_free(struct bl_discovery *discovery);

/*
 * The cgroup that this process is in; it stays NULL if that cannot be told. Few daemons are in a
 * container: it is for them that it is asked.
 */
int bl_discovery_own_cgroup(char **ret_cgroup) __attribute__((warn_unused_result));

/*
 * Finds the containers that run, for bl_apply() to bind: those that an earlier daemon knew, and all
 * whose cgroups are there.
 */
int bl_discovery_scan(struct bl_discovery *discovery) __attribute__((warn_unused_result));

/*
 * A container that a runtime's hook has told of: takes over what *container owns, which has a
 * cgroup, and binds it. If its cgroup is in that of a container that has been found, as with crun,
 * it is that one: what is told goes before what was found, which completes it, but for the name.
 * runtime_tgid is the process in that cgroup in which the runtime sets the container up, which is
 * not decided until it executes a program; 0: none. Errors as bl_binding_bind_container(); -ENOENT:
 * there is no such cgroup. *ret_profile is 1 + the profile's index in the generation, 0 if no
 * policy selects it.
 */
int bl_discovery_tell(struct bl_discovery *discovery, struct bl_container *container,
		      pid_t runtime_tgid, struct bl_diags *diags, uint32_t *ret_profile)
	__attribute__((warn_unused_result));
