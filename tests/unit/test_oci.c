// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/oci.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

#define ID64  "1f0e6ab3fb1a4b4f9c3a7d7dcb1c2d1c4f2a5a90a7b1b6c5d4e3f2a1b0c9d8e7"
#define TASKS "/run/containerd/io.containerd.runtime.v2.task/"

/* What the runtimes write, but for the members that nobody reads here. */
static const char podman[] =
	"{\"ociVersion\":\"1.0.2-dev\",\"hostname\":\"1f0e6ab3fb1a\",\"annotations\":{"
	"\"io.container.manager\":\"libpod\","
	"\"io.kubernetes.cri-o.Created\":\"2026-11-22T10:00:00.000000000Z\","
	"\"io.kubernetes.cri-o.TTY\":\"false\","
	"\"io.podman.annotations.autoremove\":\"FALSE\","
	"\"io.podman.annotations.init\":\"FALSE\","
	"\"io.podman.annotations.privileged\":\"FALSE\","
	"\"org.opencontainers.image.stopSignal\":\"15\"}}";

static const char crio[] =
	"{\"ociVersion\":\"1.0.2-dev\",\"hostname\":\"web-7d4b9\",\"annotations\":{"
	"\"io.container.manager\":\"cri-o\","
	"\"io.kubernetes.container.name\":\"nginx\","
	"\"io.kubernetes.cri-o.ContainerID\":\"" ID64 "\","
	"\"io.kubernetes.cri-o.ContainerType\":\"container\","
	"\"io.kubernetes.cri-o.Image\":\"sha256:0f2d\","
	"\"io.kubernetes.cri-o.ImageName\":\"docker.io/library/nginx:1.25\","
	"\"io.kubernetes.cri-o.KubeName\":\"web-7d4b9\","
	"\"io.kubernetes.cri-o.Labels\":\"{\\\"app\\\":\\\"web\\\",\\\"tier\\\":\\\"front\\\"}\","
	"\"io.kubernetes.cri-o.Name\":\"k8s_nginx_web-7d4b9_shop_0f1d_0\","
	"\"io.kubernetes.cri-o.Namespace\":\"shop\","
	"\"io.kubernetes.pod.name\":\"web-7d4b9\","
	"\"io.kubernetes.pod.namespace\":\"shop\"}}";

static const char containerd_cri[] =
	"{\"ociVersion\":\"1.1.0\",\"annotations\":{"
	"\"io.kubernetes.cri.container-name\":\"nginx\","
	"\"io.kubernetes.cri.container-type\":\"container\","
	"\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1.25\","
	"\"io.kubernetes.cri.sandbox-id\":\"9a8b\","
	"\"io.kubernetes.cri.sandbox-name\":\"web-7d4b9\","
	"\"io.kubernetes.cri.sandbox-namespace\":\"shop\","
	"\"io.kubernetes.cri.sandbox-uid\":\"0f1d\"}}";

static const char sandbox[] =
	"{\"ociVersion\":\"1.1.0\",\"hostname\":\"web-7d4b9\",\"annotations\":{"
	"\"io.kubernetes.cri.container-type\":\"sandbox\","
	"\"io.kubernetes.cri.podsandbox.image-name\":\"registry.k8s.io/pause:3.9\","
	"\"io.kubernetes.cri.sandbox-name\":\"web-7d4b9\","
	"\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}";

static const char nerdctl[] =
	"{\"ociVersion\":\"1.1.0\",\"hostname\":\"be4addd26f05\",\"annotations\":{"
	"\"io.containerd.image.config.stop-signal\":\"SIGQUIT\","
	"\"nerdctl/hostname\":\"be4addd26f05\",\"nerdctl/name\":\"web-1\","
	"\"nerdctl/namespace\":\"default\"}}";

static const char docker[] =
	"{\"ociVersion\":\"1.1.0\",\"hostname\":\"web-1\",\"root\":{\"path\":\"/var/lib/docker/x\"},"
	"\"linux\":{\"cgroupsPath\":\"/docker/" ID64 "\"}}";

struct expected {
	const char *text;
	const char *bundle;
	const char *id;
	const char *name;
	const char *image;
	const char *pod;
	const char *namespace;
	const char *runtime;
	size_t labels;
};

