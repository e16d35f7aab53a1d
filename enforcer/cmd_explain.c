// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/json.h"
#include "enforcer/policy_compile.h"
#include "enforcer/query.h"
#include "enforcer/util.h"

struct request {
	const char *const *paths;
	size_t paths_count;
	const char *const *words;
	size_t words_count;
	bool is_json;
};

/*
 * Policies are whatever stands in front of the operation. A policy file that is called like an
 * operation is written with a path: "./read".
 */
static size_t count_policies(char **arguments, size_t count)
{
	size_t i;

	for (i = 0; i < count && !bl_query_is_operation(arguments[i]); i++)
		;
	return i;
}

static bool parse_options(int argc, char **argv, struct request *ret_request, const char **ret_by)
{
	static const struct option options[] = {
		{"by", required_argument, NULL, 'b'},
		{"json", no_argument, NULL, 'j'},
		{NULL, 0, NULL, 0},
	};
	struct request request = {0};
	size_t count;
	int option;

	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (option) {
		case 'b':
			*ret_by = optarg;
			break;
		case 'j':
			request.is_json = true;
			break;
		case ':':
			(void)bl_cmd_usage(argv[0], "'%s' needs a value", argv[optind - 1]);
			return false;
		default:
			(void)bl_cmd_usage(argv[0], "unknown option '%s'", argv[optind - 1]);
			return false;
		}
	}

	count = (size_t)(argc - optind);
	request.paths = (const char *const *)(argv + optind);
	request.paths_count = count_policies(argv + optind, count);
	request.words = request.paths + request.paths_count;
	request.words_count = count - request.paths_count;
	*ret_request = request;
	return true;
}

/* --- answers --- */

static void print_words(const struct request *request)
{
	for (size_t i = 0; i < request->words_count; i++)
		printf(" %s", request->words[i]);
}

/* Why there is no rule. */
static void print_silence(const struct bl_answer *answer)
{
	const char *section = bl_section_name(answer->ask.section);
	const char *word = NULL;

	if (answer->is_mediated && answer->ask.section == BL_SECTION_EXEC) {
		switch ((enum bl_exec_permission)answer->ask.permission) {
		case BL_EXEC_DRIFT_LAYER:
		case BL_EXEC_DRIFT_MOUNT:
			word = "drift";
			break;
		case BL_EXEC_ANONYMOUS:
			word = "anonymous";
			break;
		case BL_EXEC_MEMORY:
			puts("  not every policy with [exec] sets 'memory': it may be mapped, but not run");
			return;
		case BL_EXEC_EXECUTE:
		case BL_EXEC_MAP:
		case BL_EXEC_COUNT:
			break;
		}
	}
	if (word)
		printf("  no policy sets '%s' in [%s]\n", word, section);
	else
		printf("  no policy mediates [%s]\n", section);
}

static void print_text(const struct request *request, const struct bl_answer *answer)
{
	const struct bl_rule_entry *rule = answer->rule;

	fputs(bl_verdict_name(answer->verdict), stdout);
	print_words(request);
	puts("");
	if (answer->is_would)
		puts("  the policy is in audit mode: recorded, and allowed");
	if (answer->is_alias)
		printf("  the new name would give '%s', which the old one does not\n",
		       bl_permission_name(answer->ask.section, answer->ask.permission));
	if (!rule) {
		print_silence(answer);
		return;
	}
	printf("  %s:%u: %s\n", rule->policy->file, rule->line, rule->text);
	if (answer->ask.section == BL_SECTION_NETWORK && rule->rule &&
	    !(rule->rule->permissions >> answer->ask.permission & 1))
		puts("  no rule matches: what this one allows brings it with it");
	if (!rule->rule && !rule->is_setting)
		printf("  no rule matches: this is the default of [%s]\n",
		       bl_section_name(answer->ask.section));
}

