static const char *const network_protocol_names[] = {"tcp"};
static const char *const verdict_names[] = {"allow"};
static const char *const fail_names[] = {"too-long", "eclipse"};
static const char *const operation_names[] = {"exec"};
