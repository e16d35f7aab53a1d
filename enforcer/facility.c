// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/facility.h"

#include <string.h>

#include "enforcer/util.h"

/* --- words --- */

static const char *const access_names[] = {
	[BL_ACCESS_PTRACE] = "ptrace",
	[BL_ACCESS_SIGNAL] = "signal",
};
_Static_assert(BL_ARRAY_LEN(access_names) == BL_ACCESS_COUNT, "a name for every access");

static const char *const relation_names[] = {
	[BL_RELATION_INSIDE] = "inside",
	[BL_RELATION_OUTSIDE] = "outside",
};
_Static_assert(BL_ARRAY_LEN(relation_names) == BL_RELATION_COUNT, "a name for every relation");

/* Behind the names, the word for all of them. */
static const char *const privilege_words[] = {
	[BL_PRIVILEGE_MOUNT] = "mount",
	[BL_PRIVILEGE_USERNS] = "userns",
	[BL_PRIVILEGE_CHROOT] = "chroot",
	[BL_PRIVILEGE_BPF] = "bpf",
	[BL_PRIVILEGE_PERF] = "perf",
	[BL_PRIVILEGE_MODULE] = "module",
	[BL_PRIVILEGE_KEYRING] = "keyring",
	[BL_PRIVILEGE_IO_URING] = "io_uring",
	[BL_PRIVILEGE_USERFAULTFD] = "userfaultfd",
	[BL_PRIVILEGE_KEXEC] = "kexec",
	[BL_PRIVILEGE_RAWIO] = "rawio",
	[BL_PRIVILEGE_SETTIME] = "settime",
	[BL_PRIVILEGE_SYSLOG] = "syslog",
	[BL_PRIVILEGE_QUOTA] = "quota",
	[BL_PRIVILEGE_SWAP] = "swap",
	"all",
};
_Static_assert(BL_ARRAY_LEN(privilege_words) == BL_PRIVILEGE_COUNT + 1,
	       "a word for every privilege");

/* By the numbers of linux/capability.h; then likewise. */
static const char *const capability_words[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
	"all",
};
#define CAPABILITY_COUNT (BL_ARRAY_LEN(capability_words) - 1)

const char *bl_access_name(unsigned access)
{
	return access < BL_ACCESS_COUNT ? access_names[access] : NULL;
}

const char *bl_relation_name(unsigned relation)
{
	return relation < BL_RELATION_COUNT ? relation_names[relation] : NULL;
}

const char *bl_privilege_name(unsigned privilege)
{
	return privilege < BL_PRIVILEGE_COUNT ? privilege_words[privilege] : NULL;
}

const char *bl_capability_name(unsigned capability)
{
	return capability < CAPABILITY_COUNT ? capability_words[capability] : NULL;
}

static struct bl_words words_of(enum bl_section section)
{
	return section == BL_SECTION_PRIVILEGE ? BL_WORDS(privilege_words)
					       : BL_WORDS(capability_words);
}

#define SPELLING_MAX 32

/* "CAP_SYS_ADMIN" as "sys_admin"; what is too long is no word anyway. */
static const char *spell(enum bl_section section, const char *word, char spelling[SPELLING_MAX])
{
	size_t len = strlen(word);

	if (section != BL_SECTION_CAPABILITY || len >= SPELLING_MAX)
		return word;
	for (size_t i = 0; i <= len; i++)
		spelling[i] =
			word[i] >= 'A' && word[i] <= 'Z' ? (char)(word[i] + 'a' - 'A') : word[i];
	return strncmp(spelling, "cap_", 4) ? spelling : spelling + 4;
}

int bl_facility_find(enum bl_section section, const char *word)
{
	struct bl_words words = words_of(section);
	char spelling[SPELLING_MAX];
	int index = bl_words_find(words, spell(section, word, spelling));

	return index == (int)words.count - 1 ? BL_FACILITY_ALL : index;
}

const char *bl_facility_expected(char buffer[BL_EXPECTED_MAX], enum bl_section section,
				 const char *word)
{
	char spelling[SPELLING_MAX];

	return bl_words_expected(buffer, words_of(section), spell(section, word, spelling));
}

/* --- hooks --- */

#define NEEDS_LSM "needs CONFIG_BPF_LSM=y"

#define ACCESS(which, word, ...)                                                                   \
	{                                                                                          \
		BL_SECTION_PROCESS, BL_ACCESS_##which, "process " word, __VA_ARGS__                \
	}
#define PRIVILEGE(which, word, ...)                                                                \
	{                                                                                          \
		BL_SECTION_PRIVILEGE, BL_PRIVILEGE_##which, "privilege " word, __VA_ARGS__         \
	}

