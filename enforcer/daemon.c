// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/daemon_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "enforcer/exe_reader.h"
#include "enforcer/guard.h"
#include "enforcer/lock.h"
#include "enforcer/log.h"
#include "enforcer/probe.h"
#include "enforcer/sandbox.h"
#include "enforcer/util.h"

static void fini_daemon(struct daemon *daemon)
{
	bl_control_free(daemon->control);
	bl_runs_free(daemon->runs);
	bl_confirm_fini(daemon);
	bl_discovery_free(daemon->discovery);
	bl_intake_free(daemon->intake);
	bl_exe_reader_free(daemon->exe_reader);
	bl_records_free(daemon->records);
	sd_event_unref(daemon->event);
	bl_sensor_free(daemon->sensor);
	bl_tables_fini(&daemon->tables);
	bl_containers_fini(&daemon->containers);
	free(daemon->own_cgroup);
	free(daemon->store);
	bl_rulesets_fini(&daemon->rulesets);
	bl_config_fini(&daemon->config);
	free(daemon->cgroup_root);
	if (daemon->lock_fd >= 0)
		close(daemon->lock_fd);
}

/* --- configuration --- */

static int apply_options(const struct bl_daemon_options *options, struct bl_config *config)
{
	int r = 0;

	if (options->policies)
		r = bl_config_set_policies(config, options->policies);
	if (r == 0 && options->events_file)
		r = bl_config_set_string(
			&config->events_file,
			strcmp(options->events_file, "none") == 0 ? NULL : options->events_file);
	if (r == 0 && options->pin_dir)
		r = bl_config_set_string(&config->pin_dir, options->pin_dir);
	if (options->is_audit_forced)
		config->is_audit_forced = true;
	if (options->is_stdout)
		config->is_stdout = true;
	if (options->is_sandbox_off)
		config->is_sandboxed = false;
	if (options->is_sealed)
		config->is_sealed = true;
	if (options->log_level >= 0)
		config->log_level = (enum bl_log_level)options->log_level;
	return r;
}

int bl_daemon_read_config(const struct bl_daemon_options *options, struct bl_diags *diags,
			  struct bl_config *ret_config)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	int r;

	r = bl_config_load(options->config_file, diags, &config);
	if (r < 0)
		return r;
	r = apply_options(options, &config);
	if (r < 0)
		return r;
	*ret_config = config;
	config = (struct bl_config){0};
	return 0;
}

