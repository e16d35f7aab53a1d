/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator set in /etc/bailiff/bailiff.ini and on the command line: where things are and
 * how much of them. Says nothing about what is enforced; that is policies. Owned by whoever read
 * it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "enforcer/log.h"
#include "enforcer/policy.h"

/* BL_CONFIG_DIR comes from the build: /etc/bailiff unless configured otherwise. */
#define BL_CONFIG_FILE BL_CONFIG_DIR "/bailiff.ini"

/* Smallest and largest ring buffer; both powers of two. */
#define BL_CONFIG_RING_MIN (64u << 10)
#define BL_CONFIG_RING_MAX (1u << 30)

struct bl_config {
	char **policies; /* files and directories; at least one */
	size_t policies_count;

	char *events_file; /* NULL: no file */
	bool is_stdout;
	char *node; /* how records call this machine */

	char *pin_dir;
	char *cgroup_root; /* NULL: wherever cgroup2 is mounted */
	size_t ring_bytes;

	char *run_dir;   /* of the socket and the pid file */
	char *state_dir; /* of what outlives a boot */
	enum bl_log_level log_level;
	bool is_audit_forced;
	bool is_sandboxed; /* the daemon confines itself */
	bool is_sealed;	   /* the engine is sealed once everything is in force */
	char *unseal_hash; /* of the secret that opens the seal; NULL: none does */
};

/* All defaults. -ENOMEM. */
int bl_config_init(struct bl_config *config) __attribute__((warn_unused_result));
void bl_config_fini(struct bl_config *config);

/*
 * Reads text over the defaults. -EINVAL when diags grew errors; *ret_config is written on success
 * only. file is what diagnostics call it.
 */
int bl_config_parse(const char *text, size_t text_len, const char *file, struct bl_diags *diags,
		    struct bl_config *ret_config) __attribute__((warn_unused_result));

/*
 * The same from a file; errors of opening and reading it are diagnostics too. file NULL:
 * BL_CONFIG_FILE, which need not exist.
 */
int bl_config_load(const char *file, struct bl_diags *diags, struct bl_config *ret_config)
	__attribute__((warn_unused_result));

/* Command line over file: replaces the list by this one path. */
int bl_config_set_policies(struct bl_config *config, const char *path)
	__attribute__((warn_unused_result));

/* value NULL clears. Frees what was there. */
int bl_config_set_string(char **field, const char *value) __attribute__((warn_unused_result));

/* "<run_dir>/<name>", freed with free(). */
char *bl_config_run_path(const struct bl_config *config, const char *name)
	__attribute__((warn_unused_result));
#define BL_CONFIG_SOCKET   "bailiff.sock"
#define BL_CONFIG_PID_FILE "bailiff.pid"
