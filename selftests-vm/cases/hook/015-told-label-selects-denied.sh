# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 600
# A policy that selects by an annotation holds from the container's first instruction when the hook tells of it, in a cgroup
# that has no runtime's name; a container without the annotation is nobody's.
. /guest/lib.sh
. /guest/oci.sh

runtimes_install
bundle web /hook/web
bundle_set web '.annotations.team = "web"'
bundle mail /hook/mail
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	label = team=web
	[file]
	deny = read /secret
END
for runtime in crun runc; do
	expect_oci $OPENED $runtime web
done
bailiff_start

denied_each_time crun 20
for _ in 1 2 3 4 5; do
	expect_oci $DENIED runc web
done
expect_records 25 record=access operation=open verdict=deny enforced=true object.path=/secret container.name=web-1 \
	$(rule 10-web 'deny = read /secret')
for runtime in crun runc; do
	expect_oci $OPENED $runtime mail
done
expect_equal "records" "$(count_records record=access)" 25
