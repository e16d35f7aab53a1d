/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one contract between the programs in the kernel and the controller.
 *
 * Three things cross the border: the policy table (compiled by user space, walked by both sides),
 * the maps' keys and values, and the event. Nothing here holds a pointer; padding is explicit;
 * sizes are asserted. Any change of meaning or layout changes BL_ABI_VERSION, because pinned maps
 * outlive the process that made them (I7).
 *
 * The policy table
 * ----------------
 * A table decides a *key*, a string of bytes, for all permissions at once. It is one automaton.
 * Keys:
 *
 *	"/usr/bin/curl"                       a path (exec, file, unix socket)
 *	"@name"                               an abstract unix socket; '@' stands for the leading NUL
 *	{ BL_KEY_INET4, proto, a b c d, port_high, port_low }            8 bytes
 *	{ BL_KEY_INET6, proto, 16 address bytes, port_high, port_low }  20 bytes
 *	"/system.slice/nginx.service"         a cgroup path (selector tables only)
 *
 * The first byte tells them apart, so one automaton serves them all.
 *
 * A table is an array of bytes: struct bl_table_header, then 8-byte cells, accept sets, decisions
 * and rule keys in any order. All offsets are in bytes from the start of the table and are
 * multiples of 8. A state is named by the offset of its row. A row's first cell is the state's own
 * record; the cell at row + classes[byte] is the edge for that byte if its owner is that state;
 * else the byte takes the state's default edge:
 *
 *	state = header.start
 *	for each byte of the key:
 *		edge = cell at state + classes[byte]
 *		if (edge.owner != state)
 *			edge = cell at state
 *		state = edge.next
 *	accept = (cell at state).owner & ~BL_CELL_STATE
 *
 * Rows of different states interleave; the owner is what keeps them apart. classes[] is never 0, so
 * an edge never lands on its own state's record; another state's record can never be taken for an
 * edge because BL_CELL_STATE is set in it and never in a state's name. From states at or above
 * header.sinks no byte leads anywhere else: a walk may stop there.
 *
 * accept is the offset of a struct bl_accept: for each section the offset of its decisions, one for
 * each permission of the section, first match and the most restrictive policy already resolved.
 *
 * Example. One policy: "[exec] default = deny, allow = /a". Byte 'a' has class 8, '/' class 16,
 * every other byte class 24. With states S (start), T (after "/"), U (after "/a"), D (dead, a
 * sink):
 *
 *	S     { next D, owner STATE|denied }	S+16 { next T, owner S }
 *	T     { next D, owner STATE|denied }	T+8  { next U, owner T }
 *	U     { next D, owner STATE|allowed }
 *	D     { next D, owner STATE|denied }
 */
#pragma once

#include <linux/types.h>

#define BL_ABI_VERSION 1u

/* Longest path a hook can name, with its NUL: the kernel's PATH_MAX. Longer is BL_FAIL_TOO_LONG. */
#define BL_PATH_MAX 4096

/*
 * TRACE_CGROUP_PATH_LEN of kernel/cgroup/cgroup-internal.h: the kernel cuts a longer cgroup path.
 */
#define BL_CGROUP_PATH_MAX 1024

/* struct sockaddr_un.sun_path, and one byte for its NUL. */
#define BL_UNIX_PATH_MAX 109

#define BL_COMM_LEN 16

/* Bytes of a table in each size class; powers of two. A larger table is refused (I10). */
#define BL_TABLE_SMALL (1u << 15)
#define BL_TABLE_MEDIUM (1u << 18)
#define BL_TABLE_LARGE (1u << 22)

/*
 * Profiles of the generation in force and of the one being prepared share these numbers; the two
 * lowest name the selector tables of even and odd generations.
 */
#define BL_PROFILES_MAX 1024u
#define BL_PROFILES_PER_GENERATION 510u
#define BL_PROFILE_SELECTORS(generation) ((__u32)(generation) & 1)
#define BL_PROFILE_BARRIER 2u /* never asked: written to wait for all programs that run */
/* The number of profile n (from 1) of a generation. */
#define BL_PROFILE_ID(generation, n)                                                               \
	(3u + ((__u32)(generation) & 1) * BL_PROFILES_PER_GENERATION + (n) - 1)

