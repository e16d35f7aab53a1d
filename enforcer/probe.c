// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "enforcer/facility.h"
#include "enforcer/util.h"

#define LSM_FILE      "/sys/kernel/security/lsm"
#define SYMBOLS_FILE  "/proc/kallsyms"
#define LOCKDOWN_FILE "/sys/kernel/security/lockdown"
#define BTF_FILE      "/sys/kernel/btf/vmlinux"

/* The oldest kernel the VM tests run on. */
#define KERNEL_MAJOR 6
#define KERNEL_MINOR 1

struct probing {
	const char *pin_dir;
	const char *cgroup_root;
	struct bl_probe probe;
};

static const char *const state_names[] = {
	[BL_PROBE_SUPPORTED] = "supported",
	[BL_PROBE_MISSING] = "missing",
	[BL_PROBE_UNKNOWN] = "unknown",
};
_Static_assert(BL_ARRAY_LEN(state_names) == BL_PROBE_STATE_COUNT, "probe: a name for each state");

const char *bl_probe_state_name(enum bl_probe_state state)
{
	return state_names[state];
}

void bl_probe_fini(struct bl_probe *probe)
{
	for (size_t i = 0; i < probe->count; i++)
		free(probe->items[i].detail);
	free(probe->items);
	*probe = (struct bl_probe){0};
}

bool bl_probe_is_in_the_way(const struct bl_probe_item *item)
{
	return item->is_needed && item->state != BL_PROBE_SUPPORTED;
}

bool bl_probe_can_enforce(const struct bl_probe *probe)
{
	for (size_t i = 0; i < probe->count; i++)
		if (bl_probe_is_in_the_way(&probe->items[i]))
			return false;
	return true;
}

/* Detail is a format; NULL for none. */
static int __attribute__((format(printf, 3, 4)))
add_item(struct probing *probing, struct bl_probe_item item, const char *detail, ...)
{
	struct bl_probe *probe = &probing->probe;
	struct bl_probe_item *grown =
		reallocarray(probe->items, probe->count + 1, sizeof(*probe->items));
	va_list args;
	int n;

	if (!grown)
		return -ENOMEM;
	probe->items = grown;
	item.detail = NULL;
	if (detail) {
		va_start(args, detail);
		n = vasprintf(&item.detail, detail, args);
		va_end(args);
		if (n < 0)
			return -ENOMEM;
	}
	probe->items[probe->count++] = item;
	return 0;
}

/* The first line of a small file, without its newline. */
static int read_line(const char *path, char *line, size_t size)
{
	bl_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, line, size - 1);
	if (len < 0)
		return -errno;
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

static int probe_kernel(struct probing *probing)
{
	struct bl_probe_item item = {
		.name = "kernel",
		.remedy =
			"bailiff is tested on Linux 6.1 and 6.12: use one of those or a later one",
	};
	struct utsname name;
	int major = 0;
	int minor = 0;

	item.state = BL_PROBE_UNKNOWN;
	if (uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2)
		item.state =
			major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR)
				? BL_PROBE_SUPPORTED
				: BL_PROBE_MISSING;
	return add_item(probing, item, "Linux %s", name.release);
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; *at; at += strcspn(at, ",")) {
		at += *at == ',';
		if (strcspn(at, ",") == len && strncmp(at, word, len) == 0)
			return true;
	}
	return false;
}

static int probe_lsm(struct probing *probing)
{
	struct bl_probe_item item = {.name = "lsm bpf", .is_needed = true};
	char lsms[256];
	int r = read_line(LSM_FILE, lsms, sizeof(lsms));

	if (r < 0) {
		item.state = BL_PROBE_UNKNOWN;
		item.remedy =
			"mount securityfs: mount -t securityfs securityfs /sys/kernel/security";
		return add_item(probing, item, "%s: %s", LSM_FILE, strerror(-r));
	}
	item.state = has_word(lsms, "bpf") ? BL_PROBE_SUPPORTED : BL_PROBE_MISSING;
	item.remedy =
		"add 'bpf' to the list of lsm= on the kernel command line and boot again, for example "
		"lsm=landlock,lockdown,yama,integrity,apparmor,bpf (needs CONFIG_BPF_LSM=y)";
	return add_item(probing, item, "active: %s", lsms);
}

