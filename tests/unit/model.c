// SPDX-License-Identifier: GPL-2.0-or-later
#include "model.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more. The array's size is the power of two at or above count. */
static void *grow(void *items, size_t count, size_t size)
{
	void *grown = items;

	if (!(count & (count - 1)))
		grown = reallocarray(items, count ? count * 2 : 1, size);
	assert(grown);
	memset((char *)grown + count * size, 0, size);
	return grown;
}

static char *copy(const char *text)
{
	char *copied = strdup(text);

	assert(copied);
	return copied;
}

struct bl_policy *model_add_policy(struct bl_policies *policies, const char *name,
				   enum bl_mode mode)
{
	struct bl_policy *policy;

	policies->items = grow(policies->items, policies->count, sizeof(*policies->items));
	policy = &policies->items[policies->count++];
	assert(asprintf(&policy->file, "%s.ini", name) > 0);
	policy->name = copy(name);
	policy->mode = mode;
	return policy;
}

void model_add_cgroup(struct bl_policy *policy, const char *pattern)
{
	size_t count = policy->cgroups_count;

	policy->cgroups = grow(policy->cgroups, count, sizeof(*policy->cgroups));
	policy->cgroups_source =
		grow(policy->cgroups_source, count, sizeof(*policy->cgroups_source));
	policy->cgroups[count] = copy(pattern);
	policy->cgroups_source[count] =
		(struct bl_source){.line = 3 + (unsigned)count, .column = 10};
	policy->cgroups_count++;
}

void model_set_default(struct bl_policy *policy, enum bl_section section, enum bl_verdict fallback)
{
	struct bl_section_policy *made = &policy->sections[section];

	made->is_present = true;
	made->fallback = fallback;
	made->source = (struct bl_source){.line = 5 + section, .column = 1};
	free(made->text);
	assert(asprintf(&made->text, "default = %s", bl_verdict_name(fallback)) > 0);
}

void model_set_setting(struct bl_policy *policy, enum bl_setting_key key, enum bl_verdict verdict)
{
	static const char *const names[] = {"drift", "memory", "anonymous"};
	struct bl_setting *made = &policy->settings[key];

	made->is_present = true;
	made->is_logged = true;
	made->verdict = verdict;
	made->source = (struct bl_source){.line = 8 + key, .column = 1};
	free(made->text);
	assert(asprintf(&made->text, "%s = %s", names[key], bl_verdict_name(verdict)) > 0);
}

struct bl_rule *model_add_rule(struct bl_policy *policy, enum bl_section section,
			       enum bl_verdict verdict, uint8_t permissions, const char *pattern)
{
	struct bl_rule *rule;

	policy->rules = grow(policy->rules, policy->rules_count, sizeof(*policy->rules));
	rule = &policy->rules[policy->rules_count];
	rule->section = section;
	rule->verdict = verdict;
	rule->permissions = permissions;
	rule->is_logged = true;
	rule->source =
		(struct bl_source){.line = 10 + (unsigned)policy->rules_count++, .column = 8};
	rule->pattern = pattern ? copy(pattern) : NULL;
	rule->protocol = BL_NETWORK_UNIX;
	rule->peer = BL_PEER_PATH;
	rule->port_high = UINT16_MAX;
	assert(asprintf(&rule->text, "%s = %s", bl_verdict_name(verdict), pattern ? pattern : "") >
	       0);
	return rule;
}

void model_set_by(struct bl_rule *rule, const char *by)
{
	free(rule->by);
	rule->by = copy(by);
}

void model_add_net(struct bl_rule *rule, const char *net)
{
	struct bl_net made = {.is_ipv6 = strchr(net, ':') != NULL};
	char address[INET6_ADDRSTRLEN] = "";
	unsigned prefix_len;

	assert(sscanf(net, "%45[^/]/%u", address, &prefix_len) == 2);
	assert(inet_pton(made.is_ipv6 ? AF_INET6 : AF_INET, address, made.address) == 1);
	made.prefix_len = (uint8_t)prefix_len;
	rule->nets = grow(rule->nets, rule->nets_count, sizeof(*rule->nets));
	rule->nets[rule->nets_count++] = made;
	rule->peer = BL_PEER_INET;
	if (rule->protocol == BL_NETWORK_UNIX)
		rule->protocol = BL_NETWORK_TCP;
}
