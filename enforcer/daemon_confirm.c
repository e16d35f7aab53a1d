// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A generation that returns to the one before unless it is confirmed in time.
 *
 * C1 What is in force is on the disk before what may replace it is looked at, and stays there until
 *    that is confirmed or something else was put in force for good. So whenever the daemon is
 *    killed, the next one knows.
 * C2 A start never puts in force what is not confirmed, but for the rest of its time.
 * C3 A daemon that is told to end cannot return later, so it returns before it ends.
 */
#include "enforcer/daemon_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "enforcer/log.h"
#include "enforcer/util.h"

/* After a return that failed: for want of memory, most likely. */
#define RETRY_MS UINT64_C(10000)

/* Of the timer: it need not wake together with others. */
#define ACCURACY_US 1000

static uint64_t now_ms(void)
{
	return bl_time_boot() / 1000000;
}

static uint64_t left_ms(const struct confirmation *confirmation)
{
	return bl_kept_left_ms(&confirmation->kept, now_ms(), confirmation->boot);
}

/* --- the state directory --- */

/* Whoever else could write there could have policies of their own put in force. */
static int check_dir(const char *path, int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_uid == geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	bl_log(BL_LOG_ERROR, "confirm",
	       "'%s' can be written by others: chown root '%s' && chmod 700 '%s'", path, path,
	       path);
	return -EPERM;
}

/* 0 also if there can be none: then nothing is kept, and nothing can be. */
static int open_dir(const char *path, int *ret_fd)
{
	bl_cleanup_close int fd = -1;
	int r;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		bl_log(BL_LOG_WARNING, "confirm",
		       "'%s' cannot be made: %s; without it 'bailiff reload --confirm' is refused",
		       path, strerror(errno));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0) {
		r = -errno;
		bl_log(BL_LOG_ERROR, "confirm", "'%s' cannot be opened: %s", path, strerror(-r));
		return r;
	}
	r = check_dir(path, fd);
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int bl_confirm_open(struct daemon *daemon)
{
	struct confirmation *confirmation = &daemon->confirmation;
	const char *path = daemon->config.state_dir;
	int r;

	r = bl_boot_id(confirmation->boot);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "confirm", "what this boot is called cannot be read: %s",
		       strerror(-r));
		return r;
	}
	r = open_dir(path, &confirmation->dir_fd);
	if (r < 0 || confirmation->dir_fd < 0)
		return r;
	r = bl_kept_load(confirmation->dir_fd, &confirmation->kept);
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "confirm",
		       "the policies kept in '%s/%s' cannot be read: %s; to start with those of the configuration instead, remove it",
		       path, BL_KEPT_FILE,
		       r == -EBADMSG ? "it is not what bailiff writes" : strerror(-r));
		return r;
	}
	confirmation->has_file = true;
	confirmation->is_kept = true;
	return 0;
}

void bl_confirm_fini(struct daemon *daemon)
{
	struct confirmation *confirmation = &daemon->confirmation;

	sd_event_source_disable_unref(confirmation->timer);
	bl_kept_fini(&confirmation->kept);
	if (confirmation->dir_fd >= 0)
		close(confirmation->dir_fd);
}

static int save(const struct confirmation *confirmation)
{
	return bl_kept_save(confirmation->dir_fd, &confirmation->kept);
}

static void warn_unsaved(const struct daemon *daemon, int error)
{
	bl_log(BL_LOG_ERROR, "confirm",
	       "'%s/%s' cannot be changed: %s; at its next start the daemon would believe it: repair the disk, then 'bailiff reload'",
	       daemon->config.state_dir, BL_KEPT_FILE, strerror(-error));
}

/* --- the timer --- */

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	struct daemon *daemon = context;
	bl_cleanup_json struct json_object *record = NULL;
	const char *message = NULL;
	int r;

	r = bl_confirm_return(daemon, "time", &record, &message);
	if (r < 0) {
		r = sd_event_source_set_time(source, (now_ms() + RETRY_MS) * 1000);
		if (r >= 0)
			r = sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	return r < 0 ? r : 0;
}

static void disarm(struct confirmation *confirmation)
{
	confirmation->timer = sd_event_source_disable_unref(confirmation->timer);
}

static int start_timer(struct daemon *daemon)
{
	struct confirmation *confirmation = &daemon->confirmation;

	return sd_event_add_time(daemon->event, &confirmation->timer, CLOCK_BOOTTIME,
				 confirmation->kept.until_ms * 1000, ACCURACY_US, on_time, daemon);
}

