// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the language has and this version does not enforce. It is refused by name, never accepted
 * and ignored: who writes a rule relies on it. Giving something effect deletes its row.
 */
#include "enforcer/policy_parse.h"

#include <string.h>

#include "enforcer/util.h"

/* How messages name an element: its word between these two. */
static const struct {
	const char *before;
	const char *after;
} frames[] = {
	[BL_ELEMENT_SECTION] = {"section [", "]"},
	[BL_ELEMENT_SELECTOR] = {"selector '", "'"},
	[BL_ELEMENT_EXEC_KEY] = {"'", "' of [exec]"},
	[BL_ELEMENT_ACTION] = {"action '", "'"},
	[BL_ELEMENT_OPTION] = {"'", "'"},
	[BL_ELEMENT_FILE_PERMISSION] = {"permission '", "'"},
	[BL_ELEMENT_FILE_DEFAULT] = {"default '", "' of [file]"},
	[BL_ELEMENT_NETWORK_OPERATION] = {"operation '", "'"},
	[BL_ELEMENT_NETWORK_PROTOCOL] = {"protocol '", "'"},
	[BL_ELEMENT_NETWORK_DEFAULT] = {"default '", "' of [network]"},
};
_Static_assert(BL_ARRAY_LEN(frames) == BL_ELEMENT_COUNT, "a frame for every element");

#define PERMISSIONS "name 'read' and 'write'"
#define SELECTORS   "select by 'cgroup'"
#define OPERATIONS  "name 'connect'"
#define PROTOCOLS   "name 'tcp' or 'unix'"

static const struct {
	enum bl_element element;
	const char *word;
	const char *remedy; /* or NULL: leave it out */
} rows[] = {
	{BL_ELEMENT_SECTION, "process", NULL},
	{BL_ELEMENT_SECTION, "privilege", NULL},
	{BL_ELEMENT_SECTION, "capability", NULL},
	{BL_ELEMENT_SECTION, "syscall", NULL},
	{BL_ELEMENT_SELECTOR, "container", SELECTORS},
	{BL_ELEMENT_SELECTOR, "image", SELECTORS},
	{BL_ELEMENT_SELECTOR, "label", SELECTORS},
	{BL_ELEMENT_SELECTOR, "pod", SELECTORS},
	{BL_ELEMENT_SELECTOR, "namespace", SELECTORS},
	{BL_ELEMENT_SELECTOR, "unit", SELECTORS},
	{BL_ELEMENT_SELECTOR, "host", SELECTORS},
	{BL_ELEMENT_EXEC_KEY, "drift", NULL},
	{BL_ELEMENT_EXEC_KEY, "memory", NULL},
	{BL_ELEMENT_EXEC_KEY, "anonymous", NULL},
	{BL_ELEMENT_ACTION, "kill", "use 'deny'"},
	{BL_ELEMENT_OPTION, "by", NULL},
	{BL_ELEMENT_FILE_PERMISSION, "create", PERMISSIONS},
	{BL_ELEMENT_FILE_PERMISSION, "delete", PERMISSIONS},
	{BL_ELEMENT_FILE_PERMISSION, "attr", PERMISSIONS},
	{BL_ELEMENT_FILE_PERMISSION, "map", PERMISSIONS},
	{BL_ELEMENT_FILE_PERMISSION, "modify", PERMISSIONS},
	{BL_ELEMENT_FILE_PERMISSION, "all", PERMISSIONS},
	{BL_ELEMENT_FILE_DEFAULT, "deny", "end the section with 'deny = read write /**'"},
	{BL_ELEMENT_NETWORK_OPERATION, "create", OPERATIONS},
	{BL_ELEMENT_NETWORK_OPERATION, "bind", OPERATIONS},
	{BL_ELEMENT_NETWORK_OPERATION, "listen", OPERATIONS},
	{BL_ELEMENT_NETWORK_OPERATION, "accept", OPERATIONS},
	{BL_ELEMENT_NETWORK_OPERATION, "send", OPERATIONS},
	{BL_ELEMENT_NETWORK_OPERATION, "all", OPERATIONS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "udp", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "icmp", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "raw", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "packet", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "netlink", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "vsock", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "sctp", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "other", PROTOCOLS},
	{BL_ELEMENT_NETWORK_PROTOCOL, "any", PROTOCOLS},
	{BL_ELEMENT_NETWORK_DEFAULT, "deny",
	 "end the section with 'deny = connect tcp *' and 'deny = connect unix *'"},
};

void bl_parser_refuse_unenforced(struct bl_parser *parser, enum bl_element element,
				 const char *word, unsigned line, unsigned column)
{
	if (parser->is_whole_language)
		return;

	for (size_t i = 0; i < BL_ARRAY_LEN(rows); i++) {
		if (rows[i].element != element || strcmp(rows[i].word, word) != 0)
			continue;

		bl_parser_error(parser, line, column, "%s%s%s is not enforced by this version%s%s",
				frames[element].before, word, frames[element].after,
				rows[i].remedy ? "; " : "", rows[i].remedy ? rows[i].remedy : "");
		return;
	}
}
