// Chappe for C and C++: two processes on one Linux machine exchange files, frames and tensors through shared memory.
// This header and libc are all it takes: #include "chappe.h" before other headers, and build with -pthread. SPDX-License-Identifier: MIT
//
// The requester asks and owns the channel:                            The responder answers:
//
//   chappe_requester requester;                                         chappe_responder responder;
//   if (chappe_requester_open(&requester, "ibis", NULL))                if (chappe_responder_open(&responder, "ibis", NULL))
//       puts(chappe_requester_error(&requester));                           puts(chappe_responder_error(&responder));
//   chappe_response response;                                           chappe_request request;
//   if (!chappe_requester_ask(&requester, "apple", NULL, &response))    while (!chappe_responder_receive(&responder, -1, &request)) {
//       fwrite(response.payload, 1, response.bytes, stdout);                void *payload = chappe_responder_buffer(&responder, 5);
//   chappe_requester_close(&requester);                                     memcpy(payload, "hello", 5);
//                                                                           chappe_answer answer = { 5, 0, 0, 0, CHAPPE_BYTES, "text/plain", NULL };
//                                                                           chappe_responder_answer(&responder, &answer);
//                                                                       }
//                                                                       chappe_responder_close(&responder);
//
// Both payloads are the shared memory itself, without a copy. A response's payload is valid until the next call with its requester, a buffer until the answer.
// Every call returns 0 (CHAPPE_OK) or the kind of failure; chappe_requester_error and chappe_responder_error return a message that describes it.
// Use a requester or a responder from one thread at a time, and do not copy it. What the other side writes is copied once and checked.
// If the process forks, the child keeps the locks until it calls exec or ends.
#ifndef CHAPPE_H
#define CHAPPE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#ifndef O_TMPFILE
#error "Include chappe.h before every other header, or compile with -D_GNU_SOURCE."
#endif

typedef enum {
    CHAPPE_OK,
    CHAPPE_FAILED,      // the responder could not answer: see response.status and response.message
    CHAPPE_TIMED_OUT,   // no answer, or no request, within the time limit
    CHAPPE_INTERRUPTED, // *options.stop was set
    CHAPPE_PEER_LOST,   // the responder that had the request died (only with fail_when_peer_is_lost)
    CHAPPE_IN_USE,      // the channel belongs to another requester, or its names to another program
    CHAPPE_FULL,        // /dev/shm has no room
    CHAPPE_TOO_LARGE,   // more than options.max_payload, or than this process may make a file (ulimit -f)
    CHAPPE_PROTOCOL,    // the other side violates the protocol
    CHAPPE_SYSTEM,      // a system call failed
    CHAPPE_USAGE,       // an argument is invalid, or the call is out of order
    CHAPPE_ASK_AGAIN, CHAPPE_LOOK_AGAIN, CHAPPE_STAND_BY // internal: never returned to a caller
} chappe_result;

typedef enum {
    CHAPPE_STATUS_OK, CHAPPE_STATUS_NOT_FOUND, CHAPPE_STATUS_FORBIDDEN, CHAPPE_STATUS_AMBIGUOUS, CHAPPE_STATUS_INVALID_NAME, CHAPPE_STATUS_TOO_LARGE,
    CHAPPE_STATUS_NO_SPACE, CHAPPE_STATUS_UNREADABLE, CHAPPE_STATUS_UNSUPPORTED, CHAPPE_STATUS_CANCELLED, CHAPPE_STATUS_INTERNAL
} chappe_status;

typedef enum { CHAPPE_WANTS_ANY, CHAPPE_WANTS_FILE, CHAPPE_WANTS_PIXELS, CHAPPE_WANTS_LIST } chappe_wants;
typedef enum { CHAPPE_NONE, CHAPPE_FILE, CHAPPE_PIXELS, CHAPPE_LIST, CHAPPE_BYTES, CHAPPE_ERROR } chappe_kind;
typedef enum { CHAPPE_BASIC, CHAPPE_EXTENDED } chappe_level;
typedef enum { CHAPPE_WAITING_FOR_REQUESTER, CHAPPE_STANDING_BY, CHAPPE_ATTACHED } chappe_state;

typedef enum {
    CHAPPE_NO_ELEMENT, CHAPPE_U8, CHAPPE_I8, CHAPPE_U16, CHAPPE_I16, CHAPPE_U32, CHAPPE_I32, CHAPPE_U64, CHAPPE_I64,
    CHAPPE_FLOAT16, CHAPPE_FLOAT32, CHAPPE_FLOAT64, CHAPPE_BFLOAT16, CHAPPE_BOOLEAN
} chappe_element;

typedef enum { CHAPPE_NO_PIXELS, CHAPPE_GREY, CHAPPE_GREY_ALPHA, CHAPPE_RGB, CHAPPE_RGBA, CHAPPE_BGR, CHAPPE_BGRA } chappe_pixel_format;

enum { CHAPPE_MAX_NAME = 4096, CHAPPE_MAX_RANK = 8, CHAPPE_MAX_MEDIA_TYPE = 128, CHAPPE_MAX_MESSAGE = 1024, CHAPPE_MAX_TRACE = 60 };

// Describes the payload as a tensor. An image has rank 3: height, width, channels.
typedef struct {
    uint32_t element_type; // chappe_element
    uint32_t pixel_format; // chappe_pixel_format
    uint32_t rank;
    uint64_t shape[CHAPPE_MAX_RANK];  // elements along each dimension, outermost first
    int64_t strides[CHAPPE_MAX_RANK]; // bytes from one element to the next along each dimension
} chappe_description;

typedef struct {
    uint64_t max_payload;         // in bytes; this much address space is reserved. Default 4 GiB
    uint32_t spin_microseconds;   // how long a wait spins before it blocks; 0 for never. Default 50, or 0 on a single processor
    mode_t mode;                  // of the objects that a requester creates. Default 0600
    const volatile sig_atomic_t *stop; // set it in a signal handler to end every wait within 50 ms. Default NULL
    void (*state_changed)(chappe_state state, chappe_level level, void *context); // called by a responder. Default NULL
    void *context;
} chappe_options;

static inline chappe_options chappe_default_options(void);

typedef struct {
    chappe_wants wants;
    int64_t timeout_milliseconds; // -1 for no limit. Default 30 000
    bool fail_when_peer_is_lost;  // return CHAPPE_PEER_LOST if the responder that has the request dies, instead of asking the next one
    const char *trace_context;    // a W3C traceparent, or NULL
} chappe_request_options;

typedef struct {
    const void *payload; // bytes long
    uint64_t bytes, width, height, channels;
    chappe_level level;
    chappe_status status;
    chappe_kind kind; // CHAPPE_NONE at the basic level
    bool has_description;
    chappe_description description;
    char media_type[CHAPPE_MAX_MEDIA_TYPE + 1];
    char message[CHAPPE_MAX_MESSAGE + 1];
} chappe_response;

typedef struct chappe_requester chappe_requester;

// Creates the channel, or adopts that of a requester that died. options may be NULL.
static inline chappe_result chappe_requester_open(chappe_requester *requester, const char *channel, const chappe_options *options);
// Makes a request and waits for the answer. options may be NULL: any kind, within 30 s. Only a request for the list may have an empty name.
static inline chappe_result chappe_requester_ask(chappe_requester *requester, const char *name, const chappe_request_options *options, chappe_response *response);
// Abandons an outstanding answer and creates the channel's objects anew. Call it when a basic responder died with a request.
static inline chappe_result chappe_requester_reset(chappe_requester *requester);
static inline void chappe_requester_close(chappe_requester *requester); // may be called after a failed open
static inline const char *chappe_requester_error(const chappe_requester *requester);
static inline chappe_request_options chappe_default_request(void);

typedef struct {
    const char *name; // UTF-8 with a final NUL; valid until the answer
    size_t name_length;
    chappe_wants wants;
    chappe_level level; // a basic requester expects decoded pixels, and receives neither kind nor status
    char trace_context[CHAPPE_MAX_TRACE + 1];
} chappe_request;

typedef struct {
    uint64_t bytes, width, height, channels; // if it is not an image: bytes, 0, 0, 0
    chappe_kind kind;
    const char *media_type;                // ASCII, or NULL
    const chappe_description *description; // or NULL
} chappe_answer;

typedef struct chappe_responder chappe_responder;

// Neither waits nor creates anything: the channel may be created later. options may be NULL.
static inline chappe_result chappe_responder_open(chappe_responder *responder, const char *channel, const chappe_options *options);
// Waits for a request. Also waits for a requester, and while another responder is attached. -1 for no time limit.
static inline chappe_result chappe_responder_receive(chappe_responder *responder, int64_t timeout_milliseconds, chappe_request *request);
// Memory for the payload, at the same address each time. NULL if there is no room: chappe_responder_result then returns CHAPPE_FULL or CHAPPE_TOO_LARGE.
static inline void *chappe_responder_buffer(chappe_responder *responder, uint64_t bytes);
static inline chappe_result chappe_responder_answer(chappe_responder *responder, const chappe_answer *answer);
static inline chappe_result chappe_responder_fail(chappe_responder *responder, chappe_status status, const char *message);
static inline void chappe_responder_close(chappe_responder *responder); // may be called after a failed open
static inline const char *chappe_responder_error(const chappe_responder *responder);
static inline chappe_result chappe_responder_result(const chappe_responder *responder); // of the last call that failed

// The implementation of docs/protocol.md. The API ends here.

// Tests define this to run code after the step that it names.
#ifndef CHAPPE_STEP
#define CHAPPE_STEP(name) ((void)0)
#endif

#ifdef __cplusplus
#define CHAPPE_ASSERT(condition) static_assert(condition, #condition)
#else
#define CHAPPE_ASSERT(condition) _Static_assert(condition, #condition)
#endif

enum { CHAPPE_HEAD, CHAPPE_DATA, CHAPPE_REQ, CHAPPE_RES, CHAPPE_CTRL, CHAPPE_OBJECTS };
enum { CHAPPE_BUILDING = 1, CHAPPE_OPEN, CHAPPE_CLOSED };
enum { CHAPPE_VERSION = 1, CHAPPE_CONTROL_LENGTH = 4096, CHAPPE_HEAD_LENGTH = 32, CHAPPE_STRAYS = 10000, CHAPPE_PATH = 288 };
enum { CHAPPE_MAX_CHANNEL = NAME_MAX - 12 }; // less what the longest file name, sem.SEM_ibis_REQ, adds

typedef struct {
    char magic[8];
    uint32_t version, length;
    uint64_t generation;
    uint8_t unused_birth[40];

    uint64_t ticket;
    uint32_t wants, flags;
    uint64_t slot, asked_at, pending;
    uint8_t unused_request[24];

    uint32_t requester_pid, state;
    uint64_t inodes[4]; // HEAD, DATA, REQ, RES
    uint8_t unused_home[24];

    uint32_t trace_length;
    char trace[CHAPPE_MAX_TRACE];

    uint64_t incarnation, done;
    uint32_t status, kind, responder_pid;
    uint16_t media_type_length, message_length;
    uint32_t has_description;
    uint8_t unused_answer[28];

    uint64_t taker, taken, started, progress;
    uint8_t unused_work[32];

    char media_type[CHAPPE_MAX_MEDIA_TYPE];

    uint32_t element_type, pixel_format, rank, unused_rank;
    uint64_t shape[CHAPPE_MAX_RANK];
    int64_t strides[CHAPPE_MAX_RANK];
    uint8_t unused_description[48];

    char message[CHAPPE_MAX_MESSAGE];
    uint8_t reserved[2368];
} chappe_control;

