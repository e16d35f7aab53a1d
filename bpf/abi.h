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
 *	{ BL_KEY_SOCKET, kind }               a socket that has no address, or none here; 2 bytes
 *	{ BL_KEY_PROCESS, access, relation, signal, tgid }   another process; 8 bytes
 *	{ BL_KEY_PRIVILEGE, privilege }       a facility of the kernel; 2 bytes
 *	{ BL_KEY_CAPABILITY, number }         a capability(7); 2 bytes
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
 * each permission of the section, first match and the most restrictive policy already resolved; and
 * what a path says beyond itself: which "by" patterns it matches as a subject, and what is allowed
 * for it and for the paths that begin with it.
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

#define BL_ABI_VERSION 7u

/* Longest path a hook can name, with its NUL: the kernel's PATH_MAX. Longer is BL_FAIL_TOO_LONG. */
#define BL_PATH_MAX 4096

/*
 * TRACE_CGROUP_PATH_LEN of kernel/cgroup/cgroup-internal.h: the kernel cuts a longer cgroup path.
 */
#define BL_CGROUP_PATH_MAX 1024

/* struct sockaddr_un.sun_path, and one byte for its NUL. */
#define BL_UNIX_PATH_MAX 109

#define BL_COMM_LEN 16

/*
 * Bytes of a table, at most; a larger one is refused (I10). That is as long as the value of an
 * array map may be. Tables of a generation share values as far as they fit.
 */
#define BL_TABLE_MAX (1u << 22)

/*
 * Profiles of the generation in force and of the one being prepared share these numbers; the two
 * lowest name the selector tables of even and odd generations.
 */
#define BL_PROFILES_MAX 1024u
#define BL_PROFILES_PER_GENERATION 510u
#define BL_PROFILE_SELECTORS(generation) ((__u32)(generation) & 1)
/* The number of profile n (from 1) of a generation. */
#define BL_PROFILE_ID(generation, n)                                                               \
	(2u + ((__u32)(generation) & 1) * BL_PROFILES_PER_GENERATION + (n) - 1)

/* Bound cgroups, those removed but still named by a label included. */
#define BL_BINDINGS_MAX 65536u

/* Rules with a counter, over all policies of the generation in force and the one being prepared. */
#define BL_RULES_MAX 262144u

/* A task that was moved between containers is held by the profiles of each; one more fails (I4). */
#define BL_LABEL_BINDINGS_MAX 4

/* Owners of files (F_SETOWN) that may not be sent signals; who sets one more is killed. */
#define BL_OWNERS_MAX 65536

/* Addresses that a label remembers as allowed; a power of two. */
#define BL_LABEL_INET4 4

/* Overlays that confined tasks have mounted themselves; one more is refused as BL_FAIL_MOUNTS. */
#define BL_MOUNTED_MAX 4096

/*
 * Mounts of its file system in the task's namespace that a file without a known mount is looked for
 * on; one more is BL_FAIL_MOUNTS.
 */
#define BL_MOUNTS_LOOKED_AT 1024

/*
 * Path buffers of each CPU: tasks preempted inside a hook keep theirs. All taken is BL_FAIL_BUSY.
 */
#define BL_SCRATCH_PER_CPU 8

enum bl_section {
	BL_SECTION_EXEC,
	BL_SECTION_FILE,
	BL_SECTION_NETWORK,
	BL_SECTION_PROCESS,
	BL_SECTION_PRIVILEGE,
	BL_SECTION_CAPABILITY,
	BL_SECTION_COUNT,
};

/* Permissions, numbered within their section. From [process] on a section has one: to use. */
/*
 * What is asked of [exec]. One request may ask several: a program run from a tmpfs asks EXECUTE and
 * DRIFT_MOUNT. MEMORY and ANONYMOUS, and DRIFT_LAYER, do not depend on the path.
 */
