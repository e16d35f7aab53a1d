// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What compiling costs, natively: CPU time and table size by kind and number of rules. Fails when ten thousand rules
 * take a second, or more than the largest table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "enforcer/policy_compile.h"
#include "enforcer/util.h"

#include "model.h"

#define ROUNDS   5
#define LIMIT_MS 1000.0

static uint32_t random_state;

static unsigned below(unsigned limit)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % limit;
}

/* --- kinds of rules --- */

/* One of some hundred words, the first ones more often than the others, as names of files are. */
static const char *word(void)
{
	static const char *const heads[] = {"lib", "net", "conf", "app",  "sys", "data", "py",
					    "log", "web", "auth", "core", "ssl", "db",   "x"};
	static const char *const tails[] = {"",       "util",    "server", "-common",
					    "ctl",    "manager", "-dev",   "tools",
					    "client", "_plugin", "daemon"};
	static char words[4][32];
	static unsigned at;
	unsigned head = below(BL_ARRAY_LEN(heads) * BL_ARRAY_LEN(heads));

	at = (at + 1) % BL_ARRAY_LEN(words);
	snprintf(words[at], sizeof(words[at]), "%s%s",
		 heads[head / BL_ARRAY_LEN(heads) * (head % BL_ARRAY_LEN(heads)) /
		       BL_ARRAY_LEN(heads)],
		 tails[below(BL_ARRAY_LEN(tails))]);
	return words[at];
}

static void put_file(char *path, size_t size)
{
	static const char *const kinds[] = {"so", "conf", "py", "json", "gz", "html", "pem", "db"};
	const char *kind = kinds[below(BL_ARRAY_LEN(kinds))];
	unsigned number = below(10000);

	switch (below(6)) {
	case 0:
		snprintf(path, size, "/usr/lib/x86_64-linux-gnu/%s/%s.%u.%s", word(), word(),
			 number, kind);
		return;
	case 1:
		snprintf(path, size, "/usr/share/%s/%s/%s-%u.%s", word(), word(), word(), number,
			 kind);
		return;
	case 2:
		snprintf(path, size, "/etc/%s/%s.d/%02u-%s.conf", word(), word(), number % 100,
			 word());
		return;
	case 3:
		snprintf(path, size, "/var/lib/%s/%08x/%s.%s", word(), number * 429496u, word(),
			 kind);
		return;
	case 4:
		snprintf(path, size, "/opt/%s/releases/%u.%u/bin/%s", word(), number / 100,
			 number % 100, word());
		return;
	default:
		snprintf(path, size, "/home/user%u/%s/%s_%u.%s", number % 50, word(), word(),
			 number, kind);
		return;
	}
}

static void add_tenant(struct bl_policy *policy, unsigned number)
{
	char path[64];

	snprintf(path, sizeof(path), "/srv/tenant-%04u/data/**", number);
	model_add_rule(policy, BL_SECTION_FILE, BL_VERDICT_DENY, 1u << BL_FILE_READ, path);
}

static void add_file(struct bl_policy *policy, unsigned number)
{
	char path[160];

	put_file(path, sizeof(path));
	model_add_rule(policy, BL_SECTION_FILE, BL_VERDICT_DENY, 1u << BL_FILE_WRITE, path);
}

static void add_program(struct bl_policy *policy, unsigned number)
{
	char path[160];

	put_file(path, sizeof(path));
	model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_DENY, 1u << BL_EXEC_EXECUTE, path);
}

/* A star in the middle of all. */
static void add_home(struct bl_policy *policy, unsigned number)
{
	char path[160];

	snprintf(path, sizeof(path), "/home/*/%s/%s-%u/**", word(), word(), number);
	model_add_rule(policy, BL_SECTION_FILE, BL_VERDICT_DENY, 1u << BL_FILE_READ, path);
}

static void add_network(struct bl_policy *policy, unsigned number)
{
	struct bl_rule *rule = model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY,
					      1u << BL_NETWORK_CONNECT, NULL);
	char net[64];

	snprintf(net, sizeof(net), "10.%u.%u.%u/32", number / 2500, number / 50 % 50, below(256));
	model_add_net(rule, net);
	rule->port_low = rule->port_high = (uint16_t)(1024 + below(4096));
}

