// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/event.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/evaluate.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"
#include "tests/unit/event_fixture.h"

static char policy_file[] = "/etc/bailiff/policies.d/40-web.ini";
static char policy_name[] = "web";
static const struct bl_policy enforced_policy = {
	.file = policy_file, .name = policy_name, .mode = BL_MODE_ENFORCE};
static const struct bl_policy audited_policy = {
	.file = policy_file, .name = policy_name, .mode = BL_MODE_AUDIT};
static const struct bl_rule_entry deny_tmp = {.key = 0xabcdef,
					      .policy = &enforced_policy,
					      .section = BL_SECTION_EXEC,
					      .line = 14,
					      .text = "deny = /tmp/**"};

#define HEAD(verdict_members)                                                                      \
	"{\"time\":\"2026-01-02T03:04:05.000000042Z\",\"node\":\"n\",\"record\":\"access\","       \
	"\"container\":{\"id\":77}," verdict_members
#define NO_RULE  "\"rule\":{\"key\":\"0000000000abcdef\"},"
#define ENFORCED "\"mode\":\"enforce\",\"verdict\":\"deny\",\"enforced\":true,"
#define TAIL                                                                                               \
	",\"subject\":{\"pid\":100,\"tid\":101,\"uid\":33,\"comm\":\"sh\",\"parent\":{\"pid\":1,\"comm\":" \
	"\"init\"}},\"generation\":3,\"repeat\":0}"

/* The event as the ring buffer holds it: not a byte more than was sent, so that reading beyond is found. */
static char *format_bytes(const struct bl_event *event, size_t size,
			  const struct bl_event_surroundings *around)
{
	bl_cleanup_free void *copy = malloc(size);
	bl_cleanup_json struct json_object *record = NULL;
	const struct bl_event *checked;
	char *text;

	assert_non_null(copy);
	memcpy(copy, event, size);
	assert_int_equal(bl_event_check(copy, size, &checked), 0);
	assert_int_equal(bl_event_to_json(checked, around, &record), 0);
	text = strdup(json_object_to_json_string_ext(
		record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	assert_non_null(text);
	return text;
}

static void assert_record(const struct bl_event *event, const struct bl_event_surroundings *around,
			  const char *expected)
{
	struct bl_event_surroundings here = *around;
	bl_cleanup_free char *text = NULL;

	here.node = "n";
	here.realtime_offset_ns = FIXTURE_OFFSET;
	text = format_bytes(event, fixture_size(event), &here);
	assert_string_equal(text, expected);
}

static const struct bl_event_surroundings nothing;

static void test_exec_denied_by_rule_names_file_and_line(void **state)
{
	static char arguments[] = "sh\0-c\0/tmp/x";
	static char exe[] = "/usr/bin/dash";
	static char parent_exe[] = "/usr/sbin/nginx";
	const struct bl_subject subject = {.exe = exe,
					   .arguments = arguments,
					   .arguments_len = sizeof(arguments),
					   .parent_exe = parent_exe};
	const struct bl_event_surroundings around = {.rule = &deny_tmp,
						     .subject = &subject,
						     .container_cgroup =
							     "/system.slice/nginx.service"};
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/tmp/x", 6);

	assert_record(
		&event, &around,
		"{\"time\":\"2026-01-02T03:04:05.000000042Z\",\"node\":\"n\",\"record\":\"access\","
		"\"container\":{\"id\":77,\"cgroup\":\"/system.slice/nginx.service\"},"
		"\"policy\":\"web\",\"rule\":{\"key\":\"0000000000abcdef\","
		"\"file\":\"/etc/bailiff/policies.d/40-web.ini\",\"line\":14,\"text\":\"deny = /tmp/**\"},"
		"\"mode\":\"enforce\",\"verdict\":\"deny\",\"enforced\":true,\"operation\":\"exec\","
		"\"permissions\":{\"asked\":[\"execute\"],\"denied\":[\"execute\"]},"
		"\"object\":{\"kind\":\"file\",\"path\":\"/tmp/x\"},"
		"\"subject\":{\"pid\":100,\"tid\":101,\"uid\":33,\"comm\":\"sh\",\"exe\":\"/usr/bin/dash\","
		"\"arguments\":[\"sh\",\"-c\",\"/tmp/x\"],"
		"\"parent\":{\"pid\":1,\"comm\":\"init\",\"exe\":\"/usr/sbin/nginx\"}},"
		"\"generation\":3,\"repeat\":0}");
}

static void test_container_is_described(void **state)
{
	static char id[] = "0123";
	static char name[] = "web\x1b[1m";
	static char image[] = "nginx:1.25";
	static char runtime[] = "podman";
	static char pod[] = "front";
	static char namespace[] = "shop";
	static char unit[] = "libpod-0123.scope";
	static char key[] = "tier";
	static char internal[] = "io.kubernetes.cri-o.Labels";
	static char value[] = "front";
	struct bl_container_label labels[] = {{internal, value}, {key, value}};
	const struct bl_container container = {
		.id = id,
		.name = name,
		.image = image,
		.pod = pod,
		.namespace = namespace,
		.runtime = runtime,
		.unit = unit,
		.labels = labels,
		.label_count = 2,
	};
	const struct bl_event_surroundings around = {.container = &container,
						     .container_cgroup = "/machine.slice/x"};
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);
	bl_cleanup_json struct json_object *record = NULL;
	struct bl_event_surroundings here = around;

	here.node = "n";
	assert_int_equal(bl_event_to_json(&event, &here, &record), 0);
	assert_string_equal(
		json_object_to_json_string_ext(bl_json_get(record, "container", json_type_object),
					       JSON_C_TO_STRING_PLAIN |
						       JSON_C_TO_STRING_NOSLASHESCAPE),
		"{\"id\":77,\"cgroup\":\"/machine.slice/x\",\"runtime\":\"podman\",\"runtime_id\":\"0123\","
		"\"name\":\"web\\\\x1b[1m\",\"image\":\"nginx:1.25\",\"pod\":\"front\",\"namespace\":\"shop\","
		"\"unit\":\"libpod-0123.scope\",\"labels\":{\"tier\":\"front\"}}");
}

static void test_default_deny_names_its_line(void **state)
{
	struct bl_rule_entry entry = deny_tmp;
	const struct bl_event_surroundings around = {.rule = &entry};
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);

	entry.text = "default = deny";
	entry.line = 9;
	assert_record(
		&event, &around,
		HEAD("\"policy\":\"web\",\"rule\":{\"key\":\"0000000000abcdef\","
		     "\"file\":\"/etc/bailiff/policies.d/40-web.ini\",\"line\":9,\"text\":\"default = deny\"},")
			ENFORCED
		"\"operation\":\"exec\",\"permissions\":{\"asked\":[\"execute\"],"
		"\"denied\":[\"execute\"]},\"object\":{\"kind\":\"file\",\"path\":\"/x\"}" TAIL);
}

