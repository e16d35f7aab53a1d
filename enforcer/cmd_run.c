// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "enforcer/cmd.h"
#include "enforcer/config.h"
#include "enforcer/control.h"
#include "enforcer/log.h"
#include "enforcer/probe.h"
#include "enforcer/run_cgroup.h"
#include "enforcer/run_command.h"
#include "enforcer/run_file.h"
#include "enforcer/syscall_filter.h"
#include "enforcer/util.h"

/* A generation with ten thousand rules, on a busy machine */
#define ANSWER_MS 60000

/* Behind the number of a signal that ended the command, as shells have it. */
#define SIGNALLED 128

enum option_name {
	OPTION_CONFIG = 1,
	OPTION_POLICY,
	OPTION_AUDIT,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"policy", required_argument, NULL, OPTION_POLICY},
	{"audit", no_argument, NULL, OPTION_AUDIT},
	{NULL, 0, NULL, 0},
};

struct run {
	struct bl_config config;
	const char **policy_files;
	size_t policy_files_count;
	bool is_audit;
	char **command_argv;

	char *socket;
	struct bl_policies policies;
	struct bl_policy_texts texts;
	struct bl_syscall_filter *filter;
	struct bl_syscall_filter *audit_filter;
	struct bl_run_cgroup cgroup;
	struct bl_command *command;
};

static void fini_run(struct run *run)
{
	bl_command_free(run->command);
	bl_run_cgroup_fini(&run->cgroup);
	bl_syscall_filter_free(run->filter);
	bl_syscall_filter_free(run->audit_filter);
	bl_policies_fini(&run->policies);
	bl_policy_texts_fini(&run->texts);
	bl_config_fini(&run->config);
	free(run->policy_files);
	free(run->socket);
}

/* Of root, only a policy takes that. */
static const char *hint(int r)
{
	if (r != -EACCES && r != -EPERM)
		return "";
	return geteuid() == 0 ? "; whom policies confine cannot run a command under others"
			      : "; run as root";
}

/* Of the machine: out of memory, no permission. */
static int complain(int r, const char *what, const char *object)
{
	bl_log(BL_LOG_ERROR, "run", "%s%s%s%s: %s%s", what, object ? " '" : "",
	       object ? object : "", object ? "'" : "", strerror(-r), hint(r));
	return r;
}

/* --- what is asked for --- */

/* Returns 0, or -EINVAL after having said what is wrong. */
static int read_options(int argc, char **argv, struct run *run, const char **ret_config)
{
	int option;

	run->policy_files = calloc((size_t)argc, sizeof(*run->policy_files));
	if (!run->policy_files) {
		(void)bl_cmd_out_of_memory(argv[0]);
		return -ENOMEM;
	}
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) >= 0) {
		switch (option) {
		case OPTION_CONFIG:
			*ret_config = optarg;
			break;
		case OPTION_POLICY:
			run->policy_files[run->policy_files_count++] = optarg;
			break;
		case OPTION_AUDIT:
			run->is_audit = true;
			break;
		default:
			(void)bl_cmd_option(argv, option);
			return -EINVAL;
		}
	}
	if (!run->policy_files_count)
		(void)bl_cmd_usage(argv[0], "expected '--policy FILE'");
	else if (strcmp(argv[optind - 1], "--") != 0)
		(void)bl_cmd_usage(argv[0], "expected '--' in front of the command");
	else if (optind == argc)
		(void)bl_cmd_usage(argv[0], "expected a command after '--'");
	else
		run->command_argv = argv + optind;
	return run->command_argv ? 0 : -EINVAL;
}

static int read_config(struct run *run, const char *file)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	int r = bl_config_load(file, &diags, &run->config);

	bl_cmd_print_diags(&diags);
	if (r < 0)
		return r;
	run->socket = bl_config_run_path(&run->config, BL_CONFIG_SOCKET);
	return run->socket ? 0 : complain(-ENOMEM, "the configuration cannot be used", NULL);
}

