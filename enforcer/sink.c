// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/sink.h"

int bl_sink_write(struct bl_sink *sink, const char *line, size_t len)
{
	int r = sink->ops->write(sink, line, len);

	if (r < 0)
		sink->dropped++;
	else
		sink->written++;
	sink->error = r;
	return r;
}

int bl_sink_reopen(struct bl_sink *sink)
{
	return sink->ops->reopen ? sink->ops->reopen(sink) : 0;
}

int bl_sink_flush(struct bl_sink *sink)
{
	return sink->ops->flush(sink);
}

void bl_sink_free(struct bl_sink *sink)
{
	if (sink)
		sink->ops->free(sink);
}
