/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the kernel of BPF, and getting hold of it. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/btf.h>

static int bpf_call(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* -1: it is gone. */
static int object_info(int command, uint32_t id, void *info, size_t info_bytes)
{
	union bpf_attr attr = {.prog_id = id};
	int fd = bpf_call(command, &attr);
	int r;

	if (fd < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = info_bytes;
	attr.info.info = (uintptr_t)info;
	r = bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr);
	close(fd);
	return r;
}

static void print_program(uint32_t id)
{
	struct bpf_prog_info info = {0};

	if (object_info(BPF_PROG_GET_FD_BY_ID, id, &info, sizeof(info)) == 0)
		printf("prog %u %s %u\n", id, info.name, info.verified_insns);
}

static void print_map(uint32_t id)
{
	struct bpf_map_info info = {0};

	if (object_info(BPF_MAP_GET_FD_BY_ID, id, &info, sizeof(info)) == 0)
		printf("map %u %s\n", id, info.name);
}

static void print_link(uint32_t id)
{
	struct bpf_link_info info = {0};

	if (object_info(BPF_LINK_GET_FD_BY_ID, id, &info, sizeof(info)) == 0)
		printf("link %u type-%u\n", id, info.type);
}

static int list_objects(int command, void (*print)(uint32_t id))
{
	union bpf_attr attr = {0};

	while (bpf_call(command, &attr) == 0) {
		print(attr.next_id);
		attr.start_id = attr.next_id;
	}
	return errno == ENOENT ? 0 : -1;
}

/*
 * Programs, maps and links that exist, one a line: kind, number, name; of programs, how many
 * instructions the verifier had to work through.
 */
static enum outcome bpf_list(int argc, char **argv)
{
	if (list_objects(BPF_PROG_GET_NEXT_ID, print_program) < 0 ||
	    list_objects(BPF_MAP_GET_NEXT_ID, print_map) < 0 ||
	    list_objects(BPF_LINK_GET_NEXT_ID, print_link) < 0)
		return not_tried("bpf");
	return DID;
}

/* --- descriptors --- */

/* A descriptor by number, or by the path of a pin. -1: none. */
static int object_descriptor(const char *kind, const char *which)
{
	union bpf_attr attr = {0};
	int command = BPF_OBJ_GET;

	if (which[0] == '/') {
		attr.pathname = (uintptr_t)which;
	} else {
		attr.map_id = atoi(which);
		command = !strcmp(kind, "map")	  ? BPF_MAP_GET_FD_BY_ID
			  : !strcmp(kind, "prog") ? BPF_PROG_GET_FD_BY_ID
						  : BPF_LINK_GET_FD_BY_ID;
	}
	return bpf_call(command, &attr);
}

/* object map|prog|link NUMBER|PIN */
static enum outcome get_object(int argc, char **argv)
{
	return judge(object_descriptor(argv[0], argv[1]) >= 0);
}

/* holding-object map|prog|link NUMBER|PIN VERB...: that is what is held. */
static enum outcome hold_object(int argc, char **argv)
{
	int fd = object_descriptor(argv[0], argv[1]);

	if (fd < 0 || dup2(fd, HELD) < 0)
		return not_tried(argv[1]);
	close(fd);
	return run_verb(argc - 2, argv + 2);
}

static int make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

	return bpf_call(BPF_MAP_CREATE, &attr);
}

/* own-map by-number|pinned|kept PATH: a map of the probe's own, got again; or pinned to stay. */
static enum outcome use_own_map(int argc, char **argv)
{
	int fd = make_map();
	union bpf_attr attr = {0};
	struct bpf_map_info info = {0};

	if (fd < 0)
		return not_tried("BPF_MAP_CREATE");
	if (strcmp(argv[0], "by-number") != 0) {
		attr.pathname = (uintptr_t)argv[1];
		attr.bpf_fd = fd;
		if (bpf_call(BPF_OBJ_PIN, &attr) < 0)
			return judge(false);
		return judge(strcmp(argv[0], "kept") == 0 || unlink(argv[1]) == 0);
	}
	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0)
		return not_tried("BPF_OBJ_GET_INFO_BY_FD");
	memset(&attr, 0, sizeof(attr));
	attr.map_id = info.id;
	return judge(bpf_call(BPF_MAP_GET_FD_BY_ID, &attr) >= 0);
}

