# SPDX-License-Identifier: GPL-2.0-or-later
# The longest path the kernel takes is decided; a longer one, which only a relative name reaches, is not guessed.
. /guest/lib.sh

# repeat N TEXT
repeat() {
	printf "%$1s" '' | sed "s| |$2|g"
}

cgroup /web
# 4,088 bytes: /srv, 15 names of 255 bytes and one of 243.
deep=/srv$(repeat 15 "/$(repeat 255 d)")/$(repeat 243 d)
expect_equal "bytes of the directory" ${#deep} 4088
mkdir -p "$deep"
cd "$deep"
echo secret >secret
echo secret >public
echo secret >publics
mkdir d
echo secret >d/public
cd /
expect_allowed in-cgroup /web open-read "$deep/secret"
expect_allowed in-cgroup /web in-directory "$deep" open-read publics
expect_allowed in-cgroup /web in-directory "$deep" open-read d/public

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/**/secret
END
bailiff_start

expect_denied in-cgroup /web open-read "$deep/secret"
expect_records 1 operation=open verdict=deny enforced=true object.path="$deep/secret" \
	$(rule 10-web 'deny = read')
expect_allowed in-cgroup /web open-read "$deep/public"
expect_denied in-cgroup /web in-directory "$deep" open-read publics
expect_denied in-cgroup /web in-directory "$deep" open-read d/public
expect_records 2 operation=open verdict=deny enforced=true fail=too-long object=null rule=null
expect_allowed in-directory "$deep" open-read publics
