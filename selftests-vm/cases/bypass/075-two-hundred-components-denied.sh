# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A path of two hundred components is decided whole, by every operation, also across mounts in the middle of it.
. /guest/lib.sh

cgroup /web
half=$(printf '%99s' '' | sed 's| |/d|g')
deep=/srv$half$half
secret "$deep/secret" "$deep/public"
mount -t tmpfs tmpfs "/srv$half"
trap 'umount "/srv$half"' EXIT
secret "$deep/secret" "$deep/public"
attempts() {
	"$@" in-cgroup /web open-read "$deep/secret"
	"$@" in-cgroup /web in-directory "$deep" open-read secret
	"$@" in-cgroup /web in-directory "$deep" change-mode secret
	"$@" holding r "$deep/secret" in-cgroup /web map held
	"$@" in-cgroup /web in-directory "$deep" unlink secret
	secret "$deep/secret"
}
attempts expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = all /srv/**/d/secret
END
bailiff_start

attempts expect_denied
expect_records 5 verdict=deny enforced=true object.path="$deep/secret" $(rule 10-web 'deny = all')
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
expect_allowed in-cgroup /web in-directory "$deep" open-read public
expect_allowed in-cgroup /web in-directory "$deep" rename public other
