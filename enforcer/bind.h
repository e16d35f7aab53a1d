/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request "bind", by which a runtime's hook (bailiff-oci-hook) tells of a container that is
 * being made: its cgroup is bound before it is answered, so before the container's first
 * instruction (I5), and the runtime's process in it is left alone until it executes a program.
 *
 *	{"request":"bind","id":"8f3c...","pid":4711,"bundle":"/run/.../8f3c...",
 *	 "config":{"hostname":"web-1","annotations":{"io.kubernetes.cri.image-name":"nginx:1"}}}
 *	{"bound":true,"cgroup":"/kubepods.slice/...","policies":["web"]}
 *
 * config is of the bundle's config.json, which the daemon does not read itself: it may lie on any
 * file system, also one that does not answer. Only the process's number counts for where the
 * container is; everything else is what it is called.
 */
#pragma once

#include "enforcer/json.h"
#include "enforcer/ruleset.h"
#include "enforcer/sensor.h"

/*
 * -errno with *reterr_message, static, as bl_control_handler wants it; then nothing was bound.
 */
int bl_bind_answer(struct bl_sensor *sensor, const struct bl_ruleset *ruleset,
		   const char *cgroup_root, struct json_object *request,
		   struct json_object **ret_reply, const char **reterr_message)
	__attribute__((warn_unused_result));