/* Nothing but the daemon's own sandbox needs it. */
static int probe_landlock(struct probing *probing)
{
	struct bl_probe_item item = {
		.name = "landlock",
		.state = BL_PROBE_UNKNOWN,
		.remedy =
			"add 'landlock' to the list of lsm= on the kernel command line and boot again: it "
			"restricts the files that the daemon itself can use",
	};
	char lsms[256];

	if (read_line(LSM_FILE, lsms, sizeof(lsms)) == 0)
		item.state = has_word(lsms, "landlock") ? BL_PROBE_SUPPORTED : BL_PROBE_MISSING;
	return add_item(probing, item, NULL);
}

static int probe_btf(struct probing *probing)
{
	struct bl_probe_item item = {
		.name = "btf",
		.is_needed = true,
		.remedy = "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y",
	};

	item.state = access(BTF_FILE, R_OK) == 0 ? BL_PROBE_SUPPORTED : BL_PROBE_MISSING;
	return add_item(probing, item, "%s%s%s", BTF_FILE,
			item.state == BL_PROBE_SUPPORTED ? "" : ": ",
			item.state == BL_PROBE_SUPPORTED ? "" : strerror(errno));
}

/* What the pin directory is, or will be, made in. */
static int probe_bpffs(struct probing *probing)
{
	struct bl_probe_item item = {
		.name = "bpffs",
		.is_needed = true,
		.state = BL_PROBE_MISSING,
		.remedy = "mount it: mount -t bpf bpf /sys/fs/bpf",
	};
	bl_cleanup_free char *copy = strdup(probing->pin_dir);
	struct statfs fs;
	char *parent;

	if (!copy)
		return -ENOMEM;
	parent = dirname(copy);
	if (statfs(parent, &fs) < 0) {
		if (errno != ENOENT)
			item.state = BL_PROBE_UNKNOWN;
		return add_item(probing, item, "%s: %s", parent, strerror(errno));
	}
	if (fs.f_type != BPF_FS_MAGIC)
		return add_item(probing, item, "%s is not on a bpf file system", parent);
	item.state = BL_PROBE_SUPPORTED;
	return add_item(probing, item, "%s", parent);
}

/* mountinfo escapes blank, tab, newline and backslash as three octal digits. */
static void unescape_mount(char *path)
{
	char *out = path;

	for (char *in = path; *in; in++) {
		unsigned code;

		if (in[0] == '\\' && sscanf(in + 1, "%3o", &code) == 1) {
			*out++ = (char)code;
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
}

int bl_probe_find_cgroup2(char **ret_path)
{
	bl_cleanup_fclose FILE *file = fopen("/proc/self/mountinfo", "re");
	bl_cleanup_free char *line = NULL;
	bl_cleanup_free char *root = NULL;
	bl_cleanup_free char *point = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) >= 0) {
		char *type = strstr(line, " - ");

		free(TAKE(root));
		free(TAKE(point));
		if (!type || strncmp(type, " - cgroup2 ", 11) != 0 ||
		    sscanf(line, "%*s %*s %*s %ms %ms", &root, &point) != 2)
			continue;
		if (strcmp(root, "/") != 0)
			continue; /* a bind mount of a part of it */
		unescape_mount(point);
		*ret_path = TAKE(point);
		return 0;
	}
	return ferror(file) ? -EIO : -ENOENT;
}