static void test_memory_has_a_name_and_no_path(void **state)
{
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "memfd:x\n", 8);

	event.asked = 1 << BL_EXEC_EXECUTE | 1 << BL_EXEC_MEMORY;
	event.denied = 1 << BL_EXEC_MEMORY;
	event.verdict = BL_VERDICT_KILL;
	assert_record(
		&event, &nothing,
		HEAD(NO_RULE) "\"mode\":\"enforce\",\"verdict\":\"kill\",\"enforced\":true,"
			      "\"operation\":\"exec\",\"permissions\":{\"asked\":[\"execute\",\"memory\"],"
			      "\"denied\":[\"memory\"]},"
			      "\"object\":{\"kind\":\"memory\",\"name\":\"memfd:x\\\\x0a\"}" TAIL);
}

static void test_rule_nobody_knows_keeps_its_key(void **state)
{
	struct bl_event event = fixture_event(BL_OP_OPEN, BL_SECTION_FILE, "/etc/shadow", 11);

	event.asked = 1 << BL_FILE_READ | 1 << BL_FILE_WRITE;
	event.denied = 1 << BL_FILE_WRITE;
	assert_record(
		&event, &nothing,
		HEAD(NO_RULE) ENFORCED
		"\"operation\":\"open\",\"permissions\":{\"asked\":[\"read\",\"write\"],\"denied\":[\"write\"]},"
		"\"object\":{\"kind\":\"file\",\"path\":\"/etc/shadow\"}" TAIL);
}

