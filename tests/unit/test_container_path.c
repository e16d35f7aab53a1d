// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD  "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/"

/* "runtime id namespace", with a '?' if it is not sure; one line for each answer */
static void answers(const char *cgroup, char text[1024])
{
	struct bl_container_place place;
	size_t at = 0;
	size_t used = 0;

	text[0] = '\0';
	while (bl_container_place_read(cgroup, &at, &place))
		used += (size_t)snprintf(text + used, 1024 - used, "%s %s %s%s\n",
					 bl_runtime_name(place.runtime),
					 strcmp(place.id, HASH) == 0 ? "HASH" : place.id,
					 place.namespace, place.is_sure ? "" : "?");
}

static void test_places(void **state)
{
	static const struct {
		const char *cgroup;
		const char *answers;
	} cases[] = {
		/* podman */
		{"/machine.slice/libpod-" HASH ".scope", "podman HASH \n"},
		{"/machine.slice/machine-libpod_pod_" HASH ".slice/libpod-" HASH ".scope",
		 "podman HASH \n"},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HASH ".scope",
		 "podman HASH \n"},
		{"/libpod_parent/libpod-" HASH,
		 "podman HASH \ncontainerd libpod-" HASH " libpod_parent?\n"},
		{"/libpod_parent/" HASH "/libpod-" HASH, "podman HASH \n"},
		{"/system.slice/web.service/libpod-payload-" HASH, "podman HASH \n"},
		{"/machine.slice/libpod-conmon-" HASH ".scope", ""},
		{"/libpod_parent/libpod-conmon-" HASH, ""},
		{"/machine.slice/libpod-" HASH ".scope/container", ""},
		{"/machine.slice/libpod-" HASH "0.scope", ""},
		{"/x/machine.slice/libpod-0123.scope", ""},
		{"/machine.slice/libpod-" HASH ".service", ""},
		/* Docker */
		{"/system.slice/docker-" HASH ".scope", "docker HASH \n"},
		{"/custom.slice/docker-" HASH ".scope", "docker HASH \n"},
		{"/docker/" HASH, "docker HASH \ndocker HASH ?\ncontainerd HASH docker?\n"},
		{"/my/parent/" HASH, "docker HASH ?\n"},
		{"/docker", ""},
		/* Kubernetes */
		{POD "cri-containerd-" HASH ".scope", "containerd HASH k8s.io\n"},
		{POD "crio-" HASH ".scope", "cri-o HASH \n"},
		{POD "crio-conmon-" HASH ".scope", ""},
		{POD "docker-" HASH ".scope", "docker HASH \n"},
		{"/kubepods/besteffort/pod1-2/" HASH,
		 "docker HASH ?\ncontainerd HASH k8s.io\ndocker HASH ?\n"},
		{"/kubepods/burstable/pod1-2/crio-" HASH, "cri-o HASH \n"},
		{"/kubepods/burstable/pod1-2", ""},
		{"/kubepods.slice", ""},
		{POD, ""},
		/* containerd alone */
		{"/system.slice/nerdctl-" HASH ".scope", "containerd HASH default\n"},
		{"/default/web-1", "containerd web-1 default?\n"},
		{"/default/web-1/x", ""},
		{"/default/..", ""},
		{"/../web-1", ""},
		{"/default/web 1", ""},
		{"/default/_web", ""},
		/* Machines */
		{"/machine.slice/machine-box.scope",
		 "nspawn box \ncontainerd machine-box.scope machine.slice?\n"},
		{"/machine.slice/machine-old\\x2dbox.scope", "nspawn old-box \n"},
		{"/machine.slice/systemd-nspawn@old\\x2dbox.service", "nspawn old-box \n"},
		{"/machine.slice/machine-a\\x2fb.scope", ""},
		{"/machine.slice/machine-a\\x00b.scope", ""},
		{"/machine.slice/machine-a\\x2.scope", ""},
		{"/machine.slice/machine-.scope", "containerd machine-.scope machine.slice?\n"},
		{"/other.slice/x/machine-box.scope", ""},
		{"/lxc.payload.guest", "lxc guest \n"},
		{"/lxc.payload.", ""},
		{"/lxc.monitor.guest", ""},
		{"/lxc/guest", "lxc guest \ncontainerd guest lxc?\n"},
		{"/a/lxc/guest", ""},
		/* Neither */
		{"/", ""},
		{"", ""},
		{"//", ""},
		{"/init.scope", ""},
		{"/system.slice", ""},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		char text[1024];

		answers(cases[i].cgroup, text);
		if (strcmp(text, cases[i].answers) != 0)
			fail_msg("%s: \"%s\", expected \"%s\"", cases[i].cgroup, text,
				 cases[i].answers);
	}
}

static void test_ids_are_as_long_as_there_is_room(void **state)
{
	struct bl_container_place place;
	char path[256];
	size_t at = 0;

	snprintf(path, sizeof(path), "/default/%0*d", BL_CONTAINER_ID_MAX, 0);
	assert_true(bl_container_place_read(path, &at, &place));
	assert_int_equal(strlen(place.id), BL_CONTAINER_ID_MAX);
	at = 0;
	snprintf(path, sizeof(path), "/default/%0*d", BL_CONTAINER_ID_MAX + 1, 0);
	assert_false(bl_container_place_read(path, &at, &place));
	at = 0;
	snprintf(path, sizeof(path), "/machine.slice/machine-%0*d.scope", BL_CONTAINER_ID_MAX + 1,
		 0);
	assert_false(bl_container_place_read(path, &at, &place));
	at = 0;
	snprintf(path, sizeof(path), "/%0*d/x", BL_CONTAINER_ID_MAX + 1, 0);
	assert_false(bl_container_place_read(path, &at, &place));
}

static void test_units(void **state)
{
	static const struct {
		const char *cgroup;
		const char *unit;
	} cases[] = {
		{"/system.slice/nginx.service", "nginx.service"},
		{"/system.slice/nginx.service/worker/a.service", "nginx.service"},
		{"/init.scope", "init.scope"},
		{"/machine.slice/libpod-" HASH ".scope/container", "libpod-" HASH ".scope"},
		{"/user.slice/user-1.slice/user@1.service/app.slice/x.service", "user@1.service"},
		{"/system.slice", NULL},
		{"/docker/" HASH, NULL},
		{"/", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		size_t len = 0;
		const char *unit = bl_cgroup_unit(cases[i].cgroup, &len);

		if (!cases[i].unit) {
			assert_null(unit);
			continue;
		}
		assert_non_null(unit);
		assert_int_equal(len, strlen(cases[i].unit));
		assert_memory_equal(unit, cases[i].unit, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_ids_are_as_long_as_there_is_room),
		cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
