// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "enforcer/apply.h"
#include "enforcer/log.h"
#include "enforcer/loss.h"
#include "enforcer/subject.h"
#include "enforcer/util.h"

/* Signals and the control socket get their turn after so many events. */
#define EVENTS_PER_TURN 256
#define TURNS_AT_ONCE   64

#define LOSS_PERIOD_US   (10 * UINT64_C(1000000))
#define COLLECT_EVERY    6 /* loss periods */
#define EXPIRE_PERIOD_US (BL_RECORDS_REPEAT_NS / 1000)

struct bl_intake {
	sd_event_source *ring_source;
	sd_event_source *expire_timer;
	sd_event_source *loss_timer;
	struct bl_sensor *sensor;
	struct bl_records *records;
	const struct bl_rulesets *rulesets;
	const struct bl_containers *containers;
	const char *cgroup_root;
	struct ring_buffer *ring;
	unsigned turn; /* events in this one */
	struct bl_subjects subjects;
	struct bl_losses losses;
	unsigned loss_periods;
	struct {
		int error;        /* that was logged */
		uint64_t dropped; /* before that */
	} sinks[BL_RECORDS_SINKS_MAX];
};

/* Consumes record; NULL: it could not be made. */
static void put_record(struct bl_intake *intake, struct json_object *record)
{
	if (!record)
		bl_records_count_unwritten(intake->records);
	if (!record || bl_records_put(intake->records, record) < 0)
		bl_log(BL_LOG_ERROR, "records",
		       "a record of the engine could not be written: out of memory");
}

static struct json_object *new_sink_loss(const struct bl_intake *intake, const struct bl_sink *sink,
					 uint64_t dropped)
{
	bl_cleanup_json struct json_object *record = bl_records_new_engine(intake->records, "loss");

	if (!record || !bl_json_add_string(record, "reason", "sink") ||
	    !bl_json_add_string(record, "sink", sink->ops->name) ||
	    !bl_json_add_u64(record, "count", dropped) ||
	    !bl_json_add_u64(record, "total", sink->dropped))
		return NULL;
	return TAKE(record);
}

/* A sink in trouble is told once, and once when it is over. */
static void watch_sinks(struct bl_intake *intake)
{
	size_t count;
	struct bl_sink *const *sinks = bl_records_sinks(intake->records, &count);

	for (size_t i = 0; i < count; i++) {
		uint64_t dropped;

		if (sinks[i]->error < 0 && sinks[i]->error != intake->sinks[i].error) {
			bl_log(BL_LOG_ERROR, "records",
			       "%s takes no records: %s; dropping and counting them",
			       sinks[i]->ops->name, strerror(-sinks[i]->error));
			intake->sinks[i].error = sinks[i]->error;
		}
		if (sinks[i]->error < 0 || intake->sinks[i].error == 0)
			continue;

		dropped = sinks[i]->dropped - intake->sinks[i].dropped;
		bl_log(BL_LOG_WARNING, "records",
		       "%s takes records again, %" PRIu64 " were dropped", sinks[i]->ops->name,
		       dropped);
		intake->sinks[i].error = 0;
		intake->sinks[i].dropped = sinks[i]->dropped;
		put_record(intake, new_sink_loss(intake, sinks[i], dropped));
	}
}

/* The container itself, or the one that a cgroup with policies of its own is in. */
static const struct bl_container *find_container(const struct bl_intake *intake, uint64_t id,
						 const char *cgroup)
{
	const struct bl_known *known = bl_containers_find(intake->containers, id);

	if (!known && cgroup)
		known = bl_containers_find_at(intake->containers, cgroup);
	return known ? &known->container : NULL;
}

static int on_event(void *context, void *data, size_t size)
{
	struct bl_intake *intake = context;
	struct bl_event_surroundings around = {0};
	const struct bl_ruleset *ruleset;
	const struct bl_event *event;
	char cgroup[BL_CGROUP_PATH_MAX];

	if (bl_event_check(data, size, &event) < 0) {
		if (bl_records_unwritten(intake->records) == 0)
			bl_log(BL_LOG_ERROR, "records",
			       "an event of %zu bytes is not understood; counting such events as unwritten",
			       size);
		bl_records_count_unwritten(intake->records);
		return 0;
	}
	around.subject = bl_subjects_find(&intake->subjects, event->tgid, event->parent_tgid,
					  event->comm, event->time_ns);
	if (bl_container_cgroup(intake->sensor, event->container, cgroup) == 0)
		around.container_cgroup = cgroup;
	around.container = find_container(intake, event->container, around.container_cgroup);
	around.rule =
		bl_rulesets_find_rule(intake->rulesets, event->generation, event->rule, &ruleset);
	around.is_audit_forced = around.rule && ruleset->is_audit_forced;
	around.realtime_offset_ns = bl_time_realtime_offset();
	if (bl_records_access(intake->records, event, &around) < 0)
		bl_log(BL_LOG_ERROR, "records", "an event could not be recorded: out of memory");

	/* A negative return ends this turn; the event itself is consumed. */
	return ++intake->turn >= EVENTS_PER_TURN ? -ECANCELED : 0;
}

