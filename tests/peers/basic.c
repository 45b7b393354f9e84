// A peer that speaks only the basic level of the exchange, in both roles. It models the plain programs
// that exist, and so has their habits on purpose, the bad ones too: Chappe has to live with all of them.

#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: basic server --channel NAME [options] NAME...      asks for each NAME in order\n"
    "       basic client --channel NAME [options] DIR          answers with the files of DIR\n"
    "       basic look   --channel NAME                        prints HEAD's four words, then DATA as hex and text\n"
    "       basic post   --channel NAME req|res N              posts N times\n\n"
    "all:     --sem-req NAME  --sem-res NAME  --head NAME  --data NAME\n"
    "both:    --timeout SECONDS  --unlink-on-exit yes|no (yes)  --truncate-data-to-message yes|no (yes)\n"
    "server:  --repeat K  --out DIR  --pause-ms N (between exchanges)\n"
    "client:  --count N  --slow-ms N (between header and data)\n"
    "         --die-on-missing[=yes|no] (yes; with no the answer is empty)\n"
    "         --die-after-header  --die-before-post (at the last of --count requests, else at the first)\n\n"
    "exit status: 0 done, 1 failed or died, 2 timeout, 64 wrong usage, 130 SIGINT, 143 SIGTERM\n";

enum { TimeoutStatus = 2, UsageStatus = 64, SliceMilliseconds = 100, PieceLength = 1 << 20, LookLength = 64 };

struct header { uint64_t bytes, width, height, channels; };
struct channel { sem_t *request, *response; int head, data; };
struct payload_file { int descriptor; struct header header; };

static struct {
    const char *channel, *out;
    char *request_semaphore, *response_semaphore, *head_segment, *data_segment;
    bool unlink_on_exit, truncate_data, die_on_missing, die_after_header, die_before_post;
    double timeout;
    uint64_t repeat, count, pause_ms, slow_ms;
} settings = { .unlink_on_exit = true, .truncate_data = true, .die_on_missing = true, .timeout = 1e18, .repeat = 1 };

static volatile sig_atomic_t caught_signal;
static const uint64_t fnv1a_basis = 0xcbf29ce484222325, fnv1a_prime = 0x100000001b3;

// An orderly end takes all four names away, whoever made them and even while the other side lives.
static _Noreturn void leave(int status)
{
    if (settings.unlink_on_exit) {
        sem_unlink(settings.request_semaphore);
        sem_unlink(settings.response_semaphore);
        shm_unlink(settings.head_segment);
        shm_unlink(settings.data_segment);
    }
    exit(status);
}

// These programs know no errors: whatever goes wrong is a crash, which leaves the names and posts nothing.
static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "basic: %s: %s\n", what, why);
    _exit(1);
}

static void check(bool succeeded, const char *what)
{
    if (!succeeded)
        die(what, strerror(errno));
}

