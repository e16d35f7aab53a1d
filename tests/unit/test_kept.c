// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

#define BOOT  "01234567-89ab-cdef-0123-456789abcdef"
#define OTHER "01234567-89ab-cdef-0123-456789abcde0"

struct fixture {
	struct scratch scratch;
	int dir;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	assert_int_equal(scratch_make(&fixture.scratch, BL_KEPT_FILE), 0);
	fixture.dir = open(fixture.scratch.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fixture.dir >= 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	close(fixture->dir);
	scratch_remove(&fixture->scratch);
	return 0;
}

static void add(struct bl_kept_set *set, const char *file, const char *text)
{
	assert_int_equal(bl_policy_texts_add(&set->texts, file, text, strlen(text)), 0);
}

static void assert_texts(const struct bl_kept_set *set, const struct bl_kept_set *expected)
{
	assert_int_equal(set->is_audit_forced, expected->is_audit_forced);
	assert_int_equal(set->texts.count, expected->texts.count);
	for (size_t i = 0; i < expected->texts.count; i++) {
		const struct bl_policy_text *item = &set->texts.items[i];

		assert_string_equal(item->file, expected->texts.items[i].file);
		assert_int_equal(item->len, expected->texts.items[i].len);
		assert_memory_equal(item->text, expected->texts.items[i].text, item->len);
	}
}

static struct bl_kept make_kept(bool is_pending)
{
	struct bl_kept kept = {.confirmed.is_audit_forced = true};

