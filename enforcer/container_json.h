/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a container, as records, status and ps show it. */
#pragma once

#include <stdbool.h>

#include "enforcer/container.h"
#include "enforcer/json.h"

/* Of labels so many are shown, and so much of each. */
#define BL_LABELS_SHOWN_MAX      32
#define BL_LABEL_SHOWN_BYTES_MAX 256

/*
 * Adds what is known to the object: runtime, runtime_id, name, image, pod, namespace, unit; and the
 * labels, but for those that engines make for themselves. Its cgroup is the caller's.
 */
bool bl_json_add_container(struct json_object *object, const struct bl_container *container);
