/* SPDX-License-Identifier: GPL-2.0-or-later */
struct bad {
	size_t nobody_included_stddef;
};