	add(&kept.confirmed, "/p/10-a.ini", "[policy]\nname = a\n");
	add(&kept.confirmed, "/p/20-b \"\\\n.ini", "; \xff\xfe \x01\x1f\t\"\\/ \xc3\xbc\r\n");
	add(&kept.confirmed, "/p/30-empty.ini", "");
	if (!is_pending)
		return kept;
	kept.is_pending = true;
	add(&kept.unconfirmed, "/p/10-a.ini", "[policy]\nname = c\n");
	kept.within_ms = 60000;
	kept.until_ms = UINT64_C(1) << 40;
	memcpy(kept.boot, BOOT, sizeof(kept.boot));
	return kept;
}

static void test_every_byte_comes_back(void **state)
{
	struct fixture *fixture = *state;

	for (int is_pending = 0; is_pending < 2; is_pending++) {
		bl_cleanup(bl_kept_fini) struct bl_kept kept = make_kept(is_pending);
		bl_cleanup(bl_kept_fini) struct bl_kept loaded = {0};
		struct stat st;

		assert_int_equal(bl_kept_save(fixture->dir, &kept), 0);
		assert_int_equal(stat(fixture->scratch.path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_int_equal(bl_kept_load(fixture->dir, &loaded), 0);
		assert_texts(&loaded.confirmed, &kept.confirmed);
		assert_int_equal(loaded.is_pending, is_pending);
		assert_texts(&loaded.unconfirmed, &kept.unconfirmed);
		assert_int_equal(loaded.within_ms, kept.within_ms);
		assert_int_equal(loaded.until_ms, kept.until_ms);
		assert_string_equal(loaded.boot, kept.boot);
	}
}

static void test_no_policies_are_kept_as_none(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup(bl_kept_fini) struct bl_kept kept = {0};
	bl_cleanup(bl_kept_fini) struct bl_kept loaded = make_kept(false);

	bl_kept_fini(&loaded);
	assert_int_equal(bl_kept_save(fixture->dir, &kept), 0);
	assert_int_equal(bl_kept_load(fixture->dir, &loaded), 0);
	assert_int_equal(loaded.confirmed.texts.count, 0);
	assert_false(loaded.is_pending);
}

static void test_nothing_kept_and_removed(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup(bl_kept_fini) struct bl_kept kept = make_kept(true);

	assert_int_equal(bl_kept_load(fixture->dir, &kept), -ENOENT);
	assert_int_equal(bl_kept_remove(fixture->dir), 0);
	assert_int_equal(bl_kept_save(fixture->dir, &kept), 0);
	assert_int_equal(bl_kept_remove(fixture->dir), 0);
	assert_int_equal(bl_kept_load(fixture->dir, &kept), -ENOENT);
	assert_int_equal(kept.confirmed.texts.count, 3);
}

static void test_settled_forgets_what_is_unconfirmed(void **state)
{
	bl_cleanup(bl_kept_fini) struct bl_kept kept = make_kept(true);

	bl_kept_settle(&kept);
	assert_false(kept.is_pending);
	assert_int_equal(kept.unconfirmed.texts.count, 0);
	assert_int_equal(kept.confirmed.texts.count, 3);
}

static void write_file(const struct fixture *fixture, const char *text)
{
	bl_cleanup_fclose FILE *file = fopen(fixture->scratch.path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static void test_what_bailiff_does_not_write_is_refused(void **state)
{
#define SET "{\"audit_forced\":false,\"policies\":[]}"
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{\"version\":1}",
		"{\"version\":2,\"confirmed\":" SET "}",
		"{\"version\":1,\"confirmed\":{\"policies\":[]}}",
		"{\"version\":1,\"confirmed\":{\"audit_forced\":false,\"policies\":[1]}}",
		"{\"version\":1,\"confirmed\":{\"audit_forced\":false,\"policies\":[{\"file\":\"a\"}]}}",
		"{\"version\":1,\"confirmed\":{\"audit_forced\":false,\"policies\":[{\"text\":\"a\"}]}}",
		"{\"version\":1,\"confirmed\":" SET ",\"unconfirmed\":" SET "}",
		"{\"version\":1,\"within_ms\":1,\"until_ms\":1,\"boot\":\"x\",\"confirmed\":" SET
		",\"unconfirmed\":" SET "}",
		"{\"version\":1,\"within_ms\":1,\"boot\":\"" BOOT "\",\"confirmed\":" SET
		",\"unconfirmed\":" SET "}",
		"{\"version\":1,\"confirmed\":" SET, /* cut off */
		"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}",
	};
	struct fixture *fixture = *state;
	bl_cleanup(bl_kept_fini) struct bl_kept kept = {0};

	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++) {
		write_file(fixture, texts[i]);
		assert_int_equal(bl_kept_load(fixture->dir, &kept), -EBADMSG);
	}
	write_file(fixture, "{\"version\":1,\"confirmed\":" SET "}");
	assert_int_equal(bl_kept_load(fixture->dir, &kept), 0);
}

static void test_what_is_no_file_is_refused(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup(bl_kept_fini) struct bl_kept kept = {0};

	assert_int_equal(symlink("/etc/passwd", fixture->scratch.path), 0);
	assert_int_equal(bl_kept_load(fixture->dir, &kept), -ELOOP);
	assert_int_equal(unlink(fixture->scratch.path), 0);
	assert_int_equal(mkfifo(fixture->scratch.path, 0600), 0);
	assert_int_equal(bl_kept_load(fixture->dir, &kept), -EBADMSG);
}

/* The disk is full: what was kept before is kept, and nothing is left beside it. */
static void test_failed_write_keeps_what_was_there(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup(bl_kept_fini) struct bl_kept first = make_kept(false);
	bl_cleanup(bl_kept_fini) struct bl_kept second = make_kept(true);
	bl_cleanup(bl_kept_fini) struct bl_kept loaded = {0};
	struct rlimit before;
	struct rlimit none;

	assert_int_equal(bl_kept_save(fixture->dir, &first), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){.rlim_cur = 10, .rlim_max = before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(bl_kept_save(fixture->dir, &second), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(bl_kept_load(fixture->dir, &loaded), 0);
	assert_false(loaded.is_pending);
	assert_int_equal(faccessat(fixture->dir, BL_KEPT_FILE ".tmp", F_OK, 0), -1);
}

static void test_time_is_left_until_it_is_over_in_the_same_boot(void **state)
{
	bl_cleanup(bl_kept_fini) struct bl_kept kept = make_kept(true);

	kept.until_ms = 5000;
	assert_int_equal(bl_kept_left_ms(&kept, 1000, BOOT), 4000);
	assert_int_equal(bl_kept_left_ms(&kept, 4999, BOOT), 1);
	assert_int_equal(bl_kept_left_ms(&kept, 5000, BOOT), 0);
	assert_int_equal(bl_kept_left_ms(&kept, 9000, BOOT), 0);
	assert_int_equal(bl_kept_left_ms(&kept, 1000, OTHER), 0);
	bl_kept_settle(&kept);
	assert_int_equal(bl_kept_left_ms(&kept, 0, BOOT), 0);
}

static void test_boot_has_a_name(void **state)
{
	char boot[BL_BOOT_ID_LEN + 1];
	char again[BL_BOOT_ID_LEN + 1];

	assert_int_equal(bl_boot_id(boot), 0);
	assert_int_equal(strlen(boot), BL_BOOT_ID_LEN);
	assert_int_equal(bl_boot_id(again), 0);
	assert_string_equal(boot, again);
}

static void assert_described(const struct bl_kept *kept, const char *expected)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();

	assert_true(bl_kept_describe(kept, 1500, object));
	assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
			    expected);
}

static void test_status_tells_what_waits_or_is_kept(void **state)
{
	bl_cleanup(bl_kept_fini) struct bl_kept kept = make_kept(true);

	assert_described(&kept, "{\"confirmation\":{\"within_ms\":60000,\"left_ms\":1500}}");
	bl_kept_settle(&kept);
	assert_described(&kept, "{\"policies_kept\":true}");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_byte_comes_back),
		TEST(test_no_policies_are_kept_as_none),
		TEST(test_nothing_kept_and_removed),
		TEST(test_settled_forgets_what_is_unconfirmed),
		TEST(test_what_bailiff_does_not_write_is_refused),
		TEST(test_what_is_no_file_is_refused),
		TEST(test_failed_write_keeps_what_was_there),
		TEST(test_time_is_left_until_it_is_over_in_the_same_boot),
		TEST(test_boot_has_a_name),
		TEST(test_status_tells_what_waits_or_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
