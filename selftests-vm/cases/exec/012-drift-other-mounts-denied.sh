# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What is mounted in a container did not come with its image, unless it cannot be written to; a rule can allow it.
. /guest/lib.sh

readonly root=/srv/root

cgroup /web
overlay $root
file_system ext4 $root/data 64M
mount -t tmpfs tmpfs $root/tmp
mount -t tmpfs tmpfs $root/run
module erofs
mkfs.erofs -x-1 /run/case/erofs.image /run/case/image/bin >/dev/null
mkdir -p $root/image
mount -t erofs -o loop /run/case/erofs.image $root/image
trap 'umount $root/image $root/run $root/tmp $root/data $root' EXIT
program $root/tmp/program $root/data/program $root/run/program $root/data/allowed/program
for place in tmp data run image bin data/allowed; do
	expect_allowed in-cgroup /web exec $root/$place/program
	expect_allowed in-cgroup /web map $root/$place/program
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	allow = /srv/root/data/allowed/**
	allow = /srv/root/bin/new
	drift = deny
END
cp $root/bin/program $root/bin/new
bailiff_start

for place in tmp data run; do
	expect_denied in-cgroup /web exec $root/$place/program
	expect_denied in-cgroup /web map $root/$place/program
	for operation in exec map; do
		expect_records 1 operation=$operation verdict=deny enforced=true object.path=$root/$place/program \
			permissions.denied='["drift-mount"]' $(rule 10-web 'drift = deny')
	done
done
expect_denied in-cgroup /web exec $root/bin/new
expect_records 1 object.path=$root/bin/new permissions.denied='["drift"]'
for place in image bin data/allowed; do
	expect_allowed in-cgroup /web exec $root/$place/program
	expect_allowed in-cgroup /web map $root/$place/program
done
expect_records 7 record=access
