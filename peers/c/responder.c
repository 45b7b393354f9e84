// Answers with the files of a folder, or with generated frames.
//
//     cc -O2 -std=c11 -pthread responder.c -o responder && ./responder ibis pictures

#include "chappe.h"
#include <dirent.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>

static volatile sig_atomic_t stopped;
static uint64_t frame_width, frame_height, frame_channels, count = UINT64_MAX;
static const char *problem; // the message to the requester, with a status other than ok

static chappe_status refuse(chappe_status status, const char *why)
{
    problem = why;
    return status;
}

static chappe_status refuse_for_room(const chappe_responder *responder)
{
    bool is_too_large = chappe_responder_result(responder) == CHAPPE_TOO_LARGE;
    return refuse(is_too_large ? CHAPPE_STATUS_TOO_LARGE : CHAPPE_STATUS_NO_SPACE, chappe_responder_error(responder));
}

// A kernel before 5.6 has no openat2. There it serves only files at the top of the folder, and no links.
static int open_beneath(int folder, const char *name)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK; // opening a FIFO must not block the responder
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

static chappe_status read_file(chappe_responder *responder, int file, chappe_answer *answer)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return refuse(CHAPPE_STATUS_FORBIDDEN, "It is not a regular file.");
    char *payload = (char *)chappe_responder_buffer(responder, (uint64_t)status.st_size);
    if (payload == NULL)
        return refuse_for_room(responder);
    for (ssize_t length; answer->bytes < (uint64_t)status.st_size; answer->bytes += (uint64_t)length)
        if ((length = read(file, payload + answer->bytes, (size_t)status.st_size - answer->bytes)) <= 0)
            return refuse(CHAPPE_STATUS_UNREADABLE, "The file could not be read to its end.");
    return CHAPPE_STATUS_OK;
}

static chappe_status fill_with_file(chappe_responder *responder, int folder, const char *name, chappe_answer *answer)
{
    int file = open_beneath(folder, name);
    if (file < 0 && (errno == EXDEV || errno == EACCES || errno == ELOOP))
        return refuse(CHAPPE_STATUS_FORBIDDEN, "The name leads out of the folder, or the file may not be read.");
    if (file < 0)
        return refuse(CHAPPE_STATUS_NOT_FOUND, "There is no such file.");
    chappe_status status = read_file(responder, file, answer);
    close(file);
    return status;
}

static int is_listed(const struct dirent *entry) { return entry->d_name[0] != '.' && entry->d_type == DT_REG; }
static int by_bytes(const struct dirent **left, const struct dirent **right) { return strcmp((*left)->d_name, (*right)->d_name); }

static chappe_status fill_with_list(chappe_responder *responder, const char *folder, chappe_answer *answer)
{
    struct dirent **entries;
    int entry_count = scandir(folder, &entries, is_listed, by_bytes);
    if (entry_count < 0)
        return refuse(CHAPPE_STATUS_UNREADABLE, "The folder cannot be read.");
    answer->kind = CHAPPE_LIST;
    answer->media_type = NULL;
    for (int i = 0; i < entry_count; i++)
        answer->bytes += strlen(entries[i]->d_name) + 1;
    char *payload = (char *)chappe_responder_buffer(responder, answer->bytes);
    for (int i = 0; i < entry_count; free(entries[i++]))
        if (payload != NULL)
            payload = stpcpy(payload, entries[i]->d_name) + 1;
    free(entries);
    return payload == NULL ? refuse_for_room(responder) : CHAPPE_STATUS_OK;
}