static double seconds_on(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct timespec timespec_of(double seconds)
{
    time_t whole = (time_t)seconds;
    return (struct timespec){ .tv_sec = whole, .tv_nsec = (long)((seconds - (double)whole) * 1e9) };
}

static void leave_if_interrupted(void)
{
    if (caught_signal)
        leave(128 + caught_signal);
}

// A signal that comes between the look at its flag and the wait interrupts nothing: hence all waiting is in slices.
static double next_slice(double deadline)
{
    leave_if_interrupted();
    double left = deadline - seconds_on(CLOCK_MONOTONIC), slice = SliceMilliseconds / 1e3;
    return left > slice ? slice : left > 0 ? left : 0;
}

static void sleep_for(uint64_t milliseconds)
{
    double deadline = seconds_on(CLOCK_MONOTONIC) + (double)milliseconds / 1e3;
    for (double slice; (slice = next_slice(deadline)) > 0;) {
        struct timespec duration = timespec_of(slice);
        nanosleep(&duration, NULL);
    }
}

static void leave_if_past(double deadline, const char *awaited)
{
    if (seconds_on(CLOCK_MONOTONIC) < deadline)
        return;
    fprintf(stderr, "basic: no %s within %g s\n", awaited, settings.timeout);
    leave(TimeoutStatus);
}

static void wait_for(sem_t *semaphore, const char *awaited)
{
    double deadline = seconds_on(CLOCK_MONOTONIC) + settings.timeout;
    for (;;) {
        struct timespec until = timespec_of(seconds_on(CLOCK_REALTIME) + next_slice(deadline));
        if (sem_timedwait(semaphore, &until) == 0)
            return;
        check(errno == EINTR || errno == ETIMEDOUT, "sem_timedwait");
        leave_if_past(deadline, awaited);
    }
}

// Whichever side starts first makes the semaphores, the client too. The mode is 0777 less the umask.
static sem_t *open_semaphore(const char *name)
{
    sem_t *semaphore = sem_open(name, O_CREAT, 0777, 0);
    check(semaphore != SEM_FAILED, name);
    return semaphore;
}

// What an earlier run left behind is taken as it is, with its length, its content and its mode.
static int create_segment(const char *name)
{
    int segment = shm_open(name, O_RDWR | O_CREAT, 0777);
    check(segment >= 0, name);
    return segment;
}

// The client does not make segments: it looks for them every 100 ms, and may find them before they have a length.
static int await_segment(const char *name)
{
    double deadline = seconds_on(CLOCK_MONOTONIC) + settings.timeout;
    int segment;
    while ((segment = shm_open(name, O_RDWR, 0777)) < 0) {
        check(errno == ENOENT, name);
        leave_if_past(deadline, name);
        sleep_for(100);
    }
    return segment;
}

static struct channel open_channel(int (*open_segment)(const char *name))
{
    struct channel channel;
    channel.request = open_semaphore(settings.request_semaphore);
    channel.response = open_semaphore(settings.response_semaphore);
    channel.head = open_segment(settings.head_segment);
    channel.data = open_segment(settings.data_segment);
    return channel;
}

// One byte more than the message, because a message can be empty and a mapping cannot.
static void *map(int segment, uint64_t length)
{
    void *start = mmap(NULL, length + 1, PROT_READ | PROT_WRITE, MAP_SHARED, segment, 0);
    check(start != MAP_FAILED, "mmap");
    return start;
}

static void unmap(void *start, uint64_t length)
{
    munmap(start, length + 1);
}

// Reader or writer, for each message it sets the segment's length to its own: that cuts off what the other side had
// and zeroes the rest of the last page, even when the length was the same. Nothing is allocated: when /dev/shm is
// full, the copy that follows ends in SIGBUS.
static void *map_head(const struct channel *channel, uint64_t length)
{
    check(ftruncate(channel->head, (off_t)length) == 0, "ftruncate HEAD");
    return map(channel->head, length);
}

static void write_head(const struct channel *channel, const void *words, uint64_t length)
{
    void *head = map_head(channel, length);
    memcpy(head, words, length);
    unmap(head, length);
}

static void read_head(const struct channel *channel, void *words, uint64_t length)
{
    void *head = map_head(channel, length);
    memcpy(words, head, length);
    unmap(head, length);
}

static void *map_data(const struct channel *channel, uint64_t length)
{
    struct stat status;
    check(fstat(channel->data, &status) == 0, "fstat DATA");
    if (settings.truncate_data || (uint64_t)status.st_size < length)
        check(ftruncate(channel->data, (off_t)length) == 0, "ftruncate DATA");
    return map(channel->data, length);
}

static uint64_t fnv1a(uint64_t hash, const unsigned char *bytes, uint64_t length)
{
    for (uint64_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * fnv1a_prime;
    return hash;
}

static uint64_t next_piece(uint64_t done, uint64_t length)
{
    leave_if_interrupted();
    return length - done < PieceLength ? length - done : PieceLength;
}

static void print_exchange(const char *name, const struct header *header, uint64_t hash)
{
    printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n",
        name, header->bytes, header->width, header->height, header->channels, hash);
    fflush(stdout);
}

// The header of a request is one word. A basic server knows nothing of words 1 to 3.
static void send_request(const struct channel *channel, const char *name)
{
    uint64_t length = strlen(name);
    write_head(channel, &length, sizeof length);
    char *data = map_data(channel, length);
    memcpy(data, name, length);
    unmap(data, length);
    sem_post(channel->request);
}

// It expects decoded pixels and computes how many; what is no image comes with 0, 0, 0.
static uint64_t payload_length(const struct header *header)
{
    uint64_t pixels = header->width * header->height * header->channels;
    return pixels != 0 ? pixels : header->bytes;
}

static FILE *create_output(uint64_t index, const char *name)
{
    const char *slash = strrchr(name, '/');
    char *path;
    check(asprintf(&path, "%s/%" PRIu64 "-%s", settings.out, index, slash ? slash + 1 : name) >= 0, name);
    FILE *output = fopen(path, "w");
    check(output != NULL, path);
    free(path);
    return output;
}

static uint64_t receive_payload(const struct channel *channel, uint64_t length, FILE *output)
{
    uint64_t hash = fnv1a_basis;
    unsigned char *data = map_data(channel, length);
    for (uint64_t done = 0, piece; done < length; done += piece) {
        piece = next_piece(done, length);
        hash = fnv1a(hash, data + done, piece);
        check(output == NULL || fwrite(data + done, 1, piece, output) == piece, "write");
    }
    unmap(data, length);
    return hash;
}

static void ask(const struct channel *channel, const char *name, uint64_t index)
{
    send_request(channel, name);
    wait_for(channel->response, "response");
    struct header header;
    read_head(channel, &header, sizeof header);
    FILE *output = settings.out ? create_output(index, name) : NULL;
    uint64_t hash = receive_payload(channel, payload_length(&header), output);
    check(output == NULL || fclose(output) == 0, "write");
    print_exchange(name, &header, hash);
}

static void run_server(char **names, uint64_t name_count)
{
    struct channel channel = open_channel(create_segment);
    if (settings.out)
        check(mkdir(settings.out, 0777) == 0 || errno == EEXIST, settings.out);
    for (uint64_t index = 0; index < name_count * settings.repeat; index++) {
        if (index > 0)
            sleep_for(settings.pause_ms);
        ask(&channel, names[index / settings.repeat], index);
    }
}

static char *receive_name(const struct channel *channel)
{
    uint64_t length;
    read_head(channel, &length, sizeof length); // from here on words 1 to 3 read 0
    char *data = map_data(channel, length);
    char *name = strndup(data, length);
    check(name != NULL, "strndup");
    unmap(data, length);
    return name;
}

// frame.640x480x3.raw holds decoded pixels, its stem is frame. The shape is not compared with the file's length,
// so that a test can have a header that lies.
static size_t read_stem_and_shape(const char *file_name, struct header *header)
{
    const char *dot = strrchr(file_name, '.'), *last = dot ? dot : strchr(file_name, '\0');
    const char *shape = memrchr(file_name, '.', (size_t)(last - file_name));
    int end = 0;
    if (shape && sscanf(shape, ".%" SCNu64 "x%" SCNu64 "x%" SCNu64 ".raw%n",
            &header->width, &header->height, &header->channels, &end) == 3 && end > 0 && shape[end] == '\0')
        return (size_t)(shape - file_name);
    header->width = header->height = header->channels = 0;
    return (size_t)(last - file_name);
}

// A server asks for apple and means a file such as apple.jpg. Of several, it is the first in byte order.
static bool find_by_stem(int directory, const char *name, char found[static NAME_MAX + 1])
{
    DIR *listing = fdopendir(openat(directory, ".", O_RDONLY | O_DIRECTORY));
    check(listing != NULL, "the directory");
    found[0] = '\0';
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        struct header shape;
        size_t stem = read_stem_and_shape(entry->d_name, &shape);
        bool matches = strlen(name) == stem && memcmp(entry->d_name, name, stem) == 0 && entry->d_name[0] != '.';
        if (matches && (found[0] == '\0' || strcmp(entry->d_name, found) < 0))
            strcpy(found, entry->d_name);
    }
    closedir(listing);
    return found[0] != '\0';
}

