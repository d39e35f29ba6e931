/*
 * Random bytes that repeat. Preloaded into a program (LD_PRELOAD), this library answers getrandom(), getentropy()
 * and syscall(SYS_getrandom, ...) from a stream that the environment variable WPASIM_SEED (any string) decides.
 * "%p" in the seed stands for the process id, so that programs started with the same seed do not draw the same
 * bytes. Without WPASIM_SEED the calls go to the system.
 *
 * After each request to the kernel over netlink it sleeps for a microsecond of virtual time, so that the kernel's own
 * threads do what the request left to them, as they have done on other machines when the program's next request comes.
 * Here computing takes no time: without the pause that would always come before the end of what was just cancelled.
 *
 * WPASIM_JITTER=NANOSECONDS[:SEED] lengthens each of these pauses by up to so much, otherwise for each seed: what turns
 * out otherwise then hangs on times that are not the same on two machines.
 *
 * It is for repeatable tests: whoever knows the seed knows every key.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)
/* Nanoseconds after each request over netlink. */
#define PAUSE 1000
/* The longest jitter, 100 ms. */
#define MOST_JITTER UINT64_C(100000000)

static long (*next_syscall)(long, ...);
static ssize_t (*next_sendmsg)(int, const struct msghdr *, int);
static int seeded;
static uint64_t key;
static _Atomic uint64_t drawn;
static uint64_t jitter;
static uint64_t jitter_key;
static _Atomic uint64_t pauses;

/* The finalizer of splitmix64. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* FNV-1a. */
static uint64_t absorb(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;

	while (length--)
		hash = (hash ^ *p++) * UINT64_C(0x100000001b3);
	return hash;
}

static void start_jitter(const char *setting)
{
	char *rest;
	pid_t self = getpid();

	jitter = strtoull(setting, &rest, 10);
	if (jitter > MOST_JITTER)
		jitter = MOST_JITTER;
	jitter_key = mix(absorb(absorb(0, rest, strlen(rest)), &self, sizeof(self)));
}

__attribute__((constructor)) static void start(void)
{
	const char *shaken = getenv("WPASIM_JITTER");
	const char *seed = getenv("WPASIM_SEED");
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	next_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	next_sendmsg = (ssize_t (*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
	if (shaken)
		start_jitter(shaken);
	if (!seed)
		return;
	while (*seed) {
		if (seed[0] == '%' && seed[1] == 'p') {
			pid_t self = getpid();

			hash = absorb(hash, &self, sizeof(self));
			seed += 2;
		} else {
			hash = absorb(hash, seed++, 1);
		}
	}
	key = mix(hash);
	seeded = 1;
}

static void fill(void *buffer, size_t length)
{
	unsigned char *out = buffer;

	while (length) {
		uint64_t n = atomic_fetch_add(&drawn, 1) + 1;
		uint64_t word = mix(key + n * GOLDEN);
		size_t part = length < sizeof(word) ? length : sizeof(word);

		memcpy(out, &word, part);
		out += part;
		length -= part;
	}
}

static long to_system(long number, long a, long b, long c, long d, long e, long f)
{
	if (!next_syscall)
		next_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (!next_syscall) {
		errno = ENOSYS;
		return -1;
	}
	return next_syscall(number, a, b, c, d, e, f);
}

ssize_t getrandom(void *buffer, size_t length, unsigned int flags)
{
	if (!seeded)
		return to_system(SYS_getrandom, (long)buffer, (long)length, (long)flags, 0, 0, 0);
	fill(buffer, length);
	return (ssize_t)length;
}

int getentropy(void *buffer, size_t length)
{
	if (length > 256) {
		errno = EIO;
		return -1;
	}
	return getrandom(buffer, length, 0) == (ssize_t)length ? 0 : -1;
}

long syscall(long number, ...)
{
	long a[6];
	va_list arguments;

	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_getrandom && seeded)
		return getrandom((void *)a[0], (size_t)a[1], (unsigned int)a[2]);
	return to_system(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void pause_a_little(void)
{
	struct timespec pause = { 0, PAUSE };

	if (jitter)
		pause.tv_nsec += mix(jitter_key + atomic_fetch_add(&pauses, 1) * GOLDEN) % (jitter + 1);
	nanosleep(&pause, NULL);
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags)
{
	const struct sockaddr *to = message ? message->msg_name : NULL;
	ssize_t sent;

	if (!next_sendmsg) {
		errno = ENOSYS;
		return -1;
	}
	sent = next_sendmsg(socket, message, flags);
	if (to && to->sa_family == AF_NETLINK)
		pause_a_little();
	return sent;
}