void bl_confirm_announce(const struct daemon *daemon)
{
	uint64_t number = daemon->rulesets.current->number;

	bl_log(BL_LOG_INFO, "confirm",
	       "generation %" PRIu64 " waits to be confirmed: in %" PRIu64
	       " s what was in force before returns, unless 'bailiff confirm' comes",
	       number, left_ms(&daemon->confirmation) / 1000);
	sd_notifyf(0, "STATUS=generation %" PRIu64 " in force, waits to be confirmed", number);
}

/* --- a reload that has to be confirmed --- */

int bl_confirm_keep(struct daemon *daemon)
{
	struct confirmation *confirmation = &daemon->confirmation;
	const struct bl_ruleset *current = daemon->rulesets.current;
	int r;

	confirmation->was_kept = confirmation->is_kept;
	if (confirmation->is_kept) /* it is what is in force */
		return 0;
	if (confirmation->dir_fd < 0)
		return -ENOENT;
	r = bl_policy_texts_copy(&current->texts, &confirmation->kept.confirmed.texts);
	if (r < 0)
		return r;
	confirmation->kept.confirmed.is_audit_forced = current->is_audit_forced;
	confirmation->has_file = true;
	confirmation->is_kept = true;
	r = save(confirmation);
	if (r < 0)
		bl_confirm_forget(daemon);
	return r;
}

int bl_confirm_begin(struct daemon *daemon, const struct bl_ruleset *ruleset, uint64_t confirm_ms)
{
	struct confirmation *confirmation = &daemon->confirmation;
	struct bl_kept *kept = &confirmation->kept;
	int r;

	r = bl_policy_texts_copy(&ruleset->texts, &kept->unconfirmed.texts);
	if (r < 0)
		return r;
	kept->unconfirmed.is_audit_forced = ruleset->is_audit_forced;
	kept->within_ms = confirm_ms;
	kept->until_ms = now_ms() + confirm_ms;
	memcpy(kept->boot, confirmation->boot, sizeof(kept->boot));
	kept->is_pending = true;
	/* Before it is in force: a generation without a timer would stay. */
	r = start_timer(daemon);
	return r < 0 ? r : save(confirmation);
}

void bl_confirm_abandon(struct daemon *daemon)
{
	struct confirmation *confirmation = &daemon->confirmation;
	int r;

	disarm(confirmation);
	bl_kept_settle(&confirmation->kept);
	if (confirmation->was_kept) {
		r = save(confirmation);
		if (r < 0)
			warn_unsaved(daemon, r);
	} else {
		bl_confirm_forget(daemon);
	}
}

void bl_confirm_forget(struct daemon *daemon)
{
	struct confirmation *confirmation = &daemon->confirmation;
	int r;

	if (!confirmation->has_file)
		return;
	bl_kept_fini(&confirmation->kept);
	confirmation->is_kept = false;
	r = bl_kept_remove(confirmation->dir_fd);
	if (r < 0)
		warn_unsaved(daemon, r);
	else
		confirmation->has_file = false;
}

/* --- confirmed, or not --- */

static void write_record(struct daemon *daemon, struct json_object *record,
			 struct json_object **ret_record)
{
	bl_intake_record(daemon->intake, record ? json_object_get(record) : NULL);
	*ret_record = record;
}

bool bl_confirm_is_late(const struct daemon *daemon)
{
	return left_ms(&daemon->confirmation) == 0;
}

int bl_confirm_settle(struct daemon *daemon, struct json_object **ret_record)
{
	struct confirmation *confirmation = &daemon->confirmation;
	uint64_t number = daemon->rulesets.current->number;
	int r;

	r = bl_kept_remove(confirmation->dir_fd);
	if (r < 0) {
		warn_unsaved(daemon, r);
		return r;
	}
	disarm(confirmation);
	bl_kept_fini(&confirmation->kept);
	confirmation->has_file = false;
	confirmation->is_kept = false;
	bl_log(BL_LOG_INFO, "confirm", "generation %" PRIu64 " is confirmed", number);
	sd_notifyf(0, "STATUS=generation %" PRIu64 " in force", number);
	write_record(daemon, bl_daemon_new_record(daemon, "confirm"), ret_record);
	return 0;
}

/* from: the number of what was not confirmed; 0: an earlier daemon's, which is not known. */
static struct json_object *new_return(struct daemon *daemon, const char *reason, uint64_t from)
{
	bl_cleanup_json struct json_object *record = bl_daemon_new_record(daemon, "return");

	if (!record || !bl_json_add_string(record, "reason", reason) ||
	    (from != 0 && !bl_json_add_u64(record, "from", from)))
		return NULL;
	return TAKE(record);
}

/*
 * On the disk it returns before it does in the kernel, so that whoever dies in between begins with
 * it. A disk that takes nothing is no reason to stay.
 */