/* Bound cgroups, those removed but still named by a label included. */
#define BL_BINDINGS_MAX 65536u

/* Rules with a counter, over all policies of the generation in force and the one being prepared. */
#define BL_RULES_MAX 262144u

/* A task that was moved between containers is held by the profiles of each; one more fails (I4). */
#define BL_LABEL_BINDINGS_MAX 4

/*
 * Path buffers of each CPU: tasks preempted inside a hook keep theirs. All taken is BL_FAIL_BUSY.
 */
#define BL_SCRATCH_PER_CPU 8

enum bl_section {
	BL_SECTION_EXEC,
	BL_SECTION_FILE,
	BL_SECTION_NETWORK,
	BL_SECTION_COUNT,
};

/* Permissions, numbered within their section. */
enum bl_exec_permission {
	BL_EXEC_EXECUTE,
	BL_EXEC_COUNT,
};

enum bl_file_permission {
	BL_FILE_READ,
	BL_FILE_WRITE,
	BL_FILE_CREATE,
	BL_FILE_DELETE,
	BL_FILE_ATTR,
	BL_FILE_MAP,
	BL_FILE_COUNT,
};

enum bl_network_permission {
	BL_NETWORK_CREATE,
	BL_NETWORK_CONNECT,
	BL_NETWORK_BIND,
	BL_NETWORK_LISTEN,
	BL_NETWORK_ACCEPT,
	BL_NETWORK_SEND,
	BL_NETWORK_COUNT,
};

#define BL_PERMISSIONS_MAX 6

/* First byte of an address key. Paths start with '/', abstract sockets with '@'. */
#define BL_KEY_INET4 0x04
#define BL_KEY_INET6 0x06
#define BL_KEY_INET4_LEN 8
#define BL_KEY_INET6_LEN 20

/* Second byte of an address key. */
enum bl_protocol {
	BL_PROTOCOL_TCP = 1,
	BL_PROTOCOL_UDP,
	BL_PROTOCOL_ICMP,
	BL_PROTOCOL_RAW,
	BL_PROTOCOL_SCTP,
	BL_PROTOCOL_OTHER,
	BL_PROTOCOL_COUNT,
};

/* Ordered: of several policies' verdicts the greatest holds. */
enum bl_verdict {
	BL_VERDICT_ALLOW,
	BL_VERDICT_AUDIT,
	BL_VERDICT_DENY,
	BL_VERDICT_KILL,
	BL_VERDICT_COUNT,
};

/* How a profile mediates a section: the strictest mode among its policies that have the section. */
enum bl_mode {
	BL_MODE_OFF,
	BL_MODE_AUDIT,
	BL_MODE_ENFORCE,
	BL_MODE_COUNT,
};

/* Why an object could not be decided (I2). The names are stable: events and metrics show them. */
enum bl_fail {
	BL_FAIL_NONE,
	BL_FAIL_TOO_LONG,  /* the path does not fit BL_PATH_MAX */
	BL_FAIL_DETACHED,  /* on a mount that is in no mount namespace */
	BL_FAIL_FOREIGN,   /* on a mount of another mount namespace than the task's */
	BL_FAIL_CHROOT,	   /* the task's root is not the root of its mount namespace */
	BL_FAIL_INTERNAL,  /* a program on a mount of the kernel's own: memfd */
	BL_FAIL_LOOKUP,	   /* the kernel could not make up the path */
	BL_FAIL_BUSY,	   /* all path buffers of this CPU are taken */
	BL_FAIL_TABLE,	   /* the profile has no table */
	BL_FAIL_BINDING,   /* the label's container is not in the bindings */
	BL_FAIL_LABEL,	   /* the label could not be stored, or has no room for another container */
	BL_FAIL_ADDRESS,   /* an address shorter than its family wants, or of a family not known */
	BL_FAIL_COUNT,
};

