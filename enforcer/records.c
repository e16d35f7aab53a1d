// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/util.h"

/* One kind of event, and what was held back of it. */
struct kind {
	uint64_t hash;
	unsigned char *identity; /* what makes two events equal; NULL: the slot is free */
	size_t identity_len;
	struct json_object *record; /* the first of them */
	uint64_t first_ns;
	uint64_t last_ns;
	int64_t realtime_offset_ns;
	uint64_t held; /* since the last record */
};

struct bl_records {
	char *node;
	struct bl_sink *sinks[BL_RECORDS_SINKS_MAX];
	size_t sinks_count;
	struct kind kinds[BL_RECORDS_KINDS_MAX];
	uint64_t unwritten;
};

/* The part of an identity that has one size; zeroed before it is filled, padding included. */
struct identity {
	uint64_t container;
	uint64_t rule;
	uint64_t generation;
	uint32_t uid;
	uint8_t operation;
	uint8_t asked;
	uint8_t denied;
	uint8_t verdict;
	uint8_t is_would;
	uint8_t fail;
	uint16_t key_len;
};

int bl_records_new(const char *node, struct bl_records **ret_records)
{
	struct bl_records *records = calloc(1, sizeof(*records));

	if (!records || !(records->node = strdup(node))) {
		free(records);
		return -ENOMEM;
	}
	*ret_records = records;
	return 0;
}

int bl_records_add_sink(struct bl_records *records, struct bl_sink *sink)
{
	if (records->sinks_count == BL_RECORDS_SINKS_MAX)
		return -ENOSPC;
	records->sinks[records->sinks_count++] = sink;
	return 0;
}

struct bl_sink *const *bl_records_sinks(const struct bl_records *records, size_t *ret_count)
{
	*ret_count = records->sinks_count;
	return records->sinks;
}

void bl_records_count_unwritten(struct bl_records *records)
{
	records->unwritten++;
}

uint64_t bl_records_unwritten(const struct bl_records *records)
{
	return records->unwritten;
}

static int write_record(struct bl_records *records, struct json_object *record)
{
	size_t len = 0;
	bl_cleanup_free char *line = bl_json_line(record, &len);

	if (!line) {
		records->unwritten++;
		return -ENOMEM;
	}
	/* A sink that takes nothing counts what it dropped; the others must not suffer for it. */
	for (size_t i = 0; i < records->sinks_count; i++)
		(void)bl_sink_write(records->sinks[i], line, len);
	return 0;
}

struct json_object *bl_records_new_engine(const struct bl_records *records, const char *kind)
{
	bl_cleanup_json struct json_object *record = json_object_new_object();
	char time[BL_TIME_TEXT_LEN];

	bl_time_format((int64_t)bl_time_boot() + bl_time_realtime_offset(), time);
	if (!record || !bl_json_add_string(record, "time", time) ||
	    !bl_json_add_bytes(record, "node", records->node, strlen(records->node)) ||
	    !bl_json_add_string(record, "record", kind))
		return NULL;
	return TAKE(record);
}

int bl_records_put(struct bl_records *records, struct json_object *record)
{
	int r = write_record(records, record);

	json_object_put(record);
	return r;
}

static void clear_kind(struct kind *kind)
{
	free(kind->identity);
	json_object_put(kind->record);
	*kind = (struct kind){0};
}

/* The record of what was held back: the first one's, with the time of the last. */
static void write_held(struct bl_records *records, struct kind *kind)
{
	char time[BL_TIME_TEXT_LEN];

	if (kind->held == 0)
		return;
	bl_time_format((int64_t)kind->last_ns + kind->realtime_offset_ns, time);
	if (bl_json_add_string(kind->record, "time", time) &&
	    bl_json_add_u64(kind->record, "repeat", kind->held))
		(void)write_record(records, kind->record); /* counts what it could not write */
	else
		records->unwritten++;
	kind->held = 0;
}

bool bl_records_expire(struct bl_records *records, uint64_t boot_ns)
{
	bool is_any = false;

	for (size_t i = 0; i < BL_RECORDS_KINDS_MAX; i++) {
		struct kind *kind = &records->kinds[i];
		bool was_held = kind->held > 0;

		if (!kind->identity)
			continue;
		if (boot_ns < kind->first_ns + BL_RECORDS_REPEAT_NS) {
			is_any = true;
			continue;
		}
		write_held(records, kind);
		if (was_held) { /* it goes on: one record a second, not two */
			kind->first_ns = boot_ns;
			is_any = true;
		} else {
			clear_kind(kind);
		}
	}
	return is_any;
}

void bl_records_free(struct bl_records *records)
{
	if (!records)
		return;
	for (size_t i = 0; i < BL_RECORDS_KINDS_MAX; i++) {
		if (!records->kinds[i].identity)
			continue;
		write_held(records, &records->kinds[i]);
		clear_kind(&records->kinds[i]);
	}
	for (size_t i = 0; i < records->sinks_count; i++) {
		if (bl_sink_flush(records->sinks[i]) < 0)
			records->sinks[i]->dropped++;
		bl_sink_free(records->sinks[i]);
	}
	free(records->node);
	free(records);
}

