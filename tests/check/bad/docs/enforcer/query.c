static const char *const operations[] = {"exec"};