static int probe_cgroup2(struct probing *probing)
{
	struct bl_probe_item item = {
		.name = "cgroup2",
		.is_needed = true,
		.state = BL_PROBE_MISSING,
		.remedy = "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup",
	};
	bl_cleanup_free char *found = NULL;
	const char *root = probing->cgroup_root;
	struct statfs fs;
	int r;

	if (!root) {
		r = bl_probe_find_cgroup2(&found);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return add_item(probing, item, "mounted nowhere");
		root = found;
	}
	if (statfs(root, &fs) < 0)
		return add_item(probing, item, "%s: %s", root, strerror(errno));
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return add_item(probing, item, "%s is not on a cgroup2 file system", root);
	item.state = BL_PROBE_SUPPORTED;
	return add_item(probing, item, "%s", root);
}

static const struct {
	cap_value_t value;
	const char *name;
	bool is_needed;
	const char *remedy;
} capabilities[] = {
	{CAP_BPF, "capability bpf", true, "run as root or with CAP_BPF"},
	{CAP_PERFMON, "capability perfmon", true, "run as root or with CAP_PERFMON"},
	{CAP_SYS_ADMIN, "capability sys_admin", true,
	 "run as root or with CAP_SYS_ADMIN: attaching to an LSM hook needs it"},
	{CAP_DAC_OVERRIDE, "capability dac_override", true,
	 "run as root or with CAP_DAC_OVERRIDE: making a cgroup at the root of the tree needs it"},
	{CAP_SYS_PTRACE, "capability sys_ptrace", false,
	 "run as root or with CAP_SYS_PTRACE: without it records lack executables"},
};

static int probe_capabilities(struct probing *probing)
{
	cap_t own = cap_get_proc();
	int r = own ? 0 : -errno;

	for (size_t i = 0; r == 0 && i < BL_ARRAY_LEN(capabilities); i++) {
		struct bl_probe_item item = {
			.name = capabilities[i].name,
			.is_needed = capabilities[i].is_needed,
			.state = BL_PROBE_UNKNOWN,
			.remedy = capabilities[i].remedy,
		};
		cap_flag_value_t value;

		if (cap_get_flag(own, capabilities[i].value, CAP_EFFECTIVE, &value) == 0)
			item.state = value == CAP_SET ? BL_PROBE_SUPPORTED : BL_PROBE_MISSING;
		r = add_item(probing, item, NULL);
	}
	if (own)
		cap_free(own);
	return r;
}

/*
 * The path walk reads rename_lock and mount_lock, whose addresses libbpf takes from /proc/kallsyms.
 * Where they are hidden every address reads as 0, and no path could be decided.
 */
static int probe_symbols(struct probing *probing)
{
	struct bl_probe_item item = {
		.name = "kernel symbols",
		.is_needed = true,
		.state = BL_PROBE_MISSING,
		.remedy = "run as root or with CAP_SYSLOG, and: sysctl kernel.kptr_restrict=1",
	};
	bl_cleanup_fclose FILE *file = fopen(SYMBOLS_FILE, "re");
	bl_cleanup_free char *line = NULL;
	size_t size = 0;

	if (!file)
		return add_item(probing, item, "%s: %s", SYMBOLS_FILE, strerror(errno));
	while (item.state == BL_PROBE_MISSING && getline(&line, &size, file) >= 0)
		if (strtoull(line, NULL, 16) != 0)
			item.state = BL_PROBE_SUPPORTED;
	return add_item(probing, item, "%s%s", SYMBOLS_FILE,
			item.state == BL_PROBE_MISSING ? " hides the addresses" : "");
}

/* kernel_lockdown(7): in confidentiality mode no program may read the kernel's memory. */
static int probe_lockdown(struct probing *probing)
{
	struct bl_probe_item item = {
		.name = "lockdown",
		.is_needed = true,
		.state = BL_PROBE_SUPPORTED,
		.remedy =
			"boot with lockdown=integrity or less: confidentiality forbids the programs to "
			"read what they decide about",
	};
	char modes[128];
	int r = read_line(LOCKDOWN_FILE, modes, sizeof(modes));

	if (r < 0)
		return 0; /* a kernel without it cannot be in that mode */
	if (strstr(modes, "[confidentiality]"))
		item.state = BL_PROBE_MISSING;
	return add_item(probing, item, "%s", modes);
}

