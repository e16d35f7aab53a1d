// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "enforcer/util.h"

/* The skeleton casts const away. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "bpf/kernel.skel.h"
#pragma GCC diagnostic pop

/* Programs that are not attached but run by the daemon. */
enum program { PROGRAM_ENROLL, PROGRAM_TASK_LABELS, PROGRAM_COUNT };

static const char *const program_names[] = {
	[PROGRAM_ENROLL] = "bl_enroll",
	[PROGRAM_TASK_LABELS] = "bl_task_labels",
};
_Static_assert(BL_ARRAY_LEN(program_names) == PROGRAM_COUNT, "a name for every program");

struct bl_sensor {
	int maps[BL_MAP_COUNT];
	int programs[PROGRAM_COUNT];
	int iterator_link;
	/* mapped */
	volatile struct bl_state *state;
	volatile struct bl_guard *guard;
	volatile uint8_t *bound;
};

/* The map's name in the object, which is also the file it is pinned as. */
static const char *const map_names[] = {
	[BL_MAP_STATE] = ".data.state",
	[BL_MAP_BOUND] = ".data.bound",
	[BL_MAP_GUARD] = ".data.guard",
	[BL_MAP_ENGINE_OBJECTS] = "engine_objects",
	[BL_MAP_PROFILES] = "profiles",
	[BL_MAP_TABLES] = "tables",
	[BL_MAP_BINDINGS] = "bindings",
	[BL_MAP_RULE_COUNTERS] = "rule_counters",
	[BL_MAP_CONTAINER_COUNTERS] = "containers",
	[BL_MAP_EVENTS] = "events",
};
_Static_assert(BL_ARRAY_LEN(map_names) == BL_MAP_COUNT, "a name for every map");

#define BOUND_BYTES ((size_t)2 * BL_BOUND_CGROUPS)
#define DATA        ".data."

/* bpffs refuses names with a dot. */
static const char *pin_name(enum bl_map map)
{
	const char *name = map_names[map];

	return strncmp(name, DATA, strlen(DATA)) == 0 ? name + strlen(DATA) : name;
}