static struct payload_file open_payload(int directory, const char *name)
{
    char found[NAME_MAX + 1];
    struct payload_file file = { .descriptor = openat(directory, name, O_RDONLY) };
    if (file.descriptor < 0 && find_by_stem(directory, name, found)) {
        name = found;
        file.descriptor = openat(directory, name, O_RDONLY);
    }
    if (file.descriptor >= 0) {
        read_stem_and_shape(name, &file.header);
        file.header.bytes = (uint64_t)lseek(file.descriptor, 0, SEEK_END);
        lseek(file.descriptor, 0, SEEK_SET);
    } else if (settings.die_on_missing)
        die(name, "no such file"); // and the server waits for a post that never comes
    return file;
}

static uint64_t send_payload(const struct channel *channel, const struct payload_file *file)
{
    uint64_t length = file->header.bytes, hash = fnv1a_basis;
    unsigned char *data = map_data(channel, length);
    for (uint64_t done = 0; done < length;) {
        ssize_t count = read(file->descriptor, data + done, next_piece(done, length));
        check(count >= 0 || errno == EINTR, "read");
        if (count == 0)
            die("read", "the file became shorter");
        if (count > 0) {
            hash = fnv1a(hash, data + done, (uint64_t)count);
            done += (uint64_t)count;
        }
    }
    unmap(data, length);
    return hash;
}

