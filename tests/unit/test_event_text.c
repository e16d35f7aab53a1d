// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/event_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"

static void test_records_read_as_sentences(void **state)
{
	static const struct {
		const char *record;
		const char *text;
	} cases[] = {
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"container\":{\"cgroup\":\"/web\"},"
		 "\"policy\":\"web\",\"rule\":{\"file\":\"40-web.ini\",\"line\":14,\"text\":\"deny = /tmp/**\"},"
		 "\"verdict\":\"deny\",\"enforced\":true,\"operation\":\"exec\",\"object\":{\"kind\":\"file\",\"path\":"
		 "\"/tmp/x\"},\"permissions\":{\"denied\":[\"execute\"]},"
		 "\"subject\":{\"pid\":7,\"comm\":\"sh\",\"exe\":\"/bin/dash\"},\"repeat\":0}",
		 "2026-01-02T03:04:05.678Z denied     exec /tmp/x by sh[7] /bin/dash in /web: web 40-web.ini:14 "
		 "'deny = /tmp/**'"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":false,\"operation\":\"open\",\"object\":{\"kind\":\"file\",\"path\":\"/x\"},"
		 "\"permissions\":{\"denied\":[\"read\",\"write\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"},\"repeat\":4}",
		 "2026-01-02T03:04:05.678Z would deny open read write /x by sh[7] (4 times more)"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":true,\"fail\":\"too-long\",\"operation\":\"open\",\"permissions\":{\"denied\":[\"read\"]},"
		 "\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z denied     open read by sh[7]: could not be decided, too-long"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":true,\"operation\":\"connect\",\"object\":{\"kind\":\"inet\",\"address\":\"::1\","
		 "\"port\":443,\"protocol\":\"tcp\"},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z denied     connect tcp [::1]:443 by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"kill\","
		 "\"enforced\":true,\"operation\":\"exec\",\"object\":{\"kind\":\"memory\",\"name\":\"memfd:x\"},"
		 "\"permissions\":{\"denied\":[\"execute\",\"memory\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z killed     exec memory memfd:x by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":true,\"operation\":\"rename\",\"object\":{\"kind\":\"file\",\"path\":\"/x\"},"
		 "\"permissions\":{\"denied\":[\"read\",\"delete\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z denied     rename read delete /x by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"audit\","
		 "\"enforced\":false,\"operation\":\"connect\",\"object\":{\"kind\":\"unix\",\"name\":\"a\"},"
		 "\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z audited    connect unix @a by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":true,\"operation\":\"create\",\"object\":{\"kind\":\"socket\",\"protocol\":\"packet\"},"
		 "\"permissions\":{\"denied\":[\"create\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z denied     create packet by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":true,\"operation\":\"bind\",\"object\":{\"kind\":\"socket\",\"protocol\":\"family-9\"},"
		 "\"permissions\":{\"denied\":[\"bind\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z denied     bind family-9 by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":true,\"operation\":\"signal\",\"object\":{\"kind\":\"process\",\"access\":\"signal\","
		 "\"relation\":\"outside\",\"pid\":4711,\"signal\":\"SIGKILL\"},"
		 "\"permissions\":{\"denied\":[\"use\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z denied     signal SIGKILL outside 4711 by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"audit\","
		 "\"enforced\":false,\"operation\":\"ptrace\",\"object\":{\"kind\":\"process\",\"access\":\"ptrace\","
		 "\"relation\":\"inside\"},"
		 "\"permissions\":{\"audited\":[\"use\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z audited    ptrace inside by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"access\",\"verdict\":\"deny\","
		 "\"enforced\":false,\"operation\":\"privilege\",\"object\":{\"kind\":\"privilege\",\"name\":\"mount\"},"
		 "\"permissions\":{\"denied\":[\"use\"]},\"subject\":{\"pid\":7,\"comm\":\"sh\"}}",
		 "2026-01-02T03:04:05.678Z would deny privilege mount by sh[7]"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"loss\",\"reason\":\"ring-full\",\"count\":9,"
		 "\"total\":12,\"container\":{\"id\":7,\"cgroup\":\"/web\"}}",
		 "2026-01-02T03:04:05.678Z loss       9 events were not recorded: ring-full in /web"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"loss\",\"reason\":\"sink\",\"sink\":\"jsonl\","
		 "\"count\":9,\"total\":12}",
		 "2026-01-02T03:04:05.678Z loss       9 events were not recorded: sink jsonl"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"reload\",\"outcome\":\"refused\","
		 "\"generation\":3,\"audit_forced\":true,\"policies\":2,\"rules\":10,\"reason\":\"no\","
		 "\"diagnostics\":[{\"file\":\"a.ini\",\"line\":6,\"column\":1,\"message\":\"bad\"}]}",
		 "2026-01-02T03:04:05.678Z reload     refused, generation 3: 2 policies, 10 rules, audit only: no; "
		 "a.ini:6:1: bad"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"run\",\"outcome\":\"started\","
		 "\"generation\":3,\"cgroup\":\"/bailiff.run-x\"}",
		 "2026-01-02T03:04:05.678Z run        started in /bailiff.run-x, generation 3"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"reload\",\"outcome\":\"applied\","
		 "\"generation\":4,\"policies\":1,\"rules\":2,\"confirm_within_ms\":60000}",
		 "2026-01-02T03:04:05.678Z reload     applied, generation 4: 1 policies, 2 rules, "
		 "to be confirmed within 60 s"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"return\",\"generation\":5,"
		 "\"from\":4,\"reason\":\"time\"}",
		 "2026-01-02T03:04:05.678Z return     generation 5, instead of 4: time"},
		{"{\"time\":\"2026-01-02T03:04:05.678901234Z\",\"record\":\"stop\",\"generation\":3,\"pid\":4}",
		 "2026-01-02T03:04:05.678Z stop       generation 3"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		bl_cleanup_json struct json_object *record = json_tokener_parse(cases[i].record);
		bl_cleanup_free char *text = NULL;

		assert_non_null(record);
		text = bl_event_text(record, false);
		assert_non_null(text);
		assert_string_equal(text, cases[i].text);
	}
}

