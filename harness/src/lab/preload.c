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
 * WPASIM_REFUSALS=PATH names a file of requests to nl80211 that the kernel is to refuse: the family's number, and for each
 * refusal a struct refusal. The kernel gets such a request with a command that it does not know, and its answer gets the
 * errno, so that sockets and the order of messages are as with any refusal. The count in the file goes down with each.
 *
 * It calls nothing of the C library but __errno_location() and speaks to the kernel by itself, so that one file serves
 * the programs of every release in the lab, whatever their C library's version: it is linked with none.
 *
 * It is for repeatable tests: whoever knows the seed knows every key.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)
/* Nanoseconds after each request over netlink. */
#define PAUSE 1000
/* The longest jitter, 100 ms. */
#define MOST_JITTER UINT64_C(100000000)

extern char **environ;

static int seeded;
static uint64_t key;
static _Atomic uint64_t drawn;
static uint64_t jitter;
static uint64_t jitter_key;
static _Atomic uint64_t pauses;

/* Requests that are refused. */
struct refusal {
	uint32_t command;
	/* Only requests with this attribute; 0 is any. */
	uint32_t attribute;
	uint32_t error;
	/* How many more; UINT32_MAX is all. */
	uint32_t left;
};

/* The most refusals that a file has. */
#define REFUSALS 64
/* No command of nl80211. */
#define UNKNOWN_COMMAND 255

static const char *refusals;

/* Requests that were refused and are not answered yet. */
static struct {
	int socket;
	uint32_t sequence;
	uint32_t error;
} unanswered[8];
static unsigned int unanswered_next;