static void save_return(const struct daemon *daemon)
{
	struct bl_kept settled = daemon->confirmation.kept;
	int r;

	settled.is_pending = false;
	r = bl_kept_save(daemon->confirmation.dir_fd, &settled);
	if (r < 0)
		warn_unsaved(daemon, r);
}

static void end_return(struct daemon *daemon, const char *reason, uint64_t from,
		       struct json_object **ret_record)
{
	struct confirmation *confirmation = &daemon->confirmation;

	disarm(confirmation);
	bl_kept_settle(&confirmation->kept);
	bl_log(BL_LOG_WARNING, "confirm",
	       "what was in force before has returned as generation %" PRIu64
	       " (%s); the files say something else: change them, then 'bailiff reload'",
	       daemon->rulesets.current->number, reason);
	write_record(daemon, new_return(daemon, reason, from), ret_record);
}

/* The command line goes before what is kept, as it does before the configuration. */
static int load_set(const struct daemon *daemon, const struct bl_kept_set *set,
		    struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	struct bl_kept_set forced = *set;

	forced.is_audit_forced = set->is_audit_forced || daemon->options->is_audit_forced;
	return bl_daemon_load(daemon, NULL, &forced, diags, ret_ruleset);
}

int bl_confirm_return(struct daemon *daemon, const char *reason, struct json_object **ret_record,
		      const char **reterr_message)
{
	bl_cleanup(bl_daemon_free_ruleset) struct bl_ruleset *ruleset = NULL;
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	uint64_t from = daemon->rulesets.current->number;
	size_t containers = 0;
	int r;

	*reterr_message = "what is kept cannot be compiled";
	save_return(daemon);
	r = load_set(daemon, &daemon->confirmation.kept.confirmed, &diags, &ruleset);
	if (r == 0)
		r = bl_daemon_apply(daemon, ruleset, &containers, reterr_message);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "confirm",
		       "what was in force before cannot return: %s: %s; generation %" PRIu64
		       " stays in force until it can",
		       *reterr_message, strerror(-r), from);
		return r;
	}
	ruleset = NULL;
	end_return(daemon, reason, from, ret_record);
	return 0;
}

/* --- start --- */

int bl_confirm_load_first(struct daemon *daemon, struct bl_diags *diags,
			  struct bl_ruleset **ret_ruleset)
{
	struct confirmation *confirmation = &daemon->confirmation;
	struct bl_kept *kept = &confirmation->kept;
	int r;

	if (!confirmation->is_kept)
		return bl_daemon_load(daemon, &daemon->config, NULL, diags, ret_ruleset);
	if (kept->is_pending && left_ms(confirmation) == 0)
		confirmation->returned =
			strcmp(kept->boot, confirmation->boot) == 0 ? "restart" : "reboot";
	if (kept->is_pending && !confirmation->returned) {
		r = load_set(daemon, &kept->unconfirmed, diags, ret_ruleset);
		if (r != -EINVAL && r != -E2BIG)
			return r;
		confirmation->returned = "invalid";
		bl_diags_fini(diags);
		*diags = (struct bl_diags){0};
	}
	if (confirmation->returned) {
		save_return(daemon);
		bl_kept_settle(kept);
	}
	bl_log(BL_LOG_WARNING, "confirm",
	       "the policies kept in '%s' are put in force, not those of the configuration; 'bailiff reload' changes that",
	       daemon->config.state_dir);
	r = load_set(daemon, &kept->confirmed, diags, ret_ruleset);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "confirm",
		       "what is kept in '%s/%s' is not valid for this version; to start with the policies of the configuration, remove it",
		       daemon->config.state_dir, BL_KEPT_FILE);
	return r;
}

int bl_confirm_resume(struct daemon *daemon)
{
	struct confirmation *confirmation = &daemon->confirmation;
	bl_cleanup_json struct json_object *record = NULL;
	int r;

	if (confirmation->returned) {
		end_return(daemon, confirmation->returned, 0, &record);
		confirmation->returned = NULL;
		return 0;
	}
	if (!confirmation->kept.is_pending)
		return 0;
	r = start_timer(daemon);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "confirm", "the time cannot be measured: %s", strerror(-r));
		return r;
	}
	bl_confirm_announce(daemon);
	return 0;
}

int bl_confirm_describe(const struct daemon *daemon, struct json_object *object)
{
	const struct confirmation *confirmation = &daemon->confirmation;

	if (!confirmation->is_kept)
		return 0;
	return bl_kept_describe(&confirmation->kept, left_ms(confirmation), object) ? 0 : -ENOMEM;
}
