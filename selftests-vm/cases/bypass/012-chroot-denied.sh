# SPDX-License-Identifier: GPL-2.0-or-later
# Another root or working directory gives no file another name.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
program /srv/denied /srv/allowed
for verb in open-read exec; do
	for name in secret denied; do
		[ $verb-$name != exec-secret ] || continue
		expect_allowed in-cgroup /web in-root /srv $verb /$name
	done
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
	[file]
	deny = read /srv/secret
	deny = read /public
END
bailiff_start

expect_denied in-cgroup /web in-root /srv open-read /secret
expect_denied in-cgroup /web in-directory /srv open-read secret
expect_denied in-cgroup /web in-directory /srv open-read ../srv/./secret
expect_records 3 operation=open verdict=deny enforced=true object.path=/srv/secret \
	$(rule 10-web 'deny = read /srv/secret')
expect_denied in-cgroup /web in-root /srv exec /denied
expect_records 1 operation=exec verdict=deny object.path=/srv/denied $(rule 10-web 'deny = /srv/denied')
expect_allowed in-cgroup /web in-root /srv open-read /public
expect_allowed in-cgroup /web in-root /srv exec /allowed
