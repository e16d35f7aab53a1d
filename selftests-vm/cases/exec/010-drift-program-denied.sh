# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# On an overlay, programs of the image run; what was written, changed or copied up in any way since does not.
. /guest/lib.sh

readonly bin=/srv/root/bin
readonly CHANGED="new copied appended chmodded touched owned renamed linked opened"

drift_away() {
	cp /usr/bin/probe $bin/new
	cp $bin/probe $bin/copied
	echo x >>$bin/appended
	probe change-mode $bin/chmodded
	probe change-times $bin/touched
	probe change-owner $bin/owned
	mv $bin/to-be-renamed $bin/renamed
	ln $bin/other $bin/linked
	probe open-write $bin/opened
}

cgroup /web
container_image /run/case/image
program /run/case/image/bin/appended /run/case/image/bin/chmodded /run/case/image/bin/touched \
	/run/case/image/bin/owned /run/case/image/bin/to-be-renamed /run/case/image/bin/opened
overlay /srv/root
trap 'umount /srv/root' EXIT
drift_away
for name in program $CHANGED; do
	expect_allowed in-cgroup /web exec $bin/$name
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	allow = /srv/root/bin/new
	drift = deny
END
bailiff_start

for name in $CHANGED; do
	expect_denied in-cgroup /web exec $bin/$name
	expect_records 1 operation=exec verdict=deny enforced=true object.path=$bin/$name \
		permissions.denied='["drift"]' $(rule 10-web 'drift = deny')
done
expect_denied in-cgroup /web exec $bin/other
expect_records 10 record=access
expect_allowed in-cgroup /web exec $bin/program
expect_allowed in-cgroup /web exec-descriptor $bin/program
expect_allowed exec $bin/new
