# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Who does what a kill rule names is killed before it is done; nobody else is.
. /guest/lib.sh

readonly WAYS="open-read:/srv/secret open-trunc:/srv/secret unlink:/srv/secret rename:/srv/secret:/srv/new
	change-mode:/srv/secret link:/srv/secret:/srv/new truncate:/srv/secret map:/srv/mapped become:/srv/denied
	exec-memory map-anonymous connect-unix:/srv/socket"

cgroup /web /audit
listen unix /srv/socket
fresh() {
	secret /srv/secret
	program /srv/denied /srv/mapped /srv/allowed
	rm -f /srv/new
}
for way in $WAYS; do
	fresh
	expect_allowed in-cgroup /web $(echo "$way" | tr : ' ')
done

kill_policy() {
	policy "10-$1" <<-END
		[policy]
		name = $1
		mode = $2
		[select]
		cgroup = /$1
		[exec]
		kill = /srv/denied
		memory = kill
		anonymous = kill
		[file]
		kill = read write create delete attr /srv/secret /srv/new
		kill = map /srv/mapped
		[network]
		kill = connect unix /srv/socket
	END
}
kill_policy web enforce
kill_policy audit audit
bailiff_start

fresh
before=$(stat -c '%i %s %a %h' /srv/secret)
for way in $WAYS; do
	[ $way != exec-memory ] || continue
	expect_allowed killed in-cgroup /web $(echo "$way" | tr : ' ')
	expect_equal "the file" "$(stat -c '%i %s %a %h' /srv/secret)" "$before"
	[ ! -e /srv/new ] || fail "$way: the new name is there"
done
expect_records 11 record=access verdict=kill enforced=true container.cgroup=/web
expect_records 1 operation=open verdict=kill object.path=/srv/secret permissions.denied='["read"]' \
	$(rule 10-web 'kill = read')
expect_records 1 operation=exec verdict=kill object.path=/srv/denied $(rule 10-web 'kill = /srv/denied')
expect_records 1 operation=map verdict=kill object.path=/srv/mapped permissions.denied='["map"]' \
	$(rule 10-web 'kill = map')
expect_records 1 operation=map verdict=kill permissions.denied='["anonymous"]' $(rule 10-web 'anonymous = kill')
expect_records 1 operation=connect verdict=kill object.path=/srv/socket $(rule 10-web 'kill = connect')

# Its children and its parent live on; all its threads do not.
sh -c 'echo 0 >/sys/fs/cgroup/web/cgroup.procs
	probe waiting /run/case/ready /run/case/go open-create /srv/after &
	while [ ! -e /run/case/ready ]; do :; done
	exec probe in-fork killed open-read /srv/secret' || fail "the parent of who was killed: exit code $?"
sh -c 'echo 0 >/sys/fs/cgroup/web/cgroup.procs
	probe waiting /run/case/ready2 /run/case/go open-create /srv/after2 &
	while [ ! -e /run/case/ready2 ]; do :; done
	exec probe open-read /srv/secret' && fail "not killed"
touch /run/case/go
wait_until "the children" test -e /srv/after -a -e /srv/after2
expect_allowed killed in-cgroup /web in-thread /run/case/ready3 /run/case/go open-read /srv/secret
expect_allowed in-cgroup /web exec /srv/allowed

for way in $WAYS; do
	fresh
	expect_allowed in-cgroup /audit $(echo "$way" | tr : ' ')
done
expect_records 1 operation=open verdict=kill enforced=false mode=audit container.cgroup=/audit \
	permissions.denied='["read"]' $(rule 10-audit 'kill = read')
