// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "enforcer/container_json.h"
#include "enforcer/container_path.h"
#include "enforcer/tables.h"
#include "enforcer/util.h"

struct counted {
	const char *path; /* owned by object */
	struct json_object *object;
};

struct building {
	struct bl_sensor *sensor;
	const struct bl_ruleset *ruleset;
	const struct bl_containers *known;
	bool is_ps;
	uint64_t generation;
	struct bl_task_label *labels;
	size_t labels_count;
	struct counted *containers;
	size_t containers_count;
	size_t containers_room;
};

static void fini_building(struct building *building)
{
	for (size_t i = 0; i < building->containers_count; i++)
		json_object_put(building->containers[i].object);
	free(building->containers);
	free(building->labels);
}

/* --- policies --- */

static int add_rule(const struct building *building, struct json_object *rules,
		    const struct bl_rule_entry *entry)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	struct bl_rule_counter counter = {0};
	char key[17];
	int r;

	r = bl_sensor_rule_counter(building->sensor, entry->key, &counter);
	if (r < 0)
		return r;
	snprintf(key, sizeof(key), "%016" PRIx64, entry->key);
	if (!object || !bl_json_add_u64(object, "line", entry->line) ||
	    !bl_json_add_string(object, "section", bl_section_name(entry->section)) ||
	    !bl_json_add_bytes(object, "text", entry->text, strlen(entry->text)) ||
	    !bl_json_add_string(object, "key", key) ||
	    !bl_json_add_u64(object, "enforced", counter.enforced) ||
	    !bl_json_add_u64(object, "would", counter.would) ||
	    !bl_json_append(rules, TAKE(object)))
		return -ENOMEM;
	return 0;
}

