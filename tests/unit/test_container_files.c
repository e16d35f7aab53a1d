// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_files.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "enforcer/container_json.h"
#include "enforcer/oci.h"
#include "enforcer/util.h"
#include "tests/unit/scratch.h"

#define HASH  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define STORAGE "/var/lib/containers/storage/overlay-containers"
#define BUNDLE  STORAGE "/" HASH "/userdata/config.json"
#define DOCKER  "/var/lib/docker/containers/" HASH "/config.v2.json"
#define TASK    "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" HASH "/config.json"
#define CRIO    "/run/containers/storage/overlay-containers/" HASH "/userdata/config.json"
#define MACHINE "/run/systemd/machines/box"

static int set_up(void **state)
{
	static struct scratch scratch;

	*state = &scratch;
	return scratch_make(&scratch, "x");
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static void write_file(const struct scratch *scratch, const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", scratch->dir, path);
	for (char *at = whole + strlen(scratch->dir) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		(void)mkdir(whole, 0700);
		*at = '/';
	}
	file = fopen(whole, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct bl_container_place place_of(const char *cgroup)
{
	struct bl_container_place place;
	size_t at = 0;

	assert_true(bl_container_place_read(cgroup, &at, &place));
	return place;
}

static int read_at(const struct scratch *scratch, const char *cgroup, struct bl_container *ret)
{
	struct bl_container_place place = place_of(cgroup);

	*ret = (struct bl_container){0};
	return bl_container_read(scratch->dir, &place, ret);
}

/* As records show it. */
static void assert_container(const struct scratch *scratch, const char *cgroup, const char *json)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	struct bl_container container;
	int r = read_at(scratch, cgroup, &container);

	if (r < 0)
		fail_msg("%s: %s", cgroup, strerror(-r));
	assert_true(bl_json_add_container(object, &container));
	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		json);
	bl_container_fini(&container);
}

static void assert_unread(const struct scratch *scratch, const char *cgroup, int error)
{
	struct bl_container container;

	assert_int_equal(read_at(scratch, cgroup, &container), error);
	/* Its runtime and id are known whatever the files say. */
	assert_non_null(container.runtime);
	assert_non_null(container.id);
	bl_container_fini(&container);
}

#define LIBPOD "/machine.slice/libpod-" HASH ".scope"

static void test_podman(void **state)
{
	write_file(
		*state, STORAGE "/containers.json",
		"[{\"id\":\"" OTHER "\",\"names\":[\"other\"],\"metadata\":\"{}\"},"
		"{\"id\":\"" HASH "\",\"names\":[\"web-1\",\"alias\"],\"image\":\"d2c94e258dcb\","
		"\"layer\":\"4ad5\",\"metadata\":\"{\\\"image-name\\\":\\\"docker.io/library/nginx:1.25\\\","
		"\\\"image-id\\\":\\\"d2c9\\\",\\\"name\\\":\\\"web-1\\\",\\\"created-at\\\":1700000000}\","
		"\"created\":\"2026-01-01T00:00:00Z\",\"flags\":{\"MountLabel\":\"\"}}]");
	write_file(*state, BUNDLE,
		   "{\"ociVersion\":\"1.0.2-dev\",\"hostname\":\"0123456789ab\",\"annotations\":{"
		   "\"io.container.manager\":\"libpod\",\"tier\":\"front\","
		   "\"org.opencontainers.image.stopSignal\":\"3\"}}");
	assert_container(
		*state, LIBPOD,
		"{\"runtime\":\"podman\",\"runtime_id\":\"" HASH "\",\"name\":\"web-1\","
		"\"image\":\"docker.io/library/nginx:1.25\","
		"\"labels\":{\"tier\":\"front\",\"org.opencontainers.image.stopSignal\":\"3\"}}");
}

static void test_podman_of_one_run_only(void **state)
{
	write_file(*state, STORAGE "/containers.json", "[]");
	write_file(*state, STORAGE "/volatile-containers.json",
		   "[{\"id\":\"" HASH "\",\"names\":[\"once\"],\"metadata\":\"\"}]");
	write_file(*state, BUNDLE, "{}");
	assert_container(*state, LIBPOD,
			 "{\"runtime\":\"podman\",\"runtime_id\":\"" HASH "\",\"name\":\"once\"}");
}

static void test_podman_not_there_yet(void **state)
{
	assert_unread(*state, LIBPOD, -ENOENT);
	write_file(*state, STORAGE "/containers.json",
		   "[{\"id\":\"" HASH "\",\"names\":[\"web\"]}]");
	assert_unread(*state, LIBPOD, -ENOENT);
}

static void test_docker(void **state)
{
	write_file(*state, DOCKER,
		   "{\"ID\":\"" HASH "\",\"Name\":\"/shop_web_1\",\"Driver\":\"overlay2\","
		   "\"Image\":\"sha256:abc\",\"Config\":{\"Hostname\":\"0123456789ab\","
		   "\"Image\":\"nginx:1.25\",\"Labels\":{\"com.docker.compose.project\":\"shop\"}},"
		   "\"State\":{\"Running\":true}}");
	assert_container(
		*state, "/system.slice/docker-" HASH ".scope",
		"{\"runtime\":\"docker\",\"runtime_id\":\"" HASH "\",\"name\":\"shop_web_1\","
		"\"image\":\"nginx:1.25\",\"labels\":{\"com.docker.compose.project\":\"shop\"}}");

	write_file(
		*state, DOCKER,
		"{\"Name\":\"/k8s_api\",\"Config\":{\"Image\":\"api:1\",\"Labels\":{"
		"\"io.kubernetes.pod.name\":\"api-0\",\"io.kubernetes.pod.namespace\":\"prod\"}}}");
	assert_container(
		*state, "/docker/" HASH,
		"{\"runtime\":\"docker\",\"runtime_id\":\"" HASH "\",\"name\":\"k8s_api\","
		"\"image\":\"api:1\",\"pod\":\"api-0\",\"namespace\":\"prod\",\"labels\":{"
		"\"io.kubernetes.pod.name\":\"api-0\",\"io.kubernetes.pod.namespace\":\"prod\"}}");
}

static void test_containerd(void **state)
{
	write_file(
		*state, TASK,
		"{\"ociVersion\":\"1.1.0\",\"annotations\":{"
		"\"io.kubernetes.cri.container-name\":\"api\",\"io.kubernetes.cri.container-type\":\"container\","
		"\"io.kubernetes.cri.image-name\":\"ghcr.io/api:3\",\"io.kubernetes.cri.sandbox-name\":\"api-0\","
		"\"io.kubernetes.cri.sandbox-namespace\":\"prod\"}}");
	assert_container(*state, "/kubepods.slice/cri-containerd-" HASH ".scope",
			 "{\"runtime\":\"containerd\",\"runtime_id\":\"" HASH "\",\"name\":\"api\","
			 "\"image\":\"ghcr.io/api:3\",\"pod\":\"api-0\",\"namespace\":\"prod\"}");

	write_file(*state, "/run/containerd/io.containerd.runtime.v2.task/default/web/config.json",
		   "{\"annotations\":{\"owner\":\"ops\"}}");
	assert_container(
		*state, "/default/web",
		"{\"runtime\":\"containerd\",\"runtime_id\":\"web\",\"namespace\":\"default\","
		"\"labels\":{\"owner\":\"ops\"}}");
	assert_unread(*state, "/default/none", -ENOENT);
}

static void test_crio(void **state)
{
	static const char text[] =
		"{\"annotations\":{\"io.container.manager\":\"cri-o\","
		"\"io.kubernetes.container.name\":\"job\",\"io.kubernetes.pod.name\":\"batch-7\","
		"\"io.kubernetes.pod.namespace\":\"prod\",\"io.kubernetes.cri-o.ImageName\":\"quay.io/job:1\","
		"\"io.kubernetes.cri-o.Labels\":\"{\\\"app\\\":\\\"batch\\\"}\"}}";
	static const char json[] =
		"{\"runtime\":\"cri-o\",\"runtime_id\":\"" HASH "\",\"name\":\"job\","
		"\"image\":\"quay.io/job:1\",\"pod\":\"batch-7\",\"namespace\":\"prod\",\"labels\":{"
		"\"io.kubernetes.container.name\":\"job\",\"io.kubernetes.pod.name\":\"batch-7\","
		"\"io.kubernetes.pod.namespace\":\"prod\",\"app\":\"batch\"}}";

	write_file(*state, BUNDLE, text);
	assert_container(*state, "/kubepods.slice/crio-" HASH ".scope", json);
	write_file(*state, BUNDLE, "{}");
	write_file(*state, CRIO, text);
	assert_container(*state, "/kubepods.slice/crio-" HASH ".scope", json);
}

static void test_machines(void **state)
{
	write_file(*state, MACHINE, "NAME=box\nCLASS=container\nSERVICE=systemd-nspawn\n");
	assert_container(*state, "/machine.slice/machine-box.scope",
			 "{\"runtime\":\"nspawn\",\"runtime_id\":\"box\",\"name\":\"box\"}");
	write_file(*state, MACHINE, "NAME=box\nCLASS=vm\n");
	assert_unread(*state, "/machine.slice/machine-box.scope", -EMEDIUMTYPE);
	assert_unread(*state, "/machine.slice/machine-other.scope", -ENOENT);
	assert_container(*state, "/lxc.payload.guest",
			 "{\"runtime\":\"lxc\",\"runtime_id\":\"guest\",\"name\":\"guest\"}");
}

/* Files that are none of what they should be. */
static void test_hostile_files_refused(void **state)
{
	static const struct {
		const char *path;
		const char *text;
		const char *cgroup;
		int error;
	} cases[] = {
		{DOCKER, "", "/docker/" HASH, -EINVAL},
		{DOCKER, "[]", "/docker/" HASH, -EINVAL},
		{DOCKER, "{\"Name\":\"/x\"", "/docker/" HASH, -EINVAL},
		{DOCKER, "{\"Config\":{\"Labels\":{\"a\":1}}}", "/docker/" HASH, -EINVAL},
		{DOCKER, "{\"Name\":\"\xff\"}", "/docker/" HASH, -EINVAL},
		{TASK, "{\"annotations\":[]}", "/kubepods.slice/cri-containerd-" HASH ".scope",
		 -EINVAL},
		{TASK, "{\"annotations\":{\"a\":{}}}",
		 "/kubepods.slice/cri-containerd-" HASH ".scope", -EINVAL},
		{STORAGE "/containers.json", "{}", LIBPOD, -EINVAL},
		{STORAGE "/containers.json", "[", LIBPOD, -EINVAL},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		write_file(*state, cases[i].path, cases[i].text);
		assert_unread(*state, cases[i].cgroup, cases[i].error);
	}
}

static void test_odd_files_tell_nothing(void **state)
{
	write_file(*state, BUNDLE, "{}");
	write_file(*state, STORAGE "/containers.json",
		   "[1,null,\"x\",{},{\"id\":7},{\"id\":\"" HASH
		   "\",\"names\":[null],\"metadata\":\"{\"}]");
	assert_container(*state, LIBPOD, "{\"runtime\":\"podman\",\"runtime_id\":\"" HASH "\"}");
	write_file(*state, DOCKER, "{\"Name\":7,\"Config\":{\"Image\":[],\"Labels\":null}}");
	assert_container(*state, "/docker/" HASH,
			 "{\"runtime\":\"docker\",\"runtime_id\":\"" HASH "\"}");
}

static void test_large_files_refused(void **state)
{
	bl_cleanup_free char *text = malloc(BL_OCI_CONFIG_MAX + 2);

	assert_non_null(text);
	memset(text, ' ', BL_OCI_CONFIG_MAX + 1);
	text[BL_OCI_CONFIG_MAX + 1] = '\0';
	text[0] = '{';
	text[BL_OCI_CONFIG_MAX] = '}';
	write_file(*state, DOCKER, text);
	assert_unread(*state, "/docker/" HASH, -EFBIG);
	write_file(*state, TASK, text);
	assert_unread(*state, "/kubepods.slice/cri-containerd-" HASH ".scope", -EFBIG);
}

static void test_labels_shown_are_bounded(void **state)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	struct json_object *labels;
	char value[1000];
	char key[32];

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "key-%d", i);
		assert_int_equal(bl_container_add_label(&container, key, value), 0);
	}
	assert_true(bl_json_add_container(object, &container));
	labels = bl_json_get(object, "labels", json_type_object);
	assert_int_equal(json_object_object_length(labels), BL_LABELS_SHOWN_MAX);
	assert_int_equal(strlen(bl_json_get_string(labels, "key-0")), BL_LABEL_SHOWN_BYTES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_podman),
		TEST(test_podman_of_one_run_only),
		TEST(test_podman_not_there_yet),
		TEST(test_docker),
		TEST(test_containerd),
		TEST(test_crio),
		TEST(test_machines),
		TEST(test_hostile_files_refused),
		TEST(test_odd_files_tell_nothing),
		TEST(test_large_files_refused),
		TEST(test_labels_shown_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