/* The executable is what stays the same when a shell loop starts the same thing over and over. */
static unsigned char *make_identity(const struct bl_event *event, const struct bl_subject *subject,
				    size_t *ret_len)
{
	bool has_exe = subject && subject->exe;
	const char *who = has_exe ? subject->exe : event->comm;
	size_t who_len = has_exe ? strlen(who) : strnlen(who, BL_COMM_LEN);
	size_t len = sizeof(struct identity) + event->key_len + who_len;
	unsigned char *bytes = malloc(len);
	struct identity identity;

	if (!bytes)
		return NULL;
	memset(&identity, 0, sizeof(identity));
	identity.container = event->container;
	identity.rule = event->rule;
	identity.generation = event->generation;
	identity.uid = event->uid;
	identity.operation = event->operation;
	identity.asked = event->asked;
	identity.denied = event->denied;
	identity.verdict = event->verdict;
	identity.is_would = event->is_would;
	identity.fail = event->fail;
	identity.key_len = event->key_len;
	memcpy(bytes, &identity, sizeof(identity));
	memcpy(bytes + sizeof(identity), event->key, event->key_len);
	memcpy(bytes + sizeof(identity) + event->key_len, who, who_len);
	*ret_len = len;
	return bytes;
}

/* FNV-1a. A collision costs a comparison. */
static uint64_t hash_bytes(const unsigned char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static struct kind *find_kind(struct bl_records *records, uint64_t hash,
			      const unsigned char *identity, size_t identity_len)
{
	for (size_t i = 0; i < BL_RECORDS_KINDS_MAX; i++) {
		struct kind *kind = &records->kinds[i];

		if (kind->identity && kind->hash == hash && kind->identity_len == identity_len &&
		    memcmp(kind->identity, identity, identity_len) == 0)
			return kind;
	}
	return NULL;
}

/* A free slot, or that of the oldest. */
static struct kind *take_slot(struct bl_records *records)
{
	struct kind *oldest = &records->kinds[0];

	for (size_t i = 0; i < BL_RECORDS_KINDS_MAX; i++) {
		if (!records->kinds[i].identity)
			return &records->kinds[i];
		if (records->kinds[i].first_ns < oldest->first_ns)
			oldest = &records->kinds[i];
	}
	write_held(records, oldest);
	clear_kind(oldest);
	return oldest;
}

/*
 * Whether the event needs no record of its own. As long as it goes on there is one record a second,
 * not two. Events of several CPUs may arrive in another order than they happened in.
 */
static bool hold_back(struct bl_records *records, struct kind *kind, uint64_t time_ns)
{
	if (time_ns >= kind->first_ns + BL_RECORDS_REPEAT_NS) {
		bool goes_on =
			kind->held > 0 && time_ns < kind->first_ns + 2 * BL_RECORDS_REPEAT_NS;

		write_held(records, kind);
		if (!goes_on) {
			clear_kind(kind);
			return false;
		}
		kind->first_ns += BL_RECORDS_REPEAT_NS;
	}
	kind->held++;
	if (time_ns > kind->last_ns)
		kind->last_ns = time_ns;
	return true;
}

int bl_records_access(struct bl_records *records, const struct bl_event *event,
		      const struct bl_event_surroundings *around)
{
	struct bl_event_surroundings here = *around;
	bl_cleanup_json struct json_object *record = NULL;
	bl_cleanup_free unsigned char *identity = NULL;
	size_t identity_len = 0;
	struct kind *kind;
	uint64_t hash;
	int r;

	here.node = records->node;
	identity = make_identity(event, around->subject, &identity_len);
	if (!identity) {
		records->unwritten++;
		return -ENOMEM;
	}
	hash = hash_bytes(identity, identity_len);

	kind = find_kind(records, hash, identity, identity_len);
	if (kind && hold_back(records, kind, event->time_ns))
		return 0;

	r = bl_event_to_json(event, &here, &record);
	if (r < 0) {
		records->unwritten++;
		return r;
	}
	r = write_record(records, record);
	if (r < 0)
		return r;

	kind = take_slot(records);
	*kind = (struct kind){
		.hash = hash,
		.identity = TAKE(identity),
		.identity_len = identity_len,
		.record = TAKE(record),
		.first_ns = event->time_ns,
		.last_ns = event->time_ns,
		.realtime_offset_ns = around->realtime_offset_ns,
	};
	return 0;
}

bool bl_records_add_diags(struct json_object *record, const struct bl_diags *diags)
{
	struct json_object *array = bl_json_add_array(record, "diagnostics");

	if (!array)
		return false;
	for (size_t i = 0; i < diags->count; i++) {
		const struct bl_diag *diag = &diags->items[i];
		struct json_object *object = json_object_new_object();

		if (!bl_json_append(array, object) ||
		    !bl_json_add_string(object, "severity",
					diag->severity == BL_SEVERITY_ERROR ? "error"
									    : "warning") ||
		    !bl_json_add_bytes(object, "file", diag->file, strlen(diag->file)) ||
		    !bl_json_add_u64(object, "line", diag->line) ||
		    !bl_json_add_u64(object, "column", diag->column) ||
		    !bl_json_add_bytes(object, "message", diag->message, strlen(diag->message)))
			return false;
	}
	return true;
}
