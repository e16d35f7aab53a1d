// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/records.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/event_fixture.h"

/* A sink that keeps what it is given, or refuses it. */
struct kept {
	struct bl_sink sink;
	int refusal;
	struct json_object *lines; /* array of objects */
};

static int keep_write(struct bl_sink *sink, const char *line, size_t len)
{
	struct kept *kept = (struct kept *)sink;
	struct json_object *record;

	if (kept->refusal)
		return kept->refusal;
	assert_int_equal(line[len - 1], '\n');
	assert_int_equal(strlen(line), len);
	record = json_tokener_parse(line);
	assert_non_null(record);
	assert_true(bl_json_append(kept->lines, record));
	return 0;
}

static int keep_flush(struct bl_sink *sink)
{
	return 0;
}

static void keep_free(struct bl_sink *sink)
{
}

static const struct bl_sink_ops keep_ops = {
	.name = "kept", .write = keep_write, .flush = keep_flush, .free = keep_free};

struct fixture {
	struct bl_records *records;
	struct kept kept;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->kept.sink.ops = &keep_ops;
	fixture->kept.lines = json_object_new_array();
	assert_int_equal(bl_records_new("n", &fixture->records), 0);
	assert_int_equal(bl_records_add_sink(fixture->records, &fixture->kept.sink), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	bl_records_free(fixture->records);
	json_object_put(fixture->kept.lines);
	free(fixture);
	return 0;
}

static size_t count_lines(const struct fixture *fixture)
{
	return json_object_array_length(fixture->kept.lines);
}

static struct json_object *line(const struct fixture *fixture, size_t index)
{
	return json_object_array_get_idx(fixture->kept.lines, index);
}

static void record_at(struct fixture *fixture, struct bl_event *event, uint64_t time_ns)
{
	static const struct bl_event_surroundings around;

	event->time_ns = time_ns;
	assert_int_equal(bl_records_access(fixture->records, event, &around), 0);
}

#define SECOND UINT64_C(1000000000)

static void test_equal_events_within_a_second_are_counted(void **state)
{
	struct fixture *fixture = *state;
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);

	record_at(fixture, &event, 10 * SECOND);
	for (unsigned i = 1; i <= 5; i++) {
		event.tgid++; /* another process that does the same */
		record_at(fixture, &event, 10 * SECOND + i);
	}
	assert_int_equal(count_lines(fixture), 1);
	assert_int_equal(bl_json_get_u64(line(fixture, 0), "repeat"), 0);

	assert_true(bl_records_expire(fixture->records, 10 * SECOND + 100));
	assert_int_equal(count_lines(fixture), 1);
	assert_true(bl_records_expire(fixture->records, 11 * SECOND));
	assert_int_equal(count_lines(fixture), 2);
	assert_int_equal(bl_json_get_u64(line(fixture, 1), "repeat"), 5);
	assert_string_equal(bl_json_get_string(line(fixture, 1), "time"),
			    "1970-01-01T00:00:10.000000005Z");

	/* Nothing more came: nothing is watched any more. */
	assert_false(bl_records_expire(fixture->records, 12 * SECOND));
	assert_int_equal(count_lines(fixture), 2);
}

static void test_flood_gives_one_record_a_second(void **state)
{
	struct fixture *fixture = *state;
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);
	uint64_t total = 0;

	for (uint64_t ms = 0; ms < 10000; ms++) {
		record_at(fixture, &event, 10 * SECOND + ms * 1000000);
		if (ms % 100 == 99)
			bl_records_expire(fixture->records, 10 * SECOND + ms * 1000000);
	}
	bl_records_expire(fixture->records, 100 * SECOND);
	assert_in_range(count_lines(fixture), 10, 12);
	for (size_t i = 0; i < count_lines(fixture); i++) {
		uint64_t repeat = bl_json_get_u64(line(fixture, i), "repeat");

		total += repeat ? repeat : 1;
	}
	assert_int_equal(total, 10000);
}

static void test_what_differs_is_a_record_of_its_own(void **state)
{
	struct fixture *fixture = *state;
	struct bl_event event = fixture_event(BL_OP_OPEN, BL_SECTION_FILE, "/x", 2);
	struct bl_event other;

	record_at(fixture, &event, SECOND);
#define DIFFERENT(member, value)                                                                   \
	do {                                                                                       \
		other = event;                                                                     \
		other.member = (value);                                                            \
		record_at(fixture, &other, SECOND);                                                \
	} while (0)
	DIFFERENT(container, 5);
	DIFFERENT(rule, 5);
	DIFFERENT(fail, BL_FAIL_BUSY);
	DIFFERENT(operation, BL_OP_CONNECT);
	DIFFERENT(asked, 3);
	DIFFERENT(denied, 2);
	DIFFERENT(verdict, BL_VERDICT_KILL);
	DIFFERENT(is_would, 1);
	DIFFERENT(key[1], 'y');
	DIFFERENT(key_len, 1);
	DIFFERENT(comm[0], 'z');
	DIFFERENT(generation, 4);
	DIFFERENT(uid, 0);
	assert_int_equal(count_lines(fixture), 14);
}

