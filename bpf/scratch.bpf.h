/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one decision works with: the question, the path that is made up, the event. It lies in a
 * per-CPU buffer and not on the stack, which is too small for a path and which global functions
 * cannot share.
 */
#pragma once

#include "bpf/maps.bpf.h"

/*
 * What is asked of a label's profiles about the key, and the answer so far. Permissions are BL_ASK
 * bits: one request may ask of several sections.
 */
struct request {
	__u64 rule; /* key of the rule that decided */
	__u64 by;   /* what conditions hold for the profile that is asked, BL_BY_... included */
	__u64 socket; /* struct sock, of one of IP; 0: none */
	__u64 peer; /* BL_BY_INSIDE, BL_BY_OUTSIDE; 0: not known */
	__u32 position; /* of the key in scratch->key */
	__u32 key_len;
	__u32 skip;  /* bytes of the key that have been walked already */
	__u32 state; /* of the automaton: where to begin, 0 for the start; then where it ended */
	__u32 asked;
	__u32 asked_would; /* those for which denials of audit mode are of interest */
	__u32 own;     /* with is_gain: what the operation itself asks */
	__u32 decided; /* those that the verdict is about */
	__u32 named;   /* those that some rule or setting decided; of wants_named only */
	__u32 wants_named;
	__u32 silent;  /* those that the profile that was asked last allows without a record */
	__u32 pending; /* those that the profile that is asked does not simply allow */
	__u8 operation; /* enum bl_operation */
	__u8 mode;	/* the strictest of the label's profiles for what is asked */
	__u8 verdict;
	__u8 flags;
	__u8 is_subject_known;
	__u8 wants_beyond;
	__u8 is_gain;	 /* asks also for what another name gives: of that, only denials */
	__u8 is_probe;	 /* is not going to do it: refused, but neither counted nor recorded */
	__u8 pad[6];
	struct bl_allowed self;   /* for the key, by all profiles asked; if beyond is wanted */
	struct bl_beyond beyond; /* where the last walk ended, if it is wanted */
};

/* What is allowed for a key and below it, by all of a label's profiles together. */
struct extent {
	__u32 states[BL_LABEL_BINDINGS_MAX]; /* of each profile's automaton */
	struct bl_allowed self;
	struct bl_allowed any;
	struct bl_allowed all;
};

/* A path to be resolved, and what came of it. Pointers are numbers to global functions. */
struct path_try {
	__u64 vfsmount;
	__u64 dentry;
	__u64 namespace;
	__u64 event;  /* of the namespace, when the try began */
	__u64 mounts; /* mounts_key() then */
	__u32 position; /* of the path in scratch->key, which it fills to BL_PATH_MAX - 1 */
	__u32 key_len;	/* 0: it failed */
	__u32 leaf_len; /* of the last name and the '/' before it; 0: it is a mount's root */
	__u32 stem_len; /* of the last two names; 0: the directory is a mount's root */
	__u32 folded_len; /* from the first name that has other spellings to the end; 0: none has */
	__u32 prefix_state; /* of the automaton, behind the path of its directory; 0: not known */
	__u32 parent_state; /* and behind that of the directory's parent */
	__u32 fail;	/* enum bl_fail */
	__u8 is_any_namespace; /* the root of any mount namespace will do */
	__u8 is_outside;       /* failed because the dentry is not below the mount's root */
	__u8 pad[6];
};

/* The walk from a dentry to a root; see path.bpf.h. */
struct path_walk {
	__u64 mount; /* struct mount: where the walk is */
	__u64 dentry;
	__u64 parent_mount; /* of mount */
	__u64 mountpoint;
	__u64 mount_root;
	__u64 seen;	/* every dentry that was passed, and its sequence counter */
	__u32 position; /* of the first byte written so far */
	__u32 leaf;	/* position when the first step was done */
	__u32 stem;	/* position when the second was done */
	__u32 folded;	/* position behind the last directory whose names are exact; 0: all are */
	__u32 fail;	/* enum bl_fail, BL_FAIL_NONE while walking */
	__u8 is_done;
	__u8 is_outside;
	__u8 is_odd;   /* a dentry was being renamed */
	__u8 is_again; /* after a walk that was disturbed */
};

/* An object that is given another name. Pointers are numbers: struct vfsmount and dentry. */
struct move {
	__u64 from_mount;
	__u64 from_dentry;
	__u64 to_mount;
	__u64 to_dentry;
	__u32 asked_from; /* besides what the new name allows */
	__u32 asked_to;
	struct bl_allowed outside; /* what the new name allows of peers outside: BL_ASK_REACH */
	__u32 gains; /* permissions that are gained if the new name has them and the old has not */
	__u8 operation;
	__u8 mode; /* of all that is mediated */
	__u8 pad[2];
};

/* A search for all paths of a dentry; see attr.bpf.c. */
struct everywhere {
	__u64 head; /* of the superblock's list of mounts */
	__u64 at;   /* a mount's mnt_instance */
	__u64 mount; /* struct mount found last; 0: none */
	__u32 asked;
	int verdict;
	__u32 fail;
	__u8 is_found;
	__u8 is_internal; /* one of the mounts is the kernel's own */
	__u8 is_recorded;
	__u8 is_over;
};

/* Fingerprints of two paths; see prefix.bpf.h. */
struct prefix_keys {
	__u64 directory;
	__u64 parent;
};

/* The first bytes of a dentry, read at once: one helper's call instead of four. */
struct dentry_bytes {
	__u64 words[12];
};

/*
 * Where a hook makes up the key and the event. A hook may be preempted in the middle by one on the
 * same CPU, in any order, so a buffer is taken by compare-and-swap and not by nesting depth.
 */
struct scratch {
	__u32 is_taken;
	__u32 is_for_another; /* current acts with credentials that are not its own */
	__u64 above;  /* see prefix_above() */
	__u64 file_key; /* under which the request's verdict may be kept; 0: it may not */
	struct request request;
	struct path_try try;
	struct path_walk walk;
	struct dentry_bytes dentry;
	struct move move;
	struct everywhere everywhere;
	struct extent extents[2];
	struct bl_event event;
	struct bl_binding binding;
	char key[BL_PATH_MAX];
	char slack[NAME_MAX + 9]; /* the key's end may be read or written past by so much */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BL_SCRATCH_PER_CPU); /* times the number of CPUs, set at load */
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *scratch_take(void)
{
	__u32 first = bpf_get_smp_processor_id() * BL_SCRATCH_PER_CPU;

	for (__u32 i = 0; i < BL_SCRATCH_PER_CPU; i++) {
		__u32 index = first + i;
		struct scratch *scratch = bpf_map_lookup_elem(&scratches, &index);

		if (!scratch)
			return NULL;
		if (!__sync_val_compare_and_swap(&scratch->is_taken, 0, 1))
			return scratch;
	}
	return NULL;
}

static __always_inline void scratch_release(struct scratch *scratch)
{
	__sync_val_compare_and_swap(&scratch->is_taken, 1, 0);
}