enum bl_exec_permission {
	BL_EXEC_EXECUTE,     /* run as a program: the rules, then the default */
	BL_EXEC_MAP,	     /* mapped executable: deny and kill rules only, no default */
	BL_EXEC_DRIFT_LAYER, /* copied up by an overlay: "drift =", whatever the rules say */
	BL_EXEC_DRIFT_MOUNT, /* on a mount that is no image: "drift =", unless a rule allows it */
	BL_EXEC_MEMORY,	     /* a memfd or a file without a name: "memory =" */
	BL_EXEC_ANONYMOUS,   /* executable memory that is no file's: "anonymous =" */
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
#define BL_USE 0
#define BL_USE_COUNT 1

/*
 * A permission among those of all sections: a bit of a 32-bit mask. Those of a section with several
 * permissions come first.
 */
#define BL_ASK_MANY (BL_SECTION_PROCESS * BL_PERMISSIONS_MAX)
#define BL_ASK_COUNT (BL_ASK_MANY + BL_SECTION_COUNT - BL_SECTION_PROCESS)
#define BL_ASK_SHIFT(section)                                                                      \
	((section) < BL_SECTION_PROCESS ? (section)*BL_PERMISSIONS_MAX                             \
					: BL_ASK_MANY + (section)-BL_SECTION_PROCESS)
#define BL_ASK_MASK(section)                                                                       \
	((section) < BL_SECTION_PROCESS ? (1u << BL_PERMISSIONS_MAX) - 1 : 1u)
#define BL_ASK(section, permission) (1u << (BL_ASK_SHIFT(section) + (permission)))
#define BL_ASK_SECTION(section) (BL_ASK_MASK(section) << BL_ASK_SHIFT(section))

/* First byte of a socket's or an address key. Paths start with '/', abstract sockets with '@'. */
#define BL_KEY_SOCKET 0x01
#define BL_KEY_INET4 0x04
#define BL_KEY_INET6 0x06
#define BL_KEY_SOCKET_LEN 2
#define BL_KEY_INET4_LEN 8
#define BL_KEY_INET6_LEN 20
#define BL_KEY_PROCESS 0x10
#define BL_KEY_PRIVILEGE 0x11
#define BL_KEY_CAPABILITY 0x12
#define BL_KEY_PROCESS_LEN 8
#define BL_KEY_PRIVILEGE_LEN 2
#define BL_KEY_CAPABILITY_LEN 2

/* Second byte of a process's key: what is done to it. */
enum bl_access {
	BL_ACCESS_PTRACE, /* traced, or its memory, descriptors, environment looked at */
	BL_ACCESS_SIGNAL, /* the fourth byte is the signal's number */
	BL_ACCESS_COUNT,
};

/* Third byte of a process's key. Its tgid follows the fourth, high byte first; 0: not known. */
enum bl_relation {
	BL_RELATION_INSIDE, /* some container of the subject is one of the process, too */
	BL_RELATION_OUTSIDE,
	BL_RELATION_COUNT,
};

/* Second byte of a privilege's key. */
enum bl_privilege {
	BL_PRIVILEGE_MOUNT,
	BL_PRIVILEGE_USERNS,
	BL_PRIVILEGE_CHROOT,
	BL_PRIVILEGE_BPF,
	BL_PRIVILEGE_PERF,
	BL_PRIVILEGE_MODULE,
	BL_PRIVILEGE_KEYRING,
	BL_PRIVILEGE_IO_URING,
	BL_PRIVILEGE_USERFAULTFD,
	BL_PRIVILEGE_KEXEC,
	BL_PRIVILEGE_RAWIO, /* ports, physical memory, registers of the CPU */
	BL_PRIVILEGE_SETTIME,
	BL_PRIVILEGE_SYSLOG,
	BL_PRIVILEGE_QUOTA,
	BL_PRIVILEGE_SWAP,
	BL_PRIVILEGE_COUNT,
};

/* What of [process] is allowed without a record: a bit for each access and relation. */
#define BL_ACCESS_BIT(access, relation) (1u << ((access)*BL_RELATION_COUNT + (relation)))

/*
 * Second byte of a socket's key: enum bl_protocol for IPv4 and IPv6, else this. "create" is asked
 * of such a key, and with families whose addresses are not decided everything.
 */
#define BL_SOCKET_FAMILY(family) (0x40 + (family))

/* Second byte of an address key. */
enum bl_protocol {
	BL_PROTOCOL_TCP = 1,
	BL_PROTOCOL_UDP,
	BL_PROTOCOL_ICMP,
	BL_PROTOCOL_RAW,
	BL_PROTOCOL_SCTP,
	BL_PROTOCOL_OTHER,
	BL_PROTOCOL_TCP_CHOSEN, /* TCP on a port that the kernel chose: of listen and accept only */
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
	BL_FAIL_INTERNAL,  /* a program on a mount of the kernel's own: memfd */
	BL_FAIL_LOOKUP,	   /* the kernel could not make up the path */
	BL_FAIL_BUSY,	   /* all path buffers of this CPU are taken */
	BL_FAIL_TABLE,	   /* the profile has no table */
	BL_FAIL_BINDING,   /* the label's container is not in the bindings */
	BL_FAIL_LABEL,	   /* the label could not be stored, or has no room for another container */
	BL_FAIL_ADDRESS,   /* an address shorter than its family wants, or of a family not known */
	BL_FAIL_ALIAS,	   /* could give a denied object a name that is allowed */
	BL_FAIL_MOUNTS,	   /* on more mounts than are looked at */
	BL_FAIL_FOLDED,	   /* one of several spellings of a name, and not all are allowed */
	BL_FAIL_ENGINE,	   /* the engine's own: not for confined tasks, whatever rules say (I11) */
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
	BL_OP_MAP,	/* mmap, mprotect */
	BL_OP_CREATE,	/* mknod, O_CREAT, mkdir, symlink, bind of a unix socket */
	BL_OP_DELETE,	/* unlink, rmdir */
	BL_OP_RENAME,
	BL_OP_LINK,
	BL_OP_TRUNCATE,
	BL_OP_ATTR,
	BL_OP_MOUNT,
	BL_OP_BIND,
	BL_OP_LISTEN,
	BL_OP_ACCEPT,
	BL_OP_SEND,
	BL_OP_RECEIVE, /* a descriptor from another task */
	BL_OP_PTRACE,
	BL_OP_SIGNAL,
	BL_OP_PRIVILEGE,
	BL_OP_CAPABILITY,
	BL_OP_LIMIT, /* limits and priority of another process; only the engine's is decided */
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

/*
 * What of all permissions (BL_ASK) is not denied, twice: by what is enforced, and by audit mode's
 * denials as well. A permission that no policy mediates is allowed. Where the subject matters,
 * "all" is what every subject is allowed, "any" what some is.
 */
struct bl_allowed {
	__u32 enforced;
	__u32 would;
};

/*
 * In these masks the bits of connect and send are about peers inside the container, and those so
 * much further up about peers outside: one side may be allowed by a name and the other not.
 */
#define BL_ASK_REACH                                                                               \
	(BL_ASK(BL_SECTION_NETWORK, BL_NETWORK_CONNECT) |                                          \
	 BL_ASK(BL_SECTION_NETWORK, BL_NETWORK_SEND))
#define BL_OUTSIDE_SHIFT 10
#define BL_ASK_OUTSIDE (BL_ASK_REACH << BL_OUTSIDE_SHIFT)
_Static_assert(BL_ASK_OUTSIDE >> BL_OUTSIDE_SHIFT == BL_ASK_REACH, "abi: room for both sides");
_Static_assert(!(BL_ASK_OUTSIDE & ((1u << BL_ASK_COUNT) - 1)), "abi: bits of their own");

/*
 * In a profile's table: what a path says beyond itself. "below" is about the keys this one is the
 * beginning of, it being a directory's path and a '/': all names that can follow, whatever they
 * are.
 */
struct bl_beyond {
	__u64 by; /* bit n: as the subject's executable the path matches "by" pattern n */
	struct bl_allowed self_any;
	struct bl_allowed below_any; /* allowed for at least one of them */
	struct bl_allowed below_all; /* allowed for every one of them */
	__u32 silent; /* decided as allowed for every subject, with nothing to record */
	__u32 pad;
};
_Static_assert(sizeof(struct bl_beyond) == 40, "abi: beyond");

/* Hardly two rules have an accept set in common, but nearly all of them what is beyond. */
struct bl_accept {
	__u32 decisions[BL_SECTION_COUNT]; /* offset of the first decision of each section */
	__u32 beyond;			   /* offset of a struct bl_beyond */
	__u32 pad;
};
_Static_assert(sizeof(struct bl_accept) == 32, "abi: accept set");

/* In a selector table instead: which profile binds a cgroup of that path, 0 for none. */
struct bl_selected {
	__u32 profile; /* n of BL_PROFILE_ID, 0 for none */
	__u32 is_own;  /* a pattern named this cgroup itself: it is a container, not part of one */
	__u32 pad[6];
};
_Static_assert(sizeof(struct bl_selected) == sizeof(struct bl_accept), "abi: selected");

#define BL_DECISION_RECORD 0x01 /* make an event and count it */
#define BL_DECISION_WOULD 0x02	/* audit mode: the verdict is recorded, not enforced */
#define BL_DECISION_LIST 0x04	/* has conditions: rule leads to struct bl_choice[] */

struct bl_decision {
	__u32 rule; /* offset of the rule's __u64 key in the table; 0: no rule, not mediated */
	__u8 verdict;
	__u8 flags;
	__u16 count; /* with BL_DECISION_LIST: how many choices */
};
_Static_assert(sizeof(struct bl_decision) == 8, "abi: decision");

/*
 * What a decision comes to when rules have conditions. Choices stand in rule order, policy after
 * policy. In each policy the first choice that holds decides, and the greatest verdict of the
 * policies holds, an enforced one before one of audit mode; of equals one that is recorded, then
 * the first.
 *
 * Conditions are answered by 64 bits: bit n, the subject matches "by" pattern n; and two that say
 * where the peer of a unix socket is. With neither of these it is not known, and a choice that
 * depends on it holds if it denies.
 */
#define BL_BY_MAX 62
#define BL_BY_INSIDE (1ull << 62)
#define BL_BY_OUTSIDE (1ull << 63)
#define BL_BY_PEER (BL_BY_INSIDE | BL_BY_OUTSIDE)

/* In the flags of a choice: it holds only for peers that are there. */
#define BL_CHOICE_INSIDE 0x10
#define BL_CHOICE_OUTSIDE 0x20
/* The bit that answers it, 0 if there is no such condition. */
#define BL_CHOICE_PEER(flags) ((__u64)((flags) & (BL_CHOICE_INSIDE | BL_CHOICE_OUTSIDE)) << 58)
_Static_assert(BL_CHOICE_PEER(BL_CHOICE_INSIDE) == BL_BY_INSIDE, "abi: inside");
_Static_assert(BL_CHOICE_PEER(BL_CHOICE_OUTSIDE) == BL_BY_OUTSIDE, "abi: outside");

struct bl_choice {
	__u32 rule; /* as in a decision */
	__u8 verdict;
	__u8 flags;
	__u8 by;      /* 0: holds for every subject; n: for those that match "by" pattern n - 1 */
	__u8 is_last; /* the last choice of its policy; always one without conditions */
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
	/* Grows when bindings were changed within a generation: labels are made anew. */
	__u64 stamp;
	/* Events of cgroups that found no room; the one thing that programs write. */
	__u64 cgroups_missed;
};
_Static_assert(sizeof(struct bl_state) == 48, "abi: state");

#define BL_CONDITION_BY 0x01   /* who the subject is */
#define BL_CONDITION_PEER 0x02 /* where the peer of a unix socket is */

/* profiles[id]; a selector table has a record as well. */
struct bl_profile {
	__u8 mode[BL_SECTION_COUNT]; /* enum bl_mode */
	__u8 conditions;	     /* what some rules depend on: BL_CONDITION_... */
	__u8 silent_accesses;	     /* BL_ACCESS_BIT()s that are allowed without a record */
	__u64 silent_capabilities;   /* bit n: capability n is */
	__u32 value;		     /* which of tables[] its table is in */
	__u32 base;		     /* where in that value the table begins */
	__u32 table_bytes;	     /* 0: there is no such profile */
	__u32 silent_privileges;     /* bit n: enum bl_privilege n is */
};
_Static_assert(sizeof(struct bl_profile) == 32, "abi: profile");

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
	/*
	 * What the selector table gives to the path. The profile is another one if policies were
	 * added that select by what only the daemon knows of the container; cgroups below that are
	 * selected alike inherit it.
	 */
	__u32 selected[2];
	__u32 path_len;	  /* without NUL */
	__u32 is_new;	  /* made by somebody outside, and bound then: nobody was in it before */
	/*
	 * The process in which a runtime sets the container up, as its hook has told (I5), until it
	 * executes a program; 0: none.
	 */
	__u32 runtime_tgid;
	__u32 pad;
	char path[BL_CGROUP_PATH_MAX];
};
_Static_assert(sizeof(struct bl_binding) == 64 + BL_CGROUP_PATH_MAX, "abi: binding");

/*
 * bound_cgroups[parity][cgroup id modulo its size]: not 0 if a cgroup of that number may be bound,
 * itself or by one above it. What lets an unlabelled task pass at the price of a few loads; a 1 too
 * many costs only time, a 0 too many would leave somebody unconfined.
 */
#define BL_BOUND_CGROUPS 65536u

/*
 * A task's label, in task storage. Only the task itself and, at fork, its parent write it. The
 * subject is the executable, fixed when it is executed; what "by" patterns it matches is worked out
 * for each profile when the label is made, and when a program is executed.
 */
struct bl_label {
	__u64 cgroup;	  /* the cgroup it was last seen in */
	__u64 generation; /* the generation its profiles belong to */
	__u64 stamp;	  /* of the state its bindings were read from */
	__u64 exe;	  /* stands for the subject, to be compared only; 0: not known */
	__u64 exe_next;	  /* that of the program being executed; 0: not to be relied on */
	__u64 exec_id;	  /* how many programs the task had executed when exe was its subject */
	__u64 truncating; /* struct path of an open with O_TRUNC, which has been allowed */
	__u64 key;	  /* stands for the only profile and its generation; 0: there are more */
	__u64 number;	  /* see number_of() of prefix.bpf.h */
	__u64 sending;	  /* struct sock of a unix socket that is to send to an address */
	__u32 count;	  /* bindings in use; 0: unconfined */
	__u8 fail;	  /* enum bl_fail: the label itself could not be made up */
	__u8 is_subject_known; /* else "allow by" does not hold and "deny by" does */
	__u8 has_personality;  /* used credentials of an io_uring's: see attr.bpf.c */
	__u8 has_executed;     /* a program of the container, for all we know: see mount.bpf.c */
	__u8 mode[7]; /* of each section, the strictest of its profiles; enum bl_mode */
	__u8 conditions; /* of all its profiles; BL_CONDITION_... */
	__u32 mediated; /* permissions that some profile mediates; BL_ASK bits */
	__u32 silent_privileges; /* the same as in struct bl_profile, of all profiles together */
	__u64 silent_capabilities;
	__u32 silent_accesses;
	__u8 executes_again; /* a runtime executes a copy of itself: see exec.bpf.c */
	__u8 pad[3];
	/*
	 * IPv4 keys that are allowed in silence, as they are but for the first byte: what is asked,
	 * shifted by BL_ASK_SHIFT(BL_SECTION_NETWORK). 0: none.
	 */
	__u64 allowed_inet4[BL_LABEL_INET4];
	struct bl_bound {
		__u64 binding; /* key in bindings */
		__u64 container;
		__u64 by; /* bit n: the subject matches "by" pattern n of the profile */
		__u64 by_next; /* the same for exe_next */
		__u32 profile;
		__u32 pad;
	} bound[BL_LABEL_BINDINGS_MAX];
};
_Static_assert(sizeof(struct bl_label) == 152 + 40 * BL_LABEL_BINDINGS_MAX, "abi: label");
_Static_assert(BL_SECTION_COUNT <= 7, "abi: a mode for each section");

/*
 * prefixes, in the storage of a directory's inode: where the automaton stands behind the
 * directory's path and a '/'; in that of a file's, the permissions the path has without a record.
 * key is a fingerprint of everything that makes the path what it is; check ties the two together,
 * because two CPUs may write at once.
 */
#define BL_PREFIX_SLOTS 2
struct bl_prefix {
	__u64 key;
	__u32 state;
	__u32 check;
};

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

/* containers[container id], 0 for tasks of none; written with atomic adds. */
struct bl_container_counter {
	__u64 denied;
	__u64 would;
	__u64 audited;
	__u64 failed[BL_FAIL_SLOTS];
	__u64 lost[BL_LOSS_COUNT];
};

/*
 * What the ring buffer "cgroups" tells: a cgroup of the unified hierarchy was made, or removed. One
 * that was made may not be there to be opened yet. A ring of its own, so that denials, which a
 * container can cause at will, take no room from it.
 */
struct bl_cgroup_event {
	__u64 id;
	__u32 path_len; /* without NUL; 0: longer than what can be named */
	__u8 is_removed;
	__u8 is_inside; /* a confined task has made it: not to set a container up */
	__u8 pad[2];
	char path[BL_CGROUP_PATH_MAX];
};
_Static_assert(sizeof(struct bl_cgroup_event) == 16 + BL_CGROUP_PATH_MAX, "abi: cgroup event");
/* --- the engine's own (I11); see guard.bpf.h --- */

/* File systems that guarded files may be on, and guarded files and directories; more is refused. */
#define BL_GUARD_SUPERS_MAX 8
#define BL_GUARD_PLACES_MAX 64

/* Maps, programs and links of the engine, those of both generations' tables included. */
#define BL_ENGINE_OBJECTS_MAX 16384

/* The daemon, and the process that reads executables for it. */
#define BL_GUARD_PROCESSES 2

/* A bit for so many values of an inode's number. */
#define BL_GUARD_INODES 1024u

enum bl_guard_kind {
	BL_GUARD_OWN,	 /* a file, or a directory and all that is below it */
	BL_GUARD_ABOVE,	 /* a directory above one of those */
	BL_GUARD_PINS,	 /* the directory of pins */
	BL_GUARD_CGROUP, /* the daemon's cgroup */
	BL_GUARD_CGROUP_ABOVE,
	BL_GUARD_COUNT,
};

/* By the kernel's own numbers: what stat(2) says of an inode is not that on all file systems. */
struct bl_guard_place {
	__u64 super; /* address of its super_block */
	__u64 inode; /* number */
	__u32 inode_generation;
	__u32 kind; /* enum bl_guard_kind */
};

struct bl_guard_process {
	__u64 start_ns; /* CLOCK_BOOTTIME; with the tgid it names one process for ever */
	__u32 tgid;	/* 0: there is none */
	__u32 pad;
};

/* engine_objects[key]: identifiers as bpf(2) has them. */
enum bl_object { BL_OBJECT_MAP, BL_OBJECT_PROGRAM, BL_OBJECT_LINK, BL_OBJECT_COUNT };
#define BL_OBJECT_KEY(object, id) ((__u64)(object) << 32 | (__u32)(id))

struct bl_guard_set {
	struct bl_guard_process processes[BL_GUARD_PROCESSES];
	__u64 host_mounts; /* address of the first process' mount namespace */
	__u64 pins;	   /* address of the super_block with the pins */
	__u64 supers[BL_GUARD_SUPERS_MAX]; /* of places that are OWN; 0: no more */
	__u64 operations[BL_OBJECT_COUNT]; /* address of the file operations of its descriptors */
	__u32 places_count;
	__u32 pad;
	struct bl_guard_place places[BL_GUARD_PLACES_MAX];
	__u8 inodes[BL_GUARD_INODES]; /* by its number modulo that; 0: none is a place */
};

/* A daemon that starts fills the set that is not current, and then makes it so. */
struct bl_guard {
	__u32 current;
	__u32 is_sealed; /* for everybody but the daemon, until that takes it back */
	struct bl_guard_set sets[2];
};

/* What the program bl_enroll is run with, by the daemon about itself. It returns 0 or -errno. */
enum bl_enroll_step {
	BL_ENROLL_BEGIN,  /* who is asking, and its child */
	BL_ENROLL_PLACE,  /* fd is open on one of kind */
	BL_ENROLL_OBJECT, /* fd is a descriptor of an object, kind an enum bl_object */
	BL_ENROLL_END,	  /* all of it is true from here on */
	BL_ENROLL_COUNT,
};

struct bl_enroll {
	__u32 step;
	__u32 kind;
	__s32 fd;
	__u32 pad;
};
_Static_assert(sizeof(struct bl_enroll) == 16, "abi: enroll");

/* --- the event --- */

#define BL_EVENT_VERSION 2

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
	__u8 source_kind; /* BL_KEY_INET4 or BL_KEY_INET6: the socket is bound; else 0 */
	__u16 key_len;
	__u16 source_port; /* in host order; 0: the protocol has none, or it is not bound to one */
	__u16 pad;
	char comm[BL_COMM_LEN];
	char parent_comm[BL_COMM_LEN];
	__u8 source[16]; /* what the socket is bound to; of IPv4 the first 4 */
	/*
	 * The key that was decided, as described above; not NUL-terminated. Only key_len bytes are
	 * sent.
	 */
	char key[BL_PATH_MAX];
};
#define BL_EVENT_HEADER_LEN 120
_Static_assert(sizeof(struct bl_event) == BL_EVENT_HEADER_LEN + BL_PATH_MAX, "abi: event");
