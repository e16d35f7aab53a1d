/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policies to return to, by text: what "bailiff reload --confirm" keeps until it is confirmed.
 *
 * One file, replaced as a whole and on the disk before the call returns, so that whoever starts
 * next, after a crash or a boot, knows what it may put in force:
 *
 *	no file                  what the configuration's files say
 *	confirmed alone          that, whatever the files say, until a reload was applied
 *	confirmed, unconfirmed   the latter until its time is over, then the former
 *
 * Nothing about the kernel or the loop. Used by the daemon's thread, and to be read by others.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "enforcer/json.h"
#include "enforcer/policy.h"

/* Beyond it nothing is kept: -EFBIG. */
#define BL_KEPT_BYTES_MAX (256u << 20)

/* How long a confirmation may be waited for, from a second to a day; both ends count. */
#define BL_CONFIRM_MS_MIN UINT64_C(1000)
#define BL_CONFIRM_MS_MAX UINT64_C(86400000)

#define BL_BOOT_ID_LEN 36

/* What a generation is compiled from. */
struct bl_kept_set {
	struct bl_policy_texts texts;
	bool is_audit_forced;
};

struct bl_kept {
	struct bl_kept_set confirmed;

	bool is_pending; /* the rest means something */
	struct bl_kept_set unconfirmed;
	uint64_t within_ms;            /* the time that was given */
	uint64_t until_ms;             /* when it is over, by the clock that begins with the boot */
	char boot[BL_BOOT_ID_LEN + 1]; /* of that boot */
};

void bl_kept_fini(struct bl_kept *kept);

/* Forgets what is not confirmed. */
void bl_kept_settle(struct bl_kept *kept);

/*
 * dir_fd is open for reading. On failure what was there before is there still; or either may be,
 * when the directory could not be brought to the disk.
 */
int bl_kept_save(int dir_fd, const struct bl_kept *kept) __attribute__((warn_unused_result));

/* -ENOENT: there is none. -EBADMSG: it is not what bl_kept_save() writes. */
int bl_kept_load(int dir_fd, struct bl_kept *ret_kept) __attribute__((warn_unused_result));

/* 0 also if there is none. */
int bl_kept_remove(int dir_fd) __attribute__((warn_unused_result));

/* How long is left by a clock that says now_ms in that boot; 0: none, or it was another boot. */
uint64_t bl_kept_left_ms(const struct bl_kept *kept, uint64_t now_ms, const char *boot);

/*
 * Adds to what "bailiff status" tells: "policies_kept" when what is confirmed is in force in place
 * of the files, "confirmation" with "within_ms" and "left_ms" when something waits for one. false:
 * out of memory.
 */
bool bl_kept_describe(const struct bl_kept *kept, uint64_t left_ms, struct json_object *status);

/* What the kernel calls this boot. */
int bl_boot_id(char ret_id[BL_BOOT_ID_LEN + 1]) __attribute__((warn_unused_result));

#define BL_KEPT_FILE "kept.json"