static int join(char path[PATH_MAX], const char *dir, const char *sub, const char *name)
{
	int n = snprintf(path, PATH_MAX, "%s%s%s%s%s", dir, *sub ? "/" : "", sub, *name ? "/" : "",
			 name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static struct bl_sensor *sensor_new(void)
{
	struct bl_sensor *sensor = calloc(1, sizeof(*sensor));

	if (!sensor)
		return NULL;
	for (size_t i = 0; i < BL_MAP_COUNT; i++)
		sensor->maps[i] = -1;
	for (size_t i = 0; i < PROGRAM_COUNT; i++)
		sensor->programs[i] = -1;
	sensor->iterator_link = -1;
	return sensor;
}

/* Whole pages, as the kernel has them. */
static size_t mapped_bytes(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

static void unmap(volatile void *memory, size_t bytes)
{
	if (memory)
		munmap((void *)(uintptr_t)memory, mapped_bytes(bytes));
}

static void unmap_state(volatile struct bl_state **state)
{
	unmap(*state, sizeof(**state));
}

void bl_sensor_free(struct bl_sensor *sensor)
{
	if (!sensor)
		return;
	unmap_state(&sensor->state);
	unmap(sensor->guard, sizeof(*sensor->guard));
	unmap(sensor->bound, BOUND_BYTES);
	for (size_t i = 0; i < BL_MAP_COUNT; i++)
		bl_close_fd(&sensor->maps[i]);
	for (size_t i = 0; i < PROGRAM_COUNT; i++)
		bl_close_fd(&sensor->programs[i]);
	bl_close_fd(&sensor->iterator_link);
	free(sensor);
}

static void sensor_free_pointer(struct bl_sensor **sensor)
{
	bl_sensor_free(*sensor);
}

static void kernel_destroy_pointer(struct bl_kernel **kernel)
{
	bl_kernel__destroy(*kernel);
}

/* --- what programs and maps these are --- */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/*
 * Names the object this binary carries. A directory of that name marks what is pinned, so that a
 * daemon of another build does not take over programs it does not know.
 */
static uint64_t object_id(void)
{
	size_t len;
	const void *bytes = bl_kernel__elf_bytes(&len);
	uint32_t version = BL_ABI_VERSION;

	return hash_bytes(hash_bytes(UINT64_C(0xcbf29ce484222325), &version, sizeof(version)),
			  bytes, len);
}

static void object_name(char name[32])
{
	snprintf(name, 32, "object-%016llx", (unsigned long long)object_id());
}

/* --- taking over --- */

static int map_memory(int map_fd, size_t bytes, void **ret_memory)
{
	void *memory = mmap(NULL, mapped_bytes(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, map_fd,
			    0);

	if (memory == MAP_FAILED)
		return -errno;
	*ret_memory = memory;
	return 0;
}

static int map_state(int map_fd, volatile struct bl_state **ret_state)
{
	void *memory = NULL;
	int r = map_memory(map_fd, sizeof(**ret_state), &memory);

	if (r == 0)
		*ret_state = memory;
	return r;
}

static int map_all(struct bl_sensor *sensor)
{
	void *memory = NULL;
	int r = map_memory(sensor->maps[BL_MAP_BOUND], BOUND_BYTES, &memory);

	if (r < 0)
		return r;
	sensor->bound = memory;
	r = map_memory(sensor->maps[BL_MAP_GUARD], sizeof(*sensor->guard), &memory);
	if (r < 0)
		return r;
	sensor->guard = memory;
	return map_state(sensor->maps[BL_MAP_STATE], &sensor->state);
}

static int open_pin(const char *pin_dir, const char *sub, const char *name, int *ret_fd)
{
	char path[PATH_MAX];
	int r = join(path, pin_dir, sub, name);

	if (r < 0)
		return r;
	r = bpf_obj_get(path);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

/* Writes into engine_objects what bpf(2) calls the object a descriptor is of. */
static int register_object(int objects_fd, enum bl_object object, int fd)
{
	union {
		struct bpf_map_info map;
		struct bpf_prog_info program;
		struct bpf_link_info link;
	} info = {0};
	uint32_t len = sizeof(info);
	uint8_t one = 1;
	uint64_t key;
	int r;

	r = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (r < 0)
		return r;
	if (object == BL_OBJECT_MAP)
		key = BL_OBJECT_KEY(object, info.map.id);
	else
		key = BL_OBJECT_KEY(object, object == BL_OBJECT_LINK ? info.link.id
								     : info.program.id);
	return bpf_map_update_elem(objects_fd, &key, &one, BPF_ANY);
}

/*
 * The link of the iterator is this process' own: unlike those of hooks, it could be given another
 * program by whoever had a descriptor of it.
 */
static int open_iterator(struct bl_sensor *sensor)
{
	int fd = bpf_link_create(sensor->programs[PROGRAM_TASK_LABELS], 0, BPF_TRACE_ITER, NULL);

	if (fd < 0)
		return fd;
	sensor->iterator_link = fd;
	return register_object(sensor->maps[BL_MAP_ENGINE_OBJECTS], BL_OBJECT_LINK, fd);
}

static int open_pinned(const char *pin_dir, struct bl_sensor *sensor)
{
	int r = 0;

	for (enum bl_map map = 0; r == 0 && map < BL_MAP_COUNT; map++)
		r = open_pin(pin_dir, "maps", pin_name(map), &sensor->maps[map]);
	for (enum program program = 0; r == 0 && program < PROGRAM_COUNT; program++)
		r = open_pin(pin_dir, "progs", program_names[program], &sensor->programs[program]);
	if (r == 0)
		r = open_iterator(sensor);
	return r < 0 ? r : map_all(sensor);
}

int bl_sensor_adopt(const char *pin_dir, struct bl_sensor **ret_sensor)
{
	bl_cleanup(sensor_free_pointer) struct bl_sensor *sensor = NULL;
	char path[PATH_MAX];
	char name[32];
	int r;

	if (access(pin_dir, F_OK) < 0)
		return -errno;
	object_name(name);
	r = join(path, pin_dir, name, "");
	if (r < 0)
		return r;
	if (access(path, F_OK) < 0)
		return errno == ENOENT ? -ESTALE : -errno;

	sensor = sensor_new();
	if (!sensor)
		return -ENOMEM;
	r = open_pinned(pin_dir, sensor);
	/* A pin is missing: somebody removed a part of it. */
	if (r == -ENOENT)
		return -ESTALE;
	if (r < 0)
		return r;
	if (sensor->state->abi_version != BL_ABI_VERSION)
		return -ESTALE;
	*ret_sensor = TAKE(sensor);
	return 0;
}

/* --- loading --- */

static int set_sizes(struct bl_kernel *kernel, size_t ring_bytes)
{
	int cpus = libbpf_num_possible_cpus();
	int r;

	if (cpus < 0)
		return cpus;
	r = bpf_map__set_max_entries(kernel->maps.scratches, (uint32_t)cpus * BL_SCRATCH_PER_CPU);
	if (r < 0)
		return r;
	return bpf_map__set_max_entries(kernel->maps.events, (uint32_t)ring_bytes);
}

static const struct btf_type *find_hook(const struct btf *btf, const char *hook)
{
	char name[64];
	int n = snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	const struct btf_type *function;
	int id;

	if (n < 0 || (size_t)n >= sizeof(name))
		return NULL;
	id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
	function = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	return function ? btf__type_by_id(btf, function->type) : NULL;
}

/*
 * Hooks that not all kernels have: on others, something else is called for the same (see the
 * programs), or there is nothing that it could be called for. inode_setattr() was given an argument
 * in front by one release, and its backports.
 */
static int fit_hooks(struct bl_kernel *kernel)
{
	static const int setattr_arguments = 2;
	const struct {
		struct bpf_program *program;
		const char *hook;
	} spare[] = {
		{kernel->progs.bl_file_truncate, "file_truncate"},
		{kernel->progs.bl_file_ioctl_compat, "file_ioctl_compat"},
		{kernel->progs.bl_inode_set_acl, "inode_set_acl"},
		{kernel->progs.bl_inode_remove_acl, "inode_remove_acl"},
		{kernel->progs.bl_perf_event_open, "perf_event_open"},
		{kernel->progs.bl_bpf_map_free_security, "bpf_map_free_security"},
		{kernel->progs.bl_bpf_map_free, "bpf_map_free"},
		{kernel->progs.bl_key_alloc, "key_alloc"},
		{kernel->progs.bl_key_permission, "key_permission"},
	};
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *setattr;
	int r = 0;

	if (!btf)
		return -errno;
	for (size_t i = 0; r == 0 && i < BL_ARRAY_LEN(spare); i++)
		if (!find_hook(btf, spare[i].hook))
			r = bpf_program__set_autoload(spare[i].program, false);
	setattr = find_hook(btf, "inode_setattr");
	if (setattr)
		kernel->rodata->cfg_setattr_has_idmap = btf_vlen(setattr) > setattr_arguments;
	btf__free(btf);
	return r;
}

static int pin_maps(struct bl_kernel *kernel, const char *dir)
{
	char path[PATH_MAX];
	int r;

	for (enum bl_map map = 0; map < BL_MAP_COUNT; map++) {
		struct bpf_map *found = bpf_object__find_map_by_name(kernel->obj, map_names[map]);

		if (!found)
			return -ENOENT;
		r = join(path, dir, "maps", pin_name(map));
		if (r < 0)
			return r;
		r = bpf_map__pin(found, path);
		if (r < 0)
			return r;
	}
	return 0;
}

static int pin_links(struct bl_kernel *kernel, const char *dir)
{
	char path[PATH_MAX];
	int r;

	for (int i = 0; i < kernel->skeleton->prog_cnt; i++) {
		const struct bpf_prog_skeleton *program = &kernel->skeleton->progs[i];

		if (!*program->link)
			continue;
		r = join(path, dir, "links", program->name);
		if (r < 0)
			return r;
		r = bpf_link__pin(*program->link, path);
		if (r < 0)
			return r;
	}
	return 0;
}

static int pin_programs(struct bl_kernel *kernel, const char *dir)
{
	char path[PATH_MAX];
	int r;

	for (enum program i = 0; i < PROGRAM_COUNT; i++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(kernel->obj, program_names[i]);

		if (!program)
			return -ENOENT;
		r = join(path, dir, "progs", program_names[i]);
		if (r < 0)
			return r;
		r = bpf_program__pin(program, path);
		if (r < 0)
			return r;
	}
	return 0;
}

/* From here on the programs know which objects are theirs. */
static int register_objects(struct bl_kernel *kernel)
{
	int objects_fd = bpf_map__fd(kernel->maps.engine_objects);
	struct bpf_program *program;
	struct bpf_map *map;
	int r = 0;

	bpf_object__for_each_map(map, kernel->obj)
		if (r == 0)
			r = register_object(objects_fd, BL_OBJECT_MAP, bpf_map__fd(map));
	bpf_object__for_each_program(program, kernel->obj)
		if (r == 0 && bpf_program__fd(program) >= 0)
			r = register_object(objects_fd, BL_OBJECT_PROGRAM,
					    bpf_program__fd(program));
	for (int i = 0; r == 0 && i < kernel->skeleton->prog_cnt; i++)
		if (*kernel->skeleton->progs[i].link)
			r = register_object(objects_fd, BL_OBJECT_LINK,
					    bpf_link__fd(*kernel->skeleton->progs[i].link));
	return r;
}

static int make_dirs(const char *dir)
{
	static const char *const subs[] = {"", "maps", "progs", "links", NULL};
	char path[PATH_MAX];
	char name[32];
	int r;

	for (size_t i = 0; subs[i]; i++) {
		r = join(path, dir, subs[i], "");
		if (r < 0)
			return r;
		if (mkdir(path, 0700) < 0)
			return -errno;
	}
	object_name(name);
	r = join(path, dir, name, "");
	if (r < 0)
		return r;
	return mkdir(path, 0700) < 0 ? -errno : 0;
}

static int remove_dir(const char *dir)
{
	bl_cleanup_closedir DIR *stream = opendir(dir);
	const struct dirent *entry;
	char path[PATH_MAX];
	int r;

	if (!stream)
		return -errno;
	while ((entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		r = join(path, dir, entry->d_name, "");
		if (r < 0)
			return r;
		if (unlink(path) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return -errno;
		r = remove_dir(path);
		if (r < 0)
			return r;
	}
	return rmdir(dir) < 0 ? -errno : 0;
}

/* Links first: with the maps still there no program ever runs without its tables. */
static int remove_pins(const char *dir)
{
	char path[PATH_MAX];
	int r = join(path, dir, "links", "");

	if (r < 0)
		return r;
	r = remove_dir(path);
	if (r < 0 && r != -ENOENT)
		return r;
	return remove_dir(dir);
}

static int load_and_pin(const char *dir, size_t ring_bytes)
{
	bl_cleanup(kernel_destroy_pointer) struct bl_kernel *kernel = bl_kernel__open();
	int r;

	if (!kernel)
		return -errno;
	r = set_sizes(kernel, ring_bytes);
	if (r < 0)
		return r;
	r = fit_hooks(kernel);
	if (r < 0)
		return r;
	bpf_program__set_autoattach(kernel->progs.bl_task_labels, false);
	r = bl_kernel__load(kernel);
	if (r < 0)
		return r;
	r = bl_kernel__attach(kernel);
	if (r < 0)
		return r;
	r = register_objects(kernel);
	if (r < 0)
		return r;
	r = make_dirs(dir);
	if (r < 0)
		return r;
	r = pin_maps(kernel, dir);
	if (r < 0)
		return r;
	r = pin_programs(kernel, dir);
	if (r < 0)
		return r;
	return pin_links(kernel, dir);
}

int bl_sensor_load(const char *pin_dir, size_t ring_bytes, struct bl_sensor **ret_sensor)
{
	char fresh[PATH_MAX];
	int n = snprintf(fresh, sizeof(fresh), "%s-new", pin_dir);
	int r;

	if (n < 0 || (size_t)n >= sizeof(fresh))
		return -ENAMETOOLONG;
	if (access(pin_dir, F_OK) == 0)
		return -EEXIST;
	r = remove_pins(fresh);
	if (r < 0 && r != -ENOENT)
		return r;
	r = load_and_pin(fresh, ring_bytes);
	if (r < 0) {
		(void)!remove_pins(fresh);
		return r;
	}
	if (rename(fresh, pin_dir) < 0)
		return -errno;
	return bl_sensor_adopt(pin_dir, ret_sensor);
}

/*
 * Without a generation the programs mediate nothing. The kernel detaches a link some time after its
 * last reference is gone; what the operator asked for is true at once.
 */
static int switch_off(const char *pin_dir)
{
	bl_cleanup(unmap_state) volatile struct bl_state *state = NULL;
	bl_cleanup_close int fd = -1;
	int r = open_pin(pin_dir, "maps", pin_name(BL_MAP_STATE), &fd);

	if (r < 0)
		return r;
	r = map_state(fd, &state);
	if (r < 0)
		return r;
	state->generation = 0;
	return 0;
}

int bl_sensor_unload(const char *pin_dir)
{
	int r;

	if (access(pin_dir, F_OK) < 0)
		return -errno;
	/* Pins of which a part is missing are removed all the same. */
	r = switch_off(pin_dir);
	if (r < 0 && r != -ENOENT)
		return r;
	return remove_pins(pin_dir);
}

/* --- reading --- */

int bl_sensor_map_fd(const struct bl_sensor *sensor, enum bl_map map)
{
	return sensor->maps[map];
}

volatile struct bl_state *bl_sensor_state(struct bl_sensor *sensor)
{
	return sensor->state;
}

volatile struct bl_guard *bl_sensor_guard(struct bl_sensor *sensor)
{
	return sensor->guard;
}

int bl_sensor_enroll(const struct bl_sensor *sensor, const struct bl_enroll *request)
{
	struct bl_enroll context = *request;
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &context, .ctx_size_in = sizeof(context));
	int r = bpf_prog_test_run_opts(sensor->programs[PROGRAM_ENROLL], &options);

	return r < 0 ? r : (int)options.retval;
}

int bl_sensor_object_fd(const struct bl_sensor *sensor, enum bl_object object)
{
	const int fds[] = {
		[BL_OBJECT_MAP] = sensor->maps[BL_MAP_ENGINE_OBJECTS],
		[BL_OBJECT_PROGRAM] = sensor->programs[PROGRAM_ENROLL],
		[BL_OBJECT_LINK] = sensor->iterator_link,
	};

	return fds[object];
}

volatile uint8_t *bl_sensor_bound(struct bl_sensor *sensor, uint64_t generation)
{
	return sensor->bound + (generation & 1) * BL_BOUND_CGROUPS;
}

int bl_sensor_rule_counter(const struct bl_sensor *sensor, uint64_t rule_key,
			   struct bl_rule_counter *ret_counter)
{
	bl_cleanup_free struct bl_rule_counter *values = NULL;
	struct bl_rule_counter sum = {0};
	int cpus = libbpf_num_possible_cpus();
	int r;

	if (cpus < 0)
		return cpus;
	values = calloc((size_t)cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	r = bpf_map_lookup_elem(sensor->maps[BL_MAP_RULE_COUNTERS], &rule_key, values);
	if (r < 0 && r != -ENOENT)
		return r;
	for (int i = 0; i < cpus; i++) {
		sum.enforced += values[i].enforced;
		sum.would += values[i].would;
	}
	*ret_counter = sum;
	return 0;
}

int bl_sensor_task_labels(const struct bl_sensor *sensor, struct bl_task_label **ret_labels,
			  size_t *ret_count)
{
	bl_cleanup_free char *labels = NULL;
	bl_cleanup_close int fd = bpf_iter_create(sensor->iterator_link);
	size_t used = 0;
	size_t size = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t n;

		if (size - used < 4096) {
			char *more = realloc(labels, size + 65536);

			if (!more)
				return -ENOMEM;
			labels = more;
			size += 65536;
		}
		n = read(fd, labels + used, size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	*ret_count = used / sizeof(struct bl_task_label);
	*ret_labels = (struct bl_task_label *)(void *)TAKE(labels);
	return 0;
}
