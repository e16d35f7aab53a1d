// SPDX-License-Identifier: GPL-2.0-or-later
const struct bl_verb bl_verbs[] = {
	{"check", "[--fast]", "Checks",
	{"fly", "", "Flies",
};
