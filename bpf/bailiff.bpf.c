// SPDX-License-Identifier: GPL-2.0
/*
 * The whole of the kernel side as one object: one attach, maps and resolver shared by all hooks.
 * bpftool's linker takes each map once only, so the families are put together here and not by it.
 */
#include "bpf/exec.bpf.c"
#include "bpf/file.bpf.c"
#include "bpf/tree.bpf.c"
#include "bpf/attr.bpf.c"
#include "bpf/mount.bpf.c"
#include "bpf/ioctl.bpf.c"
#include "bpf/socket.bpf.c"
#include "bpf/unix.bpf.c"
#include "bpf/receive.bpf.c"
#include "bpf/process.bpf.c"
#include "bpf/privilege.bpf.c"
#include "bpf/guard.bpf.c"
#include "bpf/lifecycle.bpf.c"

char LICENSE[] SEC("license") = "GPL";