/* clang-format off */
const struct bl_facility bl_facilities[] = {
	ACCESS(PTRACE, "ptrace", NEEDS_LSM, {"ptrace_access_check", "ptrace_traceme"}),
	ACCESS(SIGNAL, "signal", NEEDS_LSM, {"task_kill", "file_send_sigiotask", "file_set_fowner"}),
	PRIVILEGE(MOUNT, "mount", NEEDS_LSM,
		  {"sb_mount", "sb_umount", "sb_pivotroot", "move_mount", "capable"}),
	PRIVILEGE(USERNS, "userns", "comes with Linux 6.1", {"userns_create"}),
	PRIVILEGE(CHROOT, "chroot", "needs CONFIG_SECURITY_PATH=y", {"path_chroot"}),
	PRIVILEGE(BPF, "bpf", NEEDS_LSM, {"bpf"}),
	PRIVILEGE(PERF, "perf", "needs CONFIG_PERF_EVENTS=y", {"perf_event_open"}),
	PRIVILEGE(MODULE, "module", NEEDS_LSM,
		  {"kernel_module_request", "kernel_read_file", "kernel_load_data", "capable"}),
	PRIVILEGE(KEYRING, "keyring", "needs CONFIG_KEYS=y", {"key_alloc", "key_permission"}),
	PRIVILEGE(IO_URING, "io_uring", "comes with Linux 5.12", {"inode_init_security_anon"}),
	PRIVILEGE(USERFAULTFD, "userfaultfd", "comes with Linux 5.12", {"inode_init_security_anon"}),
	PRIVILEGE(KEXEC, "kexec", NEEDS_LSM, {"kernel_read_file", "kernel_load_data"}),
	PRIVILEGE(RAWIO, "rawio", NEEDS_LSM, {"capable"}),
	PRIVILEGE(SETTIME, "settime", NEEDS_LSM, {"settime", "capable"}),
	PRIVILEGE(SYSLOG, "syslog", NEEDS_LSM, {"syslog"}),
	PRIVILEGE(QUOTA, "quota", NEEDS_LSM, {"quotactl", "quota_on"}),
	PRIVILEGE(SWAP, "swap", NEEDS_LSM, {"capable"}),
	{BL_SECTION_CAPABILITY, 0, "capability", NEEDS_LSM, {"capable"}},
};
/* clang-format on */
_Static_assert(BL_ARRAY_LEN(bl_facilities) == BL_FACILITY_COUNT, "a row for every facility");

static bool is_about(const struct bl_rule *rule, const struct bl_facility *facility)
{
	if (rule->section != facility->section)
		return false;
	if (rule->section == BL_SECTION_PROCESS)
		return rule->access == facility->number;
	return rule->section == BL_SECTION_CAPABILITY || rule->numbers >> facility->number & 1;
}

/* The line that restricts it, if any does. */
static const struct bl_source *find_restriction(const struct bl_policy *policy,
						const struct bl_facility *facility)
{
	const struct bl_section_policy *section = &policy->sections[facility->section];

	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		if (!is_about(rule, facility))
			continue;
		if (rule->verdict != BL_VERDICT_ALLOW)
			return &rule->source;
		if (!rule->by && facility->section == BL_SECTION_PRIVILEGE)
			return NULL;
	}
	return section->fallback == BL_VERDICT_ALLOW ? NULL : &section->source;
}

bool bl_facilities_are_mediated(const struct bl_policies *policies)
{
	for (size_t i = 0; i < policies->count; i++)
		for (unsigned section = BL_SECTION_PROCESS; section < BL_SECTION_COUNT; section++)
			if (bl_policy_is_on(&policies->items[i]) &&
			    policies->items[i].sections[section].is_present)
				return true;
	return false;
}

static void check_facility(const struct bl_policy *policy, const struct bl_facility *facility,
			   const char *hook, enum bl_severity severity, struct bl_diags *diags)
{
	const struct bl_source *source = find_restriction(policy, facility);

	if (source)
		bl_diags_add(
			diags, severity, policy->file, source->line, source->column,
			"this kernel cannot mediate '%s': it has no hook '%s', which %s; leave the rule out, or boot another kernel",
			facility->name, hook, facility->remedy);
}

void bl_facilities_check(const struct bl_policies *policies,
			 const char *const missing[BL_FACILITY_COUNT], enum bl_severity severity,
			 struct bl_diags *diags)
{
	for (size_t i = 0; i < policies->count; i++) {
		if (!bl_policy_is_on(&policies->items[i]))
			continue;
		for (size_t k = 0; k < BL_FACILITY_COUNT; k++)
			if (missing[k])
				check_facility(&policies->items[i], &bl_facilities[k], missing[k],
					       severity, diags);
	}
}
