// Answers with the files of a folder, or with generated frames.
//
//     cc -O2 -std=c11 -pthread client.c -o client
//     ./client ibis pictures

#include "chappe.h"
#include <dirent.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>

static const char usage[] = "usage: client CHANNEL FOLDER [--frame WxHxC] [--count N]\n";
static const char bytes_of_any_kind[] = "application/octet-stream";

static volatile sig_atomic_t stopped;
static uint64_t frame_width, frame_height, frame_channels;
static const char *problem; // what the server is told with a status other than ok

static chappe_status refuse(chappe_status status, const char *why)
{
    problem = why;
    return status;
}

static void *make_room(chappe_client *client, uint64_t bytes)
{
    void *payload = chappe_client_buffer(client, bytes);
    problem = chappe_client_error(client);
    return payload;
}

static chappe_status no_room(const chappe_client *client)
{
    return chappe_client_result(client) == CHAPPE_TOO_LARGE ? CHAPPE_STATUS_TOO_LARGE : CHAPPE_STATUS_NO_SPACE;
}

// A kernel before 5.6 has no openat2: there only names at the top are served, and no links.
static int open_beneath(int folder, const char *name)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK; // a FIFO must not hold the client
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)flags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    int file = (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
    if (file >= 0 || errno != ENOSYS)
        return file;
    errno = EXDEV;
    return strchr(name, '/') != NULL || strcmp(name, "..") == 0 ? -1 : openat(folder, name, flags | O_NOFOLLOW);
}

static chappe_status fill_from_file(chappe_client *client, int file, chappe_answer *answer)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return refuse(CHAPPE_STATUS_FORBIDDEN, "It is not a regular file.");
    char *payload = (char *)make_room(client, (uint64_t)status.st_size);
    if (payload == NULL)
        return no_room(client);
    for (ssize_t count; answer->bytes < (uint64_t)status.st_size; answer->bytes += (uint64_t)count)
        if ((count = read(file, payload + answer->bytes, (size_t)status.st_size - answer->bytes)) <= 0)
            return refuse(CHAPPE_STATUS_UNREADABLE, "The file could not be read to its end.");
    return CHAPPE_STATUS_OK;
}

static chappe_status fill_file(chappe_client *client, int folder, const char *name, chappe_answer *answer)
{
    int file = open_beneath(folder, name);
    if (file < 0 && (errno == EXDEV || errno == EACCES || errno == ELOOP))
        return refuse(CHAPPE_STATUS_FORBIDDEN, "The name leads out of the folder, or the file may not be read.");
    if (file < 0)
        return refuse(CHAPPE_STATUS_NOT_FOUND, "There is no such file.");
    chappe_status status = fill_from_file(client, file, answer);
    close(file);
    return status;
}

static int is_listed(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type == DT_REG;
}

static int by_bytes(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static chappe_status fill_list(chappe_client *client, const char *folder, chappe_answer *answer)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_listed, by_bytes);
    if (count < 0)
        return refuse(CHAPPE_STATUS_UNREADABLE, "The folder cannot be read.");
    answer->kind = CHAPPE_LIST;
    answer->media_type = NULL;
    for (int i = 0; i < count; i++)
        answer->bytes += strlen(entries[i]->d_name) + 1;
    char *payload = (char *)make_room(client, answer->bytes);
    for (int i = 0; i < count; free(entries[i++]))
        if (payload != NULL)
            payload = stpcpy(payload, entries[i]->d_name) + 1;
    free(entries);
    return payload == NULL ? no_room(client) : CHAPPE_STATUS_OK;
}