// The header stands complete before the data does: only the post says that both are there.
static void answer(const struct channel *channel, int directory, bool may_die)
{
    wait_for(channel->request, "request");
    char *name = receive_name(channel);
    struct payload_file file = open_payload(directory, name);
    write_head(channel, &file.header, sizeof file.header);
    if (settings.die_after_header && may_die)
        die(name, "died after the header, as told");
    sleep_for(settings.slow_ms);
    uint64_t hash = send_payload(channel, &file);
    if (settings.die_before_post && may_die)
        die(name, "died before the post, as told");
    sem_post(channel->response);
    print_exchange(name, &file.header, hash);
    if (file.descriptor >= 0)
        close(file.descriptor);
    free(name);
}

static void run_client(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    check(directory >= 0, path);
    struct channel channel = open_channel(await_segment);
    for (uint64_t answered = 0; settings.count == 0 || answered < settings.count; answered++)
        answer(&channel, directory, settings.count == 0 || answered + 1 == settings.count);
}

// Read with pread, because a mapping of a segment that the other side truncates ends in SIGBUS.
static size_t peek(const char *name, void *buffer, size_t length)
{
    int segment = shm_open(name, O_RDONLY, 0);
    check(segment >= 0, name);
    ssize_t count = pread(segment, buffer, length, 0);
    check(count >= 0, name);
    close(segment);
    return (size_t)count;
}

static void look(void)
{
    struct header head = { 0 };
    unsigned char data[LookLength];
    peek(settings.head_segment, &head, sizeof head);
    size_t length = peek(settings.data_segment, data, sizeof data);
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ", head.bytes, head.width, head.height, head.channels);
    for (size_t i = 0; i < length; i++)
        printf("%02x", data[i]);
    printf(length == 0 ? "- " : " ");
    for (size_t i = 0; i < length; i++)
        putchar(data[i] >= ' ' && data[i] <= '~' ? data[i] : '.');
    putchar('\n');
}

static void post(const char *name, uint64_t count)
{
    sem_t *semaphore = sem_open(name, 0);
    check(semaphore != SEM_FAILED, name);
    for (uint64_t i = 0; i < count; i++)
        check(sem_post(semaphore) == 0, "sem_post");
    sem_close(semaphore);
}

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "basic: %s\n\n%s", what, usage);
    exit(UsageStatus);
}

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0))
        refuse("not a number");
    return value;
}

