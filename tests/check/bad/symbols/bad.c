/* SPDX-License-Identifier: GPL-2.0-or-later */
int bl_good(void);
int helper(void);

int bl_good(void)
{
	return 0;
}

int helper(void)
{
	return 0;
}
