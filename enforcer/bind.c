// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/bind.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "enforcer/container.h"
#include "enforcer/log.h"
#include "enforcer/oci.h"
#include "enforcer/process_cgroup.h"
#include "enforcer/util.h"

static const char *cgroup_message(int error)
{
	switch (error) {
	case -ESRCH:
		return "there is no process of the number in 'pid'";
	case -EOPNOTSUPP:
		return "the container is in no cgroup of cgroup2, which is what policies are bound to: boot with systemd.unified_cgroup_hierarchy=1";
	case -ENOENT:
		return "the container's cgroup has been removed";
	case -EXDEV:
		return "the container's cgroup is outside of what the daemon sees";
	case -ENAMETOOLONG:
		return "the path of the container's cgroup is longer than 1022 bytes";
	}
	return NULL;
}

/*
 * A container that was made without a cgroup is in its runtime's: to bind that would bind whoever
 * started it, a service or a session of the host.
 */
static int find_cgroup(pid_t tgid, char *path, size_t size, const char **reterr_message)
{
	char parents[BL_CGROUP_PATH_MAX];
	pid_t parent = 0;
	int r;

	r = bl_process_cgroup(tgid, path, size);
	if (r < 0) {
		*reterr_message = cgroup_message(r);
		return r;
	}
	if (strcmp(path, "/") == 0) {
		*reterr_message = "the container has no cgroup of its own: it is in the root";
		return -EINVAL;
	}
	r = bl_process_parent(tgid, &parent);
	if (r == 0 && parent > 0 && bl_process_cgroup(parent, parents, sizeof(parents)) == 0 &&
	    strcmp(path, parents) == 0) {
		*reterr_message =
			"the container has no cgroup of its own: it is in its runtime's; start it with one";
		return -EINVAL;
	}
	return r;
}

static int set_string(char **member, const char *text)
{
	*member = strdup(text);
	return *member ? 0 : -ENOMEM;
}

static int read_container(struct json_object *request, struct bl_container *container,
			  pid_t *ret_tgid, const char **reterr_message)
{
	struct json_object *config = bl_json_get(request, "config", json_type_object);
	const char *bundle = bl_json_get_string(request, "bundle");
	const char *id = bl_json_get_string(request, "id");
	uint64_t tgid = bl_json_get_u64(request, "pid");
	char cgroup[BL_CGROUP_PATH_MAX];
	int r;

	if (!id || !bundle || !config || tgid == 0 || tgid > INT_MAX) {
		*reterr_message = "'bind' wants 'id', 'pid', 'bundle' and 'config'";
		return -EINVAL;
	}
	r = set_string(&container->id, id);
	if (r < 0)
		return r;
	r = bl_oci_read_object(config, bundle, container);
	if (r == -EFBIG)
		*reterr_message = "the container has more than 4096 annotations";
	else if (r == -EINVAL)
		*reterr_message = "an annotation in the bundle's config.json is not a string";
	if (r < 0)
		return r;
	r = find_cgroup((pid_t)tgid, cgroup, sizeof(cgroup), reterr_message);
	if (r < 0)
		return r;
	*ret_tgid = (pid_t)tgid;
	return set_string(&container->cgroup, cgroup);
}

static int add_policies(struct json_object *reply, const struct bl_ruleset *ruleset,
			uint32_t profile)
{
	struct json_object *names = bl_json_add_array(reply, "policies");
	const struct bl_compiled_profile *compiled;

	if (!names)
		return -ENOMEM;
	if (profile == 0)
		return 0;
	compiled = &ruleset->generation.profiles[profile - 1];
	for (size_t i = 0; i < compiled->policies_count; i++) {
		const char *name = compiled->policies[i]->name;

		if (!bl_json_append(names, bl_json_new_bytes(name, strlen(name))))
			return -ENOMEM;
	}
	return 0;
}

static const char *bind_message(int error, const struct bl_diags *diags)
{
	if (error == -ENOSPC)
		return "there are too many different combinations of policies for the container's own; see the daemon's log";
	if (diags->errors > 0)
		return "the policies that select the container cannot be combined; see the daemon's log";
	if (error == -E2BIG)
		return "no more than 65536 cgroups can be bound at a time";
	return "the container's cgroup cannot be bound; see the daemon's log";
}

static int make_reply(const struct bl_ruleset *ruleset, const char *cgroup, uint32_t profile,
		      struct json_object **ret_reply)
{
	bl_cleanup_json struct json_object *reply = json_object_new_object();

	if (!reply || !bl_json_add_bool(reply, "bound", profile != 0) ||
	    !bl_json_add_bytes(reply, "cgroup", cgroup, strlen(cgroup)) ||
	    add_policies(reply, ruleset, profile) < 0)
		return -ENOMEM;
	*ret_reply = TAKE(reply);
	return 0;
}

int bl_bind_answer(struct bl_discovery *discovery, const struct bl_ruleset *ruleset,
		   struct json_object *request, struct json_object **ret_reply,
		   const char **reterr_message)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	bl_cleanup_free char *cgroup = NULL;
	bl_cleanup_free char *who = NULL;
	uint32_t profile = 0;
	pid_t tgid = 0;
	int r;

	r = read_container(request, &container, &tgid, reterr_message);
	if (r < 0)
		return r;
	cgroup = strdup(container.cgroup);
	if (!cgroup || asprintf(&who, "container '%s' of %s, cgroup '%s'", container.id,
				container.runtime, container.cgroup) < 0) {
		who = NULL;
		return -ENOMEM;
	}
	r = bl_discovery_tell(discovery, &container, tgid, &diags, &profile);
	if (r < 0) {
		*reterr_message = bind_message(r, &diags);
		bl_log(BL_LOG_ERROR, "bind", "%s: %s", who, strerror(-r));
		return r;
	}
	bl_log(BL_LOG_DEBUG, "bind", "%s: %s", who, profile ? "bound" : "selected by no policy");
	return make_reply(ruleset, cgroup, profile, ret_reply);
}
