// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "enforcer/apply.h"
#include "enforcer/binding.h"
#include "enforcer/control.h"
#include "enforcer/exe_reader.h"
#include "enforcer/intake.h"
#include "enforcer/lock.h"
#include "enforcer/log.h"
#include "enforcer/probe.h"
#include "enforcer/records.h"
#include "enforcer/ruleset.h"
#include "enforcer/run_request.h"
#include "enforcer/runs.h"
#include "enforcer/sandbox.h"
#include "enforcer/status.h"
#include "enforcer/util.h"

struct daemon {
	const struct bl_daemon_options *options;
	struct bl_config config;
	char *cgroup_root;
	int lock_fd;
	sd_event *event;
	struct bl_sensor *sensor;
	bool is_adopted;
	struct bl_rulesets rulesets;
	struct bl_records *records;
	struct bl_intake *intake;
	struct bl_control *control;
	struct bl_exe_reader *exe_reader; /* NULL: without a sandbox */
	struct bl_runs *runs;
};

static void fini_daemon(struct daemon *daemon)
{
	bl_control_free(daemon->control);
	bl_runs_free(daemon->runs);
	bl_intake_free(daemon->intake);
	bl_exe_reader_free(daemon->exe_reader);
	bl_records_free(daemon->records);
	sd_event_unref(daemon->event);
	bl_sensor_free(daemon->sensor);
	bl_rulesets_fini(&daemon->rulesets);
	bl_config_fini(&daemon->config);
	free(daemon->cgroup_root);
	if (daemon->lock_fd >= 0)
		close(daemon->lock_fd);
}

static void free_ruleset_pointer(struct bl_ruleset **ruleset)
{
	bl_ruleset_free(*ruleset);
}

static uint64_t monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void log_diags(const char *subsystem, const struct bl_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct bl_diag *diag = &diags->items[i];
		enum bl_log_level level =
			diag->severity == BL_SEVERITY_ERROR ? BL_LOG_ERROR : BL_LOG_WARNING;

		if (diag->line == 0)
			bl_log(level, subsystem, "%s: %s", diag->file, diag->message);
		else if (diag->column == 0)
			bl_log(level, subsystem, "%s:%u: %s", diag->file, diag->line,
			       diag->message);
		else
			bl_log(level, subsystem, "%s:%u:%u: %s", diag->file, diag->line,
			       diag->column, diag->message);
	}
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
	if (options->log_level >= 0)
		config->log_level = (enum bl_log_level)options->log_level;
	return r;
}