static bool is_same(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

/* What the loop was built on stays until a restart; saying nothing would be to ignore it. */
void bl_daemon_adopt_config(struct daemon *daemon, struct bl_config *fresh)
{
	struct bl_config *config = &daemon->config;
	char **policies = config->policies;
	size_t policies_count = config->policies_count;

	if (!is_same(config->events_file, fresh->events_file) ||
	    config->is_stdout != fresh->is_stdout || !is_same(config->node, fresh->node) ||
	    !is_same(config->pin_dir, fresh->pin_dir) ||
	    !is_same(config->cgroup_root, fresh->cgroup_root) ||
	    !is_same(config->run_dir, fresh->run_dir) ||
	    !is_same(config->state_dir, fresh->state_dir) ||
	    config->ring_bytes != fresh->ring_bytes ||
	    config->is_sandboxed != fresh->is_sandboxed || config->is_sealed != fresh->is_sealed ||
	    !is_same(config->unseal_hash, fresh->unseal_hash))
		bl_log(BL_LOG_WARNING, "config",
		       "only [policies] path, [containers], and [daemon] log_level and audit are taken over by a reload; "
		       "for the other changes restart the daemon");

	/* Exchanged: fresh is freed by whoever read it. [containers] is in the ruleset. */
	config->policies = fresh->policies;
	config->policies_count = fresh->policies_count;
	fresh->policies = policies;
	fresh->policies_count = policies_count;
	config->is_audit_forced = fresh->is_audit_forced;
	config->log_level = fresh->log_level;
	bl_log_set_level(config->log_level);
}

/* --- signals --- */

static int on_reload_signal(sd_event_source *source, const struct signalfd_siginfo *info,
			    void *context)
{
	struct daemon *daemon = context;

	bl_intake_reopen(daemon->intake);
	json_object_put(bl_daemon_reload(daemon, 0));
	return 0;
}

static int on_reopen_signal(sd_event_source *source, const struct signalfd_siginfo *info,
			    void *context)
{
	bl_intake_reopen(((struct daemon *)context)->intake);
	return 0;
}

static int on_stop_signal(sd_event_source *source, const struct signalfd_siginfo *info,
			  void *context)
{
	const char *signal = info->ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT";
	struct daemon *daemon = context;
	bl_cleanup_json struct json_object *record = NULL;
	const char *message;

	if (bl_daemon_refuses_stop(daemon, signal))
		return 0;
	/* Nobody would be there to return later. */
	if (daemon->confirmation.kept.is_pending &&
	    bl_confirm_return(daemon, "stop", &record, &message) < 0)
		bl_log(BL_LOG_WARNING, "confirm", "the next start will try it again");
	bl_log(BL_LOG_INFO, "daemon", "stopping on %s; generation %" PRIu64 " stays in force",
	       signal, daemon->rulesets.current->number);
	return sd_event_exit(daemon->event, 0);
}

/* --- start --- */

static int check_prerequisites(const struct bl_config *config)
{
	bl_cleanup(bl_probe_fini) struct bl_probe probe = {0};
	int r;

	r = bl_probe_run(config->pin_dir, config->cgroup_root, false, &probe);
	if (r < 0)
		return r;
	for (size_t i = 0; i < probe.count; i++) {
		const struct bl_probe_item *item = &probe.items[i];

		if (bl_probe_is_in_the_way(item))
			bl_log(BL_LOG_ERROR, "probe", "%s is %s%s%s; %s", item->name,
			       bl_probe_state_name(item->state), item->detail ? ": " : "",
			       item->detail ? item->detail : "", item->remedy);
	}
	return bl_probe_can_enforce(&probe) ? 0 : -EOPNOTSUPP;
}

static enum bl_exit take_lock(struct daemon *daemon)
{
	bl_cleanup_free char *path = bl_config_run_path(&daemon->config, BL_CONFIG_PID_FILE);
	pid_t holder = 0;
	int r;

	if (mkdir(daemon->config.run_dir, 0755) < 0 && errno != EEXIST) {
		bl_log(BL_LOG_ERROR, "daemon", "'%s' cannot be made: %s", daemon->config.run_dir,
		       strerror(errno));
		return BL_EXIT_INTERNAL;
	}
	r = path ? bl_lock_take(path, &daemon->lock_fd, &holder) : -ENOMEM;
	if (r == -EBUSY)
		bl_log(BL_LOG_ERROR, "daemon",
		       "a daemon is running already, pid %d; stop it first: kill %d", (int)holder,
		       (int)holder);
	else if (r < 0)
		bl_log(BL_LOG_ERROR, "daemon", "'%s' cannot be locked: %s",
		       path ? path : BL_CONFIG_PID_FILE, strerror(-r));
	return r < 0 ? BL_EXIT_INTERNAL : BL_EXIT_OK;
}

static int open_sinks(struct daemon *daemon)
{
	struct bl_sink *sink;
	int r;

	r = bl_records_new(daemon->config.node, &daemon->records);
	if (r < 0)
		return r;
	if (daemon->config.events_file) {
		r = bl_sink_jsonl_new(daemon->config.events_file, &sink);
		if (r < 0)
			return r;
		r = bl_records_add_sink(daemon->records, sink);
		if (r < 0)
			return r;
	}
	if (!daemon->config.is_stdout)
		return 0;
	r = bl_sink_stdout_new(&sink);
	return r < 0 ? r : bl_records_add_sink(daemon->records, sink);
}

static int open_sensor(struct daemon *daemon)
{
	const struct bl_config *config = &daemon->config;
	int r;

	r = bl_sensor_adopt(config->pin_dir, &daemon->sensor);
	if (r == 0) {
		daemon->is_adopted = true;
		bl_log(BL_LOG_INFO, "sensor", "adopted what is pinned in '%s', generation %" PRIu64,
		       config->pin_dir, (uint64_t)bl_sensor_state(daemon->sensor)->generation);
		return 0;
	}
	if (r == -ESTALE)
		bl_log(BL_LOG_ERROR, "sensor",
		       "'%s' holds the engine of another version, which stays in force; remove it first: "
		       "bailiff unload --pin-dir %s",
		       config->pin_dir, config->pin_dir);
	if (r == -ENOENT)
		r = bl_sensor_load(config->pin_dir, config->ring_bytes, &daemon->sensor);
	if (r < 0 && r != -ESTALE)
		bl_log(BL_LOG_ERROR, "sensor",
		       "the programs cannot be loaded and pinned in '%s': %s; 'bailiff probe' tells what is missing%s",
		       config->pin_dir, strerror(-r),
		       r == -EPERM && geteuid() == 0 ? BL_SEAL_HINT : "");
	return r;
}

static int add_signals(struct daemon *daemon)
{
	static const struct {
		int number;
		sd_event_signal_handler_t handler;
	} signals[] = {
		{SIGHUP, on_reload_signal},
		{SIGUSR1, on_reopen_signal},
		{SIGTERM, on_stop_signal},
		{SIGINT, on_stop_signal},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(signals); i++) {
		sd_event_source *source = NULL;
		int r;

		r = sd_event_add_signal(daemon->event, &source, signals[i].number,
					signals[i].handler, daemon);
		if (r < 0)
			return r;
		r = sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT);
		if (r >= 0)
			r = sd_event_source_set_floating(source, 1);
		sd_event_source_unref(source);
		if (r < 0)
			return r;
	}
	return 0;
}