// Byte i is (seed + i % 251) & 255; the seed is the low byte of the name's FNV-1a hash.
static chappe_status fill_frame(chappe_client *client, const char *name, chappe_answer *answer, chappe_description *description)
{
    uint64_t seed = 0xcbf29ce484222325, width = frame_width, height = frame_height, channels = frame_channels;
    for (; *name != '\0'; name++)
        seed = (seed ^ (unsigned char)*name) * 0x100000001b3;
    chappe_description frame = { CHAPPE_U8, (uint32_t)channels, 3, { height, width, channels }, { (int64_t)(width * channels), (int64_t)channels, 1 } };
    chappe_answer pixels = { width * height * channels, width, height, channels, CHAPPE_PIXELS, bytes_of_any_kind, description };
    *description = frame;
    *answer = pixels;
    unsigned char *payload = (unsigned char *)make_room(client, answer->bytes);
    for (uint64_t i = 0; payload != NULL && i < answer->bytes; i++)
        payload[i] = (unsigned char)(seed + i % 251);
    return payload == NULL ? no_room(client) : CHAPPE_STATUS_OK;
}

static void respond(chappe_client *client, const chappe_request *request, int folder, const char *path)
{
    chappe_answer answer = { 0, 0, 0, 0, CHAPPE_FILE, bytes_of_any_kind, NULL };
    chappe_description description;
    chappe_status status = request->wants == CHAPPE_WANTS_LIST ? fill_list(client, path, &answer)
        : request->name_length != strlen(request->name) ? refuse(CHAPPE_STATUS_INVALID_NAME, "The name holds a NUL character.")
        : frame_width != 0 ? fill_frame(client, request->name, &answer, &description)
        : request->wants == CHAPPE_WANTS_PIXELS ? refuse(CHAPPE_STATUS_UNSUPPORTED, "This client serves files as they are; it decodes no images.")
        : fill_file(client, folder, request->name, &answer);
    chappe_result result = status == CHAPPE_STATUS_OK ? chappe_client_answer(client, &answer) : chappe_client_fail(client, status, problem);
    if (result != CHAPPE_OK)
        fprintf(stderr, "client: %s\n", chappe_client_error(client));
    printf("served %d %" PRIu64 " %s\n", (int)status, status == CHAPPE_STATUS_OK ? answer.bytes : 0, request->name);
    fflush(stdout);
}

static void print_state(chappe_state state, chappe_level level, void *context)
{
    (void)context;
    const char *attached = level == CHAPPE_EXTENDED ? "attached extended" : "attached basic";
    puts(state == CHAPPE_ATTACHED ? attached : state == CHAPPE_STANDING_BY ? "standing-by" : "waiting");
    fflush(stdout);
}

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static bool read_options(int argument_count, char **arguments, uint64_t *count)
{
    for (int i = 3; i < argument_count; i += 2) {
        const char *option = arguments[i], *value = i + 1 < argument_count ? arguments[i + 1] : "";
        bool is_frame = strcmp(option, "--frame") == 0
            && sscanf(value, "%" SCNu64 "x%" SCNu64 "x%" SCNu64, &frame_width, &frame_height, &frame_channels) == 3 && frame_channels - 1 < 4;
        if (!is_frame && (strcmp(option, "--count") != 0 || sscanf(value, "%" SCNu64, count) != 1))
            return false;
    }
    return argument_count >= 3;
}

int main(int argument_count, char **arguments)
{
    uint64_t count = UINT64_MAX;
    if (!read_options(argument_count, arguments, &count))
        return fputs(usage, stderr), 64;
    int folder = open(arguments[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return perror(arguments[2]), 1;
    signal(SIGINT, stop);
    signal(SIGTERM, stop);

    chappe_options options = chappe_default_options();
    options.stop = &stopped;
    options.state_changed = print_state;
    chappe_client client;
    chappe_request request;
    chappe_result result = chappe_client_open(&client, arguments[1], &options);
    while (result == CHAPPE_OK && count > 0) {
        result = chappe_client_receive(&client, -1, &request);
        if (result == CHAPPE_OK) {
            respond(&client, &request, folder, arguments[2]);
            count--;
        } else if (result == CHAPPE_PROTOCOL) { // the server is at fault, and may come to its senses
            printf("error protocol %s\n", chappe_client_error(&client));
            fflush(stdout);
            result = CHAPPE_OK;
        }
    }
    bool is_failure = result != CHAPPE_OK && result != CHAPPE_INTERRUPTED;
    if (is_failure)
        fprintf(stderr, "client: %s\n", chappe_client_error(&client));
    chappe_client_close(&client);
    return is_failure;
}