#define CHAPPE_AT(field, offset) CHAPPE_ASSERT(offsetof(chappe_control, field) == (offset))
CHAPPE_AT(magic, 0);
CHAPPE_AT(version, 8);
CHAPPE_AT(length, 12);
CHAPPE_AT(generation, 16);
CHAPPE_AT(ticket, 64);
CHAPPE_AT(wants, 72);
CHAPPE_AT(flags, 76);
CHAPPE_AT(slot, 80);
CHAPPE_AT(asked_at, 88);
CHAPPE_AT(pending, 96);
CHAPPE_AT(requester_pid, 128);
CHAPPE_AT(state, 132);
CHAPPE_AT(inodes[CHAPPE_HEAD], 136);
CHAPPE_AT(inodes[CHAPPE_DATA], 144);
CHAPPE_AT(inodes[CHAPPE_REQ], 152);
CHAPPE_AT(inodes[CHAPPE_RES], 160);
CHAPPE_AT(trace_length, 192);
CHAPPE_AT(trace, 196);
CHAPPE_AT(incarnation, 256);
CHAPPE_AT(done, 264);
CHAPPE_AT(status, 272);
CHAPPE_AT(kind, 276);
CHAPPE_AT(responder_pid, 280);
CHAPPE_AT(media_type_length, 284);
CHAPPE_AT(message_length, 286);
CHAPPE_AT(has_description, 288);
CHAPPE_AT(taker, 320);
CHAPPE_AT(taken, 328);
CHAPPE_AT(started, 336);
CHAPPE_AT(progress, 344);
CHAPPE_AT(media_type, 384);
CHAPPE_AT(element_type, 512);
CHAPPE_AT(pixel_format, 516);
CHAPPE_AT(rank, 520);
CHAPPE_AT(shape, 528);
CHAPPE_AT(strides, 592);
CHAPPE_AT(message, 704);
CHAPPE_AT(reserved, 1728);
CHAPPE_ASSERT(sizeof(chappe_control) == CHAPPE_CONTROL_LENGTH);
CHAPPE_ASSERT(sizeof(sem_t) == 32);
#undef CHAPPE_AT

typedef struct {
    int file;
    uint8_t *start; // mapped once, up to the maximum length; never moves
    uint64_t reserved;
    uint64_t length; // known to exist, without holes
} chappe_segment;

// The four objects of one generation.
typedef struct {
    bool is_open;
    uint64_t generation;
    sem_t *requests, *responses;
    chappe_segment head, data;
    uint64_t inodes[4];
    bool is_made[4]; // by this requester, in this home; a basic responder may have made a semaphore
} chappe_home;

// The part that requester and responder share.
typedef struct {
    chappe_options options;
    char name[CHAPPE_MAX_CHANNEL + 1];
    char paths[CHAPPE_OBJECTS][CHAPPE_PATH];
    int control_file, lock_file; // the lock is on an open file description of its own, which is never mapped
    uint64_t control_inode;
    chappe_control *control;
    chappe_home home;
    uint32_t spin_misses;
    int64_t looked_at; // tick of the coarse clock in which the file lengths were last read
    chappe_result result;
    char error[640];
} chappe_channel;

typedef enum { CHAPPE_NOTHING_OUTSTANDING, CHAPPE_EXTENDED_OUTSTANDING, CHAPPE_BASIC_OUTSTANDING } chappe_outstanding;

struct chappe_requester {
    chappe_channel channel;
    uint64_t ticket;
    chappe_outstanding outstanding;
    bool is_partner_extended; // an extended responder gave the last answer; a basic one changes the lengths of the files
};

struct chappe_responder {
    chappe_channel channel;
    chappe_level level;
    chappe_state state;
    bool is_state_known, has_request;
    uint64_t incarnation, ticket;
    chappe_wants wants;
    char name[CHAPPE_MAX_NAME + 1];
};

static const int64_t chappe_forever = INT64_MAX;
static const int64_t chappe_slice = 50 * 1000 * 1000;
static const uint64_t chappe_not_answered = UINT64_MAX;

__attribute__((format(printf, 3, 4)))
static inline chappe_result chappe_report(chappe_channel *channel, chappe_result result, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(channel->error, sizeof channel->error, format, arguments);
    va_end(arguments);
    return channel->result = result;
}

static inline chappe_result chappe_report_errno(chappe_channel *channel, const char *what, const char *object)
{
    int error = errno;
    if (error == EFBIG)
        return chappe_report(channel, CHAPPE_TOO_LARGE, "%s would be longer than this process may make a file. Raise the limit (ulimit -f).", object);
    if (error == ENOSPC)
        return chappe_report(channel, CHAPPE_FULL, "No room for %s: /dev/shm is full. Remove what is not needed, or enlarge it (docker run --shm-size, mount -o size=).", object);
    return chappe_report(channel, CHAPPE_SYSTEM, "%s of %s failed: %s.", what, object, strerror(error));
}

static inline int64_t chappe_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t chappe_now(void)
{
    return chappe_clock(CLOCK_MONOTONIC);
}

static inline int64_t chappe_deadline(int64_t milliseconds)
{
    int64_t now = chappe_now();
    return milliseconds < 0 || milliseconds > (chappe_forever - now) / 1000000 ? chappe_forever : now + milliseconds * 1000000;
}

static inline int64_t chappe_slice_before(int64_t deadline)
{
    int64_t slice = chappe_now() + chappe_slice;
    return slice < deadline ? slice : deadline;
}

static inline bool chappe_is_stopped(const chappe_channel *channel)
{
    return channel->options.stop != NULL && *channel->options.stop != 0;
}

static inline chappe_options chappe_default_options(void)
{
    chappe_options options;
    memset(&options, 0, sizeof options);
    options.max_payload = sizeof(size_t) > 4 ? (uint64_t)4 << 30 : (uint64_t)256 << 20;
    options.spin_microseconds = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 50 : 0;
    options.mode = 0600;
    return options;
}

static inline chappe_request_options chappe_default_request(void)
{
    chappe_request_options options;
    memset(&options, 0, sizeof options);
    options.timeout_milliseconds = 30000;
    return options;
}

static inline uint64_t chappe_random(void)
{
    uint64_t value = 0;
    while (value == 0)
        if (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value)
            value = 0;
    return value;
}

static inline void chappe_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

// After four misses in a row only one wait in sixteen spins: the other side may be slow, or need this processor.
static inline bool chappe_spin(chappe_channel *channel, sem_t *semaphore, int64_t until)
{
    if (channel->options.spin_microseconds == 0 || (channel->spin_misses >= 4 && channel->spin_misses++ % 16 != 0))
        return false;
    int64_t end = chappe_now() + (int64_t)channel->options.spin_microseconds * 1000;
    if (end > until)
        end = until;
    while (chappe_now() < end)
        for (int i = 0; i < 16; i++) {
            int value = 0;
            if (sem_getvalue(semaphore, &value) == 0 && value > 0 && sem_trywait(semaphore) == 0) {
                channel->spin_misses = 0;
                return true;
            }
            chappe_pause();
        }
    channel->spin_misses++;
    return false;
}

// True if it took a post. A signal ends the wait early, since its handler may have set options.stop.
static inline bool chappe_wait(chappe_channel *channel, sem_t *semaphore, int64_t until, bool may_spin)
{
    if (sem_trywait(semaphore) == 0 || (may_spin && chappe_spin(channel, semaphore, until)))
        return true;
    struct timespec deadline;
    deadline.tv_sec = (time_t)(until / 1000000000);
    deadline.tv_nsec = (long)(until % 1000000000);
    return sem_clockwait(semaphore, CLOCK_MONOTONIC, &deadline) == 0;
}

static inline void chappe_drain(sem_t *semaphore)
{
    for (int i = 0; i < INT_MAX && sem_trywait(semaphore) == 0; i++)
        ;
}

static inline void chappe_sleep_until(int64_t until)
{
    struct timespec deadline;
    deadline.tv_sec = (time_t)(until / 1000000000);
    deadline.tv_nsec = (long)(until % 1000000000);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
}

static inline bool chappe_is_utf8(const char *text, size_t length)
{
    static const uint32_t least[4] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        unsigned char lead = bytes[i++];
        int more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : -1;
        if (more < 0 || length - i < (size_t)more)
            return false;
        uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
        for (int k = 0; k < more; k++, i++) {
            if ((bytes[i] & 0xc0) != 0x80)
                return false;
            point = point << 6 | (bytes[i] & 0x3fu);
        }
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

static inline uint64_t chappe_element_size(uint32_t element_type)
{
    static const uint8_t sizes[] = { 0, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8, 2, 1 };
    return element_type < sizeof sizes ? sizes[element_type] : 0;
}

// NULL if every element lies inside the payload, otherwise the reason.
static inline const char *chappe_description_fault(const chappe_description *description, uint64_t bytes)
{
    static const uint8_t channels[] = { 0, 1, 2, 3, 4, 3, 4 };
    uint64_t end = chappe_element_size(description->element_type);
    if (description->element_type > CHAPPE_BOOLEAN)
        return "the element type is unknown";
    if (description->pixel_format >= sizeof channels)
        return "the pixel format is unknown";
    if (description->rank > CHAPPE_MAX_RANK)
        return "the rank is more than 8";
    if (description->pixel_format != CHAPPE_NO_PIXELS && (description->rank != 3 || description->shape[2] != channels[description->pixel_format]))
        return "the shape is not that of an image of its pixel format";
    bool is_empty = false;
    for (uint32_t i = 0; i < description->rank; i++)
        is_empty = is_empty || description->shape[i] == 0;
    for (uint32_t i = 0; i < description->rank && !is_empty; i++) {
        uint64_t steps = description->shape[i] - 1, reach;
        if (steps != 0 && description->strides[i] < 0)
            return "an element lies before the payload";
        if (steps != 0 && (__builtin_mul_overflow(steps, (uint64_t)description->strides[i], &reach) || __builtin_add_overflow(end, reach, &end)))
            return "an element lies behind the payload";
    }
    return is_empty || end <= bytes ? NULL : "an element lies behind the payload";
}

static inline uint64_t chappe_inode_of(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

static inline bool chappe_unlink_if(const char *path, uint64_t inode)
{
    return inode != 0 && chappe_inode_of(path) == inode && unlink(path) == 0;
}

static inline int chappe_lock_command(int file, int command, int byte, struct flock *lock)
{
    memset(lock, 0, sizeof *lock);
    lock->l_type = F_WRLCK;
    lock->l_whence = SEEK_SET;
    lock->l_start = byte;
    lock->l_len = 1;
    return fcntl(file, command, lock);
}

static inline bool chappe_is_locked(int file, int byte)
{
    struct flock lock;
    return chappe_lock_command(file, F_OFD_GETLK, byte, &lock) != 0 || lock.l_type != F_UNLCK;
}

static inline int chappe_open_anew(int file)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return open(path, O_RDWR | O_CLOEXEC);
}

// Returns 1 with the lock, 0 if another process holds it, -1 with errno.
static inline int chappe_take_lock(chappe_channel *channel, int byte)
{
    struct flock lock;
    channel->lock_file = chappe_open_anew(channel->control_file);
    if (channel->lock_file < 0)
        return -1;
    if (chappe_lock_command(channel->lock_file, F_OFD_SETLK, byte, &lock) == 0)
        return 1;
    int error = errno;
    close(channel->lock_file);
    channel->lock_file = -1;
    errno = error;
    return error == EAGAIN || error == EACCES ? 0 : -1;
}

static inline int chappe_make_file(chappe_channel *channel)
{
    int file = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, channel->options.mode);
    if (file >= 0 && fchmod(file, channel->options.mode) != 0) {
        close(file);
        return -1;
    }
    return file;
}