/* Room for reasons in counters; a power of two, so that an index needs no more than a mask. */
#define BL_FAIL_SLOTS 16
_Static_assert(BL_FAIL_COUNT <= BL_FAIL_SLOTS, "abi: room for fail reasons");

/* Why something that should have been recorded was not (I3). */
enum bl_loss {
	BL_LOSS_RING_FULL,
	BL_LOSS_COUNTER, /* no counter for the rule */
	BL_LOSS_COUNT,
};

enum bl_operation {
	BL_OP_EXEC,
	BL_OP_OPEN,
	BL_OP_CONNECT,
	BL_OP_FORK,
	BL_OP_COUNT,
};

/* --- the policy table --- */

struct bl_table_header {
	__u16 classes[256]; /* byte -> offset of its edge in a row; a multiple of 8, never 0 */
	__u32 start;
	__u32 sinks; /* first state of those that never change */
	__u32 size_bytes;
	__u32 states;
};
_Static_assert(sizeof(struct bl_table_header) == 528, "abi: table header");

#define BL_CELL_STATE 0x80000000u
#define BL_CELL_FREE 0x7fffffffu /* owner of a cell that belongs to no row */

struct bl_cell {
	__u32 next;
	__u32 owner;
};
_Static_assert(sizeof(struct bl_cell) == 8, "abi: cell");

/* In a profile's table: offset of the first decision of each section. */
struct bl_accept {
	__u32 decisions[BL_SECTION_COUNT];
	__u32 pad;
};
_Static_assert(sizeof(struct bl_accept) == 16, "abi: accept set");

/* In a selector table instead: which profile binds a cgroup of that path, 0 for none. */
struct bl_selected {
	__u32 profile; /* n of BL_PROFILE_ID, 0 for none */
	__u32 is_own;  /* a pattern named this cgroup itself: it is a container, not part of one */
	__u32 pad[2];
};
_Static_assert(sizeof(struct bl_selected) == 16, "abi: selected");

#define BL_DECISION_RECORD 0x01 /* make an event and count it */
#define BL_DECISION_WOULD 0x02	/* audit mode: the verdict is recorded, not enforced */
#define BL_DECISION_LIST 0x04	/* depends on the subject: rule leads to struct bl_choice[] */

struct bl_decision {
	__u32 rule; /* offset of the rule's __u64 key in the table; 0: no rule, not mediated */
	__u8 verdict;
	__u8 flags;
	__u16 count; /* with BL_DECISION_LIST: how many choices */
};
_Static_assert(sizeof(struct bl_decision) == 8, "abi: decision");

/*
 * What a decision comes to when rules have a "by". Choices stand in rule order, policy after
 * policy. In each policy the first choice that holds decides, and the greatest verdict of the
 * policies holds, an enforced one before one of audit mode; of equals one that is recorded, then
 * the first.
 */
#define BL_BY_MAX 64

struct bl_choice {
	__u32 rule;
	__u8 verdict;
	__u8 flags;
	__u8 by;      /* 0: holds for every subject; n: for those that match "by" pattern n - 1 */
	__u8 is_last; /* the last choice of its policy; always one with by = 0 */
};
_Static_assert(sizeof(struct bl_choice) == 8, "abi: choice");

/* --- maps --- */

/*
 * The switch. User space writes, the programs only read. A generation is a number that never
 * returns to a smaller one while anything is pinned; 0 is "nothing in force".
 */
struct bl_state {
	__u64 generation; /* in force; the first member in every version: unload clears it */
	__u64 pending;	  /* being prepared: new cgroups are selected for both; 0 if none */
	__u64 attempted;  /* the greatest number ever pending: one that failed is not used again */
	__u32 abi_version;
	__u32 mode; /* enum bl_mode: the strictest of all, for failures without a profile */
};
_Static_assert(sizeof(struct bl_state) == 32, "abi: state");

/* profiles[id]. Which of the three table maps holds it follows from its size class. */
enum bl_size_class {
	BL_SIZE_NONE,
	BL_SIZE_SMALL,
	BL_SIZE_MEDIUM,
	BL_SIZE_LARGE,
};

