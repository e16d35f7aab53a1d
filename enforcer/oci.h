/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an OCI bundle says of its container: config.json, as podman, CRI-O, containerd's CRI,
 * nerdctl and Docker write it. Names and annotations come from whoever starts containers, so the
 * text is bounded and every value is only ever copied. Which annotation means what is one table.
 */
#pragma once

#include <stddef.h>

#include <json-c/json.h>

#include "enforcer/container.h"

/* Of a config.json; Kubernetes allows annotations of 256 KiB. */
#define BL_OCI_CONFIG_MAX (1u << 20)

/* Of the annotations and labels that a config.json holds. */
#define BL_OCI_LABELS_MAX 4096

/* The annotation that says a container must not run unconfined, and what it says then. */
#define BL_OCI_REQUIRED      "bailiff.required"
#define BL_OCI_REQUIRED_TRUE "true"

/*
 * Reads <bundle_dir>/config.json into container: every member that is not set yet and that the
 * bundle tells, and all annotations as labels. -EFBIG: it is larger than BL_OCI_CONFIG_MAX, or has
 * more than BL_OCI_LABELS_MAX annotations.
 * -EINVAL: it is no regular file, or none as below. On failure container may hold part of it.
 */
int bl_oci_read_bundle(const char *bundle_dir, struct bl_container *container)
	__attribute__((warn_unused_result));

/*
 * The same of a text and of what it was parsed to; bundle_dir may be NULL. -EINVAL: it is not a
 * JSON object, or its annotations are not strings.
 */
int bl_oci_read_config(const char *text, size_t text_len, const char *bundle_dir,
		       struct bl_container *container) __attribute__((warn_unused_result));
int bl_oci_read_object(struct json_object *config, const char *bundle_dir,
		       struct bl_container *container) __attribute__((warn_unused_result));

/* Parses text of at most INT_MAX bytes that is one JSON object and nothing else. -EINVAL. */
int bl_oci_parse(const char *text, size_t text_len, struct json_object **ret_object)
	__attribute__((warn_unused_result));