static inline bool chappe_publish(int file, const char *path)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

// Allocates the memory, so that no later access finds /dev/shm full. In steps, because a signal makes posix_fallocate undo its work.
static inline int chappe_allocate(int file, uint64_t from, uint64_t to)
{
    const uint64_t step = (uint64_t)64 << 20;
    struct rlimit limit; // beyond it posix_fallocate would raise SIGXFSZ, which kills
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && to > limit.rlim_cur)
        return EFBIG;
    while (from < to) {
        uint64_t length = to - from < step ? to - from : step;
        int error = posix_fallocate(file, (off_t)from, (off_t)length);
        if (error != 0 && error != EINTR)
            return error;
        if (error == 0)
            from += length;
    }
    return 0;
}

// Reads the real length of the file, because a basic peer sets it to the length of its own message.
static inline void chappe_look_at_length(chappe_segment *segment)
{
    struct stat status;
    if (fstat(segment->file, &status) != 0)
        segment->length = 0;
    else {
        uint64_t allocated = (uint64_t)status.st_blocks * 512, length = (uint64_t)status.st_size;
        segment->length = allocated < length ? 0 : length; // if the file has a hole anywhere, none of it can be relied on
        if (segment->length > segment->reserved)
            segment->length = segment->reserved;
    }
}

static inline chappe_result chappe_make_room(chappe_channel *channel, chappe_segment *segment, int object, uint64_t bytes)
{
    if (bytes <= segment->length)
        return CHAPPE_OK;
    if (bytes > segment->reserved)
        return chappe_report(channel, CHAPPE_TOO_LARGE, "%" PRIu64 " bytes are more than the maximum of %" PRIu64 " for %s. Raise options.max_payload.",
            bytes, segment->reserved, channel->paths[object]);
    int error = chappe_allocate(segment->file, segment->length, bytes);
    if (error != 0) {
        errno = error;
        return chappe_report_errno(channel, "posix_fallocate", channel->paths[object]);
    }
    segment->length = bytes;
    return CHAPPE_OK;
}

// A shared mapping may reach past the end of its file. When either side grows the file, both see the new part at the same address.
static inline bool chappe_map(chappe_segment *segment, uint64_t reserved)
{
    for (segment->reserved = reserved; segment->reserved >= CHAPPE_CONTROL_LENGTH; segment->reserved /= 2) {
        void *start = segment->reserved > SIZE_MAX ? MAP_FAILED
            : mmap(NULL, (size_t)segment->reserved, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, segment->file, 0);
        if (start != MAP_FAILED) {
            segment->start = (uint8_t *)start;
            madvise(start, (size_t)segment->reserved, MADV_DONTDUMP);
            chappe_look_at_length(segment);
            return true;
        }
    }
    return false;
}

static inline void chappe_close_file(int *file)
{
    if (*file >= 0)
        close(*file);
    *file = -1;
}

static inline void chappe_close_segment(chappe_segment *segment)
{
    if (segment->start != NULL)
        munmap(segment->start, (size_t)segment->reserved);
    segment->start = NULL;
    chappe_close_file(&segment->file);
}

static inline void chappe_empty_home(chappe_home *home)
{
    memset(home, 0, sizeof *home);
    home->head.file = home->data.file = -1;
}

static inline void chappe_close_home(chappe_home *home)
{
    if (home->requests != NULL)
        sem_close(home->requests);
    if (home->responses != NULL)
        sem_close(home->responses);
    chappe_close_segment(&home->head);
    chappe_close_segment(&home->data);
    chappe_empty_home(home);
}

static inline chappe_segment *chappe_segment_of(chappe_home *home, int object)
{
    return object == CHAPPE_HEAD ? &home->head : &home->data;
}

static inline sem_t **chappe_semaphore_of(chappe_home *home, int object)
{
    return object == CHAPPE_REQ ? &home->requests : &home->responses;
}

static inline void chappe_semaphore_name(const chappe_channel *channel, int object, char name[CHAPPE_PATH])
{
    snprintf(name, CHAPPE_PATH, "/SEM_%s_%s", channel->name, object == CHAPPE_REQ ? "REQ" : "RES");
}

static inline uint64_t chappe_reserved_for(const chappe_channel *channel, int object)
{
    uint64_t most = channel->options.max_payload, page = CHAPPE_CONTROL_LENGTH;
    return object == CHAPPE_HEAD || most < page ? page : most;
}

// False, with errno, if there is no file, or one that cannot be a semaphore: access to a shorter file would kill this process.
static inline bool chappe_open_semaphore(chappe_channel *channel, chappe_home *home, int object)
{
    char name[CHAPPE_PATH];
    struct stat status;
    if (lstat(channel->paths[object], &status) != 0)
        return false;
    errno = EINVAL;
    if (!S_ISREG(status.st_mode) || status.st_size < (off_t)sizeof(sem_t))
        return false;
    chappe_semaphore_name(channel, object, name);
    sem_t *semaphore = sem_open(name, 0);
    if (semaphore == SEM_FAILED)
        return false;
    *chappe_semaphore_of(home, object) = semaphore;
    home->inodes[object] = status.st_ino;
    errno = ENOENT;
    return chappe_inode_of(channel->paths[object]) == status.st_ino;
}