// Byte i is (seed + i % 251) & 255, where seed is the low byte of the name's FNV-1a hash.
static chappe_status fill_with_frame(chappe_responder *responder, const char *name, chappe_answer *answer, chappe_description *description)
{
    uint64_t seed = 0xcbf29ce484222325, width = frame_width, height = frame_height, channels = frame_channels;
    for (; *name != '\0'; name++)
        seed = (seed ^ (unsigned char)*name) * 0x100000001b3;
    chappe_description frame = { CHAPPE_U8, (uint32_t)channels, 3, { height, width, channels }, { (int64_t)(width * channels), (int64_t)channels, 1 } };
    chappe_answer pixels = { width * height * channels, width, height, channels, CHAPPE_PIXELS, "application/octet-stream", description };
    *description = frame;
    *answer = pixels;
    unsigned char *payload = (unsigned char *)chappe_responder_buffer(responder, answer->bytes);
    for (uint64_t i = 0; payload != NULL && i < answer->bytes; i++)
        payload[i] = (unsigned char)(seed + i % 251);
    return payload == NULL ? refuse_for_room(responder) : CHAPPE_STATUS_OK;
}

static void respond(chappe_responder *responder, const chappe_request *request, int folder, const char *path)
{
    chappe_answer answer = { 0, 0, 0, 0, CHAPPE_FILE, "application/octet-stream", NULL };
    chappe_description description;
    chappe_status status = request->wants == CHAPPE_WANTS_LIST ? fill_with_list(responder, path, &answer)
        : request->name_length != strlen(request->name) ? refuse(CHAPPE_STATUS_INVALID_NAME, "The name holds a NUL character.")
        : frame_width != 0 ? fill_with_frame(responder, request->name, &answer, &description)
        : request->wants == CHAPPE_WANTS_PIXELS ? refuse(CHAPPE_STATUS_UNSUPPORTED, "This responder decodes no images.")
        : fill_with_file(responder, folder, request->name, &answer);
    if ((status == CHAPPE_STATUS_OK ? chappe_responder_answer(responder, &answer) : chappe_responder_fail(responder, status, problem)) != CHAPPE_OK)
        fprintf(stderr, "responder: %s\n", chappe_responder_error(responder));
    printf("served %d %" PRIu64 " %s\n", (int)status, status == CHAPPE_STATUS_OK ? answer.bytes : 0, request->name);
}

static void print_state(chappe_state state, chappe_level level, void *context)
{
    (void)context;
    const char *attached = level == CHAPPE_EXTENDED ? "attached extended" : "attached basic";
    puts(state == CHAPPE_ATTACHED ? attached : state == CHAPPE_STANDING_BY ? "standing-by" : "waiting");
}

static void stop(int number) { stopped = number; }

int main(int argument_count, char **arguments)
{
    bool is_understood = argument_count >= 3 && argument_count % 2 == 1;
    for (int i = 3; is_understood && i < argument_count; i += 2)
        is_understood = strcmp(arguments[i], "--count") == 0 ? sscanf(arguments[i + 1], "%" SCNu64, &count) == 1
            : strcmp(arguments[i], "--frame") == 0 && frame_channels <= 4
                && sscanf(arguments[i + 1], "%" SCNu64 "x%" SCNu64 "x%" SCNu64, &frame_width, &frame_height, &frame_channels) == 3;
    if (!is_understood)
        return fputs("usage: responder CHANNEL FOLDER [--frame WxHxC] [--count N]\n", stderr), 64;
    int folder = open(arguments[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return perror(arguments[2]), 1;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    signal(SIGINT, stop);
    signal(SIGTERM, stop);

    chappe_options options = chappe_default_options();
    options.stop = &stopped;
    options.state_changed = print_state;
    chappe_responder responder;
    chappe_request request;
    chappe_result result = chappe_responder_open(&responder, arguments[1], &options);
    for (uint64_t answered = 0; result == CHAPPE_OK && answered < count; result = result == CHAPPE_PROTOCOL ? CHAPPE_OK : result) {
        result = chappe_responder_receive(&responder, -1, &request);
        if (result == CHAPPE_OK)
            respond(&responder, &request, folder, arguments[2]), answered++;
        else if (result == CHAPPE_PROTOCOL) // the requester is at fault; the next one may not be
            printf("error protocol %s\n", chappe_responder_error(&responder));
    }
    bool is_failure = result != CHAPPE_OK && result != CHAPPE_INTERRUPTED;
    if (is_failure)
        fprintf(stderr, "responder: %s\n", chappe_responder_error(&responder));
    chappe_responder_close(&responder);
    return is_failure;
}