static void test_audit_mode_would_have_denied(void **state)
{
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);

	event.is_would = 1;
	assert_record(
		&event, &nothing,
		HEAD(NO_RULE) "\"mode\":\"audit\",\"verdict\":\"deny\",\"enforced\":false,"
			      "\"operation\":\"exec\",\"permissions\":{\"asked\":[\"execute\"],"
			      "\"denied\":[\"execute\"]},\"object\":{\"kind\":\"file\",\"path\":\"/x\"}" TAIL);
}

static const char *mode_of(const struct bl_event *event, const struct bl_event_surroundings *around)
{
	static char mode[16];
	struct bl_event_surroundings here = *around;
	bl_cleanup_json struct json_object *record = NULL;

	here.node = "n";
	assert_int_equal(bl_event_to_json(event, &here, &record), 0);
	snprintf(mode, sizeof(mode), "%s", bl_json_get_string(record, "mode"));
	return mode;
}

static void test_audit_rule_has_the_mode_of_its_policy(void **state)
{
	struct bl_rule_entry entry = deny_tmp;
	struct bl_event_surroundings around = {.rule = &entry};
	struct bl_event event = fixture_event(BL_OP_OPEN, BL_SECTION_FILE, "/x", 2);
	bl_cleanup_json struct json_object *record = NULL;
	struct bl_event_surroundings named = {.node = "n"};

	event.verdict = BL_VERDICT_AUDIT;
	assert_string_equal(mode_of(&event, &around), "enforce");
	entry.policy = &audited_policy;
	assert_string_equal(mode_of(&event, &around), "audit");
	entry.policy = &enforced_policy;
	around.is_audit_forced = true;
	assert_string_equal(mode_of(&event, &around), "audit");

	assert_int_equal(bl_event_to_json(&event, &named, &record), 0);
	assert_false(bl_json_get_bool(record, "enforced"));
	assert_non_null(bl_json_get(bl_json_get(record, "permissions", json_type_object), "audited",
				    json_type_array));
	assert_null(bl_json_get(bl_json_get(record, "permissions", json_type_object), "denied",
				json_type_array));
}

static void test_kill_is_enforced(void **state)
{
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);

	event.verdict = BL_VERDICT_KILL;
	assert_record(
		&event, &nothing,
		HEAD(NO_RULE) "\"mode\":\"enforce\",\"verdict\":\"kill\",\"enforced\":true,"
			      "\"operation\":\"exec\",\"permissions\":{\"asked\":[\"execute\"],"
			      "\"denied\":[\"execute\"]},\"object\":{\"kind\":\"file\",\"path\":\"/x\"}" TAIL);
}

static void test_every_fail_class_is_named(void **state)
{
	for (unsigned fail = BL_FAIL_NONE + 1; fail < BL_FAIL_COUNT; fail++) {
		struct bl_event event = fixture_event(BL_OP_OPEN, BL_SECTION_FILE, "", 0);
		char expected[1024];

		event.rule = 0;
		event.fail = (uint8_t)fail;
		snprintf(expected, sizeof(expected),
			 HEAD("") ENFORCED "\"fail\":\"%s\",\"operation\":\"open\",\"permissions\":"
					   "{\"asked\":[\"read\"],\"denied\":[\"read\"]}" TAIL,
			 bl_fail_name((enum bl_fail)fail));
		assert_record(&event, &nothing, expected);
	}
}

static void assert_documented(const char *page, const char *name)
{
	char item[64];

	snprintf(item, sizeof(item), "\n.It Cm %s\n", name);
	if (!strstr(page, item)) {
		snprintf(item, sizeof(item), "\n.Cm %s ", name);
		if (!strstr(page, item))
			fail_msg("man/bailiff-events.5 does not say what '%s' is", name);
	}
}

/* Every member of the record, and of what is in it. */
static void assert_members_documented(const char *page, struct json_object *object)
{
	json_object_object_foreach(object, name, value)
	{
		if (!strstr(page, name))
			fail_msg("man/bailiff-events.5 does not name '%s'", name);
		if (json_object_is_type(value, json_type_object))
			assert_members_documented(page, value);
	}
}

