// The time of day as a replica sees it: CLOCK_SKEW_SECONDS ahead of the machine's, or behind when negative.
// Loaded before libc, whose function it stands in for. What only counts, as timeouts do, is left alone.

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    const char *skew = getenv("CLOCK_SKEW_SECONDS");
    if (!failed && clock == CLOCK_REALTIME && skew) {
        now->tv_sec += atol(skew);
    }
    return failed;
}
