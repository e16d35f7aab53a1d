/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy model: what the text of policy files means, and nothing about how it is enforced.
 *
 * policy_parse fills it, policy_check looks for mistakes in it, policy_compile turns it into
 * tables. No libbpf and no I/O beyond reading the files. A policy set owns everything below it;
 * after bl_policies_load() it never changes, so any thread may read it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/glob.h"

/* --- diagnostics: what is wrong with somebody's policy text --- */

enum bl_severity {
	BL_SEVERITY_WARNING,
	BL_SEVERITY_ERROR,
};

struct bl_diag {
	enum bl_severity severity;
	char *file;
	unsigned line;   /* from 1; 0: the file as a whole */
	unsigned column; /* from 1, in bytes; 0: the line as a whole */
	char *message;   /* what is wrong, the offending text in quotes, and what was expected */
};

struct bl_diags {
	struct bl_diag *items;
	size_t count;
	size_t errors;
};

void bl_diags_fini(struct bl_diags *diags);

/* Adds one. Out of memory: the count of errors still grows, so that a load can never pass by it. */
void bl_diags_add(struct bl_diags *diags, enum bl_severity severity, const char *file,
		  unsigned line, unsigned column, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* --- the model --- */

struct bl_source {
	unsigned line;
	unsigned column; /* of the pattern or word itself */
};

/* An address or unix socket a network rule is about. */
enum bl_peer_kind {
	BL_PEER_ANY,      /* "*": every object of the protocol */
	BL_PEER_INET,     /* any of nets, port_low..port_high */
	BL_PEER_PATH,     /* unix, pattern */
	BL_PEER_ABSTRACT, /* unix, pattern without its '@' */
};

/* Where the peer of a unix socket has to be for a network rule to hold. */
enum bl_place {
	BL_PLACE_ANYWHERE,
	BL_PLACE_INSIDE, /* the same container */
	BL_PLACE_OUTSIDE,
	BL_PLACE_COUNT,
};

struct bl_net {
	uint8_t address[16]; /* IPv4 in the first 4; host bits are zero */
	uint8_t is_ipv6;
	uint8_t prefix_len; /* 0..32 or 0..128 */
};

enum bl_network_protocol {
	BL_NETWORK_TCP,
	BL_NETWORK_UDP,
	BL_NETWORK_ICMP,
	BL_NETWORK_RAW,
	BL_NETWORK_PACKET,
	BL_NETWORK_NETLINK,
	BL_NETWORK_UNIX,
	BL_NETWORK_VSOCK,
	BL_NETWORK_SCTP,
	BL_NETWORK_ALG,
	BL_NETWORK_XDP,
	BL_NETWORK_BLUETOOTH,
	BL_NETWORK_CAN,
	BL_NETWORK_TIPC,
	BL_NETWORK_RDS,
	BL_NETWORK_KCM,
	BL_NETWORK_QIPCRTR,
	BL_NETWORK_KEY,
	BL_NETWORK_PPPOX,
	BL_NETWORK_LLC,
	BL_NETWORK_NFC,
	BL_NETWORK_PHONET,
	BL_NETWORK_IEEE802154,
	BL_NETWORK_OTHER, /* what has no word in front of ALG */
	BL_NETWORK_ANY,
	BL_NETWORK_PROTOCOL_COUNT,
};

/*
 * One object of one line: "deny = modify /etc/ssh /usr" makes two rules with the same line.
 * Rules stand in file order; that is the order they match in.
 */
struct bl_rule {
	enum bl_section section;
	enum bl_verdict verdict;
	/*
	 * Bit mask of the section's enum; of exec always EXECUTE, which others are derived from.
	 * Sections without an enum have one permission, BL_USE.
	 */
	uint8_t permissions;
	bool is_logged; /* false after log=off */
	struct bl_source source;
	char *text; /* the line, "deny = modify /etc/ssh /usr", white space folded, without comment */
	char *by;   /* pattern of the subject's executable, or NULL */

	char *pattern; /* exec, file, and unix objects: the pattern as written, escapes included */

	/* network */
	enum bl_network_protocol protocol;
	enum bl_peer_kind peer;
	enum bl_place place; /* of unix peers of any name, BL_PEER_ANY */
	struct bl_net *nets; /* BL_PEER_INET; a named set has several. count 0: any address */
	size_t nets_count;
	uint16_t port_low;
	uint16_t port_high;

	/* process */
	enum bl_access access;
	uint8_t relations; /* a bit for each enum bl_relation */

	/* privilege, capability: a bit for each that it is about */
	uint64_t numbers;
};

struct bl_section_policy {
	bool is_present;
	enum bl_verdict fallback; /* "default = ": ALLOW or DENY */
	struct bl_source
		source; /* of the default line, or of the section's header if there is none */
	char *text;     /* "default = deny"; "[file]" if there is none */
};

/* Keys of [exec] that hold for every path. */
enum bl_setting_key {
	BL_SETTING_DRIFT,     /* files that did not come with the image */
	BL_SETTING_MEMORY,    /* files in memory and deleted files */
	BL_SETTING_ANONYMOUS, /* executable memory that is no file's */
	BL_SETTING_COUNT,
};

struct bl_setting {
	bool is_present;
	bool is_logged; /* false after log=off */
	enum bl_verdict verdict;
	struct bl_source source;
	char *text; /* "drift = deny" */
};

/* Keys of [select] other than cgroup. */
enum bl_selector_key {
	BL_SELECTOR_CONTAINER,
	BL_SELECTOR_IMAGE,
	BL_SELECTOR_LABEL,
	BL_SELECTOR_POD,
	BL_SELECTOR_NAMESPACE,
	BL_SELECTOR_UNIT, /* by the cgroup's path: what systemd names it */
	BL_SELECTOR_HOST, /* not about the container: whether the policy is for this machine */
	BL_SELECTOR_COUNT,
};

struct bl_selector {
	enum bl_selector_key key;
	char *pattern;
	char *label;         /* whose value it is about; NULL of other keys */
	struct bl_glob glob; /* of the pattern; '*' and '?' match '/' as well */
	struct bl_source source;
};

/* One name of a line of [syscall]; they match in file order. */
struct bl_syscall_rule {
	char *name;
	enum bl_verdict verdict;
	struct bl_source source; /* of the name */
};

/* [syscall], which has effect in "bailiff run" only: syscall_filter.h. */
struct bl_syscalls {
	bool is_present;
	enum bl_verdict fallback; /* "default = ": ALLOW or DENY */
	struct bl_syscall_rule *rules;
	size_t rules_count;
};

struct bl_policy {
	char *file; /* as given or found; also how events name it */
	char *name;
	char *description; /* or NULL */
	enum bl_mode mode;
	struct bl_source name_source;

	/*
	 * [select]: of each key that is there one pattern has to match. cgroup has arrays of its
	 * own.
	 */
	char **cgroups;
	struct bl_source *cgroups_source;
	size_t cgroups_count;
	struct bl_selector *selectors;
	size_t selectors_count;
	bool is_elsewhere; /* for other machines: as if it were off (policy_match.c) */

	struct bl_section_policy sections[BL_SECTION_COUNT];
	struct bl_setting settings[BL_SETTING_COUNT];
	struct bl_rule *rules;
	size_t rules_count;
	struct bl_syscalls syscalls;
};

/* Whether it counts: it is not off, and for this host. */
static inline bool bl_policy_is_on(const struct bl_policy *policy)
{
	return policy->mode != BL_MODE_OFF && !policy->is_elsewhere;
}

struct bl_policies {
	struct bl_policy *items; /* in file-name order */
	size_t count;
};

void bl_policies_fini(struct bl_policies *policies);

const char *bl_selector_name(enum bl_selector_key key);
const char *bl_section_name(enum bl_section section);
const char *bl_verdict_name(enum bl_verdict verdict);
const char *bl_mode_name(enum bl_mode mode);
const char *bl_fail_name(enum bl_fail fail);
const char *bl_loss_name(enum bl_loss loss);
const char *bl_operation_name(enum bl_operation operation);
const char *bl_network_protocol_name(enum bl_network_protocol protocol);

/*
 * The second byte of the protocol's socket keys: enum bl_protocol, whose sockets have addresses, or
 * BL_SOCKET_FAMILY(). Of OTHER it is one of many, BL_PROTOCOL_OTHER; ANY has none: 0.
 */
uint8_t bl_network_protocol_kind(enum bl_network_protocol protocol);

/* The word for such a byte; NULL if it has none. */
const char *bl_socket_kind_name(uint8_t kind);

/* The permission's word in policy text; for exec the word of records, "execute". */
const char *bl_permission_name(enum bl_section section, unsigned permission);
unsigned bl_permission_count(enum bl_section section);

/* --- reading --- */

/* Larger files are refused. */
#define BL_POLICY_BYTES_MAX (4u << 20)

/*
 * Reads policy files: each path is a file, or a directory of which every "*.ini" that is not a
 * "*.test.ini" and not hidden is read, in byte order of the file names. All files are read whatever
 * is wrong with others, so that diags names everything at once. The set is returned only when no
 * error was added; otherwise -EINVAL, and *ret_policies is unchanged. Other errors: -ENOMEM, or
 * what opening or reading gave, with a diagnostic that names the path.
 */
int bl_policies_load(const char *const *paths, size_t paths_count, struct bl_diags *diags,
		     struct bl_policies *ret_policies) __attribute__((warn_unused_result));

/* The text a policy was read from, so that it can be read again when the file has changed. */
struct bl_policy_text {
	char *file;
	char *text;
	size_t len;
};

/* In the order in which they were read. */
struct bl_policy_texts {
	struct bl_policy_text *items;
	size_t count;
	size_t capacity;
};

void bl_policy_texts_fini(struct bl_policy_texts *texts);

/* Adds copies. -ENOMEM leaves texts as it was. */
int bl_policy_texts_add(struct bl_policy_texts *texts, const char *file, const char *text,
			size_t len) __attribute__((warn_unused_result));
int bl_policy_texts_copy(const struct bl_policy_texts *texts, struct bl_policy_texts *ret_copy)
	__attribute__((warn_unused_result));

/* bl_policies_load() that also gives what was read. */
int bl_policies_load_texts(const char *const *paths, size_t paths_count, struct bl_diags *diags,
			   struct bl_policies *ret_policies, struct bl_policy_texts *ret_texts)
	__attribute__((warn_unused_result));

/* The policies of these texts, as if they stood in their files. Fails like bl_policies_load(). */
int bl_policies_parse(const struct bl_policy_texts *texts, struct bl_diags *diags,
		      struct bl_policies *ret_policies) __attribute__((warn_unused_result));

/*
 * One policy from memory; file is what diagnostics call it. The policy is added to policies, also
 * when it is refused with -EINVAL: its name is taken. Such a set is good for nothing but more
 * parsing and bl_policies_fini().
 */
int bl_policy_parse(const char *text, size_t text_len, const char *file, struct bl_diags *diags,
		    struct bl_policies *policies) __attribute__((warn_unused_result));

/*
 * Both for "bailiff run", which applies [syscall] and says itself what is selected: whatever
 * stands in [select] is read and counts for nothing, and there need not be any.
 */
int bl_policies_load_for_run(const char *const *paths, size_t paths_count, struct bl_diags *diags,
			     struct bl_policies *ret_policies, struct bl_policy_texts *ret_texts)
	__attribute__((warn_unused_result));
int bl_policy_parse_for_run(const char *text, size_t text_len, const char *file,
			    struct bl_diags *diags, struct bl_policies *policies)
	__attribute__((warn_unused_result));

/* Has the policy select one cgroup and what is below it, by its path, instead of what it did. */
int bl_policy_select(struct bl_policy *policy, const char *cgroup)
	__attribute__((warn_unused_result));

/* Moves the policies of one set behind those of another; from is empty afterwards, or unchanged. */
int bl_policies_move(struct bl_policies *from, struct bl_policies *to)
	__attribute__((warn_unused_result));

/* Warnings about policies that load but hardly mean what they say (policy_check.c). */
void bl_policies_check(const struct bl_policies *policies, struct bl_diags *diags);
