// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "enforcer/glob.h"
#include "enforcer/util.h"

void bl_diags_fini(struct bl_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		free(diags->items[i].file);
		free(diags->items[i].message);
	}
	free(diags->items);
	*diags = (struct bl_diags){0};
}

/*
 * Messages quote whatever somebody wrote into a file, and end on a terminal or in a log: no byte of
 * them may be a control character.
 */
static void replace_controls(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

/*
 * The array's size is the power of two at or above count, so it is full exactly when count is one.
 */
static int reserve_diag(struct bl_diags *diags)
{
	struct bl_diag *items;

	if (diags->count & (diags->count - 1))
		return 0;

	items = reallocarray(diags->items, diags->count ? diags->count * 2 : 1, sizeof(*items));
	if (!items)
		return -1;

	diags->items = items;
	return 0;
}

void bl_diags_add(struct bl_diags *diags, enum bl_severity severity, const char *file,
		  unsigned line, unsigned column, const char *format, ...)
{
	bl_cleanup_free char *message = NULL;
	bl_cleanup_free char *name = strdup(file);
	va_list arguments;
	int r;

	if (severity == BL_SEVERITY_ERROR)
		diags->errors++;

	va_start(arguments, format);
	r = vasprintf(&message, format, arguments);
	va_end(arguments);
	if (r < 0)
		message = NULL;
	if (!name || !message || reserve_diag(diags) < 0)
		return;

	replace_controls(message);
	diags->items[diags->count++] = (struct bl_diag){
		.severity = severity,
		.file = TAKE(name),
		.line = line,
		.column = column,
		.message = TAKE(message),
	};
}

static void rule_fini(struct bl_rule *rule)
{
	free(rule->text);
	free(rule->by);
	free(rule->pattern);
	free(rule->nets);
}

static void drop_selectors(struct bl_policy *policy)
{
	for (size_t i = 0; i < policy->cgroups_count; i++)
		free(policy->cgroups[i]);
	free(policy->cgroups);
	free(policy->cgroups_source);
	policy->cgroups = NULL;
	policy->cgroups_source = NULL;
	policy->cgroups_count = 0;
	for (size_t i = 0; i < policy->selectors_count; i++) {
		free(policy->selectors[i].pattern);
		free(policy->selectors[i].label);
		bl_glob_fini(&policy->selectors[i].glob);
	}
	free(policy->selectors);
	policy->selectors = NULL;
	policy->selectors_count = 0;
	policy->is_elsewhere = false;
}

static void policy_fini(struct bl_policy *policy)
{
	free(policy->file);
	free(policy->name);
	free(policy->description);
	drop_selectors(policy);
	for (size_t i = 0; i < BL_SECTION_COUNT; i++)
		free(policy->sections[i].text);
	for (size_t i = 0; i < BL_SETTING_COUNT; i++)
		free(policy->settings[i].text);
	for (size_t i = 0; i < policy->rules_count; i++)
		rule_fini(&policy->rules[i]);
	free(policy->rules);
	for (size_t i = 0; i < policy->syscalls.rules_count; i++)
		free(policy->syscalls.rules[i].name);
	free(policy->syscalls.rules);
}

void bl_policies_fini(struct bl_policies *policies)
{
	for (size_t i = 0; i < policies->count; i++)
		policy_fini(&policies->items[i]);
	free(policies->items);
	*policies = (struct bl_policies){0};
}

int bl_policy_select(struct bl_policy *policy, const char *cgroup)
{
	bl_cleanup_free char *pattern = bl_glob_quote(cgroup);
	bl_cleanup_free char **cgroups = calloc(1, sizeof(*cgroups));
	struct bl_source *source = calloc(1, sizeof(*source));

	if (!pattern || !cgroups || !source) {
		free(source);
		return -ENOMEM;
	}
	drop_selectors(policy);
	cgroups[0] = TAKE(pattern);
	policy->cgroups = TAKE(cgroups);
	policy->cgroups_source = source;
	policy->cgroups_count = 1;
	return 0;
}

/* The room is the power of two at or above the count, as the parser leaves it. */
static size_t room_for(size_t count)
{
	size_t room = 1;

	while (room < count)
		room *= 2;
	return room;
}

int bl_policies_move(struct bl_policies *from, struct bl_policies *to)
{
	size_t count = from->count + to->count;
	struct bl_policy *items = reallocarray(to->items, room_for(count), sizeof(*items));

	if (!items)
		return -ENOMEM;
	to->items = items;
	if (from->count > 0)
		memcpy(items + to->count, from->items, from->count * sizeof(*items));
	to->count = count;
	free(from->items);
	*from = (struct bl_policies){0};
	return 0;
}

/* --- names --- */

static const char *const section_names[] = {
	[BL_SECTION_EXEC] = "exec",           [BL_SECTION_FILE] = "file",
	[BL_SECTION_NETWORK] = "network",     [BL_SECTION_PROCESS] = "process",
	[BL_SECTION_PRIVILEGE] = "privilege", [BL_SECTION_CAPABILITY] = "capability",
};
_Static_assert(BL_ARRAY_LEN(section_names) == BL_SECTION_COUNT, "a name for every section");

static const char *const verdict_names[] = {
	[BL_VERDICT_ALLOW] = "allow",
	[BL_VERDICT_AUDIT] = "audit",
	[BL_VERDICT_DENY] = "deny",
	[BL_VERDICT_KILL] = "kill",
};
_Static_assert(BL_ARRAY_LEN(verdict_names) == BL_VERDICT_COUNT, "a name for every verdict");

static const char *const mode_names[] = {
	[BL_MODE_OFF] = "off",
	[BL_MODE_AUDIT] = "audit",
	[BL_MODE_ENFORCE] = "enforce",
};
_Static_assert(BL_ARRAY_LEN(mode_names) == BL_MODE_COUNT, "a name for every mode");

static const char *const fail_names[] = {
	[BL_FAIL_NONE] = "none",         [BL_FAIL_TOO_LONG] = "too-long",
	[BL_FAIL_DETACHED] = "detached", [BL_FAIL_FOREIGN] = "foreign",
	[BL_FAIL_INTERNAL] = "internal", [BL_FAIL_LOOKUP] = "lookup",
	[BL_FAIL_BUSY] = "busy",         [BL_FAIL_TABLE] = "table",
	[BL_FAIL_BINDING] = "binding",   [BL_FAIL_LABEL] = "label",
	[BL_FAIL_ADDRESS] = "address",   [BL_FAIL_ALIAS] = "alias",
	[BL_FAIL_MOUNTS] = "mounts",     [BL_FAIL_FOLDED] = "folded",
	[BL_FAIL_ENGINE] = "engine",
};
_Static_assert(BL_ARRAY_LEN(fail_names) == BL_FAIL_COUNT, "a name for every fail");

static const char *const loss_names[] = {
	[BL_LOSS_RING_FULL] = "ring-full",
	[BL_LOSS_COUNTER] = "counter",
};
_Static_assert(BL_ARRAY_LEN(loss_names) == BL_LOSS_COUNT, "a name for every loss");

static const char *const operation_names[] = {
	[BL_OP_EXEC] = "exec",
	[BL_OP_OPEN] = "open",
	[BL_OP_CONNECT] = "connect",
	[BL_OP_FORK] = "fork",
	[BL_OP_MAP] = "map",
	[BL_OP_CREATE] = "create",
	[BL_OP_DELETE] = "delete",
	[BL_OP_RENAME] = "rename",
	[BL_OP_LINK] = "link",
	[BL_OP_TRUNCATE] = "truncate",
	[BL_OP_ATTR] = "attr",
	[BL_OP_MOUNT] = "mount",
	[BL_OP_BIND] = "bind",
	[BL_OP_LISTEN] = "listen",
	[BL_OP_ACCEPT] = "accept",
	[BL_OP_SEND] = "send",
	[BL_OP_RECEIVE] = "receive",
	[BL_OP_PTRACE] = "ptrace",
	[BL_OP_SIGNAL] = "signal",
	[BL_OP_PRIVILEGE] = "privilege",
	[BL_OP_CAPABILITY] = "capability",
	[BL_OP_LIMIT] = "limit",
};
_Static_assert(BL_ARRAY_LEN(operation_names) == BL_OP_COUNT, "a name for every operation");

static const char *const network_protocol_names[] = {
	[BL_NETWORK_TCP] = "tcp",
	[BL_NETWORK_UDP] = "udp",
	[BL_NETWORK_ICMP] = "icmp",
	[BL_NETWORK_RAW] = "raw",
	[BL_NETWORK_PACKET] = "packet",
	[BL_NETWORK_NETLINK] = "netlink",
	[BL_NETWORK_UNIX] = "unix",
	[BL_NETWORK_VSOCK] = "vsock",
	[BL_NETWORK_SCTP] = "sctp",
	[BL_NETWORK_ALG] = "alg",
	[BL_NETWORK_XDP] = "xdp",
	[BL_NETWORK_BLUETOOTH] = "bluetooth",
	[BL_NETWORK_CAN] = "can",
	[BL_NETWORK_TIPC] = "tipc",
	[BL_NETWORK_RDS] = "rds",
	[BL_NETWORK_KCM] = "kcm",
	[BL_NETWORK_QIPCRTR] = "qipcrtr",
	[BL_NETWORK_KEY] = "key",
	[BL_NETWORK_PPPOX] = "pppox",
	[BL_NETWORK_LLC] = "llc",
	[BL_NETWORK_NFC] = "nfc",
	[BL_NETWORK_PHONET] = "phonet",
	[BL_NETWORK_IEEE802154] = "ieee802154",
	[BL_NETWORK_OTHER] = "other",
	[BL_NETWORK_ANY] = "any",
};
_Static_assert(BL_ARRAY_LEN(network_protocol_names) == BL_NETWORK_PROTOCOL_COUNT,
	       "a name for every protocol");

static const uint8_t network_protocol_kinds[] = {
	[BL_NETWORK_TCP] = BL_PROTOCOL_TCP,
	[BL_NETWORK_UDP] = BL_PROTOCOL_UDP,
	[BL_NETWORK_ICMP] = BL_PROTOCOL_ICMP,
	[BL_NETWORK_RAW] = BL_PROTOCOL_RAW,
	[BL_NETWORK_PACKET] = BL_SOCKET_FAMILY(AF_PACKET),
	[BL_NETWORK_NETLINK] = BL_SOCKET_FAMILY(AF_NETLINK),
	[BL_NETWORK_UNIX] = BL_SOCKET_FAMILY(AF_UNIX),
	[BL_NETWORK_VSOCK] = BL_SOCKET_FAMILY(AF_VSOCK),
	[BL_NETWORK_SCTP] = BL_PROTOCOL_SCTP,
	[BL_NETWORK_ALG] = BL_SOCKET_FAMILY(AF_ALG),
	[BL_NETWORK_XDP] = BL_SOCKET_FAMILY(AF_XDP),
	[BL_NETWORK_BLUETOOTH] = BL_SOCKET_FAMILY(AF_BLUETOOTH),
	[BL_NETWORK_CAN] = BL_SOCKET_FAMILY(AF_CAN),
	[BL_NETWORK_TIPC] = BL_SOCKET_FAMILY(AF_TIPC),
	[BL_NETWORK_RDS] = BL_SOCKET_FAMILY(AF_RDS),
	[BL_NETWORK_KCM] = BL_SOCKET_FAMILY(AF_KCM),
	[BL_NETWORK_QIPCRTR] = BL_SOCKET_FAMILY(AF_QIPCRTR),
	[BL_NETWORK_KEY] = BL_SOCKET_FAMILY(AF_KEY),
	[BL_NETWORK_PPPOX] = BL_SOCKET_FAMILY(AF_PPPOX),
	[BL_NETWORK_LLC] = BL_SOCKET_FAMILY(AF_LLC),
	[BL_NETWORK_NFC] = BL_SOCKET_FAMILY(AF_NFC),
	[BL_NETWORK_PHONET] = BL_SOCKET_FAMILY(AF_PHONET),
	[BL_NETWORK_IEEE802154] = BL_SOCKET_FAMILY(AF_IEEE802154),
	[BL_NETWORK_OTHER] = BL_PROTOCOL_OTHER,
	[BL_NETWORK_ANY] = 0,
};
_Static_assert(BL_ARRAY_LEN(network_protocol_kinds) == BL_NETWORK_PROTOCOL_COUNT,
	       "a kind for every protocol");

static const char *const exec_permission_names[] = {
	[BL_EXEC_EXECUTE] = "execute",   [BL_EXEC_MAP] = "map",
	[BL_EXEC_DRIFT_LAYER] = "drift", [BL_EXEC_DRIFT_MOUNT] = "drift-mount",
	[BL_EXEC_MEMORY] = "memory",     [BL_EXEC_ANONYMOUS] = "anonymous",
};
_Static_assert(BL_ARRAY_LEN(exec_permission_names) == BL_EXEC_COUNT, "a name for every permission");

static const char *const file_permission_names[] = {
	[BL_FILE_READ] = "read",     [BL_FILE_WRITE] = "write", [BL_FILE_CREATE] = "create",
	[BL_FILE_DELETE] = "delete", [BL_FILE_ATTR] = "attr",   [BL_FILE_MAP] = "map",
};
_Static_assert(BL_ARRAY_LEN(file_permission_names) == BL_FILE_COUNT, "a name for every permission");

static const char *const network_permission_names[] = {
	[BL_NETWORK_CREATE] = "create", [BL_NETWORK_CONNECT] = "connect",
	[BL_NETWORK_BIND] = "bind",     [BL_NETWORK_LISTEN] = "listen",
	[BL_NETWORK_ACCEPT] = "accept", [BL_NETWORK_SEND] = "send",
};
_Static_assert(BL_ARRAY_LEN(network_permission_names) == BL_NETWORK_COUNT,
	       "a name for every permission");

static const char *const use_permission_names[] = {
	[BL_USE] = "use",
};
_Static_assert(BL_ARRAY_LEN(use_permission_names) == BL_USE_COUNT, "a name for every permission");

static const struct {
	const char *const *names;
	unsigned count;
} permissions[] = {
	[BL_SECTION_EXEC] = {exec_permission_names, BL_EXEC_COUNT},
	[BL_SECTION_FILE] = {file_permission_names, BL_FILE_COUNT},
	[BL_SECTION_NETWORK] = {network_permission_names, BL_NETWORK_COUNT},
	[BL_SECTION_PROCESS] = {use_permission_names, BL_USE_COUNT},
	[BL_SECTION_PRIVILEGE] = {use_permission_names, BL_USE_COUNT},
	[BL_SECTION_CAPABILITY] = {use_permission_names, BL_USE_COUNT},
};
_Static_assert(BL_ARRAY_LEN(permissions) == BL_SECTION_COUNT, "permissions for every section");

static const char *const selector_names[] = {
	[BL_SELECTOR_CONTAINER] = "container", [BL_SELECTOR_IMAGE] = "image",
	[BL_SELECTOR_LABEL] = "label",         [BL_SELECTOR_POD] = "pod",
	[BL_SELECTOR_NAMESPACE] = "namespace", [BL_SELECTOR_UNIT] = "unit",
	[BL_SELECTOR_HOST] = "host",
};
_Static_assert(BL_ARRAY_LEN(selector_names) == BL_SELECTOR_COUNT, "a name for every key");

/* Numbers may come out of a map or the ring buffer, where another version wrote them. */
static const char *name_of(const char *const *names, size_t count, size_t index)
{
	return index < count ? names[index] : "?";
}

const char *bl_selector_name(enum bl_selector_key key)
{
	return name_of(selector_names, BL_SELECTOR_COUNT, key);
}

const char *bl_section_name(enum bl_section section)
{
	return name_of(section_names, BL_SECTION_COUNT, section);
}

const char *bl_verdict_name(enum bl_verdict verdict)
{
	return name_of(verdict_names, BL_VERDICT_COUNT, verdict);
}

const char *bl_mode_name(enum bl_mode mode)
{
	return name_of(mode_names, BL_MODE_COUNT, mode);
}

const char *bl_fail_name(enum bl_fail fail)
{
	return name_of(fail_names, BL_FAIL_COUNT, fail);
}

const char *bl_loss_name(enum bl_loss loss)
{
	return name_of(loss_names, BL_LOSS_COUNT, loss);
}

const char *bl_operation_name(enum bl_operation operation)
{
	return name_of(operation_names, BL_OP_COUNT, operation);
}

const char *bl_network_protocol_name(enum bl_network_protocol protocol)
{
	return name_of(network_protocol_names, BL_NETWORK_PROTOCOL_COUNT, protocol);
}

uint8_t bl_network_protocol_kind(enum bl_network_protocol protocol)
{
	return protocol < BL_NETWORK_PROTOCOL_COUNT ? network_protocol_kinds[protocol] : 0;
}

const char *bl_socket_kind_name(uint8_t kind)
{
	for (size_t i = 0; kind && i < BL_NETWORK_PROTOCOL_COUNT; i++)
		if (network_protocol_kinds[i] == kind)
			return network_protocol_names[i];
	return NULL;
}

const char *bl_permission_name(enum bl_section section, unsigned permission)
{
	if (section >= BL_SECTION_COUNT)
		return "?";
	return name_of(permissions[section].names, permissions[section].count, permission);
}

unsigned bl_permission_count(enum bl_section section)
{
	return section < BL_SECTION_COUNT ? permissions[section].count : 0;
}