static int read_config(const struct bl_daemon_options *options, struct bl_diags *diags,
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
static void adopt_config(struct daemon *daemon, struct bl_config *fresh)
{
	struct bl_config *config = &daemon->config;
	char **policies = config->policies;
	size_t policies_count = config->policies_count;

	if (!is_same(config->events_file, fresh->events_file) ||
	    config->is_stdout != fresh->is_stdout || !is_same(config->node, fresh->node) ||
	    !is_same(config->pin_dir, fresh->pin_dir) ||
	    !is_same(config->cgroup_root, fresh->cgroup_root) ||
	    !is_same(config->run_dir, fresh->run_dir) || config->ring_bytes != fresh->ring_bytes ||
	    config->is_sandboxed != fresh->is_sandboxed)
		bl_log(BL_LOG_WARNING, "config",
		       "only [policies] path and [daemon] log_level and audit are taken over by a reload; "
		       "for the other changes restart the daemon");

	/* Exchanged: fresh is freed by whoever read it. */
	config->policies = fresh->policies;
	config->policies_count = fresh->policies_count;
	fresh->policies = policies;
	fresh->policies_count = policies_count;
	config->is_audit_forced = fresh->is_audit_forced;
	config->log_level = fresh->log_level;
	bl_log_set_level(config->log_level);
}

/* --- records --- */

/* A record of kind that says what is in force. */
static struct json_object *new_record(struct daemon *daemon, const char *kind, size_t containers)
{
	bl_cleanup_json struct json_object *record = bl_records_new_engine(daemon->records, kind);

	if (!record || !bl_json_add_u64(record, "generation", daemon->rulesets.current->number) ||
	    !bl_json_add_bool(record, "audit_forced", daemon->rulesets.current->is_audit_forced) ||
	    !bl_json_add_u64(record, "policies", daemon->rulesets.current->policies.count) ||
	    !bl_json_add_u64(record, "rules", bl_ruleset_rules_count(daemon->rulesets.current)) ||
	    !bl_json_add_u64(record, "containers", containers))
		return NULL;
	return TAKE(record);
}

/* --- policies into the kernel --- */

static int load_ruleset(const struct daemon *daemon, const struct bl_config *config,
			struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(free_ruleset_pointer) struct bl_ruleset *ruleset = NULL;
	int r;

	r = bl_ruleset_load_with_runs((const char *const *)config->policies, config->policies_count,
				      daemon->runs, config->is_audit_forced, diags, &ruleset);
	if (r == 0)
		r = bl_probe_check_policies(&ruleset->policies, BL_SEVERITY_ERROR, diags);
	log_diags("policy", diags);
	if (r < 0)
		return r;
	if (diags->errors > 0)
		return -EINVAL;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

/* Takes ruleset over on success. */
static int apply_ruleset(struct daemon *daemon, struct bl_ruleset *ruleset, size_t *ret_containers,
			 const char **reterr_message)
{
	struct bl_applied applied;
	int r;

	r = bl_apply(daemon->sensor, &ruleset->generation, daemon->cgroup_root, &applied,
		     reterr_message);
	if (r < 0)
		return r;
	if (applied.cleanup_error < 0)
		bl_log(BL_LOG_WARNING, "policy",
		       "the memory of the generation before could not all be freed: %s, ignoring",
		       strerror(-applied.cleanup_error));

	ruleset->number = applied.generation;
	bl_rulesets_push(&daemon->rulesets, ruleset);
	bl_log(BL_LOG_INFO, "policy",
	       "generation %" PRIu64 " in force: %zu policies, %zu rules, %zu containers%s",
	       ruleset->number, ruleset->policies.count, bl_ruleset_rules_count(ruleset),
	       applied.containers,
	       ruleset->is_audit_forced ? "; audit only, nothing is denied" : "");
	sd_notifyf(0, "STATUS=generation %" PRIu64 " in force: %zu policies, %zu containers",
		   ruleset->number, ruleset->policies.count, applied.containers);
	*ret_containers = applied.containers;
	return 0;
}

static void record_reload(struct daemon *daemon, size_t containers, const struct bl_diags *diags,
			  const char *refusal)
{
	bl_cleanup_json struct json_object *record = new_record(daemon, "reload", containers);

	if (!record || !bl_json_add_string(record, "outcome", refusal ? "refused" : "applied") ||
	    (refusal && !bl_json_add_string(record, "reason", refusal)) ||
	    !bl_records_add_diags(record, diags)) {
		bl_intake_record(daemon->intake, NULL);
		return;
	}
	bl_intake_record(daemon->intake, TAKE(record));
}

/* What was done with a new generation: 0, or why the old one stays, with *reterr_message. */
static int try_reload(struct daemon *daemon, struct bl_diags *diags, size_t *ret_containers,
		      const char **reterr_message)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(free_ruleset_pointer) struct bl_ruleset *ruleset = NULL;
	int r;

	r = read_config(daemon->options, diags, &config);
	if (r < 0) {
		log_diags("config", diags);
		*reterr_message = "the configuration is not valid";
		return r;
	}
	r = load_ruleset(daemon, &config, diags, &ruleset);
	if (r < 0) {
		*reterr_message =
			r == -EACCES && daemon->config.is_sandboxed
				? "the policies cannot be read; the daemon's sandbox allows the places that were configured when it started: restart it for others"
				: "the policies are not valid";
		return r;
	}
	r = apply_ruleset(daemon, ruleset, ret_containers, reterr_message);
	if (r < 0)
		return r;
	ruleset = NULL;
	adopt_config(daemon, &config);
	return 0;
}

static void reload(struct daemon *daemon)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	const char *message = NULL;
	size_t containers = 0;
	int r;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, monotonic_us());
	r = try_reload(daemon, &diags, &containers, &message);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "policy",
		       "reload refused, generation %" PRIu64 " stays in force: %s%s%s",
		       daemon->rulesets.current->number, message, diags.errors > 0 ? "" : ": ",
		       diags.errors > 0 ? "" : strerror(-r));
	record_reload(daemon, containers, &diags, r < 0 ? message : NULL);
	sd_notify(0, "READY=1");
}