static void assert_is(const char *actual, const char *expected)
{
	if (expected)
		assert_string_equal(actual ? actual : "(null)", expected);
	else
		assert_null(actual);
}

static void test_bundles_of_runtimes_are_understood(void **state)
{
	static const char nginx[] = "docker.io/library/nginx:1.25";
	static const struct expected cases[] = {
		{podman, "/var/lib/containers/storage/overlay-containers/" ID64 "/userdata", NULL,
		 "1f0e6ab3fb1a", NULL, NULL, NULL, "podman", 7},
		{crio, "/run/containers/storage/overlay-containers/" ID64 "/userdata", ID64,
		 "nginx", nginx, "web-7d4b9", "shop", "cri-o", 14},
		{containerd_cri, TASKS "k8s.io/" ID64, ID64, "nginx", nginx, "web-7d4b9", "shop",
		 "containerd", 7},
		{sandbox, TASKS "k8s.io/" ID64, ID64, "web-7d4b9", "registry.k8s.io/pause:3.9",
		 "web-7d4b9", "shop", "containerd", 4},
		{nerdctl, TASKS "default/be4addd26f05aa", "be4addd26f05aa", "web-1", NULL, NULL,
		 "default", "containerd", 4},
		{docker, TASKS "moby/" ID64, ID64, "web-1", NULL, NULL, NULL, "docker", 0},
		{docker, "/var/run/docker/bundle", NULL, "web-1", NULL, NULL, NULL, "oci", 0},
		{"{}", TASKS "default/web", "web", NULL, NULL, NULL, "default", "containerd", 0},
		{"{}", TASKS "default/", NULL, NULL, NULL, NULL, NULL, "oci", 0},
		{"{}", TASKS "default/web/more", NULL, NULL, NULL, NULL, NULL, "oci", 0},
		{" {}\n", NULL, NULL, NULL, NULL, NULL, NULL, "oci", 0},
		{"{\"hostname\":\"\",\"annotations\":{\"nerdctl/name\":\"\"}}", NULL, NULL, NULL,
		 NULL, NULL, NULL, "oci", 1},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		bl_cleanup(bl_container_fini) struct bl_container container = {0};

		assert_int_equal(bl_oci_read_config(cases[i].text, strlen(cases[i].text),
						    cases[i].bundle, &container),
				 0);
		assert_is(container.id, cases[i].id);
		assert_is(container.name, cases[i].name);
		assert_is(container.image, cases[i].image);
		assert_is(container.pod, cases[i].pod);
		assert_is(container.namespace, cases[i].namespace);
		assert_is(container.runtime, cases[i].runtime);
		assert_int_equal(container.label_count, cases[i].labels);
	}
}

static const char *label(const struct bl_container *container, const char *key)
{
	for (size_t i = 0; i < container->label_count; i++)
		if (strcmp(container->labels[i].key, key) == 0)
			return container->labels[i].value;
	return NULL;
}

static void test_annotations_and_labels_of_crio_are_labels(void **state)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};

	assert_int_equal(bl_oci_read_config(crio, strlen(crio), NULL, &container), 0);
	assert_string_equal(label(&container, "tier"), "front");
	assert_string_equal(label(&container, "app"), "web");
	assert_string_equal(label(&container, "io.container.manager"), "cri-o");
}

static void test_what_is_known_stays(void **state)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};

	container.id = strdup(ID64);
	container.name = strdup("told");
	assert_int_equal(
		bl_oci_read_config(containerd_cri, strlen(containerd_cri), NULL, &container), 0);
	assert_string_equal(container.id, ID64);
	assert_string_equal(container.name, "told");
	assert_string_equal(container.pod, "web-7d4b9");
}

static void test_beginning_of_the_id_is_no_name(void **state)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};

	container.id = strdup(ID64);
	assert_int_equal(bl_oci_read_config(podman, strlen(podman), NULL, &container), 0);
	assert_null(container.name);
}