/* For its scan it needs no more of the binder than is known by now. */
static int add_discovery(struct daemon *daemon)
{
	const struct bl_discovery_sources sources = {
		.binder = &daemon->binder,
		.containers = &daemon->containers,
		.intake = daemon->intake,
		.records = daemon->records,
		.store = daemon->store,
	};

	daemon->binder.sensor = daemon->sensor;
	daemon->binder.cgroup_root = daemon->cgroup_root;
	return bl_discovery_new(daemon->event, &sources, &daemon->discovery);
}

static int add_sources(struct daemon *daemon)
{
	bl_cleanup_free char *path = bl_config_run_path(&daemon->config, BL_CONFIG_SOCKET);
	struct bl_intake_sources sources;
	int r;

	daemon->store = bl_config_run_path(&daemon->config, BL_CONFIG_CONTAINERS);
	if (!path || !daemon->store)
		return -ENOMEM;
	r = bl_control_new(daemon->event, path, bl_daemon_answer, daemon, &daemon->control);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "daemon", "'%s' cannot be listened at: %s", path,
		       strerror(-r));
		return r;
	}
	sources = (struct bl_intake_sources){
		.sensor = daemon->sensor,
		.cgroup_root = daemon->cgroup_root,
		.rulesets = &daemon->rulesets,
		.containers = &daemon->containers,
		.records = daemon->records,
		.exe_reader = daemon->exe_reader,
	};
	r = bl_intake_new(daemon->event, &sources, &daemon->intake);
	if (r == 0)
		r = add_discovery(daemon);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "daemon", "events cannot be read: %s", strerror(-r));
	return r;
}