/* Runs have come or gone; the files are those of the generation in force. */
static int apply_runs(void *context, struct bl_diags *diags, const char **reterr_message)
{
	bl_cleanup(free_ruleset_pointer) struct bl_ruleset *ruleset = NULL;
	struct daemon *daemon = context;
	size_t containers = 0;
	int r;

	/* Of a run that has ended, the kernel will not know the cgroup any more. */
	bl_intake_drain(daemon->intake);
	r = bl_ruleset_remake(daemon->rulesets.current, daemon->runs, diags, &ruleset);
	log_diags("policy", diags);
	if (r < 0) {
		*reterr_message =
			"the policies of the run cannot be put in force beside the others";
		return r;
	}
	r = apply_ruleset(daemon, ruleset, &containers, reterr_message);
	if (r < 0)
		return r;
	ruleset = NULL;
	return 0;
}

static void record_run(void *context, const struct bl_run *run, bool is_started)
{
	struct daemon *daemon = context;
	bl_cleanup_json struct json_object *record = bl_records_new_engine(daemon->records, "run");

	if (record && bl_json_add_u64(record, "generation", daemon->rulesets.current->number) &&
	    bl_json_add_string(record, "outcome", is_started ? "started" : "ended") &&
	    bl_json_add_bytes(record, "cgroup", run->cgroup, strlen(run->cgroup)))
		bl_intake_record(daemon->intake, TAKE(record));
	else
		bl_intake_record(daemon->intake, NULL);
}

/* What cannot be told may be. */
static bool is_run_held(void *context, const struct bl_run *run)
{
	const struct daemon *daemon = context;

	return bl_binding_is_named(daemon->sensor, run->cgroup_id) != 0;
}

static const struct bl_runs_handlers run_handlers = {
	.apply = apply_runs,
	.tell = record_run,
	.is_held = is_run_held,
};

/* --- signals --- */