/* --audit is over whatever the policies say; one that is off without it does nothing. */
static void set_modes(struct run *run)
{
	for (size_t i = 0; i < run->policies.count; i++) {
		struct bl_policy *policy = &run->policies.items[i];

		if (run->is_audit)
			policy->mode = BL_MODE_AUDIT;
		if (policy->mode == BL_MODE_OFF)
			bl_log(BL_LOG_WARNING, "run",
			       "the policy '%s' is off: it does nothing; '--audit' would have it report",
			       policy->name);
	}
}

static int load_policies(struct run *run)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	int r;

	r = bl_policies_load_for_run(run->policy_files, run->policy_files_count, &diags,
				     &run->policies, &run->texts);
	if (r == 0) {
		bl_policies_check(&run->policies, &diags);
		bl_syscall_check(&run->policies, &diags);
	}
	bl_cmd_print_diags(&diags);
	if (r < 0 || diags.errors > 0)
		return r < 0 ? r : -EINVAL;
	set_modes(run);
	return 0;
}

/* What the daemon would refuse as well, but not show with its line. */
static int check_kernel(const struct run *run)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	int r = bl_probe_check_policies(&run->policies, BL_SEVERITY_ERROR, &diags);

	bl_cmd_print_diags(&diags);
	if (r < 0)
		return complain(r, "what this kernel can mediate cannot be told", NULL);
	return diags.errors > 0 ? -EOPNOTSUPP : 0;
}

static int make_filters(struct run *run)
{
	int r = bl_syscall_filter_new(&run->policies, false, &run->filter);

	if (r == 0)
		r = bl_syscall_filter_new(&run->policies, true, &run->audit_filter);
	return r < 0 ? complain(r, "the filter of system calls cannot be made", NULL) : 0;
}

/* --- the daemon --- */

static int complain_of_no_daemon(const struct run *run)
{
	bl_log(BL_LOG_ERROR, "run",
	       "no daemon answers at '%s', which puts the policies in force; start it: systemctl start bailiff",
	       run->socket);
	return -ENOENT;
}

/* Before anything is made. One that is only being started is waited for by systemd, not here. */
static int find_daemon(const struct run *run)
{
	if (access(run->socket, F_OK) == 0)
		return 0;
	return errno == ENOENT ? complain_of_no_daemon(run)
			       : complain(-errno, "the daemon cannot be asked at", run->socket);
}

/* 0 with an answer. What went wrong has been said. */
static int ask(const struct run *run, const char *request, struct json_object **ret_reply)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	bl_cleanup_free char *message = NULL;
	int r = -ENOMEM;

	if (object && bl_json_add_string(object, "request", request) &&
	    bl_json_add_string(object, "run", run->cgroup.name))
		r = bl_control_request(run->socket, object, ANSWER_MS, ret_reply, &message);
	if (r == -EREMOTEIO)
		bl_log(BL_LOG_ERROR, "run", "the daemon answers: %s", message);
	else if (r == -ENOENT || r == -ECONNREFUSED)
		(void)complain_of_no_daemon(run);
	else if (r < 0)
		(void)complain(r, "the daemon cannot be asked at", run->socket);
	return r;
}

static int describe_run(const struct run *run, struct bl_run *description)
{
	int r = 0;

	description->name = strdup(run->cgroup.name);
	description->cgroup = strdup(run->cgroup.path);
	description->cgroup_id = run->cgroup.id;
	description->is_audit = run->is_audit;
	if (!description->name || !description->cgroup)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < run->texts.count; i++) {
		const struct bl_policy_text *text = &run->texts.items[i];
		bl_cleanup_free char *file = realpath(text->file, NULL);

		r = bl_run_add_text(description, file ? file : text->file, text->text, text->len);
	}
	return r;
}

static int write_run(const struct run *run, const char *runs_dir)
{
	bl_cleanup(bl_run_fini) struct bl_run description = {0};
	int r = describe_run(run, &description);

	if (r == 0)
		r = bl_run_write(&description, runs_dir);
	if (r == -EFBIG)
		bl_log(BL_LOG_ERROR, "run",
		       "the policies have more than %u bytes together, which is what a run may have",
		       BL_RUN_TEXT_MAX);
	else if (r < 0)
		(void)complain(r, "the run cannot be written to", runs_dir);
	return r;
}