static bool add_rule(struct json_object *record, const struct bl_rule_entry *rule)
{
	struct json_object *object;

	if (!rule)
		return true;
	if (!bl_json_add_bytes(record, "policy", rule->policy->name, strlen(rule->policy->name)))
		return false;
	object = bl_json_add_object(record, "rule");
	return object &&
	       bl_json_add_bytes(object, "file", rule->policy->file, strlen(rule->policy->file)) &&
	       bl_json_add_u64(object, "line", rule->line) &&
	       bl_json_add_bytes(object, "text", rule->text, strlen(rule->text)) &&
	       bl_json_add_bool(object, "default", !rule->rule && !rule->is_setting);
}

static bool add_words(struct json_object *record, const struct request *request)
{
	struct json_object *array = bl_json_add_array(record, "query");

	for (size_t i = 0; array && i < request->words_count; i++) {
		if (!bl_json_append(
			    array, bl_json_new_bytes(request->words[i], strlen(request->words[i]))))
			return false;
	}
	return array;
}

static int print_json(const struct request *request, const struct bl_answer *answer)
{
	bl_cleanup_json struct json_object *record = json_object_new_object();
	bl_cleanup_free char *line = NULL;
	size_t len;

	if (!record || !add_words(record, request) ||
	    !bl_json_add_string(record, "verdict", bl_verdict_name(answer->verdict)) ||
	    !bl_json_add_bool(record, "enforced",
			      answer->verdict >= BL_VERDICT_DENY && !answer->is_would) ||
	    !bl_json_add_bool(record, "recorded", answer->is_recorded) ||
	    !bl_json_add_bool(record, "mediated", answer->rule) ||
	    (answer->is_alias && !bl_json_add_string(record, "gained",
						     bl_permission_name(answer->ask.section,
									answer->ask.permission))) ||
	    !add_rule(record, answer->rule))
		return -ENOMEM;

	line = bl_json_line(record, &len);
	if (!line)
		return -ENOMEM;
	fwrite(line, 1, len, stdout);
	return 0;
}

static int answer_query(const struct request *request, const struct bl_query *query,
			const struct bl_policies *policies, struct bl_diags *diags,
			struct bl_answer *ret_answer)
{
	bl_cleanup_free const struct bl_policy **list = calloc(policies->count + 1, sizeof(*list));
	struct bl_generation generation;
	int r;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < policies->count; i++)
		list[i] = &policies->items[i];
	r = bl_profile_compile(list, policies->count, false, diags, &generation);
	if (r < 0)
		return r;

	*ret_answer = bl_query_answer(query, &generation);
	if (request->is_json)
		r = print_json(request, ret_answer);
	else
		print_text(request, ret_answer);
	bl_generation_fini(&generation);
	return r;
}

static enum bl_exit explain(const struct request *request, const struct bl_query *query)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	struct bl_answer answer = {.verdict = BL_VERDICT_DENY};
	enum bl_exit code;
	int r;

	r = bl_policies_load(request->paths, request->paths_count, &diags, &policies);
	if (!r)
		r = answer_query(request, query, &policies, &diags, &answer);
	if (r == -ENOMEM)
		code = bl_cmd_out_of_memory("explain");
	else if (r < 0)
		code = BL_EXIT_USAGE;
	else
		code = answer.verdict >= BL_VERDICT_DENY && !answer.is_would ? BL_EXIT_DENIED
									     : BL_EXIT_OK;

	bl_cmd_print_diags(&diags);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
	return code;
}

enum bl_exit bl_cmd_explain(int argc, char **argv)
{
	struct bl_query_error error;
	struct request request;
	struct bl_query query;
	const char *by = NULL;

	if (!parse_options(argc, argv, &request, &by))
		return BL_EXIT_USAGE;
	if (!request.paths_count)
		return bl_cmd_usage(argv[0], "expected a policy file or a directory");
	if (bl_query_parse(request.words, request.words_count, &query, &error) < 0 ||
	    (by && bl_query_set_by(&query, by, &error) < 0))
		return bl_cmd_usage(argv[0], "%s", error.message);
	return explain(&request, &query);
}
