/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the kernel of BPF. */
#include "probe.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

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

const struct verb bpf_verbs[] = {
	{"bpf-list", 0, bpf_list, ""},
	{NULL, 0, NULL, NULL},
};