static void test_man_page_names_everything(void **state)
{
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);
	const struct bl_event_surroundings around = {
		.node = "n", .rule = &deny_tmp, .container_cgroup = "/"};
	bl_cleanup_json struct json_object *record = NULL;
	bl_cleanup_free char *page = NULL;
	size_t len;

	assert_int_equal(bl_read_file(BL_SOURCE_ROOT "/man/bailiff-events.5", 1 << 20, &page, &len),
			 0);
	for (unsigned i = BL_FAIL_NONE + 1; i < BL_FAIL_COUNT; i++)
		assert_documented(page, bl_fail_name((enum bl_fail)i));
	for (unsigned i = 0; i < BL_LOSS_COUNT; i++)
		assert_documented(page, bl_loss_name((enum bl_loss)i));
	for (unsigned i = 0; i < BL_OP_COUNT; i++)
		if (!strstr(page, bl_operation_name((enum bl_operation)i)))
			fail_msg("man/bailiff-events.5 does not name '%s'",
				 bl_operation_name((enum bl_operation)i));
	event.fail = BL_FAIL_BUSY;
	assert_int_equal(bl_event_to_json(&event, &around, &record), 0);
	assert_members_documented(page, record);
}

static void test_label_failure_names_no_container(void **state)
{
	struct bl_event event = fixture_event(BL_OP_FORK, BL_SECTION_EXEC, "", 0);
	bl_cleanup_json struct json_object *record = NULL;
	struct bl_event_surroundings named = {.node = "n"};

	event.container = 0;
	event.rule = 0;
	event.asked = 0;
	event.denied = 0;
	event.fail = BL_FAIL_LABEL;
	assert_int_equal(bl_event_to_json(&event, &named, &record), 0);
	assert_null(bl_json_get(record, "container", json_type_object));
	assert_null(bl_json_get(record, "object", json_type_object));
	assert_string_equal(bl_json_get_string(record, "operation"), bl_operation_name(BL_OP_FORK));
}

static void test_objects_of_connect(void **state)
{
	static const uint8_t address4[4] = {10, 0, 0, 1};
	static const uint8_t address6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	uint8_t inet4[BL_KEY_INET4_LEN];
	uint8_t inet6[BL_KEY_INET6_LEN];
	struct bl_event event;

	bl_key_inet4(inet4, BL_PROTOCOL_TCP, address4, 443);
	bl_key_inet6(inet6, BL_PROTOCOL_UDP, address6, 53);

#define CONNECT(object)                                                                            \
	HEAD(NO_RULE)                                                                              \
	ENFORCED "\"operation\":\"connect\",\"permissions\":{\"asked\":[\"connect\"],"             \
		 "\"denied\":[\"connect\"]},\"object\":" object TAIL
	const struct {
		const void *key;
		size_t key_len;
		const char *expected;
	} cases[] = {
		{inet4, sizeof(inet4),
		 CONNECT("{\"kind\":\"inet\",\"address\":\"10.0.0.1\",\"port\":443,\"protocol\":\"tcp\"}")},
		{inet6, sizeof(inet6),
		 CONNECT("{\"kind\":\"inet\",\"address\":\"2001:db8::1\",\"port\":53,\"protocol\":\"udp\"}")},
		{"/run/app.sock", 13, CONNECT("{\"kind\":\"unix\",\"path\":\"/run/app.sock\"}")},
		{"@abstract", 9, CONNECT("{\"kind\":\"unix\",\"name\":\"abstract\"}")},
		{"@a\0b", 4, CONNECT("{\"kind\":\"unix\",\"name\":\"a\\\\x00b\"}")},
		{"@", 1, CONNECT("{\"kind\":\"unix\",\"name\":\"\"}")},
		/* Not a key as abi.h describes them: shown, not guessed at. */
		{"\x04\x01\x7f", 3,
		 CONNECT("{\"kind\":\"unknown\",\"bytes\":\"\\\\x04\\\\x01\\\\x7f\"}")},
		{"\x04\x63\x0a\x00\x00\x01\x00\x50", 8,
		 CONNECT("{\"kind\":\"inet\",\"address\":\"10.0.0.1\",\"port\":80,\"protocol\":\"other\"}")},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		event = fixture_event(BL_OP_CONNECT, BL_SECTION_NETWORK, cases[i].key,
				      cases[i].key_len);
		event.asked = 1 << BL_NETWORK_CONNECT;
		event.denied = 1 << BL_NETWORK_CONNECT;
		assert_record(&event, &nothing, cases[i].expected);
	}
}