static void print_refusal(struct json_object *reply)
{
	struct json_object *diags = bl_json_get(reply, "diagnostics", json_type_array);
	const char *reason = bl_json_get_string(reply, "reason");

	for (size_t i = 0; diags && i < json_object_array_length(diags); i++) {
		struct json_object *diag = json_object_array_get_idx(diags, i);
		const char *file = bl_json_get_string(diag, "file");
		const char *message = bl_json_get_string(diag, "message");

		bl_log(BL_LOG_ERROR, "run", "%s:%u:%u: %s", file ? file : "?",
		       (unsigned)bl_json_get_u64(diag, "line"),
		       (unsigned)bl_json_get_u64(diag, "column"), message ? message : "?");
	}
	bl_log(BL_LOG_ERROR, "run", "the daemon refuses the policies: %s", reason ? reason : "?");
}

/* --- the run --- */

static int put_in_force(struct run *run, bool *ret_is_audit)
{
	bl_cleanup_json struct json_object *reply = NULL;
	int r = ask(run, "run-start", &reply);

	if (r < 0)
		return r;
	if (!bl_json_get_bool(reply, "in_force")) {
		print_refusal(reply);
		return -EINVAL;
	}
	*ret_is_audit = bl_json_get_bool(reply, "audit_forced");
	return 0;
}

/*
 * The process is in the cgroup before the policies are asked for: a cgroup without a process is a
 * run that is over.
 */
static int start(struct run *run, const struct bl_command_spec *spec, const char *runs_dir)
{
	bool is_audit = false;
	int r;

	r = bl_command_start(spec, &run->command);
	if (r < 0)
		return complain(r, "the command's process cannot be made", NULL);
	r = bl_run_cgroup_enter(&run->cgroup, bl_command_tgid(run->command));
	if (r == -EOPNOTSUPP)
		bl_log(BL_LOG_ERROR, "run",
		       "the caller's own cgroup is threaded, and none below it takes processes; run it from another");
	else if (r < 0)
		(void)complain(r, "the command cannot be moved into", run->cgroup.dir);
	if (r < 0)
		return r;
	r = write_run(run, runs_dir);
	if (r < 0)
		return r;
	r = put_in_force(run, &is_audit);
	if (r == 0)
		r = bl_command_go(run->command, is_audit);
	return r;
}

/* The command ended, or was never there. */
static enum bl_exit exit_code_of(const struct run *run, int status)
{
	const char *name = run->command_argv[0];
	int error = 0;

	switch (bl_command_reached(run->command, &error)) {
	case BL_COMMAND_RUNNING:
		break;
	case BL_COMMAND_WAITING:
		(void)complain(-error, "the command's process cannot go on to execute", name);
		return BL_EXIT_UNSTARTED;
	case BL_COMMAND_FILTER:
		(void)complain(-error, "the filter of system calls cannot be put on", NULL);
		return BL_EXIT_UNSTARTED;
	case BL_COMMAND_EXEC:
		bl_log(BL_LOG_ERROR, "run", "'%s' cannot be executed: %s%s", name, strerror(error),
		       error == EPERM ? "; if a policy denied it, 'bailiff events' says which line"
				      : "");
		return error == ENOENT ? BL_EXIT_ABSENT : BL_EXIT_REFUSED;
	}
	return (enum bl_exit)(WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status)
						  : WEXITSTATUS(status));
}

static uint64_t count_failed(struct json_object *counters)
{
	struct json_object *failed = bl_json_get(counters, "failed", json_type_object);
	uint64_t count = 0;

	if (!failed)
		return 0;
	json_object_object_foreach(failed, reason, number)
	{
		(void)reason;
		count += json_object_get_uint64(number);
	}
	return count;
}

static void say_denials(const struct run *run, struct json_object *counters)
{
	uint64_t denied = bl_json_get_u64(counters, "denied");
	uint64_t would = bl_json_get_u64(counters, "would");
	uint64_t failed = count_failed(counters);

	if (denied + would + failed == 0)
		return;
	fprintf(stderr, "bailiff run: denied: %ju", (uintmax_t)denied);
	if (would)
		fprintf(stderr, ", would have been: %ju", (uintmax_t)would);
	if (failed)
		fprintf(stderr, ", could not be decided: %ju", (uintmax_t)failed);
	fprintf(stderr, "; 'bailiff events' shows them, in %s\n", run->cgroup.path);
}

