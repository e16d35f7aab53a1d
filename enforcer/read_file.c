// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "enforcer/util.h"

/* Until the end or max bytes: the size that stat names may be out of date. */
static ssize_t read_all(int fd, char *text, size_t max)
{
	size_t len = 0;

	while (len < max) {
		ssize_t n = read(fd, text + len, max - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int bl_read_file(const char *path, size_t max_bytes, char **ret_text, size_t *ret_len)
{
	bl_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bl_cleanup_free char *text = NULL;
	struct stat status;
	ssize_t len;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	if ((size_t)status.st_size > max_bytes)
		return -EFBIG;

	text = malloc((size_t)status.st_size + 2);
	if (!text)
		return -ENOMEM;
	len = read_all(fd, text, (size_t)status.st_size + 1);
	if (len < 0)
		return (int)len;
	if (len > status.st_size)
		return -EAGAIN;

	text[len] = '\0';
	*ret_text = TAKE(text);
	*ret_len = (size_t)len;
	return 0;
}