static void test_source_is_where_the_socket_is_bound(void **state)
{
	static const struct {
		uint8_t kind;
		uint8_t bytes[16];
		uint16_t port;
		const char *expected;
	} cases[] = {
		{BL_KEY_INET4,
		 {10, 0, 0, 2},
		 4000,
		 CONNECT("{\"kind\":\"unix\",\"path\":\"/x\"},"
			 "\"source\":{\"address\":\"10.0.0.2\",\"port\":4000}")},
		{BL_KEY_INET6,
		 {0x20, 0x01, [15] = 1},
		 0,
		 CONNECT("{\"kind\":\"unix\",\"path\":\"/x\"},"
			 "\"source\":{\"address\":\"2001::1\",\"port\":0}")},
		{BL_KEY_INET6,
		 {[10] = 0xff, 0xff, 10, 0, 0, 3},
		 1,
		 CONNECT("{\"kind\":\"unix\",\"path\":\"/x\"},"
			 "\"source\":{\"address\":\"10.0.0.3\",\"port\":1}")},
		{0, {10, 0, 0, 4}, 1, CONNECT("{\"kind\":\"unix\",\"path\":\"/x\"}")},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_event event = fixture_event(BL_OP_CONNECT, BL_SECTION_NETWORK, "/x", 2);

		event.asked = 1 << BL_NETWORK_CONNECT;
		event.denied = 1 << BL_NETWORK_CONNECT;
		event.source_kind = cases[i].kind;
		event.source_port = cases[i].port;
		memcpy(event.source, cases[i].bytes, sizeof(event.source));
		assert_record(&event, &nothing, cases[i].expected);
	}
}

static void test_sockets_without_an_address_have_a_protocol(void **state)
{
#define CREATE(protocol)                                                                           \
	HEAD(NO_RULE)                                                                              \
	ENFORCED "\"operation\":\"create\",\"permissions\":{\"asked\":[\"create\"],"               \
		 "\"denied\":[\"create\"]},\"object\":{\"kind\":\"socket\",\"protocol\":"          \
		 "\"" protocol "\"}" TAIL
	static const struct {
		uint8_t kind;
		const char *expected;
	} cases[] = {
		{BL_PROTOCOL_TCP, CREATE("tcp")},
		{BL_PROTOCOL_OTHER, CREATE("other")},
		{BL_SOCKET_FAMILY(1), CREATE("unix")},
		{BL_SOCKET_FAMILY(17), CREATE("packet")},
		{BL_SOCKET_FAMILY(38), CREATE("alg")},
		{BL_SOCKET_FAMILY(9), CREATE("family-9")},
		{BL_SOCKET_FAMILY(0), CREATE("family-0")},
		{0xff, CREATE("family-191")},
		/* Not a key as abi.h describes them. */
		{0, CREATE("other")},
		{BL_PROTOCOL_COUNT, CREATE("other")},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		const char key[BL_KEY_SOCKET_LEN] = {BL_KEY_SOCKET, (char)cases[i].kind};
		struct bl_event event =
			fixture_event(BL_OP_CREATE, BL_SECTION_NETWORK, key, sizeof(key));

		event.asked = 1 << BL_NETWORK_CREATE;
		event.denied = 1 << BL_NETWORK_CREATE;
		assert_record(&event, &nothing, cases[i].expected);
	}
}

