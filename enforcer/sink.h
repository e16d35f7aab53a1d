/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where records go. A sink takes whole lines, never waits for a reader, and never leaves half a
 * line for the next one to continue: what it cannot take it drops, and counts. Used by the daemon's
 * thread only. sink_jsonl.c and sink_stdout.c are the implementations.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct bl_sink;

struct bl_sink_ops {
	const char *name;
	/* Takes the whole line, newline included, or nothing: -errno. */
	int (*write)(struct bl_sink *sink, const char *line, size_t len);
	int (*reopen)(struct bl_sink *sink); /* after rotation; NULL if there is nothing to open */
	int (*flush)(struct bl_sink *sink);
	void (*free)(struct bl_sink *sink);
};

struct bl_sink {
	const struct bl_sink_ops *ops;
	uint64_t written; /* lines */
	uint64_t dropped; /* lines, since the sink was made */
	int error;        /* what the last write came to: 0 or -errno */
};

/*
 * Appends to a regular file, which is made with mode 0640, and its directory if that is missing.
 * Follows no symbolic link at the end of path. A file that cannot be opened is no failure here,
 * since records must not keep policies from being enforced: the sink's error says why, and each
 * write tries again.
 */
int bl_sink_jsonl_new(const char *path, struct bl_sink **ret_sink)
	__attribute__((warn_unused_result));

int bl_sink_stdout_new(struct bl_sink **ret_sink) __attribute__((warn_unused_result));

/* For sinks on other descriptors: takes fd over on success. */
int bl_sink_fd_new(int fd, struct bl_sink **ret_sink) __attribute__((warn_unused_result));

/* Counts. Returns what the sink's write returned. */
int bl_sink_write(struct bl_sink *sink, const char *line, size_t len);
int bl_sink_reopen(struct bl_sink *sink) __attribute__((warn_unused_result));
int bl_sink_flush(struct bl_sink *sink) __attribute__((warn_unused_result));

/* Accepts NULL. */
void bl_sink_free(struct bl_sink *sink);