static int on_ring(sd_event_source *source, int fd, uint32_t revents, void *context)
{
	struct bl_intake *intake = context;
	int r;

	intake->turn = 0;
	r = ring_buffer__consume(intake->ring);
	if (r < 0 && r != -ECANCELED)
		bl_log(BL_LOG_ERROR, "records", "the ring buffer cannot be read: %s", strerror(-r));
	watch_sinks(intake);
	return sd_event_source_set_enabled(intake->expire_timer, SD_EVENT_ONESHOT);
}

static int on_expire(sd_event_source *source, uint64_t usec, void *context)
{
	struct bl_intake *intake = context;

	if (!bl_records_expire(intake->records, bl_time_boot())) {
		watch_sinks(intake);
		return 0; /* the next event starts it again */
	}
	watch_sinks(intake);
	sd_event_source_set_time_relative(source, EXPIRE_PERIOD_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void report_losses(struct bl_intake *intake)
{
	int r = bl_losses_report(&intake->losses, intake->sensor, intake->records);

	if (r < 0)
		bl_log(BL_LOG_ERROR, "records", "the counts of lost events cannot be told: %s",
		       strerror(-r));
	watch_sinks(intake);
}

static int on_loss_timer(sd_event_source *source, uint64_t usec, void *context)
{
	struct bl_intake *intake = context;
	int r;

	report_losses(intake);
	if (++intake->loss_periods % COLLECT_EVERY == 0) {
		r = bl_apply_collect(intake->sensor, intake->cgroup_root);
		if (r < 0)
			bl_log(BL_LOG_ERROR, "policy",
			       "bindings of removed cgroups cannot be removed: %s", strerror(-r));
	}
	sd_event_source_set_time_relative(source, LOSS_PERIOD_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void bl_intake_record(struct bl_intake *intake, struct json_object *record)
{
	put_record(intake, record);
	watch_sinks(intake);
}

void bl_intake_reopen(struct bl_intake *intake)
{
	size_t count;
	struct bl_sink *const *sinks = bl_records_sinks(intake->records, &count);

	for (size_t i = 0; i < count; i++) {
		int r = bl_sink_reopen(sinks[i]);

		if (r < 0)
			bl_log(BL_LOG_ERROR, "records",
			       "%s cannot be opened again: %s; going on with the old one",
			       sinks[i]->ops->name, strerror(-r));
	}
}

static int add_sources(struct bl_intake *intake, sd_event *event)
{
	int r;

	r = sd_event_add_time_relative(event, &intake->loss_timer, CLOCK_BOOTTIME, LOSS_PERIOD_US,
				       0, on_loss_timer, intake);
	if (r < 0)
		return r;
	r = sd_event_add_time_relative(event, &intake->expire_timer, CLOCK_BOOTTIME,
				       EXPIRE_PERIOD_US, 0, on_expire, intake);
	if (r < 0)
		return r;

	intake->ring = ring_buffer__new(bl_sensor_map_fd(intake->sensor, BL_MAP_EVENTS), on_event,
					intake, NULL);
	if (!intake->ring)
		return -errno;
	r = sd_event_add_io(event, &intake->ring_source, ring_buffer__epoll_fd(intake->ring),
			    EPOLLIN, on_ring, intake);
	if (r < 0)
		return r;
	/* After everything else: a flood of events must not keep an operator out. */
	return sd_event_source_set_priority(intake->ring_source, SD_EVENT_PRIORITY_IDLE);
}

int bl_intake_new(sd_event *event, const struct bl_intake_sources *sources,
		  struct bl_intake **ret_intake)
{
	struct bl_intake *intake = calloc(1, sizeof(*intake));
	int r;

	if (!intake)
		return -ENOMEM;
	intake->sensor = sources->sensor;
	intake->rulesets = sources->rulesets;
	intake->containers = sources->containers;
	intake->cgroup_root = sources->cgroup_root;
	intake->records = sources->records;
	intake->subjects.reader = sources->exe_reader;
	r = add_sources(intake, event);
	if (r < 0) {
		bl_intake_free(intake);
		return r;
	}
	*ret_intake = intake;
	return 0;
}

void bl_intake_drain(struct bl_intake *intake)
{
	int r = -ECANCELED;

	for (unsigned turns = 0; r == -ECANCELED && turns < TURNS_AT_ONCE; turns++) {
		intake->turn = 0;
		r = ring_buffer__consume(intake->ring);
	}
	/* The loop's next turn says whatever has to be said of it. */
	(void)!sd_event_source_set_enabled(intake->expire_timer, SD_EVENT_ONESHOT);
}

void bl_intake_finish(struct bl_intake *intake)
{
	/* What a flood leaves in the ring buffer is for the next daemon. */
	bl_intake_drain(intake);
	bl_records_expire(intake->records, UINT64_MAX);
	report_losses(intake);
}

void bl_intake_free(struct bl_intake *intake)
{
	if (!intake)
		return;
	sd_event_source_disable_unref(intake->ring_source);
	sd_event_source_disable_unref(intake->expire_timer);
	sd_event_source_disable_unref(intake->loss_timer);
	ring_buffer__free(intake->ring);
	bl_losses_fini(&intake->losses);
	bl_subjects_fini(&intake->subjects);
	free(intake);
}