static void test_same_executable_under_another_name_is_the_same(void **state)
{
	struct fixture *fixture = *state;
	static char exe[] = "/bin/x";
	const struct bl_subject subject = {.exe = exe};
	const struct bl_event_surroundings around = {.subject = &subject};
	struct bl_event event = fixture_event(BL_OP_OPEN, BL_SECTION_FILE, "/x", 2);

	assert_int_equal(bl_records_access(fixture->records, &event, &around), 0);
	event.comm[0] = 'z';
	assert_int_equal(bl_records_access(fixture->records, &event, &around), 0);
	assert_int_equal(count_lines(fixture), 1);
}

static void test_after_a_second_it_is_a_record_again(void **state)
{
	struct fixture *fixture = *state;
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);

	record_at(fixture, &event, SECOND);
	record_at(fixture, &event, SECOND + 1);
	record_at(fixture, &event, 3 * SECOND);
	assert_int_equal(count_lines(fixture), 3);
	assert_int_equal(bl_json_get_u64(line(fixture, 1), "repeat"), 1);
	assert_int_equal(bl_json_get_u64(line(fixture, 2), "repeat"), 0);
}

static void test_more_kinds_than_are_watched_lose_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);
	uint64_t total = 0;

	for (unsigned i = 0; i < 3 * BL_RECORDS_KINDS_MAX; i++) {
		event.rule = i + 1;
		record_at(fixture, &event, SECOND + i);
		record_at(fixture, &event, SECOND + i);
	}
	bl_records_expire(fixture->records, 100 * SECOND);
	for (size_t i = 0; i < count_lines(fixture); i++) {
		uint64_t repeat = bl_json_get_u64(line(fixture, i), "repeat");

		total += repeat ? repeat : 1;
	}
	assert_int_equal(total, 6 * BL_RECORDS_KINDS_MAX);
}

static void test_end_writes_what_is_held(void **state)
{
	struct fixture *fixture = *state;
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);

	record_at(fixture, &event, SECOND);
	record_at(fixture, &event, SECOND);
	bl_records_free(fixture->records);
	fixture->records = NULL;
	assert_int_equal(count_lines(fixture), 2);
	assert_int_equal(bl_json_get_u64(line(fixture, 1), "repeat"), 1);
}

static void test_sink_that_refuses_is_counted_and_harms_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct kept broken = {.sink.ops = &keep_ops, .refusal = -ENOSPC};
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);

	assert_int_equal(bl_records_add_sink(fixture->records, &broken.sink), 0);
	record_at(fixture, &event, SECOND);
	assert_int_equal(count_lines(fixture), 1);
	assert_int_equal(broken.sink.dropped, 1);
	assert_int_equal(broken.sink.error, -ENOSPC);
	assert_int_equal(fixture->kept.sink.written, 1);
	assert_int_equal(fixture->kept.sink.dropped, 0);
	/* before broken goes out of scope */
	bl_records_free(fixture->records);
	fixture->records = NULL;
}

static void test_engine_records_carry_time_node_and_kind(void **state)
{
	struct fixture *fixture = *state;
	struct json_object *record = bl_records_new_engine(fixture->records, "reload");

	assert_non_null(record);
	assert_int_equal(bl_records_put(fixture->records, record), 0);
	assert_string_equal(bl_json_get_string(line(fixture, 0), "node"), "n");
	assert_string_equal(bl_json_get_string(line(fixture, 0), "record"), "reload");
	assert_int_equal(strlen(bl_json_get_string(line(fixture, 0), "time")), 30);
}

static void test_sinks_are_bounded(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 1; i < BL_RECORDS_SINKS_MAX; i++)
		assert_int_equal(bl_records_add_sink(fixture->records, &fixture->kept.sink), 0);
	assert_int_equal(bl_records_add_sink(fixture->records, &fixture->kept.sink), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_equal_events_within_a_second_are_counted,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flood_gives_one_record_a_second, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_what_differs_is_a_record_of_its_own, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_same_executable_under_another_name_is_the_same,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_after_a_second_it_is_a_record_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_more_kinds_than_are_watched_lose_nothing,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end_writes_what_is_held, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_sink_that_refuses_is_counted_and_harms_no_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_engine_records_carry_time_node_and_kind,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sinks_are_bounded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
