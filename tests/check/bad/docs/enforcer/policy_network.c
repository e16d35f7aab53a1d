static const char *const keys[] = {"allow"};
static const char *const operations[] = {"connect", "listen"};