struct bl_profile {
	__u8 mode[BL_SECTION_COUNT]; /* enum bl_mode */
	__u8 size_class;	     /* enum bl_size_class */
	__u32 pad;
};
_Static_assert(sizeof(struct bl_profile) == 8, "abi: profile");

/*
 * bindings[cgroup id]: a cgroup whose profile or container differs from its parent's. Everything
 * below it that has no binding of its own belongs to it. Indexed by parity of the generation, so
 * that the next generation is written beside the one in force (I6). The entry outlives the cgroup
 * as long as a label names it, and its path tells which policies select it in later generations.
 */
struct bl_binding {
	__u64 id; /* its key, compared after reading: an element may be reused meanwhile */
	__u64 container; /* cgroup id of the container it belongs to */
	__u64 generation[2];
	__u32 profile[2]; /* index in profiles; 0: none */
	__u32 path_len;	  /* without NUL */
	__u32 pad;
	char path[BL_CGROUP_PATH_MAX];
};
_Static_assert(sizeof(struct bl_binding) == 48 + BL_CGROUP_PATH_MAX, "abi: binding");

/*
 * bound_cgroups[parity][cgroup id modulo its size]: not 0 if a cgroup of that number may be bound,
 * itself or by one above it. What lets an unlabelled task pass at the price of a few loads; a 1 too
 * many costs only time, a 0 too many would leave somebody unconfined.
 */
#define BL_BOUND_CGROUPS 65536u

/* A task's label, in task storage. Only the task itself and, at fork, its parent write it. */
struct bl_label {
	__u64 cgroup;	  /* the cgroup it was last seen in */
	__u64 generation; /* the generation its profiles belong to */
	__u32 count;	  /* bindings in use; 0: unconfined */
	__u32 fail;	  /* enum bl_fail: the label itself could not be made up */
	struct {
		__u64 binding; /* key in bindings */
		__u64 container;
		__u32 profile;
		__u32 pad;
	} bound[BL_LABEL_BINDINGS_MAX];
};
_Static_assert(sizeof(struct bl_label) == 24 + 24 * BL_LABEL_BINDINGS_MAX, "abi: label");

/* What the task iterator writes for each binding of each labelled thread. */
struct bl_task_label {
	__u32 tgid;
	__u32 tid;
	__u64 binding;
	__u64 container;
};
_Static_assert(sizeof(struct bl_task_label) == 24, "abi: task label");

/* rule_counters[rule key], per CPU. */
struct bl_rule_counter {
	__u64 enforced; /* denied, killed; or allowed and recorded by an audit rule */
	__u64 would;	/* would have been, in audit mode */
};

/* container_counters[container id]; written with atomic adds. */
struct bl_container_counter {
	__u64 denied;
	__u64 would;
	__u64 audited;
	__u64 failed[BL_FAIL_SLOTS];
	__u64 lost[BL_LOSS_COUNT];
};

/* --- the event --- */

#define BL_EVENT_VERSION 1

struct bl_event {
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u64 generation;
	__u64 container;
	__u64 cgroup;
	__u64 rule; /* key; 0 when fail is set */
	__u32 tgid;
	__u32 tid;
	__u32 uid;
	__u32 parent_tgid;
	__u16 version;
	__u8 operation; /* enum bl_operation */
	__u8 section;	/* enum bl_section */
	__u8 asked;	/* bit mask of the section's permissions */
	__u8 denied;	/* those that the verdict is about */
	__u8 verdict;	/* enum bl_verdict */
	__u8 is_would;	/* recorded in audit mode, not enforced */
	__u8 fail;	/* enum bl_fail */
	__u8 pad;
	__u16 key_len;
	__u32 pad2;
	char comm[BL_COMM_LEN];
	char parent_comm[BL_COMM_LEN];
	/*
	 * The key that was decided, as described above; not NUL-terminated. Only key_len bytes are
	 * sent.
	 */
	char key[BL_PATH_MAX];
};
#define BL_EVENT_HEADER_LEN 104
_Static_assert(sizeof(struct bl_event) == BL_EVENT_HEADER_LEN + BL_PATH_MAX, "abi: event");