static void test_what_is_no_configuration_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"null",
		"[]",
		"\"text\"",
		"{",
		"{} {}",
		"{} x",
		"{\"annotations\":[]}",
		"{\"annotations\":null,\"annotations\":7}",
		"{\"annotations\":{\"key\":1}}",
		"{\"annotations\":{\"key\":null}}",
		"{\"annotations\":{\"key\":{\"deeper\":\"x\"}}}",
		/* Cut at the NUL it would be another name. */
		"{\"annotations\":{\"nerdctl/name\":\"web\\u0000-evil\"}}",
		"{\"hostname\":\"web\\u0000-evil\"}",
		"{\"annotations\":{\"key\":\"\xff\xfe\"}}",
		"{\"annotations\":{\"io.kubernetes.cri-o.Labels\":\"{\\\"a\\\":1}\"}}",
		"{\"annotations\":{\"io.kubernetes.cri-o.Labels\":\"[]\"}}",
		"{\"annotations\":{\"io.kubernetes.cri-o.Labels\":\"\"}}",
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		bl_cleanup(bl_container_fini) struct bl_container container = {0};

		assert_int_equal(bl_oci_read_config(cases[i], strlen(cases[i]), NULL, &container),
				 -EINVAL);
	}
}

static void test_depth_is_bounded(void **state)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	char text[256] = "{\"x\":";
	size_t len = strlen(text);

	memset(text + len, '[', 100);
	memset(text + len + 100, ']', 100);
	strcpy(text + len + 200, "}");
	assert_int_equal(bl_oci_read_config(text, strlen(text), NULL, &container), -EINVAL);
}

/* A configuration with that many annotations. */
static char *with_annotations(size_t count, size_t *ret_len)
{
	char *text = malloc(64 + count * 24);
	size_t len;

	assert_non_null(text);
	len = (size_t)sprintf(text, "{\"annotations\":{");
	for (size_t i = 0; i < count; i++)
		len += (size_t)sprintf(text + len, "%s\"%zu\":\"\"", i ? "," : "", i);
	len += (size_t)sprintf(text + len, "}}");
	*ret_len = len;
	return text;
}

static void test_sizes_are_bounded(void **state)
{
	static char large[BL_OCI_CONFIG_MAX + 1];
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	bl_cleanup(bl_container_fini) struct bl_container full = {0};
	bl_cleanup_free char *text = NULL;
	size_t len;

	memset(large, ' ', sizeof(large));
	memcpy(large, "{}", 2);
	assert_int_equal(bl_oci_read_config(large, sizeof(large), NULL, &container), -EFBIG);
	assert_int_equal(bl_oci_read_config(large, sizeof(large) - 1, NULL, &container), 0);

	text = with_annotations(BL_OCI_LABELS_MAX, &len);
	assert_int_equal(bl_oci_read_config(text, len, NULL, &full), 0);
	assert_int_equal(full.label_count, BL_OCI_LABELS_MAX);
	free(text);
	text = with_annotations(BL_OCI_LABELS_MAX + 1, &len);
	assert_int_equal(bl_oci_read_config(text, len, NULL, &container), -EFBIG);
}

static void test_bundle_is_read_from_its_directory(void **state)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	struct scratch scratch;
	FILE *file;

	assert_int_equal(scratch_make(&scratch, "config.json"), 0);
	assert_int_equal(bl_oci_read_bundle(scratch.dir, &container), -ENOENT);
	assert_int_equal(mkdir(scratch.path, 0700), 0);
	assert_int_equal(bl_oci_read_bundle(scratch.dir, &container), -EINVAL);
	assert_int_equal(rmdir(scratch.path), 0);
	file = fopen(scratch.path, "we");
	assert_non_null(file);
	assert_true(fputs(crio, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(bl_oci_read_bundle(scratch.dir, &container), 0);
	assert_string_equal(container.name, "nginx");
	scratch_remove(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bundles_of_runtimes_are_understood),
		cmocka_unit_test(test_annotations_and_labels_of_crio_are_labels),
		cmocka_unit_test(test_what_is_known_stays),
		cmocka_unit_test(test_beginning_of_the_id_is_no_name),
		cmocka_unit_test(test_what_is_no_configuration_is_refused),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_sizes_are_bounded),
		cmocka_unit_test(test_bundle_is_read_from_its_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