/* The file may be anybody's: no member need be there, of the right type, or harmless. */
static void test_objects_of_others_print_safely(void **state)
{
	static const char *const records[] = {
		"{}",
		"{\"record\":\"access\"}",
		"{\"record\":\"loss\"}",
		"{\"record\":\"\\u001b[2J\"}",
		"{\"record\":\"access\",\"time\":7,\"object\":[],\"subject\":\"x\",\"permissions\":{\"denied\":[1,null]}}",
		"{\"record\":\"access\",\"operation\":\"open\\u001b]0;\\u0007\",\"object\":{\"path\":\"\\n\\r\"}}",
		"{\"record\":\"access\",\"operation\":\"signal\",\"object\":{\"kind\":\"process\",\"signal\":\"\\u001b[2J\"}}",
		"{\"record\":\"reload\",\"diagnostics\":[1,{},null]}",
		"{\"record\":\"access\",\"time\":\"\\u001b[2J\\u001b[2J\\u001b[2J\\u001b[2J\\u001b[2J\\u001b[2J\"}",
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(records); i++) {
		bl_cleanup_json struct json_object *record = json_tokener_parse(records[i]);
		bl_cleanup_free char *text = NULL;

		assert_non_null(record);
		text = bl_event_text(record, false);
		assert_non_null(text);
		for (const char *c = text; *c; c++)
			assert_true((unsigned char)*c >= 0x20);
	}
}

static void test_colors_only_when_asked_for(void **state)
{
	bl_cleanup_json struct json_object *record =
		json_tokener_parse("{\"record\":\"stop\",\"generation\":1}");
	bl_cleanup_free char *plain = bl_event_text(record, false);
	bl_cleanup_free char *colored = bl_event_text(record, true);

	assert_null(strchr(plain, '\033'));
	assert_non_null(strchr(colored, '\033'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_read_as_sentences),
		cmocka_unit_test(test_objects_of_others_print_safely),
		cmocka_unit_test(test_colors_only_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