static int compare_entries(const void *left, const void *right)
{
	const struct bl_rule_entry *a = *(const struct bl_rule_entry *const *)left;
	const struct bl_rule_entry *b = *(const struct bl_rule_entry *const *)right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

static int add_policy(const struct building *building, struct json_object *policies,
		      const struct bl_policy *policy)
{
	const struct bl_generation *generation = &building->ruleset->generation;
	bl_cleanup_free const struct bl_rule_entry **entries = NULL;
	bool is_forced = building->ruleset->is_audit_forced && policy->mode != BL_MODE_OFF;
	struct json_object *object = json_object_new_object();
	struct json_object *rules;
	size_t count = 0;
	int r;

	if (!bl_json_append(policies, object))
		return -ENOMEM;
	if (!bl_json_add_bytes(object, "name", policy->name, strlen(policy->name)) ||
	    !bl_json_add_bytes(object, "file", policy->file, strlen(policy->file)) ||
	    !bl_json_add_string(object, "mode",
				bl_mode_name(is_forced ? BL_MODE_AUDIT : policy->mode)))
		return -ENOMEM;
	if (policy->is_elsewhere && !bl_json_add_bool(object, "elsewhere", true))
		return -ENOMEM;
	rules = bl_json_add_array(object, "rules");
	entries = calloc(generation->rules_count + 1, sizeof(const struct bl_rule_entry *));
	if (!rules || !entries)
		return -ENOMEM;

	for (size_t i = 0; i < generation->rules_count; i++)
		if (generation->rules[i].policy == policy)
			entries[count++] = &generation->rules[i];
	qsort(entries, count, sizeof(const struct bl_rule_entry *), compare_entries);
	for (size_t i = 0; i < count; i++) {
		r = add_rule(building, rules, entries[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_policies(const struct building *building, struct json_object *status)
{
	struct json_object *policies;
	int r;

	if (!building->ruleset)
		return 0;
	policies = bl_json_add_array(status, "policies");
	if (!policies)
		return -ENOMEM;
	for (size_t i = 0; i < building->ruleset->policies.count; i++) {
		r = add_policy(building, policies, &building->ruleset->policies.items[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- containers --- */

static bool add_nonzero(struct json_object *object, const char *name, uint64_t number)
{
	return number == 0 || bl_json_add_u64(object, name, number);
}

static bool add_counters(struct json_object *object, const struct bl_container_counter *counter)
{
	struct json_object *failed;
	struct json_object *lost;

	if (!bl_json_add_u64(object, "denied", counter->denied) ||
	    !bl_json_add_u64(object, "would", counter->would) ||
	    !bl_json_add_u64(object, "audited", counter->audited))
		return false;
	failed = bl_json_add_object(object, "failed");
	lost = bl_json_add_object(object, "lost");
	if (!failed || !lost)
		return false;
	for (size_t i = BL_FAIL_NONE + 1; i < BL_FAIL_COUNT; i++)
		if (!add_nonzero(failed, bl_fail_name((enum bl_fail)i), counter->failed[i]))
			return false;
	for (size_t i = 0; i < BL_LOSS_COUNT; i++)
		if (!add_nonzero(lost, bl_loss_name((enum bl_loss)i), counter->lost[i]))
			return false;
	return true;
}

/* What its binding says; another number than that of a profile is none. */
static const struct bl_compiled_profile *profile_of(const struct building *building,
						    const struct bl_binding *binding)
{
	const struct bl_generation *generation = &building->ruleset->generation;
	size_t index =
		bl_profile_index(building->generation, binding->profile[building->generation & 1]);

	return index < generation->profiles_count ? &generation->profiles[index] : NULL;
}

/* The strictest of its sections. */
static const char *mode_of(const struct bl_compiled_profile *profile)
{
	uint8_t mode = BL_MODE_OFF;

	for (size_t i = 0; i < BL_SECTION_COUNT; i++)
		if (profile->profile.mode[i] > mode)
			mode = profile->profile.mode[i];
	return bl_mode_name((enum bl_mode)mode);
}

/* binding NULL: it has none. */
static bool add_profile(const struct building *building, struct json_object *object,
			const struct bl_binding *binding)
{
	const struct bl_compiled_profile *profile;
	struct json_object *names;

	if (!building->ruleset)
		return true;
	names = bl_json_add_array(object, "policies");
	if (!names)
		return false;
	profile = binding ? profile_of(building, binding) : NULL;
	if (!profile)
		return bl_json_add_string(object, "mode", bl_mode_name(BL_MODE_OFF));
	for (size_t i = 0; i < profile->policies_count; i++) {
		const char *name = profile->policies[i]->name;

		if (!bl_json_append(names, bl_json_new_bytes(name, strlen(name))))
			return false;
	}
	return bl_json_add_string(object, "mode", mode_of(profile));
}

/* What is known of it, or, of one that no runtime has made, the unit it is. */
static bool add_known(const struct building *building, struct json_object *object, uint64_t id,
		      const char *cgroup)
{
	const struct bl_known *known =
		building->known ? bl_containers_find(building->known, id) : NULL;
	size_t len = 0;
	const char *unit;

	if (known)
		return bl_json_add_container(object, &known->container);
	unit = bl_cgroup_unit(cgroup, &len);
	return !unit || (bl_json_add_string(object, "runtime", "systemd") &&
			 bl_json_add_bytes(object, "unit", unit, len));
}

static uint64_t count_tasks(const struct building *building, uint64_t container)
{
	uint64_t count = 0;

	for (size_t i = 0; i < building->labels_count; i++)
		count += building->labels[i].container == container;
	return count;
}

/* One that has counted nothing may have none. */
static int read_counter(const struct bl_sensor *sensor, uint64_t id,
			struct bl_container_counter *counter)
{
	int fd = bl_sensor_map_fd(sensor, BL_MAP_CONTAINER_COUNTERS);

	return bpf_map_lookup_elem(fd, &id, counter) < 0 && errno != ENOENT ? -errno : 0;
}

int bl_status_container(const struct bl_sensor *sensor, uint64_t id,
			struct json_object **ret_container)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	struct bl_container_counter counter = {0};
	int r = read_counter(sensor, id, &counter);

	if (r < 0)
		return r;
	if (!object || !add_counters(object, &counter))
		return -ENOMEM;
	*ret_container = TAKE(object);
	return 0;
}

/* Takes object over. */
static int keep_container(struct building *building, struct json_object *object)
{
	if (building->containers_count == building->containers_room) {
		size_t room = building->containers_room ? building->containers_room * 2 : 64;
		struct counted *grown = reallocarray(building->containers, room, sizeof(*grown));

		if (!grown) {
			json_object_put(object);
			return -ENOMEM;
		}
		building->containers = grown;
		building->containers_room = room;
	}
	building->containers[building->containers_count++] = (struct counted){
		.path = bl_json_get_string(object, "cgroup"),
		.object = object,
	};
	return 0;
}

/* binding NULL: it is known and nothing selects it. */
static int add_container(struct building *building, uint64_t id, const char *cgroup,
			 const struct bl_binding *binding)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	struct bl_container_counter counter = {0};
	int r = read_counter(building->sensor, id, &counter);

	if (r < 0)
		return r;
	if (!object || !bl_json_add_u64(object, "id", id) ||
	    !bl_json_add_bytes(object, "cgroup", cgroup, strlen(cgroup)) ||
	    !add_known(building, object, id, cgroup) || !add_profile(building, object, binding) ||
	    !bl_json_add_u64(object, "tasks", count_tasks(building, id)) ||
	    !add_counters(object, &counter))
		return -ENOMEM;
	return keep_container(building, TAKE(object));
}

static int compare_counted(const void *left, const void *right)
{
	return strcmp(((const struct counted *)left)->path, ((const struct counted *)right)->path);
}

/* For ps: the cgroup was removed, and who was in it has ended. */
static bool is_over(const struct building *building, uint64_t id)
{
	const struct bl_known *known =
		building->is_ps ? bl_containers_find(building->known, id) : NULL;

	return known && known->is_gone && count_tasks(building, id) == 0;
}

/* Containers of the generation in force, and those removed that still hold tasks. */
static int read_containers(struct building *building)
{
	int fd = bl_sensor_map_fd(building->sensor, BL_MAP_BINDINGS);
	unsigned parity = building->generation & 1;
	uint64_t *previous = NULL;
	uint64_t key;
	uint64_t next;
	int r;

	while (bpf_map_get_next_key(fd, previous, &next) == 0) {
		struct bl_binding binding;

		key = next;
		previous = &key;
		if (bpf_map_lookup_elem(fd, &key, &binding) < 0)
			continue;
		if (binding.container != key ||
		    binding.generation[parity] != building->generation ||
		    binding.profile[parity] == 0 || is_over(building, key))
			continue;
		binding.path[BL_CGROUP_PATH_MAX - 1] = '\0';
		r = add_container(building, key, binding.path, &binding);
		if (r < 0)
			return r;
	}
	return errno == ENOENT ? 0 : -errno;
}

static bool is_kept(const struct building *building, uint64_t id)
{
	for (size_t i = 0; i < building->containers_count; i++)
		if (bl_json_get_u64(building->containers[i].object, "id") == id)
			return true;
	return false;
}

static int read_unbound(struct building *building)
{
	for (size_t i = 0; i < building->known->count; i++) {
		const struct bl_known *known = building->known->items[i];
		int r = 0;

		if (!known->is_gone && !is_kept(building, known->id))
			r = add_container(building, known->id, known->container.cgroup, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_containers(struct building *building, struct json_object *status)
{
	struct json_object *containers = bl_json_add_array(status, "containers");
	int r;

	if (!containers)
		return -ENOMEM;
	r = bl_sensor_task_labels(building->sensor, &building->labels, &building->labels_count);
	if (r == 0)
		r = read_containers(building);
	if (r == 0 && building->is_ps)
		r = read_unbound(building);
	if (r < 0)
		return r;
	if (building->containers_count > 0)
		qsort(building->containers, building->containers_count,
		      sizeof(*building->containers), compare_counted);
	for (size_t i = 0; i < building->containers_count; i++)
		if (!bl_json_append(containers, TAKE(building->containers[i].object)))
			return -ENOMEM;
	return 0;
}

static struct building building_of(struct bl_sensor *sensor, const struct bl_ruleset *ruleset,
				   const struct bl_containers *containers)
{
	return (struct building){
		.sensor = sensor,
		.ruleset = ruleset,
		.known = containers,
		.generation = bl_sensor_state(sensor)->generation,
	};
}

int bl_status_build(struct bl_sensor *sensor, const struct bl_ruleset *ruleset,
		    const struct bl_containers *containers, struct json_object **ret_status)
{
	bl_cleanup(fini_building) struct building building =
		building_of(sensor, ruleset, containers);
	bl_cleanup_json struct json_object *status = json_object_new_object();
	int r;

	if (!status || !bl_json_add_string(status, "version", BL_VERSION) ||
	    !bl_json_add_bool(status, "in_force", building.generation != 0) ||
	    !bl_json_add_u64(status, "generation", building.generation))
		return -ENOMEM;
	if (!bl_json_add_bool(status, "sealed", bl_sensor_guard(sensor)->is_sealed))
		return -ENOMEM;
	if (ruleset && !bl_json_add_bool(status, "audit_forced", ruleset->is_audit_forced))
		return -ENOMEM;
	r = add_policies(&building, status);
	if (r == 0)
		r = add_containers(&building, status);
	if (r < 0)
		return r;
	*ret_status = TAKE(status);
	return 0;
}

int bl_status_build_ps(struct bl_sensor *sensor, const struct bl_ruleset *ruleset,
		       const struct bl_containers *containers, struct json_object **ret_ps)
{
	bl_cleanup(fini_building) struct building building =
		building_of(sensor, ruleset, containers);
	bl_cleanup_json struct json_object *ps = json_object_new_object();
	int r;

	if (!ps || !bl_json_add_u64(ps, "generation", building.generation))
		return -ENOMEM;
	building.is_ps = true;
	r = add_containers(&building, ps);
	if (r < 0)
		return r;
	*ret_ps = TAKE(ps);
	return 0;
}

/* --- for people --- */

struct text {
	FILE *out;
	bool is_colored;
};

static const char *red(const struct text *text, bool is_on)
{
	return text->is_colored && is_on ? "\033[31m" : "";
}

static const char *plain(const struct text *text)
{
	return text->is_colored ? "\033[0m" : "";
}

/* What is in the answer was escaped when it was made; what is absent prints as nothing. */
static const char *text_of(struct json_object *object, const char *key)
{
	const char *value = bl_json_get_string(object, key);

	return value ? value : "";
}

static void print_head(const struct text *text, struct json_object *status)
{
	struct json_object *daemon = bl_json_get(status, "daemon", json_type_object);

	if (daemon)
		fprintf(text->out, "bailiff %s, daemon running, pid %" PRIu64 "\n",
			text_of(status, "version"), bl_json_get_u64(daemon, "pid"));
	else
		fprintf(text->out, "bailiff %s, %sno daemon is running%s\n",
			text_of(status, "version"), red(text, true), plain(text));
	if (!bl_json_get_bool(status, "in_force")) {
		fprintf(text->out, "%sNothing is in force.%s\n", red(text, true), plain(text));
		return;
	}
	fprintf(text->out, "Generation %" PRIu64 " is in force%s.\n",
		bl_json_get_u64(status, "generation"),
		daemon ? "" : ", without records being written");
	if (bl_json_get_bool(status, "sealed"))
		fprintf(text->out, "Sealed: nobody but the daemon can change it.\n");
	if (bl_json_get_bool(status, "audit_forced"))
		fprintf(text->out, "%sAudit only: nothing is denied.%s\n", red(text, true),
			plain(text));
}

/* Of a reload that is not confirmed, and of policies that are not the files'. */
static void print_kept(const struct text *text, struct json_object *status)
{
	struct json_object *waiting = bl_json_get(status, "confirmation", json_type_object);
	bool is_daemon = bl_json_get(status, "daemon", json_type_object);

	if (waiting && is_daemon)
		fprintf(text->out,
			"%sIt waits to be confirmed: in %" PRIu64
			" s what was in force before returns, unless 'bailiff confirm' comes.%s\n",
			red(text, true), (bl_json_get_u64(waiting, "left_ms") + 999) / 1000,
			plain(text));
	else if (waiting)
		fprintf(text->out,
			"%sIt waits to be confirmed, and only a daemon can return to what was in force before: start one.%s\n",
			red(text, true), plain(text));
	if (bl_json_get_bool(status, "policies_kept"))
		fprintf(text->out,
			"%sThe policies are those that were kept, not the files': 'bailiff reload' reads these.%s\n",
			red(text, true), plain(text));
}

static void print_policies(const struct text *text, struct json_object *policies)
{
	fprintf(text->out, "\nPolicies\n");
	for (size_t i = 0; i < json_object_array_length(policies); i++) {
		struct json_object *policy = json_object_array_get_idx(policies, i);
		struct json_object *rules = bl_json_get(policy, "rules", json_type_array);

		fprintf(text->out, "  %s  %s%s  %s\n", text_of(policy, "name"),
			text_of(policy, "mode"),
			bl_json_get_bool(policy, "elsewhere") ? " on other hosts" : "",
			text_of(policy, "file"));
		for (size_t j = 0; rules && j < json_object_array_length(rules); j++) {
			struct json_object *rule = json_object_array_get_idx(rules, j);

			/*
			 * A default that is not written has no line; it is worth one only when it
			 * counted.
			 */
			if (text_of(rule, "text")[0] == '[' &&
			    bl_json_get_u64(rule, "enforced") == 0 &&
			    bl_json_get_u64(rule, "would") == 0)
				continue;
			fprintf(text->out,
				"    %5" PRIu64 "  %-7s  enforced %-8" PRIu64 " would %-8" PRIu64
				" %s\n",
				bl_json_get_u64(rule, "line"), text_of(rule, "section"),
				bl_json_get_u64(rule, "enforced"), bl_json_get_u64(rule, "would"),
				text_of(rule, "text"));
		}
	}
}

/* "  lost: ring_full 12, counter 1", or nothing when nothing was counted. */
static void print_counts(const struct text *text, struct json_object *container, const char *key)
{
	struct json_object *counts = bl_json_get(container, key, json_type_object);
	const char *separator = "";

	if (!counts || json_object_object_length(counts) == 0)
		return;
	fprintf(text->out, "      %s%s%s: ", red(text, true), key, plain(text));
	json_object_object_foreach(counts, name, count)
	{
		fprintf(text->out, "%s%s %" PRIu64, separator, name, json_object_get_uint64(count));
		separator = ", ";
	}
	fputc('\n', text->out);
}

static void print_containers(const struct text *text, struct json_object *containers)
{
	fprintf(text->out, "\nContainers\n");
	if (json_object_array_length(containers) == 0)
		fprintf(text->out, "  none\n");
	for (size_t i = 0; i < json_object_array_length(containers); i++) {
		struct json_object *container = json_object_array_get_idx(containers, i);
		struct json_object *names = bl_json_get(container, "policies", json_type_array);

		fprintf(text->out, "  %s\n", text_of(container, "cgroup"));
		if (names) {
			fprintf(text->out, "      policies:");
			for (size_t j = 0; j < json_object_array_length(names); j++)
				fprintf(text->out, " %s",
					json_object_get_string(
						json_object_array_get_idx(names, j)));
			fputc('\n', text->out);
		}
		fprintf(text->out,
			"      tasks %-6" PRIu64 " denied %-8" PRIu64 " would %-8" PRIu64
			" audited %" PRIu64 "\n",
			bl_json_get_u64(container, "tasks"), bl_json_get_u64(container, "denied"),
			bl_json_get_u64(container, "would"), bl_json_get_u64(container, "audited"));
		print_counts(text, container, "failed");
		print_counts(text, container, "lost");
	}
}

static void print_sinks(const struct text *text, struct json_object *daemon)
{
	struct json_object *sinks = bl_json_get(daemon, "sinks", json_type_array);
	uint64_t unwritten = bl_json_get_u64(daemon, "unwritten");

	fprintf(text->out, "\nRecords\n");
	for (size_t i = 0; sinks && i < json_object_array_length(sinks); i++) {
		struct json_object *sink = json_object_array_get_idx(sinks, i);
		uint64_t dropped = bl_json_get_u64(sink, "dropped");

		fprintf(text->out, "  %-7s  written %-8" PRIu64 " %sdropped %" PRIu64 "%s\n",
			text_of(sink, "name"), bl_json_get_u64(sink, "written"),
			red(text, dropped > 0), dropped, plain(text));
	}
	if (unwritten > 0)
		fprintf(text->out, "  %s%" PRIu64 " events could not be made into records%s\n",
			red(text, true), unwritten, plain(text));
}

void bl_status_print(FILE *out, struct json_object *status, bool is_colored)
{
	struct text text = {.out = out, .is_colored = is_colored};
	struct json_object *policies = bl_json_get(status, "policies", json_type_array);
	struct json_object *containers = bl_json_get(status, "containers", json_type_array);
	struct json_object *daemon = bl_json_get(status, "daemon", json_type_object);

	print_head(&text, status);
	if (bl_json_get_bool(status, "in_force"))
		print_kept(&text, status);
	if (policies)
		print_policies(&text, policies);
	if (containers)
		print_containers(&text, containers);
	if (daemon)
		print_sinks(&text, daemon);
}