static void add_network6(struct bl_policy *policy, unsigned number)
{
	struct bl_rule *rule = model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY,
					      1u << BL_NETWORK_CONNECT, NULL);
	char net[64];

	snprintf(net, sizeof(net), "fd00:%x:%x::/48", number / 256, number % 256 * 256);
	model_add_net(rule, net);
}

/* With all that these imply. */
static void add_allowed(struct bl_policy *policy, unsigned number)
{
	struct bl_rule *rule;

	model_set_default(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY);
	add_network(policy, number);
	rule = &policy->rules[policy->rules_count - 1];
	rule->verdict = BL_VERDICT_ALLOW;
	rule->permissions |= 1u << BL_NETWORK_SEND | 1u << BL_NETWORK_BIND;
}

static const struct kind {
	const char *name;
	void (*add)(struct bl_policy *policy, unsigned number);
} kinds[] = {
	{"/srv/tenant-NNNN/data/**", add_tenant},
	{"files", add_file},
	{"programs", add_program},
	{"/home/*/...", add_home},
	{"IPv4 hosts and ports", add_network},
	{"IPv6 networks", add_network6},
	{"IPv4 allowed, not else", add_allowed},
};

/* --- measuring --- */

static double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int compare_times(const void *a, const void *b)
{
	const double *left = a;
	const double *right = b;

	return *left < *right ? -1 : *left > *right;
}

static int compile(const struct bl_policies *policies, struct bl_generation *ret_generation)
{
	struct bl_diags diags = {0};
	int r;

	r = bl_generation_compile(policies, false, &diags, ret_generation);
	for (size_t i = 0; i < diags.count; i++)
		fprintf(stderr, "%s:%u: %s\n", diags.items[i].file, diags.items[i].line,
			diags.items[i].message);
	bl_diags_fini(&diags);
	return r;
}

static int measure(const struct kind *kind, unsigned rules)
{
	struct bl_policies policies = {0};
	struct bl_policy *policy = model_add_policy(&policies, "bench", BL_MODE_ENFORCE);
	double times[ROUNDS];
	int r = 0;

	random_state = 1;
	model_add_cgroup(policy, "/bench");
	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		model_set_default(policy, (enum bl_section)i, BL_VERDICT_ALLOW);
	for (unsigned i = 0; i < rules; i++)
		kind->add(policy, i);

	for (unsigned i = 0; i < ROUNDS && !r; i++) {
		struct bl_generation generation;
		double start = now_ms();

		r = compile(&policies, &generation);
		times[i] = now_ms() - start;
		if (r < 0)
			break;
		if (i == ROUNDS - 1) {
			const struct bl_compiled_profile *profile = &generation.profiles[0];
			const struct bl_table_header *header = profile->table;

			qsort(times, ROUNDS, sizeof(*times), compare_times);
			printf("%-26s %6u %8u %9zu %9.1f\n", kind->name, rules, header->states,
			       profile->table_bytes, times[ROUNDS / 2]);
			if (times[ROUNDS / 2] >= LIMIT_MS)
				r = -ETIME;
		}
		bl_generation_fini(&generation);
	}
	bl_policies_fini(&policies);
	return r;
}

int main(void)
{
	static const unsigned numbers[] = {10, 50, 1000, 10000};
	int worst = 0;

	printf("%-26s %6s %8s %9s %9s\n", "rules of the kind", "rules", "states", "bytes",
	       "CPU ms");
	for (size_t i = 0; i < BL_ARRAY_LEN(kinds); i++)
		for (size_t k = 0; k < BL_ARRAY_LEN(numbers); k++) {
			int r = measure(&kinds[i], numbers[k]);

			if (r < 0) {
				fprintf(stderr, "%s: %u rules: %s\n", kinds[i].name, numbers[k],
					strerror(-r));
				worst = 1;
			}
		}
	return worst;
}