/* Where the daemon did not. */
static void remove_cgroup(const struct run *run)
{
	int r = bl_run_cgroup_is_populated(run->cgroup.dir, run->cgroup.id);

	if (r == 0)
		r = bl_run_cgroup_remove(run->cgroup.dir);
	if (r < 0 && r != -ENOENT)
		(void)complain(r, "the cgroup cannot be removed:", run->cgroup.dir);
}

/* After the command: the policies go, and the cgroup, unless somebody is left. */
static void finish(const struct run *run)
{
	bl_cleanup_json struct json_object *reply = NULL;
	bool is_answered = ask(run, "run-end", &reply) == 0;

	if (is_answered)
		say_denials(run, reply);
	if (is_answered && !bl_json_get_bool(reply, "ended"))
		bl_log(BL_LOG_WARNING, "run",
		       "processes of the command still run, of '%s': they stay confined, and the policies end with them",
		       run->cgroup.path);
	else
		remove_cgroup(run);
}

/* Nothing is to be left of one that did not start. */
static void undo(struct run *run, const char *runs_dir)
{
	int r;

	bl_command_free(TAKE(run->command));
	r = bl_run_cgroup_remove(run->cgroup.dir);
	if (r < 0)
		(void)complain(r, "the cgroup cannot be removed:", run->cgroup.dir);
	(void)!bl_run_remove(runs_dir, run->cgroup.name);
}

static enum bl_exit carry_out(struct run *run, const char *runs_dir)
{
	const struct bl_command_spec spec = {
		.argv = run->command_argv,
		.filter = run->filter,
		.audit_filter = run->audit_filter,
	};
	enum bl_exit exit_code;
	int status = 0;
	int r = start(run, &spec, runs_dir);

	if (r < 0) {
		undo(run, runs_dir);
		return BL_EXIT_UNSTARTED;
	}
	r = bl_command_wait(run->command, &status);
	if (r < 0) {
		(void)complain(r, "the command cannot be waited for", NULL);
		return BL_EXIT_UNSTARTED;
	}
	exit_code = exit_code_of(run, status);
	finish(run);
	return exit_code;
}

static enum bl_exit run_in_cgroup(struct run *run)
{
	bl_cleanup_free char *runs_dir = bl_config_run_path(&run->config, BL_RUNS_DIR);
	bl_cleanup_free char *root = NULL;
	int r = runs_dir ? 0 : -ENOMEM;

	if (r == 0 && run->config.cgroup_root)
		r = bl_config_set_string(&root, run->config.cgroup_root);
	else if (r == 0)
		r = bl_probe_find_cgroup2(&root);
	if (r < 0) {
		(void)complain(r, "the cgroup tree cannot be found", NULL);
		return BL_EXIT_UNSTARTED;
	}
	r = bl_run_cgroup_make(root, &run->cgroup);
	if (r == -ENOENT)
		bl_log(BL_LOG_ERROR, "run",
		       "the caller's own cgroup is not to be found in '%s'; run it outside of cgroup namespaces, or set 'cgroup_root' in %s",
		       root, BL_CONFIG_FILE);
	else if (r == -ENAMETOOLONG)
		bl_log(BL_LOG_ERROR, "run",
		       "the caller's own cgroup is too deep in '%s' for policies to reach one below it; run it from another",
		       root);
	else if (r < 0)
		(void)complain(r, "no cgroup can be made below the caller's own in", root);
	return r < 0 ? BL_EXIT_UNSTARTED : carry_out(run, runs_dir);
}

enum bl_exit bl_cmd_run(int argc, char **argv)
{
	bl_cleanup(fini_run) struct run run = {0};
	const char *config_file = NULL;

	if (read_options(argc, argv, &run, &config_file) < 0 ||
	    read_config(&run, config_file) < 0 || load_policies(&run) < 0 ||
	    find_daemon(&run) < 0 || check_kernel(&run) < 0 || make_filters(&run) < 0)
		return BL_EXIT_UNSTARTED;
	return run_in_cgroup(&run);
}