static int on_reload_signal(sd_event_source *source, const struct signalfd_siginfo *info,
			    void *context)
{
	bl_intake_reopen(((struct daemon *)context)->intake);
	reload(context);
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
	struct daemon *daemon = context;

	bl_log(BL_LOG_INFO, "daemon", "stopping on %s; generation %" PRIu64 " stays in force",
	       info->ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT", daemon->rulesets.current->number);
	return sd_event_exit(daemon->event, 0);
}

/* --- control --- */

static int answer_status(struct daemon *daemon, struct json_object *request,
			 struct json_object **ret_reply, const char **reterr_message)
{
	bl_cleanup_json struct json_object *status = NULL;
	struct json_object *object;
	struct json_object *array;
	struct bl_sink *const *sinks;
	size_t count;
	int r;

	r = bl_status_build(daemon->sensor, daemon->rulesets.current, &status);
	if (r < 0)
		return r;
	object = bl_json_add_object(status, "daemon");
	if (!object || !bl_json_add_u64(object, "pid", (uint64_t)getpid()) ||
	    !bl_json_add_u64(object, "unwritten", bl_records_unwritten(daemon->records)))
		return -ENOMEM;
	array = bl_json_add_array(object, "sinks");
	if (!array)
		return -ENOMEM;
	sinks = bl_records_sinks(daemon->records, &count);
	for (size_t i = 0; i < count; i++) {
		object = json_object_new_object();
		if (!bl_json_append(array, object) ||
		    !bl_json_add_string(object, "name", sinks[i]->ops->name) ||
		    !bl_json_add_u64(object, "written", sinks[i]->written) ||
		    !bl_json_add_u64(object, "dropped", sinks[i]->dropped))
			return -ENOMEM;
	}
	*ret_reply = TAKE(status);
	return 0;
}

static int answer_run_start(struct daemon *daemon, struct json_object *request,
			    struct json_object **ret_reply, const char **reterr_message)
{
	return bl_run_answer_start(daemon->runs, request, &daemon->rulesets, ret_reply,
				   reterr_message);
}

static int answer_run_end(struct daemon *daemon, struct json_object *request,
			  struct json_object **ret_reply, const char **reterr_message)
{
	return bl_run_answer_end(daemon->runs, request, daemon->sensor, ret_reply, reterr_message);
}

static const struct {
	const char *name;
	int (*answer)(struct daemon *daemon, struct json_object *request,
		      struct json_object **ret_reply, const char **reterr_message);
} requests[] = {
	{"status", answer_status},
	{"run-start", answer_run_start},
	{"run-end", answer_run_end},
};

static int on_request(void *context, struct json_object *request, struct json_object **ret_reply,
		      const char **reterr_message)
{
	const char *name = bl_json_get_string(request, "request");

	for (size_t i = 0; name && i < BL_ARRAY_LEN(requests); i++)
		if (strcmp(requests[i].name, name) == 0)
			return requests[i].answer(context, request, ret_reply, reterr_message);
	*reterr_message = "'request' is none of: status, run-start, run-end";
	return -EINVAL;
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
		       "the programs cannot be loaded and pinned in '%s': %s; 'bailiff probe' tells what is missing",
		       config->pin_dir, strerror(-r));
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

static int add_sources(struct daemon *daemon)
{
	bl_cleanup_free char *path = bl_config_run_path(&daemon->config, BL_CONFIG_SOCKET);
	struct bl_intake_sources sources;
	int r;

	if (!path)
		return -ENOMEM;
	r = bl_control_new(daemon->event, path, on_request, daemon, &daemon->control);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "daemon", "'%s' cannot be listened at: %s", path,
		       strerror(-r));
		return r;
	}
	sources = (struct bl_intake_sources){
		.sensor = daemon->sensor,
		.cgroup_root = daemon->cgroup_root,
		.rulesets = &daemon->rulesets,
		.records = daemon->records,
		.exe_reader = daemon->exe_reader,
	};
	r = bl_intake_new(daemon->event, &sources, &daemon->intake);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "daemon", "events cannot be read: %s", strerror(-r));
	return r;
}

static void record_start(struct daemon *daemon, size_t containers)
{
	bl_cleanup_json struct json_object *record = new_record(daemon, "start", containers);

	if (record && bl_json_add_string(record, "version", BL_VERSION) &&
	    bl_json_add_u64(record, "pid", (uint64_t)getpid()) &&
	    bl_json_add_bool(record, "adopted", daemon->is_adopted))
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

	r = read_config(daemon->options, &diags, &daemon->config);
	log_diags("config", &diags);
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
	if (r < 0)
		return BL_EXIT_INTERNAL;

	bl_diags_fini(&diags);
	diags = (struct bl_diags){0};
	if (bl_runs_new(daemon->config.run_dir, daemon->cgroup_root, &daemon->runs) < 0)
		return BL_EXIT_INTERNAL;
	r = load_ruleset(daemon, &daemon->config, &diags, ret_ruleset);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "policy", "not started: %s",
		       diags.errors > 0 ? "the policies are not valid" : strerror(-r));
		return diags.errors > 0 ? BL_EXIT_DENIED : BL_EXIT_INTERNAL;
	}
	return BL_EXIT_OK;
}

static enum bl_exit start(struct daemon *daemon)
{
	bl_cleanup(free_ruleset_pointer) struct bl_ruleset *ruleset = NULL;
	const char *message = NULL;
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

	r = apply_ruleset(daemon, ruleset, &containers, &message);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "policy", "not started: %s: %s", message, strerror(-r));
		return r == -E2BIG ? BL_EXIT_DENIED : BL_EXIT_INTERNAL;
	}
	ruleset = NULL;
	r = bl_runs_watch(daemon->runs, daemon->event, &run_handlers, daemon);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "daemon", "runs cannot be watched: %s", strerror(-r));
		return BL_EXIT_INTERNAL;
	}
	if (enter_sandbox(daemon) < 0)
		return BL_EXIT_INTERNAL;
	record_start(daemon, containers);
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
	bl_cleanup(fini_daemon) struct daemon daemon = {.options = options, .lock_fd = -1};
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