static inline bool chappe_open_segment(chappe_channel *channel, chappe_home *home, int object)
{
    struct stat status;
    chappe_segment *segment = chappe_segment_of(home, object);
    segment->file = open(channel->paths[object], O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (segment->file < 0 || fstat(segment->file, &status) != 0)
        return false;
    errno = EINVAL;
    if (!S_ISREG(status.st_mode))
        return false;
    home->inodes[object] = status.st_ino;
    return chappe_map(segment, chappe_reserved_for(channel, object));
}

// Opens the objects under the four names without creating any.
static inline bool chappe_open_home(chappe_channel *channel, chappe_home *home)
{
    chappe_empty_home(home);
    home->is_open = chappe_open_semaphore(channel, home, CHAPPE_REQ) && chappe_open_semaphore(channel, home, CHAPPE_RES)
        && chappe_open_segment(channel, home, CHAPPE_DATA) && chappe_open_segment(channel, home, CHAPPE_HEAD);
    if (!home->is_open) {
        int error = errno;
        chappe_close_home(home);
        errno = error;
    }
    return home->is_open;
}

static inline uint64_t *chappe_words(chappe_home *home)
{
    return (uint64_t *)(void *)home->head.start;
}

static inline void chappe_read_words(chappe_home *home, uint64_t words[4])
{
    for (int i = 0; i < 4; i++)
        words[i] = __atomic_load_n(&chappe_words(home)[i], __ATOMIC_RELAXED);
}

static inline void chappe_write_words(chappe_home *home, uint64_t bytes, uint64_t width, uint64_t height, uint64_t channels)
{
    uint64_t *words = chappe_words(home);
    __atomic_store_n(&words[0], bytes, __ATOMIC_RELAXED);
    __atomic_store_n(&words[1], width, __ATOMIC_RELAXED);
    __atomic_store_n(&words[2], height, __ATOMIC_RELAXED);
    __atomic_store_n(&words[3], channels, __ATOMIC_RELAXED);
}

// With an extended peer the file lengths are read once in a tick of the coarse clock, since reading them costs as much as an exchange.
static inline void chappe_look_at_lengths(chappe_channel *channel, bool is_partner_extended)
{
    int64_t tick = chappe_clock(CLOCK_MONOTONIC_COARSE);
    if (is_partner_extended && tick == channel->looked_at)
        return;
    channel->looked_at = tick;
    chappe_look_at_length(&channel->home.head);
    chappe_look_at_length(&channel->home.data);
}

static inline chappe_result chappe_open_channel(chappe_channel *channel, const char *name, const chappe_options *options)
{
    static const char *const formats[CHAPPE_OBJECTS] =
        { "/dev/shm/SEG_%s_HEAD", "/dev/shm/SEG_%s_DATA", "/dev/shm/sem.SEM_%s_REQ", "/dev/shm/sem.SEM_%s_RES", "/dev/shm/SEG_%s_CTRL" };
    memset(channel, 0, sizeof *channel);
    channel->control_file = channel->lock_file = -1;
    chappe_empty_home(&channel->home);
    channel->options = options != NULL ? *options : chappe_default_options();
    if (name == NULL || name[0] == '\0' || strlen(name) > CHAPPE_MAX_CHANNEL)
        return chappe_report(channel, CHAPPE_USAGE, "A channel's name has 1 to %d bytes.", (int)CHAPPE_MAX_CHANNEL);
    for (size_t i = 0; name[i] != '\0'; i++)
        channel->name[i] = name[i] == '/' ? '_' : name[i];
    for (int i = 0; i < CHAPPE_OBJECTS; i++) {
        char *path = channel->paths[i];
        const char *hole = strstr(formats[i], "%s");
        snprintf(path, CHAPPE_PATH, "%.*s%s%s", (int)(hole - formats[i]), formats[i], channel->name, hole + 2);
    }
    return CHAPPE_OK;
}

static inline chappe_result chappe_map_control(chappe_channel *channel)
{
    void *start = mmap(NULL, CHAPPE_CONTROL_LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, channel->control_file, 0);
    if (start == MAP_FAILED)
        return chappe_report_errno(channel, "mmap", channel->paths[CHAPPE_CTRL]);
    channel->control = (chappe_control *)start;
    return CHAPPE_OK;
}

// Returns CHAPPE_LOOK_AGAIN, without a message, if there is no CTRL.
static inline chappe_result chappe_open_control(chappe_channel *channel)
{
    struct stat status;
    const char *path = channel->paths[CHAPPE_CTRL];
    channel->control_file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (channel->control_file < 0)
        return errno == ENOENT ? CHAPPE_LOOK_AGAIN : chappe_report_errno(channel, "open", path);
    if (fstat(channel->control_file, &status) != 0)
        return chappe_report_errno(channel, "fstat", path);
    if (!S_ISREG(status.st_mode) || status.st_size != CHAPPE_CONTROL_LENGTH)
        return chappe_report(channel, CHAPPE_IN_USE, "%s is not the control segment of a channel: it has %jd bytes instead of %d. Remove it if no program uses it.",
            path, (intmax_t)status.st_size, (int)CHAPPE_CONTROL_LENGTH);
    channel->control_inode = status.st_ino;
    chappe_result result = chappe_map_control(channel);
    if (result != CHAPPE_OK)
        return result;
    uint32_t version = channel->control->version;
    if (memcmp(channel->control->magic, "CHAPPE\0", 8) != 0)
        return chappe_report(channel, CHAPPE_IN_USE, "%s is not the control segment of a channel: it does not begin with CHAPPE. Remove it if no program uses it.", path);
    if (version != CHAPPE_VERSION)
        return chappe_report(channel, CHAPPE_IN_USE, "%s has version %" PRIu32 " of the protocol; this program supports version %d only. Use programs of the same version.",
            path, version, (int)CHAPPE_VERSION);
    if (channel->control->length != CHAPPE_CONTROL_LENGTH)
        return chappe_report(channel, CHAPPE_IN_USE, "%s states a length of %" PRIu32 " bytes instead of %d. Remove it if no program uses it.",
            path, channel->control->length, (int)CHAPPE_CONTROL_LENGTH);
    return CHAPPE_OK;
}

static inline void chappe_close_control(chappe_channel *channel)
{
    if (channel->control != NULL)
        munmap(channel->control, CHAPPE_CONTROL_LENGTH);
    channel->control = NULL;
    chappe_close_file(&channel->control_file);
    chappe_close_file(&channel->lock_file);
}

static inline void chappe_close_channel(chappe_channel *channel)
{
    chappe_close_home(&channel->home);
    chappe_close_control(channel);
}

static inline bool chappe_is_control_gone(const chappe_channel *channel)
{
    struct stat status;
    return __atomic_load_n(&channel->control->state, __ATOMIC_ACQUIRE) == CHAPPE_CLOSED || fstat(channel->control_file, &status) != 0 || status.st_nlink == 0;
}

static inline uint64_t chappe_read64(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void chappe_write64(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline void chappe_full_barrier(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void chappe_write_state(chappe_channel *channel, uint32_t state)
{
    __atomic_store_n(&channel->control->state, state, __ATOMIC_RELEASE);
}

static inline chappe_result chappe_refuse_names(chappe_channel *channel, int object)
{
    return chappe_report(channel, CHAPPE_IN_USE,
        "%s belongs to another requester, perhaps one of the basic level. Use another channel, stop that requester, or remove the file if that requester is dead.",
        channel->paths[object]);
}

// An existing semaphore is used, because a basic responder may have made it.
static inline chappe_result chappe_make_semaphore(chappe_channel *channel, chappe_home *home, int object)
{
    char name[CHAPPE_PATH];
    chappe_semaphore_name(channel, object, name);
    for (int i = 0; i < 100; i++) {
        sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, channel->options.mode, 0);
        if (semaphore != SEM_FAILED) {
            home->is_made[object] = true;
            chmod(channel->paths[object], channel->options.mode);
            sem_close(semaphore);
        } else if (errno != EEXIST)
            break;
        if (chappe_open_semaphore(channel, home, object)) {
            chappe_drain(*chappe_semaphore_of(home, object));
            chappe_write64(&channel->control->inodes[object], home->inodes[object]);
            return CHAPPE_OK;
        }
        sem_t **half = chappe_semaphore_of(home, object);
        if (*half != NULL)
            sem_close(*half);
        *half = NULL;
        if (errno != ENOENT)
            break;
    }
    return chappe_report_errno(channel, "sem_open", channel->paths[object]);
}

static inline chappe_result chappe_make_segment(chappe_channel *channel, chappe_home *home, int object, uint64_t length)
{
    const char *path = channel->paths[object];
    chappe_segment *segment = chappe_segment_of(home, object);
    struct stat status;
    segment->file = chappe_make_file(channel);
    if (segment->file < 0 || fstat(segment->file, &status) != 0)
        return chappe_report_errno(channel, "open", path);
    int error = chappe_allocate(segment->file, 0, length);
    if (error != 0) {
        errno = error;
        return chappe_report_errno(channel, "posix_fallocate", path);
    }
    if (!chappe_map(segment, chappe_reserved_for(channel, object)))
        return chappe_report_errno(channel, "mmap", path);
    chappe_write64(&channel->control->inodes[object], status.st_ino);
    if (object == CHAPPE_DATA)
        CHAPPE_STEP(HomeDataRecorded);
    else
        CHAPPE_STEP(HomeHeaderRecorded);
    if (!chappe_publish(segment->file, path))
        return errno == EEXIST ? chappe_refuse_names(channel, object) : chappe_report_errno(channel, "linkat", path);
    home->inodes[object] = status.st_ino;
    home->is_made[object] = true;
    return CHAPPE_OK;
}

static inline chappe_result chappe_make_objects(chappe_channel *channel)
{
    chappe_home *home = &channel->home;
    chappe_result result = chappe_make_semaphore(channel, home, CHAPPE_REQ);
    if (result != CHAPPE_OK)
        return result;
    CHAPPE_STEP(HomeRequestsMade);
    if ((result = chappe_make_semaphore(channel, home, CHAPPE_RES)) != CHAPPE_OK)
        return result;
    CHAPPE_STEP(HomeResponsesMade);
    if ((result = chappe_make_segment(channel, home, CHAPPE_DATA, CHAPPE_MAX_NAME)) != CHAPPE_OK)
        return result;
    CHAPPE_STEP(HomeDataPublished);
    if ((result = chappe_make_segment(channel, home, CHAPPE_HEAD, CHAPPE_HEAD_LENGTH)) != CHAPPE_OK)
        return result;
    CHAPPE_STEP(HomeHeaderPublished);
    return CHAPPE_OK;
}

static inline chappe_result chappe_make_home(chappe_channel *channel, uint64_t generation_before)
{
    chappe_home *home = &channel->home;
    chappe_empty_home(home);
    chappe_result result = chappe_make_objects(channel);
    if (result != CHAPPE_OK) {
        for (int i = CHAPPE_HEAD; i <= CHAPPE_RES; i++)
            if (home->is_made[i])
                chappe_unlink_if(channel->paths[i], home->inodes[i]);
        chappe_close_home(home);
        return result;
    }
    home->is_open = true;
    // 0 means that there is no home. A peer may have written there: the number of the last home would keep its responder in it.
    home->generation = chappe_read64(&channel->control->generation);
    do
        home->generation++;
    while (home->generation == 0 || home->generation == generation_before);
    chappe_write64(&channel->control->generation, home->generation);
    CHAPPE_STEP(HomeGenerationWritten);
    chappe_write_state(channel, CHAPPE_OPEN);
    CHAPPE_STEP(HomeStateWritten);
    return CHAPPE_OK;
}

// Returns CHAPPE_LOOK_AGAIN if another requester was faster.
static inline chappe_result chappe_give_birth(chappe_channel *channel)
{
    const char *path = channel->paths[CHAPPE_CTRL];
    struct stat status;
    channel->control_file = chappe_make_file(channel);
    if (channel->control_file < 0 || fstat(channel->control_file, &status) != 0)
        return chappe_report_errno(channel, "open", path);
    int error = chappe_allocate(channel->control_file, 0, CHAPPE_CONTROL_LENGTH);
    if (error != 0) {
        errno = error;
        return chappe_report_errno(channel, "posix_fallocate", path);
    }
    chappe_result result = chappe_map_control(channel);
    if (result != CHAPPE_OK)
        return result;
    channel->control_inode = status.st_ino;
    memcpy(channel->control->magic, "CHAPPE\0", 8);
    channel->control->version = CHAPPE_VERSION;
    channel->control->length = CHAPPE_CONTROL_LENGTH;
    channel->control->requester_pid = (uint32_t)getpid();
    channel->control->state = CHAPPE_BUILDING;
    CHAPPE_STEP(BirthMade);
    if (chappe_take_lock(channel, 0) != 1)
        return chappe_report_errno(channel, "locking", path);
    CHAPPE_STEP(BirthLocked);
    if (!chappe_publish(channel->control_file, path))
        return errno == EEXIST ? CHAPPE_LOOK_AGAIN : chappe_report_errno(channel, "linkat", path);
    CHAPPE_STEP(BirthPublished);
    return CHAPPE_OK;
}

// The lock first: a new responder acquires it before it writes its incarnation.
static inline bool chappe_is_taker_dead(chappe_channel *channel)
{
    if (!chappe_is_locked(channel->lock_file, 1))
        return true;
    uint64_t taker = chappe_read64(&channel->control->taker);
    return taker != chappe_read64(&channel->control->incarnation);
}

// The names lead to this home, and CTRL, to which any peer may write, describes it.
static inline bool chappe_home_stands(const chappe_channel *channel)
{
    const chappe_control *control = channel->control;
    if (__atomic_load_n(&control->state, __ATOMIC_ACQUIRE) != CHAPPE_OPEN || chappe_read64(&control->generation) != channel->home.generation)
        return false;
    for (int i = CHAPPE_HEAD; i <= CHAPPE_RES; i++)
        if (chappe_inode_of(channel->paths[i]) != channel->home.inodes[i] || chappe_read64(&control->inodes[i]) != channel->home.inodes[i])
            return false;
    return chappe_inode_of(channel->paths[CHAPPE_CTRL]) == channel->control_inode;
}

static inline void chappe_unlink_home(chappe_channel *channel, const uint64_t inodes[4])
{
    for (int i = CHAPPE_HEAD; i <= CHAPPE_RES; i++)
        chappe_unlink_if(channel->paths[i], inodes[i]);
}

static inline void chappe_unlink_recorded_home(chappe_channel *channel)
{
    uint64_t recorded[4];
    for (int i = 0; i < 4; i++)
        recorded[i] = chappe_read64(&channel->control->inodes[i]);
    chappe_unlink_home(channel, recorded);
    chappe_unlink_home(channel, channel->home.inodes);
}

// Wakes an extended responder to look at CTRL. A basic one would take the post for a request, and its own answer for a name.
static inline void chappe_wake_responder(const chappe_channel *channel, sem_t *requests)
{
    if (requests != NULL && chappe_is_locked(channel->lock_file, 1))
        sem_post(requests);
}

static inline chappe_result chappe_rehome(chappe_requester *requester)
{
    chappe_channel *channel = &requester->channel;
    requester->outstanding = CHAPPE_NOTHING_OUTSTANDING;
    requester->is_partner_extended = false;
    chappe_write64(&channel->control->ticket, 0);
    CHAPPE_STEP(ReHomeTicketCleared);
    chappe_write_state(channel, CHAPPE_BUILDING);
    chappe_write64(&channel->control->pending, 0); // only now: an adopter may write to an open home with nothing pending
    CHAPPE_STEP(ReHomeStateWritten);
    chappe_unlink_recorded_home(channel);
    CHAPPE_STEP(ReHomeUnlinked);

    chappe_channel old = *channel; // its responder is woken at the end
    chappe_result result = CHAPPE_OK;
    chappe_empty_home(&channel->home);
    bool is_reborn = chappe_inode_of(channel->paths[CHAPPE_CTRL]) != channel->control_inode;
    if (is_reborn) {
        chappe_write_state(&old, CHAPPE_CLOSED);
        channel->control = NULL;
        channel->control_file = channel->lock_file = -1;
        result = chappe_give_birth(channel);
        if (result == CHAPPE_LOOK_AGAIN)
            result = chappe_refuse_names(channel, CHAPPE_CTRL);
        if (result != CHAPPE_OK) {
            chappe_close_control(channel);
            channel->control = old.control;
            channel->control_file = old.control_file;
            channel->lock_file = old.lock_file;
            channel->control_inode = old.control_inode;
            is_reborn = false;
        }
    }
    if (result == CHAPPE_OK)
        result = chappe_make_home(channel, old.home.generation);
    chappe_wake_responder(&old, old.home.requests);
    CHAPPE_STEP(ReHomePosted);
    chappe_close_home(&old.home);
    if (is_reborn)
        chappe_close_control(&old);
    return result;
}

// Keeps the home that CTRL records, if that is safe.
static inline bool chappe_adopt_home(chappe_requester *requester, bool *is_adopted)
{
    chappe_channel *channel = &requester->channel;
    chappe_control *control = channel->control;
    chappe_home *home = &channel->home;
    *is_adopted = false;
    if (!chappe_open_home(channel, home))
        return false;
    uint64_t generation = chappe_read64(&control->generation);
    bool is_same = control->state == CHAPPE_OPEN && generation != 0;
    for (int i = CHAPPE_HEAD; i <= CHAPPE_RES; i++)
        is_same = is_same && home->inodes[i] == chappe_read64(&control->inodes[i]);
    if (!is_same) {
        // Other programs' objects must not be taken for this channel's. REQ is kept if it is this channel's: an attached responder waits for it.
        bool is_requests_same = home->inodes[CHAPPE_REQ] == chappe_read64(&control->inodes[CHAPPE_REQ]);
        sem_t *requests = home->requests;
        if (is_requests_same)
            home->requests = NULL;
        chappe_close_home(home);
        if (is_requests_same)
            home->requests = requests;
        return false;
    }
    CHAPPE_STEP(AdoptOpened);
    home->generation = generation;
    uint64_t pending = chappe_read64(&control->pending), taken = chappe_read64(&control->taken);
    bool is_dead = chappe_is_taker_dead(channel);
    bool is_done = pending == 0 || chappe_read64(&control->done) == pending;
    if (!is_done && (taken != pending || is_dead))
        return false;
    requester->ticket = pending; // the first request waits for it
    requester->outstanding = is_done ? CHAPPE_NOTHING_OUTSTANDING : CHAPPE_EXTENDED_OUTSTANDING;
    chappe_write64(&control->ticket, 0);
    chappe_drain(home->requests);
    chappe_drain(home->responses);
    CHAPPE_STEP(AdoptDrained);
    *is_adopted = true;
    return true;
}

// Returns CHAPPE_LOOK_AGAIN if the channel changed meanwhile.
static inline chappe_result chappe_adopt(chappe_requester *requester, bool is_out_of_patience)
{
    chappe_channel *channel = &requester->channel;
    const char *path = channel->paths[CHAPPE_CTRL];
    switch (chappe_take_lock(channel, 0)) {
    case 1: break;
    case 0:
        if (chappe_is_control_gone(channel) && !is_out_of_patience)
            return CHAPPE_LOOK_AGAIN; // its requester is ending
        return chappe_report(channel, CHAPPE_IN_USE, "The channel %s is in use by the requester with process id %" PRIu32 ". Use another channel, or stop that process.",
            channel->name, channel->control->requester_pid);
    default: return chappe_report_errno(channel, "locking", path);
    }
    CHAPPE_STEP(AdoptLocked);
    if (chappe_inode_of(path) != channel->control_inode)
        return CHAPPE_LOOK_AGAIN;
    channel->control->requester_pid = (uint32_t)getpid();
    channel->control->trace_length = 0; // it belongs to a request of the earlier owner
    bool is_adopted;
    chappe_adopt_home(requester, &is_adopted);
    return is_adopted ? CHAPPE_OK : chappe_rehome(requester);
}

static inline chappe_result chappe_acquire(chappe_requester *requester)
{
    chappe_channel *channel = &requester->channel;
    int64_t patience = chappe_deadline(2000);
    for (bool is_over = false;; is_over = chappe_now() >= patience) {
        chappe_result result = chappe_open_control(channel);
        if (result == CHAPPE_OK)
            result = chappe_adopt(requester, is_over);
        else if (result == CHAPPE_LOOK_AGAIN) {
            bool is_head_there = chappe_inode_of(channel->paths[CHAPPE_HEAD]) != 0, is_data_there = chappe_inode_of(channel->paths[CHAPPE_DATA]) != 0;
            if ((is_head_there || is_data_there) && chappe_inode_of(channel->paths[CHAPPE_CTRL]) == 0)
                return chappe_refuse_names(channel, is_head_there ? CHAPPE_HEAD : CHAPPE_DATA);
            result = chappe_give_birth(channel);
            if (result == CHAPPE_OK && (result = chappe_make_home(channel, 0)) != CHAPPE_OK) {
                chappe_write_state(channel, CHAPPE_CLOSED);
                chappe_unlink_if(channel->paths[CHAPPE_CTRL], channel->control_inode);
            }
        }
        if (result != CHAPPE_LOOK_AGAIN)
            return result;
        chappe_close_channel(channel);
        if (is_over)
            return chappe_report(channel, CHAPPE_IN_USE, "The channel %s keeps beginning and ending: other requesters use it too. Use another channel, or stop them.", channel->name);
        chappe_sleep_until(chappe_now() + 1000000);
    }
}

static inline chappe_result chappe_requester_open(chappe_requester *requester, const char *channel, const chappe_options *options)
{
    memset(requester, 0, sizeof *requester);
    chappe_result result = chappe_open_channel(&requester->channel, channel, options);
    if (result == CHAPPE_OK)
        result = chappe_acquire(requester);
    if (result != CHAPPE_OK)
        chappe_close_channel(&requester->channel);
    else if (requester->outstanding == CHAPPE_NOTHING_OUTSTANDING)
        requester->ticket = chappe_random();
    return result;
}

static inline void chappe_requester_close(chappe_requester *requester)
{
    chappe_channel *channel = &requester->channel;
    if (channel->control == NULL)
        return;
    chappe_write64(&channel->control->ticket, 0);
    chappe_write_state(channel, CHAPPE_CLOSED);
    CHAPPE_STEP(CloseStateWritten);
    chappe_unlink_home(channel, channel->home.inodes);
    CHAPPE_STEP(CloseHomeUnlinked);
    chappe_unlink_if(channel->paths[CHAPPE_CTRL], channel->control_inode);
    CHAPPE_STEP(CloseControlUnlinked);
    chappe_wake_responder(channel, channel->home.requests);
    CHAPPE_STEP(ClosePosted);
    chappe_close_channel(channel);
}

static inline chappe_result chappe_requester_reset(chappe_requester *requester)
{
    if (requester->channel.control == NULL)
        return chappe_report(&requester->channel, CHAPPE_USAGE, "The requester is closed. Call chappe_requester_open first.");
    return chappe_rehome(requester);
}

static inline const char *chappe_requester_error(const chappe_requester *requester)
{
    return requester->channel.error;
}

static inline chappe_result chappe_give_up(chappe_requester *requester, const char *what)
{
    if (chappe_is_stopped(&requester->channel))
        return chappe_report(&requester->channel, CHAPPE_INTERRUPTED, "Interrupted by options.stop: no %s on %s yet.", what, requester->channel.name);
    return chappe_report(&requester->channel, CHAPPE_TIMED_OUT, "No %s on %s within the time limit. Check that a responder is running, or raise the limit.",
        what, requester->channel.name);
}

static inline void chappe_settle(chappe_requester *requester)
{
    requester->outstanding = CHAPPE_NOTHING_OUTSTANDING;
    chappe_write64(&requester->channel.control->pending, 0);
}

static inline void chappe_withdraw(chappe_requester *requester)
{
    chappe_channel *channel = &requester->channel;
    chappe_control *control = channel->control;
    chappe_write64(&control->ticket, 0);
    chappe_full_barrier();
    CHAPPE_STEP(WithdrawTicketCleared);
    if (chappe_read64(&control->taken) == requester->ticket) {
        chappe_drain(channel->home.requests);
        requester->outstanding = chappe_read64(&control->done) == requester->ticket ? CHAPPE_NOTHING_OUTSTANDING : CHAPPE_EXTENDED_OUTSTANDING;
    } else if (sem_trywait(channel->home.requests) == 0 || chappe_is_locked(channel->lock_file, 1))
        requester->outstanding = CHAPPE_NOTHING_OUTSTANDING;
    else
        requester->outstanding = CHAPPE_BASIC_OUTSTANDING; // the token is gone: a basic responder may have it
    if (requester->outstanding == CHAPPE_NOTHING_OUTSTANDING) {
        chappe_settle(requester);
        CHAPPE_STEP(WithdrawPendingCleared);
    }
}

static inline chappe_result chappe_too_many_posts(chappe_channel *channel)
{
    return chappe_report(channel, CHAPPE_PROTOCOL, "More than %d stray posts on %s. Another process posts its semaphores: find and stop it.",
        (int)CHAPPE_STRAYS, channel->name);
}

// For the list, it also waits for an extended responder, since a basic one would take the request for a name.
static inline chappe_result chappe_wait_until_free(chappe_requester *requester, int64_t deadline, bool needs_extended)
{
    chappe_channel *channel = &requester->channel;
    for (int strays = 0; requester->outstanding != CHAPPE_NOTHING_OUTSTANDING; strays++) {
        bool is_extended = requester->outstanding == CHAPPE_EXTENDED_OUTSTANDING;
        bool is_done = is_extended && chappe_read64(&channel->control->done) == requester->ticket;
        if (is_done || (is_extended && chappe_is_taker_dead(channel)))
            chappe_settle(requester);
        else if (!chappe_home_stands(channel) || (!is_extended && chappe_is_locked(channel->lock_file, 1)))
            return chappe_rehome(requester);
        else if (chappe_now() >= deadline || chappe_is_stopped(channel))
            return chappe_give_up(requester, "answer to the previous request, which a responder still has,");
        else if (strays > CHAPPE_STRAYS)
            return chappe_too_many_posts(channel);
        else if (chappe_wait(channel, channel->home.responses, chappe_slice_before(deadline), false) && !is_extended)
            chappe_settle(requester);
    }
    if (!requester->is_partner_extended && !chappe_home_stands(channel)) {
        chappe_result result = chappe_rehome(requester); // a basic responder has ended, and unlinked the names
        if (result != CHAPPE_OK)
            return result;
    }
    while (needs_extended && !chappe_is_locked(channel->lock_file, 1)) {
        if (chappe_now() >= deadline || chappe_is_stopped(channel))
            return chappe_give_up(requester, "responder that can list its names");
        chappe_result result = chappe_home_stands(channel) ? CHAPPE_OK : chappe_rehome(requester);
        if (result != CHAPPE_OK)
            return result;
        chappe_sleep_until(chappe_slice_before(deadline));
    }
    return CHAPPE_OK;
}

static inline chappe_result chappe_ask(chappe_requester *requester, const char *name, size_t length, const chappe_request_options *options)
{
    chappe_channel *channel = &requester->channel;
    chappe_control *control = channel->control;
    chappe_home *home = &channel->home;
    chappe_drain(home->requests);
    chappe_drain(home->responses);
    CHAPPE_STEP(AskDrained);
    chappe_look_at_lengths(channel, requester->is_partner_extended);
    chappe_result result = chappe_make_room(channel, &home->head, CHAPPE_HEAD, CHAPPE_HEAD_LENGTH);
    if (result == CHAPPE_OK)
        result = chappe_make_room(channel, &home->data, CHAPPE_DATA, length);
    if (result != CHAPPE_OK)
        return result;
    memcpy(home->data.start, name, length);
    CHAPPE_STEP(AskNameWritten);
    chappe_write_words(home, length, chappe_not_answered, chappe_not_answered, chappe_not_answered);
    CHAPPE_STEP(AskHeaderWritten);
    size_t trace_length = options->trace_context == NULL ? 0 : strlen(options->trace_context);
    if (trace_length != 0)
        memcpy(control->trace, options->trace_context, trace_length);
    control->trace_length = (uint32_t)trace_length;
    control->wants = (uint32_t)options->wants;
    control->flags = 0;
    control->asked_at = (uint64_t)(chappe_now() / 1000000);
    if (++requester->ticket == 0)
        requester->ticket = 1;
    chappe_write64(&control->pending, requester->ticket);
    CHAPPE_STEP(AskPendingWritten);
    chappe_write64(&control->ticket, requester->ticket);
    CHAPPE_STEP(AskTicketWritten);
    sem_post(home->requests);
    CHAPPE_STEP(AskPosted);
    return CHAPPE_OK;
}

// Whether HEAD is a basic responder's answer, and no extended responder has the request.
static inline bool chappe_is_basic_answer(chappe_requester *requester, uint64_t words[4])
{
    chappe_channel *channel = &requester->channel;
    struct stat status;
    if (fstat(channel->home.head.file, &status) != 0 || status.st_size < CHAPPE_HEAD_LENGTH)
        return false;
    chappe_read_words(&channel->home, words);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    for (int i = 1; i < 4; i++)
        if (words[i] == chappe_not_answered)
            return false;
    uint64_t pixels;
    bool is_plain = words[1] == 0 && words[2] == 0 && words[3] == 0;
    if (!is_plain && (__builtin_mul_overflow(words[1], words[2], &pixels) || __builtin_mul_overflow(pixels, words[3], &pixels) || pixels != words[0]))
        return false;
    if (fstat(channel->home.data.file, &status) != 0 || (uint64_t)status.st_size < words[0] || (uint64_t)status.st_blocks * 512 < words[0])
        return false;
    return chappe_read64(&channel->control->taken) != requester->ticket;
}

static inline void chappe_fill_response(chappe_requester *requester, const uint64_t words[4], chappe_level level, chappe_response *response)
{
    response->payload = requester->channel.home.data.start;
    response->bytes = words[0];
    response->width = words[1];
    response->height = words[2];
    response->channels = words[3];
    response->level = level;
    requester->is_partner_extended = level == CHAPPE_EXTENDED;
}

static inline chappe_result chappe_accept_basic(chappe_requester *requester, const uint64_t words[4], chappe_response *response)
{
    chappe_settle(requester);
    CHAPPE_STEP(BasicPendingCleared);
    if (words[0] > requester->channel.home.data.reserved)
        return chappe_report(&requester->channel, CHAPPE_TOO_LARGE, "The answer has %" PRIu64 " bytes, more than the maximum. Raise options.max_payload.", words[0]);
    chappe_fill_response(requester, words, CHAPPE_BASIC, response);
    return CHAPPE_OK;
}

static inline bool chappe_is_printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

static inline chappe_result chappe_bad_answer(chappe_requester *requester, const char *what)
{
    return chappe_report(&requester->channel, CHAPPE_PROTOCOL, "The responder's answer on %s violates the protocol: %s. Correct the responder.", requester->channel.name, what);
}

static inline chappe_result chappe_accept_payload(chappe_requester *requester, const chappe_control *lines, const uint64_t words[4], chappe_response *response)
{
    chappe_channel *channel = &requester->channel;
    if (lines->kind < CHAPPE_FILE || lines->kind > CHAPPE_BYTES)
        return chappe_bad_answer(requester, "its kind is unknown");
    if (words[0] > channel->home.data.reserved)
        return chappe_report(channel, CHAPPE_TOO_LARGE, "The answer has %" PRIu64 " bytes, more than the maximum. Raise options.max_payload.", words[0]);
    chappe_look_at_lengths(channel, words[0] <= channel->home.data.length);
    if (words[0] > channel->home.data.length)
        return chappe_bad_answer(requester, "it is longer than DATA");
    if (lines->has_description == 0)
        return CHAPPE_OK;
    response->has_description = true;
    response->description.element_type = channel->control->element_type;
    response->description.pixel_format = channel->control->pixel_format;
    response->description.rank = channel->control->rank;
    memcpy(response->description.shape, channel->control->shape, sizeof response->description.shape);
    memcpy(response->description.strides, channel->control->strides, sizeof response->description.strides);
    const char *fault = chappe_description_fault(&response->description, words[0]);
    return fault == NULL ? CHAPPE_OK : chappe_bad_answer(requester, fault);
}

static inline chappe_result chappe_accept_extended(chappe_requester *requester, chappe_response *response)
{
    chappe_channel *channel = &requester->channel;
    chappe_control lines;
    uint64_t words[4];
    chappe_drain(channel->home.requests); // a surplus token would bring a basic responder to DATA while it is being read
    chappe_read_words(&channel->home, words);
    const size_t first = offsetof(chappe_control, status), end = offsetof(chappe_control, unused_answer);
    memcpy((char *)&lines + first, (const char *)channel->control + first, end - first);
    if (lines.status == CHAPPE_STATUS_CANCELLED && lines.kind == CHAPPE_NONE)
        return CHAPPE_ASK_AGAIN;
    if (lines.status > CHAPPE_STATUS_INTERNAL)
        return chappe_bad_answer(requester, "its status is unknown");
    if (lines.media_type_length > CHAPPE_MAX_MEDIA_TYPE || lines.message_length > CHAPPE_MAX_MESSAGE || lines.has_description > 1)
        return chappe_bad_answer(requester, "the length of its media type or message is out of range");
    memcpy(response->media_type, channel->control->media_type, lines.media_type_length);
    memcpy(response->message, channel->control->message, lines.message_length);
    if (!chappe_is_printable(response->media_type, lines.media_type_length))
        return chappe_bad_answer(requester, "its media type is not printable ASCII");
    if (!chappe_is_utf8(response->message, lines.message_length))
        return chappe_bad_answer(requester, "its message is not UTF-8");
    chappe_fill_response(requester, words, CHAPPE_EXTENDED, response);
    response->status = (chappe_status)lines.status;
    response->kind = (chappe_kind)lines.kind;
    if (lines.status == CHAPPE_STATUS_OK)
        return chappe_accept_payload(requester, &lines, words, response);
    if (lines.kind != CHAPPE_ERROR || words[0] != 0 || words[1] != 0 || words[2] != 0 || words[3] != 0)
        return chappe_bad_answer(requester, "it is an error with a payload");
    return chappe_report(channel, CHAPPE_FAILED, "The responder could not answer: %s", response->message);
}

static inline chappe_result chappe_ask_in_a_new_home(chappe_requester *requester)
{
    chappe_result result = chappe_rehome(requester);
    return result == CHAPPE_OK ? CHAPPE_ASK_AGAIN : result;
}

// Looks for what no post announces: a dead responder, missing names. CHAPPE_OK means keep waiting.
static inline chappe_result chappe_look_around(chappe_requester *requester, const chappe_request_options *options, bool *is_answered)
{
    chappe_channel *channel = &requester->channel;
    chappe_control *control = channel->control;
    if (chappe_read64(&control->taken) == requester->ticket && chappe_is_taker_dead(channel)) {
        if ((*is_answered = chappe_read64(&control->done) == requester->ticket))
            return CHAPPE_OK;
        chappe_write64(&control->ticket, 0);
        chappe_settle(requester);
        if (!options->fail_when_peer_is_lost)
            return CHAPPE_ASK_AGAIN;
        return chappe_report(channel, CHAPPE_PEER_LOST, "The responder with process id %" PRIu32 " died with the request. Ask again when another responder is running.",
            control->responder_pid);
    }
    // A responder that took the request continues with the objects that it has open. A basic one that exits posts before it unlinks the names.
    if (chappe_read64(&control->taken) != requester->ticket && !chappe_home_stands(channel) && sem_trywait(channel->home.responses) == 0)
        sem_post(channel->home.responses);
    else if (chappe_read64(&control->taken) != requester->ticket && !chappe_home_stands(channel)) {
        chappe_withdraw(requester);
        return chappe_ask_in_a_new_home(requester);
    }
    return CHAPPE_OK;
}

static inline chappe_result chappe_await_answer(chappe_requester *requester, int64_t deadline, const chappe_request_options *options, chappe_response *response)
{
    chappe_channel *channel = &requester->channel;
    chappe_control *control = channel->control;
    int64_t next_look = chappe_now() + chappe_slice;
    for (int strays = 0, waits = 0;; waits++) {
        uint64_t words[4];
        bool is_posted = chappe_wait(channel, channel->home.responses, next_look < deadline ? next_look : deadline, waits == 0);
        if (is_posted)
            CHAPPE_STEP(AnswerPostTaken);
        bool is_answered = chappe_read64(&control->done) == requester->ticket;
        if (!is_answered && is_posted && chappe_is_basic_answer(requester, words)) {
            chappe_write64(&control->ticket, 0);
            chappe_full_barrier();
            CHAPPE_STEP(BasicTicketCleared);
            if (chappe_read64(&control->taken) != requester->ticket)
                return chappe_accept_basic(requester, words, response);
        }
        if (!is_answered && chappe_now() >= next_look) {
            chappe_result result = chappe_look_around(requester, options, &is_answered);
            if (result != CHAPPE_OK)
                return result;
            next_look = chappe_now() + chappe_slice;
        }
        if (is_answered) {
            CHAPPE_STEP(AnswerSeen);
            chappe_result result = chappe_accept_extended(requester, response);
            return result == CHAPPE_ASK_AGAIN ? chappe_ask_in_a_new_home(requester) : result;
        }
        if ((is_posted && ++strays > CHAPPE_STRAYS) || chappe_now() >= deadline || chappe_is_stopped(channel)) {
            chappe_withdraw(requester);
            return strays > CHAPPE_STRAYS ? chappe_too_many_posts(channel) : chappe_give_up(requester, "answer");
        }
    }
}

static inline chappe_result chappe_requester_ask(chappe_requester *requester, const char *name, const chappe_request_options *options, chappe_response *response)
{
    chappe_channel *channel = &requester->channel;
    chappe_request_options defaults = chappe_default_request();
    if (options == NULL)
        options = &defaults;
    size_t length = strlen(name);
    if (channel->control == NULL)
        return chappe_report(channel, CHAPPE_USAGE, "The requester is closed. Call chappe_requester_open first.");
    if ((length == 0 && options->wants != CHAPPE_WANTS_LIST) || length > CHAPPE_MAX_NAME || !chappe_is_utf8(name, length))
        return chappe_report(channel, CHAPPE_USAGE, "A name has 1 to %d bytes of UTF-8.", (int)CHAPPE_MAX_NAME);
    if (options->trace_context != NULL && strlen(options->trace_context) > CHAPPE_MAX_TRACE)
        return chappe_report(channel, CHAPPE_USAGE, "A trace context has up to %d bytes.", (int)CHAPPE_MAX_TRACE);
    int64_t deadline = chappe_deadline(options->timeout_milliseconds);
    for (;;) {
        memset(response, 0, offsetof(chappe_response, media_type));
        memset(response->media_type, 0, sizeof response->media_type);
        memset(response->message, 0, sizeof response->message);
        chappe_result result = channel->home.is_open ? chappe_wait_until_free(requester, deadline, options->wants == CHAPPE_WANTS_LIST) : chappe_rehome(requester);
        if (result == CHAPPE_OK)
            result = chappe_ask(requester, name, length, options);
        if (result == CHAPPE_OK)
            result = chappe_await_answer(requester, deadline, options, response);
        if (result != CHAPPE_ASK_AGAIN)
            return result;
        if (chappe_now() >= deadline || chappe_is_stopped(channel))
            return chappe_give_up(requester, "answer");
    }
}

static inline chappe_result chappe_responder_open(chappe_responder *responder, const char *channel, const chappe_options *options)
{
    memset(responder, 0, sizeof *responder);
    return chappe_open_channel(&responder->channel, channel, options);
}

static inline void chappe_responder_close(chappe_responder *responder)
{
    chappe_close_channel(&responder->channel);
    responder->has_request = false;
}

static inline const char *chappe_responder_error(const chappe_responder *responder)
{
    return responder->channel.error;
}

static inline chappe_result chappe_responder_result(const chappe_responder *responder)
{
    return responder->channel.result;
}

static inline void chappe_change_state(chappe_responder *responder, chappe_state state)
{
    bool is_new = !responder->is_state_known || responder->state != state;
    responder->state = state;
    responder->is_state_known = true;
    if (is_new && responder->channel.options.state_changed != NULL)
        responder->channel.options.state_changed(state, responder->level, responder->channel.options.context);
}

static inline chappe_result chappe_attach_basic(chappe_responder *responder)
{
    chappe_channel *channel = &responder->channel;
    if (!chappe_open_home(channel, &channel->home))
        return errno == ENOENT || errno == EINVAL ? CHAPPE_LOOK_AGAIN : chappe_report_errno(channel, "opening the objects", channel->name);
    CHAPPE_STEP(AttachOpened);
    responder->level = CHAPPE_BASIC;
    return CHAPPE_OK;
}

// Opens the home that CTRL records. Returns CHAPPE_LOOK_AGAIN if it is not complete yet.
static inline chappe_result chappe_open_generation(chappe_channel *channel)
{
    chappe_home home;
    uint64_t generation = chappe_read64(&channel->control->generation);
    if (generation == 0)
        return CHAPPE_LOOK_AGAIN;
    if (!chappe_open_home(channel, &home))
        return errno == ENOENT || errno == EINVAL ? CHAPPE_LOOK_AGAIN : chappe_report_errno(channel, "opening the objects", channel->name);
    bool is_same = true;
    for (int i = CHAPPE_HEAD; i <= CHAPPE_RES; i++)
        is_same = is_same && home.inodes[i] == chappe_read64(&channel->control->inodes[i]);
    if (!is_same || chappe_read64(&channel->control->generation) != generation) {
        chappe_close_home(&home);
        return CHAPPE_LOOK_AGAIN;
    }
    chappe_close_home(&channel->home);
    home.generation = generation;
    channel->home = home;
    channel->looked_at = 0;
    return CHAPPE_OK;
}

// A basic requester made HEAD after the requester of this CTRL had died.
static inline bool chappe_has_basic_head(const chappe_channel *channel)
{
    uint64_t head = chappe_inode_of(channel->paths[CHAPPE_HEAD]);
    return head != 0 && head != chappe_read64(&channel->control->inodes[CHAPPE_HEAD]) && !chappe_is_locked(channel->control_file, 0);
}

static inline chappe_result chappe_attach_extended(chappe_responder *responder)
{
    chappe_channel *channel = &responder->channel;
    chappe_control *control = channel->control;
    if (chappe_is_control_gone(channel) || chappe_inode_of(channel->paths[CHAPPE_CTRL]) != channel->control_inode)
        return CHAPPE_LOOK_AGAIN;
    if (chappe_has_basic_head(channel)) {
        chappe_close_control(channel);
        return chappe_attach_basic(responder);
    }
    switch (chappe_take_lock(channel, 1)) {
    case 1: break;
    case 0: return CHAPPE_STAND_BY;
    default: return chappe_report_errno(channel, "locking", channel->paths[CHAPPE_CTRL]);
    }
    CHAPPE_STEP(AttachLocked);
    control->responder_pid = (uint32_t)getpid();
    CHAPPE_STEP(AttachProcessWritten);
    responder->incarnation = chappe_random();
    chappe_write64(&control->incarnation, responder->incarnation);
    CHAPPE_STEP(AttachIncarnationWritten);
    chappe_result result = chappe_open_generation(channel);
    if (result == CHAPPE_OK)
        CHAPPE_STEP(AttachOpened);
    responder->level = CHAPPE_EXTENDED;
    return result;
}

static inline chappe_result chappe_attach(chappe_responder *responder)
{
    chappe_channel *channel = &responder->channel;
    chappe_result result = chappe_open_control(channel);
    if (result == CHAPPE_OK)
        result = chappe_attach_extended(responder);
    else if (result == CHAPPE_LOOK_AGAIN) {
        // HEAD first, then CTRL once more, because an extended requester makes CTRL before HEAD.
        bool is_head_there = chappe_inode_of(channel->paths[CHAPPE_HEAD]) != 0, is_control_there = chappe_inode_of(channel->paths[CHAPPE_CTRL]) != 0;
        result = is_head_there && !is_control_there ? chappe_attach_basic(responder) : CHAPPE_LOOK_AGAIN;
        if (result == CHAPPE_OK && chappe_inode_of(channel->paths[CHAPPE_CTRL]) != 0)
            result = CHAPPE_LOOK_AGAIN; // an extended requester came meanwhile, and this may be its home
    }
    if (result != CHAPPE_OK)
        chappe_close_channel(channel);
    chappe_change_state(responder, result == CHAPPE_OK ? CHAPPE_ATTACHED : result == CHAPPE_STAND_BY ? CHAPPE_STANDING_BY : CHAPPE_WAITING_FOR_REQUESTER);
    return result;
}

static inline void chappe_post_done(chappe_responder *responder)
{
    chappe_write64(&responder->channel.control->done, responder->ticket);
    CHAPPE_STEP(DoneWritten);
    sem_post(responder->channel.home.responses);
    CHAPPE_STEP(ResponsePosted);
    responder->has_request = false;
}

static inline void chappe_write_outcome(chappe_responder *responder, chappe_status status, chappe_kind kind, const char *media_type, const char *message)
{
    chappe_control *control = responder->channel.control;
    size_t media_type_length = media_type == NULL ? 0 : strlen(media_type), message_length = message == NULL ? 0 : strlen(message);
    if (message_length > CHAPPE_MAX_MESSAGE)
        message_length = CHAPPE_MAX_MESSAGE;
    while (message_length > 0 && !chappe_is_utf8(message, message_length)) // cut between characters
        message_length--;
    control->status = (uint32_t)status;
    control->kind = (uint32_t)kind;
    control->has_description = 0;
    control->media_type_length = (uint16_t)media_type_length;
    control->message_length = (uint16_t)message_length;
    if (media_type_length != 0)
        memcpy(control->media_type, media_type, media_type_length);
    if (message_length != 0)
        memcpy(control->message, message, message_length);
}

// For a request that was withdrawn, or that a basic responder has looked at. Touches neither HEAD nor DATA.
static inline void chappe_hand_back(chappe_responder *responder)
{
    chappe_write_outcome(responder, CHAPPE_STATUS_CANCELLED, CHAPPE_NONE, NULL, NULL);
    CHAPPE_STEP(StatusWritten);
    chappe_post_done(responder);
}

static inline void chappe_fill_request(chappe_responder *responder, size_t name_length, chappe_request *request)
{
    memset(request, 0, sizeof *request);
    responder->name[name_length] = '\0';
    responder->has_request = true;
    request->name = responder->name;
    request->name_length = name_length;
    request->wants = responder->wants;
    request->level = responder->level;
}

// Returns CHAPPE_OK with a request, CHAPPE_LOOK_AGAIN if it refused the request.
static inline chappe_result chappe_read_request(chappe_responder *responder, uint64_t length, chappe_request *request)
{
    chappe_channel *channel = &responder->channel;
    chappe_control *control = channel->control;
    uint32_t wants = control->wants, trace_length = control->trace_length;
    responder->has_request = true;
    if (wants > CHAPPE_WANTS_LIST) {
        chappe_responder_fail(responder, CHAPPE_STATUS_UNSUPPORTED, "This responder does not know this kind of request.");
        return CHAPPE_LOOK_AGAIN;
    }
    if (length > CHAPPE_MAX_NAME || length > channel->home.data.length || (length == 0 && wants != CHAPPE_WANTS_LIST)) {
        chappe_responder_fail(responder, CHAPPE_STATUS_INVALID_NAME, "A name has 1 to 4096 bytes.");
        return CHAPPE_LOOK_AGAIN;
    }
    responder->wants = (chappe_wants)wants;
    memcpy(responder->name, channel->home.data.start, (size_t)length);
    if (!chappe_is_utf8(responder->name, (size_t)length)) {
        chappe_responder_fail(responder, CHAPPE_STATUS_INVALID_NAME, "The name is not UTF-8.");
        return CHAPPE_LOOK_AGAIN;
    }
    chappe_fill_request(responder, (size_t)length, request);
    if (trace_length <= CHAPPE_MAX_TRACE)
        memcpy(request->trace_context, control->trace, trace_length);
    CHAPPE_STEP(NameRead);
    return CHAPPE_OK;
}

// Returns CHAPPE_OK with a request, CHAPPE_TIMED_OUT without news, CHAPPE_LOOK_AGAIN to look again at once.
static inline chappe_result chappe_look_at_ticket(chappe_responder *responder, chappe_request *request)
{
    chappe_channel *channel = &responder->channel;
    chappe_control *control = channel->control;
    uint64_t ticket = chappe_read64(&control->ticket), words[4];
    bool has_moved = chappe_read64(&control->generation) != channel->home.generation;
    if (!has_moved && (ticket == 0 || ticket == chappe_read64(&control->taken)))
        return CHAPPE_TIMED_OUT;
    if (has_moved) {
        chappe_result result = chappe_open_generation(channel);
        if (result != CHAPPE_OK)
            return result == CHAPPE_LOOK_AGAIN ? CHAPPE_TIMED_OUT : result;
        CHAPPE_STEP(FollowOpened);
        return CHAPPE_LOOK_AGAIN;
    }
    chappe_write64(&control->taker, responder->incarnation);
    CHAPPE_STEP(TakerWritten);
    responder->ticket = ticket;
    chappe_write64(&control->taken, ticket);
    CHAPPE_STEP(TakenWritten);
    chappe_full_barrier();
    bool is_withdrawn = chappe_read64(&control->ticket) != ticket;
    chappe_look_at_lengths(channel, true);
    is_withdrawn = is_withdrawn || channel->home.head.length < CHAPPE_HEAD_LENGTH;
    if (!is_withdrawn) {
        chappe_read_words(&channel->home, words);
        for (int i = 1; i < 4; i++)
            is_withdrawn = is_withdrawn || words[i] != chappe_not_answered;
    }
    if (is_withdrawn) {
        chappe_hand_back(responder);
        return CHAPPE_LOOK_AGAIN;
    }
    return chappe_read_request(responder, words[0], request);
}

static inline bool chappe_has_living_owner(const chappe_channel *channel)
{
    int file = open(channel->paths[CHAPPE_CTRL], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool is_alive = file >= 0 && chappe_is_locked(file, 0);
    chappe_close_file(&file);
    return is_alive;
}

// After a post of REQ, at the basic level. Uses pread, so that a process that truncates the files cannot kill this one.
static inline chappe_result chappe_read_basic_request(chappe_responder *responder, chappe_request *request)
{
    chappe_channel *channel = &responder->channel;
    chappe_home *home = &channel->home;
    struct stat head, data;
    if (fstat(home->head.file, &head) != 0 || fstat(home->data.file, &data) != 0 || head.st_nlink == 0 || data.st_nlink == 0) {
        chappe_close_segment(&home->head);
        chappe_close_segment(&home->data);
        // With a living owner the names are an extended requester's home: at the basic level neither side would notice the other's death.
        if (chappe_has_living_owner(channel) || !chappe_open_segment(channel, home, CHAPPE_DATA) || !chappe_open_segment(channel, home, CHAPPE_HEAD)) {
            chappe_close_channel(channel);
            return CHAPPE_LOOK_AGAIN;
        }
    }
    uint64_t length = 0;
    bool is_read = pread(home->head.file, &length, sizeof length, 0) == (ssize_t)sizeof length && length >= 1 && length <= CHAPPE_MAX_NAME
        && pread(home->data.file, responder->name, (size_t)length, 0) == (ssize_t)length;
    if (!is_read)
        return CHAPPE_LOOK_AGAIN; // a stray
    responder->wants = CHAPPE_WANTS_ANY;
    responder->has_request = true;
    if (!chappe_is_utf8(responder->name, (size_t)length)) {
        chappe_responder_fail(responder, CHAPPE_STATUS_INVALID_NAME, NULL);
        return CHAPPE_LOOK_AGAIN;
    }
    chappe_look_at_lengths(channel, false);
    chappe_fill_request(responder, (size_t)length, request);
    CHAPPE_STEP(NameRead);
    return CHAPPE_OK;
}

static inline bool chappe_must_attach_anew(const chappe_responder *responder)
{
    const chappe_channel *channel = &responder->channel;
    if (responder->level == CHAPPE_EXTENDED)
        return chappe_is_control_gone(channel) || chappe_has_basic_head(channel);
    struct stat head;
    bool is_head_gone = fstat(channel->home.head.file, &head) != 0 || head.st_nlink == 0;
    return chappe_inode_of(channel->paths[CHAPPE_REQ]) != channel->home.inodes[CHAPPE_REQ]
        || chappe_inode_of(channel->paths[CHAPPE_RES]) != channel->home.inodes[CHAPPE_RES]
        || (is_head_gone && chappe_inode_of(channel->paths[CHAPPE_CTRL]) != 0); // a dead requester's CTRL may stay beside HEAD
}

// Attaches if necessary, and looks. Returns as chappe_look_at_ticket does, or CHAPPE_STAND_BY if not attached.
static inline chappe_result chappe_look(chappe_responder *responder, chappe_request *request)
{
    if (!responder->channel.home.is_open) {
        chappe_result result = chappe_attach(responder);
        if (result != CHAPPE_OK)
            return result == CHAPPE_LOOK_AGAIN ? CHAPPE_STAND_BY : result;
    }
    return responder->level == CHAPPE_EXTENDED ? chappe_look_at_ticket(responder, request) : CHAPPE_TIMED_OUT;
}

static inline chappe_result chappe_responder_receive(chappe_responder *responder, int64_t timeout_milliseconds, chappe_request *request)
{
    chappe_channel *channel = &responder->channel;
    int64_t deadline = chappe_deadline(timeout_milliseconds), next_look = chappe_slice_before(deadline);
    bool may_spin = true;
    if (responder->has_request)
        return chappe_report(channel, CHAPPE_USAGE, "The previous request has not been answered. Call chappe_responder_answer or chappe_responder_fail first.");
    for (int strays = 0, again = 0;;) {
        if (chappe_is_stopped(channel))
            return chappe_report(channel, CHAPPE_INTERRUPTED, "Interrupted by options.stop: no request on %s yet.", channel->name);
        chappe_result result = chappe_look(responder, request);
        if (result == CHAPPE_LOOK_AGAIN && ++again > CHAPPE_STRAYS)
            return chappe_report(channel, CHAPPE_PROTOCOL, "The requester of %s changes its request faster than it can be taken. Correct the requester.", channel->name);
        if (result == CHAPPE_LOOK_AGAIN)
            continue;
        if (result != CHAPPE_TIMED_OUT && result != CHAPPE_STAND_BY)
            return result;
        if (result == CHAPPE_STAND_BY)
            chappe_sleep_until(next_look);
        else if (chappe_wait(channel, channel->home.requests, next_look, may_spin)) {
            CHAPPE_STEP(RequestPostTaken);
            if (++strays > CHAPPE_STRAYS)
                return chappe_too_many_posts(channel);
            if (responder->level == CHAPPE_EXTENDED)
                continue; // there may be a request now
            result = chappe_read_basic_request(responder, request);
            if (result != CHAPPE_LOOK_AGAIN)
                return result;
        }
        may_spin = false;
        if (chappe_now() < next_look)
            continue;
        if (channel->home.is_open && chappe_must_attach_anew(responder))
            chappe_close_channel(channel);
        if (chappe_now() >= deadline)
            return chappe_report(channel, CHAPPE_TIMED_OUT, "No request on %s within the time limit.", channel->name);
        next_look = chappe_slice_before(deadline);
    }
}

static inline void *chappe_responder_buffer(chappe_responder *responder, uint64_t bytes)
{
    chappe_channel *channel = &responder->channel;
    if (!responder->has_request) {
        chappe_report(channel, CHAPPE_USAGE, "No request is in hand. Call chappe_responder_receive first.");
        return NULL;
    }
    if (chappe_make_room(channel, &channel->home.data, CHAPPE_DATA, bytes) != CHAPPE_OK)
        return NULL;
    CHAPPE_STEP(RoomMade);
    return channel->home.data.start;
}

static inline chappe_result chappe_answer_basic(chappe_responder *responder, uint64_t bytes, uint64_t width, uint64_t height, uint64_t channels)
{
    chappe_channel *channel = &responder->channel;
    chappe_look_at_length(&channel->home.head);
    chappe_result result = chappe_make_room(channel, &channel->home.head, CHAPPE_HEAD, CHAPPE_HEAD_LENGTH);
    responder->has_request = false;
    if (result != CHAPPE_OK)
        return result;
    chappe_write_words(&channel->home, bytes, width, height, channels);
    CHAPPE_STEP(HeaderWritten);
    sem_post(channel->home.responses);
    CHAPPE_STEP(ResponsePosted);
    return CHAPPE_OK;
}

static inline chappe_result chappe_responder_answer(chappe_responder *responder, const chappe_answer *answer)
{
    chappe_channel *channel = &responder->channel;
    chappe_control *control = channel->control;
    const chappe_description *description = answer->description;
    if (!responder->has_request)
        return chappe_report(channel, CHAPPE_USAGE, "No request is in hand. Call chappe_responder_receive first.");
    if (answer->bytes > channel->home.data.length)
        return chappe_report(channel, CHAPPE_USAGE, "The answer is longer than the buffer. Call chappe_responder_buffer with its length first.");
    if (answer->kind < CHAPPE_FILE || answer->kind > CHAPPE_BYTES)
        return chappe_report(channel, CHAPPE_USAGE, "The kind of an answer must be CHAPPE_FILE, CHAPPE_PIXELS, CHAPPE_LIST or CHAPPE_BYTES.");
    const char *fault = description == NULL ? NULL : chappe_description_fault(description, answer->bytes);
    if (fault != NULL)
        return chappe_report(channel, CHAPPE_USAGE, "The description does not fit the payload: %s.", fault);
    size_t media_type_length = answer->media_type == NULL ? 0 : strlen(answer->media_type);
    if (media_type_length > CHAPPE_MAX_MEDIA_TYPE || !chappe_is_printable(answer->media_type, media_type_length))
        return chappe_report(channel, CHAPPE_USAGE, "A media type has up to %d printable ASCII characters.", (int)CHAPPE_MAX_MEDIA_TYPE);
    if (responder->level == CHAPPE_BASIC)
        return chappe_answer_basic(responder, answer->bytes, answer->width, answer->height, answer->channels);
    chappe_write_words(&channel->home, answer->bytes, answer->width, answer->height, answer->channels);
    CHAPPE_STEP(HeaderWritten);
    chappe_write_outcome(responder, CHAPPE_STATUS_OK, answer->kind, answer->media_type, NULL);
    if (description != NULL) {
        control->has_description = 1;
        control->element_type = description->element_type;
        control->pixel_format = description->pixel_format;
        control->rank = description->rank;
        memcpy(control->shape, description->shape, sizeof control->shape);
        memcpy(control->strides, description->strides, sizeof control->strides);
    }
    CHAPPE_STEP(StatusWritten);
    chappe_post_done(responder);
    return CHAPPE_OK;
}

static inline chappe_result chappe_responder_fail(chappe_responder *responder, chappe_status status, const char *message)
{
    chappe_channel *channel = &responder->channel;
    if (!responder->has_request || status == CHAPPE_STATUS_OK)
        return chappe_report(channel, CHAPPE_USAGE, "No request is in hand, or the status is CHAPPE_STATUS_OK. Pass the status of an error.");
    if (responder->level == CHAPPE_BASIC)
        return chappe_answer_basic(responder, 0, 0, 0, 0);
    chappe_write_words(&channel->home, 0, 0, 0, 0);
    CHAPPE_STEP(HeaderWritten);
    chappe_write_outcome(responder, status, CHAPPE_ERROR, NULL, message);
    CHAPPE_STEP(StatusWritten);
    chappe_post_done(responder);
    return CHAPPE_OK;
}

#undef CHAPPE_ASSERT

#endif