static bool yes(const char *text)
{
    if (text != NULL && strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
        refuse("neither yes nor no");
    return text == NULL || strcmp(text, "yes") == 0;
}

static void read_options(int argument_count, char **arguments)
{
    static const struct option options[] = {
        { "channel", required_argument, NULL, 'c' },
        { "sem-req", required_argument, NULL, 'q' },
        { "sem-res", required_argument, NULL, 's' },
        { "head", required_argument, NULL, 'h' },
        { "data", required_argument, NULL, 'd' },
        { "unlink-on-exit", required_argument, NULL, 'u' },
        { "truncate-data-to-message", required_argument, NULL, 't' },
        { "timeout", required_argument, NULL, 'T' },
        { "repeat", required_argument, NULL, 'r' },
        { "out", required_argument, NULL, 'o' },
        { "pause-ms", required_argument, NULL, 'p' },
        { "count", required_argument, NULL, 'n' },
        { "slow-ms", required_argument, NULL, 'w' },
        { "die-on-missing", optional_argument, NULL, 'm' },
        { "die-after-header", no_argument, NULL, 'a' },
        { "die-before-post", no_argument, NULL, 'b' },
        { 0 },
    };
    for (int option; (option = getopt_long(argument_count, arguments, "", options, NULL)) != -1;)
        switch (option) {
        case 'c': settings.channel = optarg; break;
        case 'q': settings.request_semaphore = optarg; break;
        case 's': settings.response_semaphore = optarg; break;
        case 'h': settings.head_segment = optarg; break;
        case 'd': settings.data_segment = optarg; break;
        case 'u': settings.unlink_on_exit = yes(optarg); break;
        case 't': settings.truncate_data = yes(optarg); break;
        case 'T': settings.timeout = number(optarg); break;
        case 'r': settings.repeat = (uint64_t)number(optarg); break;
        case 'o': settings.out = optarg; break;
        case 'p': settings.pause_ms = (uint64_t)number(optarg); break;
        case 'n': settings.count = (uint64_t)number(optarg); break;
        case 'w': settings.slow_ms = (uint64_t)number(optarg); break;
        case 'm': settings.die_on_missing = yes(optarg); break;
        case 'a': settings.die_after_header = true; break;
        case 'b': settings.die_before_post = true; break;
        default: refuse("unknown option, or its value is missing");
        }
}

static void name_after_channel(char **name, const char *format)
{
    if (*name != NULL)
        return;
    char channel[NAME_MAX + 1] = "";
    strncpy(channel, settings.channel, NAME_MAX);
    for (char *slash = channel; (slash = strchr(slash, '/')) != NULL;)
        *slash = '_';
    check(asprintf(name, format, channel) >= 0, channel);
}

static void remember_signal(int number)
{
    caught_signal = number;
}

static void run(char **words, int word_count)
{
    if (strcmp(words[0], "server") == 0 && word_count > 1) {
        run_server(words + 1, (uint64_t)word_count - 1);
        leave(EXIT_SUCCESS);
    } else if (strcmp(words[0], "client") == 0 && word_count == 2) {
        run_client(words[1]);
        leave(EXIT_SUCCESS);
    } else if (strcmp(words[0], "look") == 0 && word_count == 1)
        look();
    else if (strcmp(words[0], "post") == 0 && word_count == 3 && strcmp(words[1], "req") == 0)
        post(settings.request_semaphore, (uint64_t)number(words[2]));
    else if (strcmp(words[0], "post") == 0 && word_count == 3 && strcmp(words[1], "res") == 0)
        post(settings.response_semaphore, (uint64_t)number(words[2]));
    else
        refuse("not one of: server NAME..., client DIR, look, post req|res N");
}

int main(int argument_count, char **arguments)
{
    read_options(argument_count, arguments);
    if (settings.channel == NULL || optind == argument_count)
        refuse("a command and --channel are needed");
    name_after_channel(&settings.request_semaphore, "/SEM_%s_REQ");
    name_after_channel(&settings.response_semaphore, "/SEM_%s_RES");
    name_after_channel(&settings.head_segment, "/SEG_%s_HEAD");
    name_after_channel(&settings.data_segment, "/SEG_%s_DATA");

    struct sigaction action = { .sa_handler = remember_signal }; // no SA_RESTART: a wait must end with EINTR
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    run(arguments + optind, argument_count - optind);
    return EXIT_SUCCESS;
}