static void test_facilities_are_called_by_their_words(void **state)
{
#define USE(operation, object)                                                                     \
	HEAD(NO_RULE)                                                                              \
	ENFORCED "\"operation\":\"" operation "\",\"permissions\":{\"asked\":[\"use\"],"           \
		 "\"denied\":[\"use\"]},\"object\":{\"kind\":" object "}" TAIL
	static const struct {
		enum bl_operation operation;
		enum bl_section section;
		const char *key;
		size_t key_len;
		const char *expected;
	} cases[] = {
		{BL_OP_PTRACE, BL_SECTION_PROCESS, "\x10\0\1\0\0\1\2\3", 8,
		 USE("ptrace",
		     "\"process\",\"access\":\"ptrace\",\"relation\":\"outside\",\"pid\":66051")},
		{BL_OP_PTRACE, BL_SECTION_PROCESS, "\x10\0\0\0\0\0\0\0", 8,
		 USE("ptrace", "\"process\",\"access\":\"ptrace\",\"relation\":\"inside\"")},
		{BL_OP_SIGNAL, BL_SECTION_PROCESS, "\x10\1\1\x09\xff\0\0\0", 8,
		 USE("signal",
		     "\"process\",\"access\":\"signal\",\"relation\":\"outside\",\"pid\":4278190080,"
		     "\"signal\":\"SIGKILL\"")},
		{BL_OP_SIGNAL, BL_SECTION_PROCESS, "\x10\1\1\0\0\0\0\1", 8,
		 USE("signal",
		     "\"process\",\"access\":\"signal\",\"relation\":\"outside\",\"pid\":1,\"signal\":0")},
		{BL_OP_SIGNAL, BL_SECTION_PROCESS, "\x10\1\0\x40\0\0\0\1", 8,
		 USE("signal",
		     "\"process\",\"access\":\"signal\",\"relation\":\"inside\",\"pid\":1,\"signal\":64")},
		{BL_OP_PRIVILEGE, BL_SECTION_PRIVILEGE, "\x11\0", 2,
		 USE("privilege", "\"privilege\",\"name\":\"mount\"")},
		{BL_OP_CAPABILITY, BL_SECTION_CAPABILITY, "\x12\x15", 2,
		 USE("capability", "\"capability\",\"name\":\"sys_admin\"")},
		/* Of a kernel that has more of them. */
		{BL_OP_CAPABILITY, BL_SECTION_CAPABILITY, "\x12\x29", 2,
		 USE("capability", "\"capability\",\"name\":\"41\"")},
		/* Not keys as abi.h describes them. */
		{BL_OP_PRIVILEGE, BL_SECTION_PRIVILEGE, "\x11", 1,
		 USE("privilege", "\"unknown\",\"bytes\":\"\\\\x11\"")},
		{BL_OP_PTRACE, BL_SECTION_PROCESS, "\x10\x07\x07\0\0\0\0\0", 8,
		 USE("ptrace", "\"process\",\"access\":\"?\",\"relation\":\"?\"")},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_event event = fixture_event(cases[i].operation, cases[i].section,
						      cases[i].key, cases[i].key_len);

		assert_record(&event, &nothing, cases[i].expected);
	}
}

static void test_hostile_bytes_stay_inside_their_string(void **state)
{
	static const char path[] = "/tmp/\"},\n{\"verdict\":\"allow\"\xff\x1b[2J\\x00\xe2\x80\xae";
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, path, sizeof(path) - 1);
	struct bl_event_surroundings around = {.node = "n"};
	bl_cleanup_json struct json_object *record = NULL;
	bl_cleanup_json struct json_object *parsed = NULL;
	bl_cleanup_free char *line = NULL;
	size_t len;

	memset(event.comm, 0xfe, sizeof(event.comm)); /* not terminated either */
	memcpy(event.parent_comm, "a\nb\"c\\d", 8);
	assert_int_equal(bl_event_to_json(&event, &around, &record), 0);
	line = bl_json_line(record, &len);
	assert_non_null(line);
	for (size_t i = 0; i + 1 < len; i++)
		assert_true((unsigned char)line[i] >= 0x20);
	assert_int_equal(line[len - 1], '\n');

	parsed = json_tokener_parse(line);
	assert_non_null(parsed);
	assert_string_equal(bl_json_get_string(parsed, "verdict"), "deny");
	assert_string_equal(
		bl_json_get_string(bl_json_get(parsed, "object", json_type_object), "path"),
		"/tmp/\"},\\x0a{\"verdict\":\"allow\"\\xff\\x1b[2J\\\\x00\\xe2\\x80\\xae");
	assert_int_equal(strlen(bl_json_get_string(bl_json_get(parsed, "subject", json_type_object),
						   "comm")),
			 4 * BL_COMM_LEN);
}

static void test_longest_path_is_whole(void **state)
{
	static char path[BL_PATH_MAX];
	struct bl_event event;
	struct bl_event_surroundings around = {.node = "n"};
	bl_cleanup_free char *text = NULL;

	memset(path, 0x01, sizeof(path));
	path[0] = '/';
	event = fixture_event(BL_OP_OPEN, BL_SECTION_FILE, path, sizeof(path));
	text = format_bytes(&event, sizeof(event), &around);
	assert_true(strlen(text) > 4 * (BL_PATH_MAX - 1));
}