/* A system call with its result as the C library has it. */
static long to_system(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

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

static size_t length_of(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

/* The value of an environment variable whose name is given with its equals sign. */
static const char *variable(const char *name)
{
	char **one;

	for (one = environ; one && *one; one++) {
		size_t i = 0;

		while (name[i] && (*one)[i] == name[i])
			i++;
		if (!name[i])
			return *one + i;
	}
	return NULL;
}

static pid_t own_id(void)
{
	return (pid_t)to_system(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static void start_jitter(const char *setting)
{
	pid_t self = own_id();

	while (*setting >= '0' && *setting <= '9' && jitter <= MOST_JITTER)
		jitter = 10 * jitter + (uint64_t)(*setting++ - '0');
	if (jitter > MOST_JITTER)
		jitter = MOST_JITTER;
	jitter_key = mix(absorb(absorb(0, setting, length_of(setting)), &self, sizeof(self)));
}

__attribute__((constructor)) static void start(void)
{
	const char *shaken = variable("WPASIM_JITTER=");
	const char *seed = variable("WPASIM_SEED=");
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	refusals = variable("WPASIM_REFUSALS=");
	if (shaken)
		start_jitter(shaken);
	if (!seed)
		return;
	while (*seed) {
		if (seed[0] == '%' && seed[1] == 'p') {
			pid_t self = own_id();

			hash = absorb(hash, &self, sizeof(self));
			seed += 2;
		} else {
			hash = absorb(hash, seed++, 1);
		}
	}
	key = mix(hash);
	seeded = 1;
}

static void fill(unsigned char *out, size_t length)
{
	while (length) {
		uint64_t n = atomic_fetch_add(&drawn, 1) + 1;
		uint64_t word = mix(key + n * GOLDEN);
		size_t part = length < sizeof(word) ? length : sizeof(word);

		length -= part;
		for (; part; part--, word >>= 8)
			*out++ = (unsigned char)word;
	}
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
	to_system(SYS_nanosleep, (long)&pause, 0, 0, 0, 0, 0);
}

static int has_attribute(const unsigned char *request, size_t length, uint32_t wanted)
{
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;

	if (!wanted)
		return 1;
	while (at + sizeof(struct nlattr) <= length) {
		const struct nlattr *attribute = (const void *)(request + at);

		if ((attribute->nla_type & NLA_TYPE_MASK) == wanted)
			return 1;
		if (attribute->nla_len < sizeof(*attribute))
			return 0;
		at += NLA_ALIGN(attribute->nla_len);
	}
	return 0;
}

/* The errno that a request is to be refused with, or 0. */
static uint32_t refused(const unsigned char *request, size_t length)
{
	const struct nlmsghdr *header = (const void *)request;
	const struct genlmsghdr *generic = (const void *)(request + NLMSG_HDRLEN);
	struct {
		uint32_t family;
		struct refusal all[REFUSALS];
	} file;
	uint32_t error = 0;
	long got, descriptor;

	if (length < NLMSG_HDRLEN + GENL_HDRLEN)
		return 0;
	descriptor = to_system(SYS_openat, AT_FDCWD, (long)refusals, O_RDWR | O_CLOEXEC, 0, 0, 0);
	if (descriptor < 0)
		return 0;
	got = to_system(SYS_read, descriptor, (long)&file, sizeof(file), 0, 0, 0);
	for (size_t i = 0; got >= (long)(sizeof(file.family) + (i + 1) * sizeof(struct refusal)); i++) {
		struct refusal *one = &file.all[i];

		if (header->nlmsg_type != file.family || generic->cmd != one->command || !one->left ||
		    !has_attribute(request, length, one->attribute))
			continue;
		error = one->error;
		if (one->left != UINT32_MAX) {
			one->left--;
			to_system(SYS_pwrite64, descriptor, (long)one, sizeof(*one),
				  (char *)one - (char *)&file, 0, 0);
		}
		break;
	}
	to_system(SYS_close, descriptor, 0, 0, 0, 0, 0);
	return error;
}

/* Sends a request that is refused: with an unknown command, so that the kernel answers and does nothing. */
static ssize_t send_refused(int socket, const struct msghdr *message, int flags, uint32_t error)
{
	unsigned char *request = message->msg_iov[0].iov_base;
	struct genlmsghdr *generic = (void *)(request + NLMSG_HDRLEN);
	unsigned char command = generic->cmd;
	unsigned int at = unanswered_next++ % (sizeof(unanswered) / sizeof(unanswered[0]));
	ssize_t sent;

	unanswered[at].socket = socket;
	unanswered[at].sequence = ((struct nlmsghdr *)(void *)request)->nlmsg_seq;
	unanswered[at].error = error;
	generic->cmd = UNKNOWN_COMMAND;
	sent = to_system(SYS_sendmsg, socket, (long)message, flags, 0, 0, 0);
	generic->cmd = command;
	return sent;
}

/* Puts the errno into the kernel's answer to a refused request. */
static void put_errno(int socket, unsigned char *answer, size_t length, int is_read)
{
	struct nlmsghdr *header = (void *)answer;
	struct nlmsgerr *told = (void *)(answer + NLMSG_HDRLEN);

	if (length < NLMSG_HDRLEN + sizeof(*told) || header->nlmsg_type != NLMSG_ERROR)
		return;
	for (size_t i = 0; i < sizeof(unanswered) / sizeof(unanswered[0]); i++) {
		if (!unanswered[i].error || unanswered[i].socket != socket ||
		    unanswered[i].sequence != header->nlmsg_seq)
			continue;
		told->error = -(int)unanswered[i].error;
		if (is_read)
			unanswered[i].error = 0;
	}
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags)
{
	const struct sockaddr *to = message ? message->msg_name : NULL;
	int is_netlink = to && to->sa_family == AF_NETLINK;
	uint32_t refusal = 0;
	ssize_t sent;
	int error;

	if (is_netlink && refusals && message->msg_iovlen == 1)
		refusal = refused(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
	sent = refusal ? send_refused(socket, message, flags, refusal) :
			 to_system(SYS_sendmsg, socket, (long)message, flags, 0, 0, 0);
	error = errno;
	if (is_netlink)
		pause_a_little();
	errno = error;
	return sent;
}

ssize_t recvmsg(int socket, struct msghdr *message, int flags)
{
	ssize_t got = to_system(SYS_recvmsg, socket, (long)message, flags, 0, 0, 0);

	if (refusals && got > 0 && message->msg_iovlen >= 1) {
		size_t room = message->msg_iov[0].iov_len;

		put_errno(socket, message->msg_iov[0].iov_base, (size_t)got < room ? (size_t)got : room,
			  !(flags & MSG_PEEK));
	}
	return got;
}