static const struct {
	const char *name;
	const char *remedy;
} options[] = {
	{"CONFIG_BPF_SYSCALL", "boot a kernel built with CONFIG_BPF_SYSCALL=y"},
	{"CONFIG_BPF_LSM", "boot a kernel built with CONFIG_BPF_LSM=y"},
	{"CONFIG_BPF_JIT",
	 "boot a kernel built with CONFIG_BPF_JIT=y: LSM programs attach through it"},
	{"CONFIG_DEBUG_INFO_BTF", "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y"},
	{"CONFIG_CGROUPS", "boot a kernel built with CONFIG_CGROUPS=y"},
	{"CONFIG_SECURITY_PATH", "boot a kernel built with CONFIG_SECURITY_PATH=y"},
	{"CONFIG_SECCOMP_FILTER",
	 "boot a kernel built with CONFIG_SECCOMP_FILTER=y, or set 'sandbox = no' in bailiff.ini"},
	{"CONFIG_SECURITY_NETWORK", "boot a kernel built with CONFIG_SECURITY_NETWORK=y"},
};

/*
 * The text of /boot/config-RELEASE is what distributions install; what it says is a hint, not
 * proof.
 */
static int probe_options(struct probing *probing)
{
	bool is_set[BL_ARRAY_LEN(options)] = {false};
	bl_cleanup_fclose FILE *file = NULL;
	bl_cleanup_free char *line = NULL;
	struct utsname name;
	char path[sizeof(name.release) + 32];
	size_t size = 0;
	int r = 0;

	if (uname(&name) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/boot/config-%s", name.release);
	file = fopen(path, "re");
	while (file && getline(&line, &size, file) >= 0) {
		for (size_t i = 0; i < BL_ARRAY_LEN(options); i++) {
			size_t len = strlen(options[i].name);

			if (strncmp(line, options[i].name, len) == 0 && line[len] == '=')
				is_set[i] = line[len + 1] == 'y';
		}
	}
	if (!file)
		return add_item(
			probing,
			(struct bl_probe_item){
				.name = "kernel config",
				.state = BL_PROBE_UNKNOWN,
				.remedy =
					"install the kernel's config file to have its options checked",
			},
			"%s: %s", path, strerror(errno));
	for (size_t i = 0; r == 0 && i < BL_ARRAY_LEN(options); i++) {
		struct bl_probe_item item = {.name = options[i].name, .remedy = options[i].remedy};

		item.state = is_set[i] ? BL_PROBE_SUPPORTED : BL_PROBE_MISSING;
		r = add_item(probing, item, "%s", path);
	}
	return r;
}

#define NEEDS_LSM  "needs CONFIG_BPF_LSM=y"
#define NEEDS_NET  "needs CONFIG_BPF_LSM=y and CONFIG_SECURITY_NETWORK=y"
#define NEEDS_PATH "needs CONFIG_BPF_LSM=y and CONFIG_SECURITY_PATH=y"

#define HOOK(hook, remedy)       {"hook " #hook, "bpf_lsm_" #hook, BTF_KIND_FUNC, true, remedy}
#define SPARE_HOOK(hook, remedy) {"hook " #hook, "bpf_lsm_" #hook, BTF_KIND_FUNC, false, remedy}

/*
 * What the programs attach to, and under which type and name the kernel's BTF has it. A unit test
 * holds it against the programs' sections. Where a hook that is not needed is missing, the kernel
 * calls another of these for the same operation, or has not got what it is for.
 */
static const struct {
	const char *name;
	const char *btf_name;
	unsigned kind;
	bool is_needed;
	const char *remedy;
} hooks[] = {
	HOOK(bprm_check_security, NEEDS_LSM),
	HOOK(mmap_file, NEEDS_LSM),
	HOOK(file_mprotect, NEEDS_LSM),
	HOOK(file_open, NEEDS_LSM),
	HOOK(file_receive, NEEDS_LSM),
	HOOK(path_truncate, NEEDS_PATH),
	SPARE_HOOK(file_truncate, "comes with Linux 6.2"),
	HOOK(path_mknod, NEEDS_PATH),
	HOOK(path_mkdir, NEEDS_PATH),
	HOOK(path_symlink, NEEDS_PATH),
	HOOK(path_unlink, NEEDS_PATH),
	HOOK(path_rmdir, NEEDS_PATH),
	HOOK(path_link, NEEDS_PATH),
	HOOK(path_rename, NEEDS_PATH),
	HOOK(path_chmod, NEEDS_PATH),
	HOOK(path_chown, NEEDS_PATH),
	HOOK(file_ioctl, NEEDS_LSM),
	SPARE_HOOK(file_ioctl_compat, "comes with Linux 6.8"),
	HOOK(inode_setattr, NEEDS_LSM),
	HOOK(inode_setxattr, NEEDS_LSM),
	HOOK(inode_removexattr, NEEDS_LSM),
	SPARE_HOOK(inode_set_acl, "comes with Linux 6.2"),
	SPARE_HOOK(inode_remove_acl, "comes with Linux 6.2"),
	HOOK(uring_override_creds, "needs CONFIG_BPF_LSM=y and CONFIG_IO_URING=y"),
	HOOK(sb_mount, NEEDS_LSM),
	HOOK(move_mount, NEEDS_LSM),
	HOOK(sb_pivotroot, NEEDS_LSM),
	HOOK(sb_kern_mount, NEEDS_LSM),
	HOOK(socket_create, NEEDS_NET),
	HOOK(socket_bind, NEEDS_NET),
	HOOK(socket_listen, NEEDS_NET),
	HOOK(socket_accept, NEEDS_NET),
	HOOK(socket_connect, NEEDS_NET),
	HOOK(socket_sendmsg, NEEDS_NET),
	HOOK(sctp_bind_connect, NEEDS_NET),
	HOOK(task_alloc, NEEDS_LSM),
	HOOK(unix_stream_connect, NEEDS_NET),
	HOOK(unix_may_send, NEEDS_NET),
	HOOK(ptrace_access_check, NEEDS_LSM),
	HOOK(ptrace_traceme, NEEDS_LSM),
	HOOK(task_kill, NEEDS_LSM),
	HOOK(file_set_fowner, NEEDS_LSM),
	HOOK(file_send_sigiotask, NEEDS_LSM),
	HOOK(capable, NEEDS_LSM),
	HOOK(sb_umount, NEEDS_LSM),
	HOOK(userns_create, "comes with Linux 6.1"),
	HOOK(path_chroot, NEEDS_PATH),
	HOOK(bpf, NEEDS_LSM),
	HOOK(bpf_map, NEEDS_LSM),
	HOOK(bpf_prog, NEEDS_LSM),
	SPARE_HOOK(bpf_map_free_security, "was called so until Linux 6.8"),
	SPARE_HOOK(bpf_map_free, "is called so since Linux 6.9"),
	HOOK(locked_down, NEEDS_LSM),
	HOOK(task_setrlimit, NEEDS_LSM),
	HOOK(task_setscheduler, NEEDS_LSM),
	HOOK(task_setnice, NEEDS_LSM),
	SPARE_HOOK(perf_event_open, "needs CONFIG_PERF_EVENTS=y"),
	HOOK(kernel_module_request, NEEDS_LSM),
	HOOK(kernel_read_file, NEEDS_LSM),
	HOOK(kernel_load_data, NEEDS_LSM),
	SPARE_HOOK(key_alloc, "needs CONFIG_KEYS=y"),
	SPARE_HOOK(key_permission, "needs CONFIG_KEYS=y"),
	HOOK(inode_init_security_anon, NEEDS_LSM),
	HOOK(settime, NEEDS_LSM),
	HOOK(syslog, NEEDS_LSM),
	HOOK(quotactl, NEEDS_LSM),
	HOOK(quota_on, NEEDS_LSM),
	{"tracepoint cgroup_mkdir", "btf_trace_cgroup_mkdir", BTF_KIND_TYPEDEF, true,
	 "needs CONFIG_CGROUPS=y and CONFIG_TRACEPOINTS=y"},
	{"iterator task", "bpf_iter_task", BTF_KIND_FUNC, true, "needs CONFIG_BPF_SYSCALL=y"},
};

static bool has_hook(const struct btf *btf, const char *hook)
{
	char name[64];

	snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

static const char *find_missing(const struct btf *btf, const struct bl_facility *facility)
{
	for (size_t i = 0; i < BL_FACILITY_HOOKS_MAX && facility->hooks[i]; i++)
		if (!has_hook(btf, facility->hooks[i]))
			return facility->hooks[i];
	return NULL;
}

/* Nothing needs one of these but the policies that restrict it. */
static int probe_facilities(struct probing *probing, const struct btf *btf)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < BL_FACILITY_COUNT; i++) {
		struct bl_probe_item item = {
			.name = bl_facilities[i].name,
			.state = BL_PROBE_UNKNOWN,
			.remedy = bl_facilities[i].remedy,
		};
		const char *missing = btf ? find_missing(btf, &bl_facilities[i]) : NULL;

		if (btf)
			item.state = missing ? BL_PROBE_MISSING : BL_PROBE_SUPPORTED;
		r = missing ? add_item(probing, item, "no hook %s", missing)
			    : add_item(probing, item, NULL);
	}
	return r;
}

