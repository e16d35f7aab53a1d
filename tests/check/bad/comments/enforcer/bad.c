/* Licence, which one? */
/* TODO: all of it */
#if 0
#endif
	// r = bl_old(x);
	/* return 0; */
	 * frobnicate(it);
	puts("unknown error");
/* Does it as before. */