/* --- programs --- */

/* What follows a type of BTF, in bytes. */
static size_t btf_extra(const struct btf_type *type)
{
	size_t count = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return count * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return count * 8;
	}
	return 0;
}

/* The number of a function in the kernel's types; 0: there is none. */
static uint32_t btf_function(const char *name)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat status;
	const struct btf_header *header;
	const char *at;
	const char *end;
	char *bytes;
	uint32_t id = 1;
	ssize_t done = 0;
	ssize_t n;

	if (fd < 0 || fstat(fd, &status) < 0 || !(bytes = malloc(status.st_size)))
		return 0;
	while ((n = read(fd, bytes + done, status.st_size - done)) > 0)
		done += n;
	close(fd);
	header = (const void *)bytes;
	at = bytes + header->hdr_len + header->type_off;
	end = at + header->type_len;
	for (; at < end; id++) {
		const struct btf_type *type = (const void *)at;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(bytes + header->hdr_len + header->str_off + type->name_off, name))
			return id;
		at += sizeof(*type) + btf_extra(type);
	}
	return 0;
}

/* load TYPE: a program that does nothing. */
static enum outcome load(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum bpf_prog_type type;
		const char *attached_to; /* a function of the kernel's */
		enum bpf_attach_type attach_type;
	} types[] = {
		{"socket_filter", BPF_PROG_TYPE_SOCKET_FILTER, NULL, 0},
		{"xdp", BPF_PROG_TYPE_XDP, NULL, 0},
		{"cgroup_skb", BPF_PROG_TYPE_CGROUP_SKB, NULL, 0},
		{"kprobe", BPF_PROG_TYPE_KPROBE, NULL, 0},
		{"tracepoint", BPF_PROG_TYPE_TRACEPOINT, NULL, 0},
		{"perf_event", BPF_PROG_TYPE_PERF_EVENT, NULL, 0},
		{"raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, 0},
		{"lsm", BPF_PROG_TYPE_LSM, "bpf_lsm_file_open", BPF_LSM_MAC},
		{"fentry", BPF_PROG_TYPE_TRACING, "security_bpf", BPF_TRACE_FENTRY},
		{"fmod_ret", BPF_PROG_TYPE_TRACING, "security_bpf", BPF_MODIFY_RETURN},
	};
	static const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(*program),
		.license = (uintptr_t) "GPL",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(types[i].name, argv[0]) != 0)
			continue;
		attr.prog_type = types[i].type;
		attr.expected_attach_type = types[i].attach_type;
		if (types[i].attached_to) {
			attr.attach_btf_id = btf_function(types[i].attached_to);
			if (!attr.attach_btf_id)
				return not_tried(types[i].attached_to);
		}
		return judge(bpf_call(BPF_PROG_LOAD, &attr) >= 0);
	}
	errno = EINVAL;
	return not_tried(argv[0]);
}

/* load-writing: a program that would write to the memory of whom it watches. */
static enum outcome load_writing(int argc, char **argv)
{
	static const struct bpf_insn program[] = {
		/* r1 = 0, r2 = stack, r3 = 0: nothing is written */
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -8},
		{.code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 8},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_write_user},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(*program),
		.license = (uintptr_t) "GPL",
	};

	/* The verifier says of a helper that is not to be had that it is not valid. */
	if (bpf_call(BPF_PROG_LOAD, &attr) >= 0)
		return DID;
	errno = errno == EINVAL ? EPERM : errno;
	return judge(false);
}

const struct verb bpf_verbs[] = {
	{"bpf-list", 0, bpf_list, ""},
	{"object", 2, get_object, "map|prog|link NUMBER|PIN"},
	{"holding-object", 3, hold_object, "map|prog|link NUMBER|PIN VERB..."},
	{"own-map", 2, use_own_map, "by-number|pinned|kept PATH"},
	{"load", 1, load, "TYPE (of a BPF program)"},
	{"load-writing", 0, load_writing, "(a program with probe_write_user)"},
	{NULL, 0, NULL, NULL},
};