int bl_probe_check_policies(const struct bl_policies *policies, enum bl_severity severity,
			    struct bl_diags *diags)
{
	const char *missing[BL_FACILITY_COUNT];
	struct btf *btf;

	if (!bl_facilities_are_mediated(policies))
		return 0;
	if (access(BTF_FILE, R_OK) < 0)
		return -errno;
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return -errno;
	for (size_t i = 0; i < BL_FACILITY_COUNT; i++)
		missing[i] = find_missing(btf, &bl_facilities[i]);
	btf__free(btf);
	bl_facilities_check(policies, missing, severity, diags);
	return 0;
}

static int probe_hooks(struct probing *probing)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int r = 0;

	for (size_t i = 0; r == 0 && i < BL_ARRAY_LEN(hooks); i++) {
		struct bl_probe_item item = {
			.name = hooks[i].name,
			.is_needed = hooks[i].is_needed,
			.state = BL_PROBE_UNKNOWN,
			.remedy = hooks[i].remedy,
		};

		if (btf)
			item.state =
				btf__find_by_name_kind(btf, hooks[i].btf_name, hooks[i].kind) > 0
					? BL_PROBE_SUPPORTED
					: BL_PROBE_MISSING;
		r = add_item(probing, item, NULL);
	}
	if (r == 0)
		r = probe_facilities(probing, btf);
	btf__free(btf);
	return r;
}

int bl_probe_run(const char *pin_dir, const char *cgroup_root, bool is_deep,
		 struct bl_probe *ret_probe)
{
	static int (*const probes[])(struct probing *) = {
		probe_kernel,   probe_lsm,     probe_landlock,     probe_btf,
		probe_bpffs,    probe_cgroup2, probe_capabilities, probe_symbols,
		probe_lockdown, probe_options, probe_hooks,
	};
	size_t count = is_deep ? BL_ARRAY_LEN(probes) : BL_ARRAY_LEN(probes) - 1;
	struct probing probing = {.pin_dir = pin_dir, .cgroup_root = cgroup_root};

	for (size_t i = 0; i < count; i++) {
		int r = probes[i](&probing);

		if (r < 0) {
			bl_probe_fini(&probing.probe);
			return r;
		}
	}
	*ret_probe = probing.probe;
	return 0;
}