static void test_events_not_understood_are_refused(void **state)
{
	struct bl_event good = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);
	static const struct {
		size_t offset;
		uint8_t value;
	} wrong[] = {
		{offsetof(struct bl_event, version), BL_EVENT_VERSION + 1},
		{offsetof(struct bl_event, operation), BL_OP_COUNT},
		{offsetof(struct bl_event, section), BL_SECTION_COUNT},
		{offsetof(struct bl_event, verdict), BL_VERDICT_COUNT},
		{offsetof(struct bl_event, fail), BL_FAIL_COUNT},
		{offsetof(struct bl_event, source_kind), BL_KEY_SOCKET},
		{offsetof(struct bl_event, key_len), 3},        /* one more than was sent */
		{offsetof(struct bl_event, key_len) + 1, 0x20}, /* far more than a key has */
	};
	const struct bl_event *checked = NULL;
	size_t size = fixture_size(&good);

	assert_int_equal(bl_event_check(&good, size, &checked), 0);
	assert_ptr_equal(checked, &good);
	for (size_t i = 0; i < BL_ARRAY_LEN(wrong); i++) {
		bl_cleanup_free unsigned char *copy = malloc(size);

		assert_non_null(copy);
		memcpy(copy, &good, size);
		copy[wrong[i].offset] = wrong[i].value;
		assert_int_equal(bl_event_check(copy, size, &checked), -EPROTO);
	}
	for (size_t cut = 0; cut < size; cut++) {
		bl_cleanup_free unsigned char *copy = malloc(cut + 1);

		assert_non_null(copy);
		memcpy(copy, &good, cut);
		assert_int_equal(bl_event_check(copy, cut, &checked), -EPROTO);
	}
	assert_ptr_equal(checked, &good);
}

static void test_arguments_cut_says_so(void **state)
{
	static char arguments[] = {'a', '\0', '\0', 'b'};
	const struct bl_subject subject = {
		.arguments = arguments, .arguments_len = 4, .is_cut = true};
	const struct bl_event_surroundings around = {.node = "n", .subject = &subject};
	struct bl_event event = fixture_event(BL_OP_EXEC, BL_SECTION_EXEC, "/x", 2);
	bl_cleanup_json struct json_object *record = NULL;
	struct json_object *object;

	assert_int_equal(bl_event_to_json(&event, &around, &record), 0);
	object = bl_json_get(record, "subject", json_type_object);
	assert_string_equal(
		json_object_to_json_string_ext(bl_json_get(object, "arguments", json_type_array),
					       JSON_C_TO_STRING_PLAIN),
		"[\"a\",\"\",\"b\"]");
	assert_true(bl_json_get_bool(object, "arguments_cut"));
}

static void test_time_before_the_epoch_and_at_a_full_second(void **state)
{
	char text[BL_TIME_TEXT_LEN];

	bl_time_format(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
	bl_time_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999999Z");
	bl_time_format(INT64_C(4102444800) * 1000000000 + 7, text);
	assert_string_equal(text, "2100-01-01T00:00:00.000000007Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exec_denied_by_rule_names_file_and_line),
		cmocka_unit_test(test_container_is_described),
		cmocka_unit_test(test_default_deny_names_its_line),
		cmocka_unit_test(test_memory_has_a_name_and_no_path),
		cmocka_unit_test(test_rule_nobody_knows_keeps_its_key),
		cmocka_unit_test(test_audit_mode_would_have_denied),
		cmocka_unit_test(test_audit_rule_has_the_mode_of_its_policy),
		cmocka_unit_test(test_kill_is_enforced),
		cmocka_unit_test(test_every_fail_class_is_named),
		cmocka_unit_test(test_man_page_names_everything),
		cmocka_unit_test(test_label_failure_names_no_container),
		cmocka_unit_test(test_objects_of_connect),
		cmocka_unit_test(test_source_is_where_the_socket_is_bound),
		cmocka_unit_test(test_sockets_without_an_address_have_a_protocol),
		cmocka_unit_test(test_facilities_are_called_by_their_words),
		cmocka_unit_test(test_hostile_bytes_stay_inside_their_string),
		cmocka_unit_test(test_longest_path_is_whole),
		cmocka_unit_test(test_events_not_understood_are_refused),
		cmocka_unit_test(test_arguments_cut_says_so),
		cmocka_unit_test(test_time_before_the_epoch_and_at_a_full_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
