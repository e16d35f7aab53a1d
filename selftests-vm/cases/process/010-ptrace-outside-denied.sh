# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# "ptrace = inside": processes of the container are traced and looked into, others are not, by whatever call; not even
# those of another container under the same policy. Who is outside may all of it.
. /guest/lib.sh

# What says EPERM, and what says EACCES when it may not; @ is the process.
readonly WAYS="trace:attach:@ trace:seize:@ memory:read:@ memory:write:@ compare:@ join:@ get-robust-list:@ take:@:0
	read-file:/proc/@/stack read-file:/proc/@/syscall read-file:/proc/@/personality"
readonly WAYS_EACCES="open-read:/proc/@/mem open-rdwr:/proc/@/mem read-file:/proc/@/environ read-file:/proc/@/maps
	read-file:/proc/@/smaps read-file:/proc/@/auxv open-read:/proc/@/pagemap read-file:/proc/@/io
	read-link:/proc/@/exe read-link:/proc/@/cwd read-link:/proc/@/root read-link:/proc/@/fd/0 read-link:/proc/@/ns/mnt
	open-read:/proc/@/fd/0 open-read:/proc/@/root/srv/file change-directory:/proc/@/cwd"
readonly WAYS_COUNT=27

# each_way STATEMENT PROCESS [WHERE]...: makes it on each of them.
each_way() {
	local statement=$1 process=$2 way
	shift 2
	for way in $WAYS; do
		"$statement" "$@" $(echo "$way" | sed "s/@/$process/; s/:/ /g")
	done
	for way in $WAYS_EACCES; do
		"$statement" "$@" refused-as EACCES $(echo "$way" | sed "s/@/$process/; s/:/ /g")
	done
}

cgroup /web/part /peer /free
secret /srv/file
process own in-cgroup /web
process part in-cgroup /web/part
process peer in-cgroup /peer
process host
each_way expect_allowed $host in-cgroup /web
each_way expect_allowed $peer in-cgroup /web

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	cgroup = /peer
	[process]
	ptrace = inside
END
bailiff_start

each_way expect_denied $host in-cgroup /web
expect_records $WAYS_COUNT record=access operation=ptrace verdict=deny enforced=true mode=enforce policy=web \
	permissions.denied='["use"]' object.kind=process object.access=ptrace object.relation=outside object.pid=$host \
	container.cgroup=/web $(rule 10-web 'ptrace = inside')
each_way expect_denied $peer in-cgroup /web/part
expect_records $WAYS_COUNT operation=ptrace object.relation=outside object.pid=$peer container.cgroup=/web
expect_denied in-cgroup /peer trace attach $own
expect_counted $((2 * WAYS_COUNT + 1)) 10-web 'ptrace = inside'

each_way expect_allowed $own in-cgroup /web
each_way expect_allowed $part in-cgroup /web
each_way expect_allowed $own in-cgroup /web/part
each_way expect_allowed $own in-cgroup /free
each_way expect_allowed $own
each_way expect_allowed $host
expect_records $((2 * WAYS_COUNT + 1)) record=access