static void record_start(struct daemon *daemon, size_t containers)
{
	bl_cleanup_json struct json_object *record = bl_daemon_new_record(daemon, "start");

	if (record && bl_json_add_u64(record, "containers", containers) &&
	    bl_json_add_string(record, "version", BL_VERSION) &&
	    bl_json_add_u64(record, "pid", (uint64_t)getpid()) &&
	    bl_json_add_bool(record, "adopted", daemon->is_adopted) &&
	    bl_confirm_describe(daemon, record) == 0)
		bl_intake_record(daemon->intake, TAKE(record));
	else
		bl_intake_record(daemon->intake, NULL);
}

static void record_stop(struct daemon *daemon)
{
	bl_cleanup_json struct json_object *record = bl_records_new_engine(daemon->records, "stop");

	if (record && bl_json_add_u64(record, "generation", daemon->rulesets.current->number) &&
	    bl_json_add_u64(record, "pid", (uint64_t)getpid()))
		bl_intake_record(daemon->intake, TAKE(record));
	else
		bl_intake_record(daemon->intake, NULL);
}

/* Before programs and maps are there, so that it has none of them. */
static int start_exe_reader(struct daemon *daemon)
{
	int r;

	if (!daemon->config.is_sandboxed)
		return 0;
	r = bl_exe_reader_new(&daemon->exe_reader);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "daemon",
		       "the process that reads executables cannot be started: %s; to run without it, set 'sandbox = no' in [daemon]",
		       strerror(-r));
	return r;
}

static int enter_sandbox(const struct daemon *daemon)
{
	if (!daemon->config.is_sandboxed)
		return 0;
	return bl_sandbox_enter(&daemon->config, daemon->options->config_file, daemon->cgroup_root,
				bl_runs_dir(daemon->runs));
}

/* Everything that can go wrong before the kernel is touched goes wrong here. */
static enum bl_exit prepare(struct daemon *daemon, struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	enum bl_exit exit_code;
	int r;

	r = bl_daemon_read_config(daemon->options, &diags, &daemon->config);
	bl_daemon_log_diags("config", &diags);
	if (r < 0)
		return diags.errors > 0 ? BL_EXIT_DENIED : BL_EXIT_INTERNAL;
	bl_log_set_level(daemon->config.log_level);

	exit_code = take_lock(daemon);
	if (exit_code != BL_EXIT_OK)
		return exit_code;
	r = check_prerequisites(&daemon->config);
	if (r < 0)
		return r == -EOPNOTSUPP ? BL_EXIT_KERNEL : BL_EXIT_INTERNAL;
	r = daemon->config.cgroup_root
		    ? bl_config_set_string(&daemon->cgroup_root, daemon->config.cgroup_root)
		    : bl_probe_find_cgroup2(&daemon->cgroup_root);
	if (r == 0)
		r = bl_discovery_own_cgroup(&daemon->own_cgroup);
	if (r < 0)
		return BL_EXIT_INTERNAL;

	if (bl_confirm_open(daemon) < 0)
		return BL_EXIT_INTERNAL;

	bl_diags_fini(&diags);
	diags = (struct bl_diags){0};
	if (bl_daemon_find_runs(daemon) < 0)
		return BL_EXIT_INTERNAL;
	r = bl_confirm_load_first(daemon, &diags, ret_ruleset);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "policy", "not started: %s",
		       diags.errors > 0 ? "the policies are not valid" : strerror(-r));
		return diags.errors > 0 ? BL_EXIT_DENIED : BL_EXIT_INTERNAL;
	}
	return BL_EXIT_OK;
}

/* Takes ruleset over, also on failure. */
static enum bl_exit put_first_in_force(struct daemon *daemon, struct bl_ruleset *first,
				       size_t *ret_containers)
{
	bl_cleanup(bl_daemon_free_ruleset) struct bl_ruleset *ruleset = first;
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	const char *message = NULL;
	int r;

	r = bl_discovery_scan(daemon->discovery);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "container", "the containers that run cannot be found: %s",
		       strerror(-r));
		return BL_EXIT_INTERNAL;
	}
	r = bl_daemon_apply(daemon, ruleset, &diags, ret_containers, &message);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "policy", "not started: %s: %s", message, strerror(-r));
		return r == -E2BIG || r == -ENOSPC ? BL_EXIT_DENIED : BL_EXIT_INTERNAL;
	}
	ruleset = NULL;
	return BL_EXIT_OK;
}

