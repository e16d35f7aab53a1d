# SPDX-License-Identifier: GPL-2.0-or-later
# Without the process that reads executables records go without them, and the log says so; it ends with the daemon,
# however that ends.
. /guest/lib.sh

is_gone() {
	! readlink "/proc/$1/exe" >/dev/null
}

cgroup /web
secret /srv/secret /srv/other
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/**
END
bailiff_start
reader=$(exe_reader)
bailiff_stop KILL
wait_until "the reader to end" is_gone "$reader"

bailiff_start
expect_denied in-cgroup /web open-read /srv/secret
expect_records 1 object.path=/srv/secret subject.parent.exe=/bin/busybox
kill -9 "$(exe_reader)"
expect_denied in-cgroup /web open-read /srv/other
expect_records 1 object.path=/srv/other subject.parent.exe=null
expect_log "the process that reads executables is gone"
expect_equal "daemon" "$(status_value .daemon.pid)" "$daemon"