static enum bl_exit start(struct daemon *daemon)
{
	bl_cleanup(bl_daemon_free_ruleset) struct bl_ruleset *ruleset = NULL;
	size_t containers = 0;
	enum bl_exit exit_code;
	int r;

	exit_code = prepare(daemon, &ruleset);
	if (exit_code != BL_EXIT_OK)
		return exit_code;
	if (start_exe_reader(daemon) < 0)
		return BL_EXIT_INTERNAL;
	r = open_sensor(daemon);
	if (r < 0)
		return r == -EPERM || r == -EACCES || r == -EOPNOTSUPP ? BL_EXIT_KERNEL
								       : BL_EXIT_INTERNAL;
	r = bl_guard_enroll(daemon->sensor, &daemon->config, daemon->options->config_file,
			    daemon->cgroup_root);
	if (r < 0)
		return BL_EXIT_INTERNAL;
	r = open_sinks(daemon);
	if (r >= 0)
		r = sd_event_new(&daemon->event);
	if (r >= 0)
		r = add_signals(daemon);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "daemon", "the loop cannot be set up: %s", strerror(-r));
		return BL_EXIT_INTERNAL;
	}
	if (add_sources(daemon) < 0)
		return BL_EXIT_INTERNAL;

	exit_code = put_first_in_force(daemon, TAKE(ruleset), &containers);
	if (exit_code != BL_EXIT_OK)
		return exit_code;
	if (bl_daemon_watch_runs(daemon) < 0 || enter_sandbox(daemon) < 0)
		return BL_EXIT_INTERNAL;
	record_start(daemon, containers);
	if (bl_confirm_resume(daemon) < 0)
		return BL_EXIT_INTERNAL;
	bl_daemon_seal_first(daemon);
	return BL_EXIT_OK;
}

/*
 * A start that failed leaves the kernel as it was: what was in force before stays, what was loaded
 * goes.
 */
static void undo_load(struct daemon *daemon)
{
	int r;

	if (!daemon->sensor || daemon->is_adopted)
		return;
	bl_discovery_free(TAKE(daemon->discovery));
	bl_intake_free(TAKE(daemon->intake));
	bl_sensor_free(TAKE(daemon->sensor));
	r = bl_sensor_unload(daemon->config.pin_dir);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "sensor",
		       "what was pinned in '%s' cannot be removed again: %s",
		       daemon->config.pin_dir, strerror(-r));
}

/* From here on signals wait for the loop; a reader that went away is an error of write(). */
static int hold_signals(void)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGUSR1);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	if (sigprocmask(SIG_BLOCK, &held, NULL) < 0)
		return -errno;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
}

enum bl_exit bl_daemon_run(const struct bl_daemon_options *options)
{
	bl_cleanup(fini_daemon) struct daemon daemon = {
		.options = options,
		.lock_fd = -1,
		.confirmation.dir_fd = -1,
		.tables = BL_TABLES_NONE,
	};
	enum bl_exit exit_code;
	int r;

	r = hold_signals();
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "daemon", "signals cannot be held: %s", strerror(-r));
		return BL_EXIT_INTERNAL;
	}
	exit_code = start(&daemon);
	if (exit_code != BL_EXIT_OK) {
		undo_load(&daemon);
		return exit_code;
	}

	sd_notify(0, "READY=1");
	r = sd_event_loop(daemon.event);
	sd_notify(0, "STOPPING=1");
	if (r < 0)
		bl_log(BL_LOG_ERROR, "daemon", "the loop ended: %s", strerror(-r));
	bl_intake_finish(daemon.intake);
	record_stop(&daemon);
	return r < 0 ? BL_EXIT_INTERNAL : BL_EXIT_OK;
}
