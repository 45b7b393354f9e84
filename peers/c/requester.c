// Asks for names. Prints a line about each answer, and writes the payloads to a folder with --out.
//
//     cc -O2 -std=c11 -pthread requester.c -o requester && ./requester ibis apple.jpg ball.png --out received

#include "chappe.h"
#include <stdlib.h>

static const char usage[] =
    "usage: requester CHANNEL [NAME...] [--out FOLDER] [--list] [--wants any|file|pixels] [--repeat N] [--timeout MS] [--lost]\n"
    "Without NAME and --list it reads names from standard input, one per line.\n";

static volatile sig_atomic_t stopped;
static chappe_requester requester;
static chappe_request_options request_options;
static const char *out;
static uint64_t asked;
static bool has_failed;

static const char *name_of(chappe_result result)
{
    switch (result) {
    case CHAPPE_TIMED_OUT: return "timeout";
    case CHAPPE_PEER_LOST: return "lost";
    case CHAPPE_PROTOCOL: return "protocol";
    case CHAPPE_FULL: return "full";
    case CHAPPE_IN_USE: return "in-use";
    default: return "other";
    }
}

static void print_description(const chappe_description *description)
{
    uint32_t rank = description->rank;
    printf("description %" PRIu32 " %" PRIu32 " %" PRIu32 " %s", description->element_type, description->pixel_format, rank, rank == 0 ? "-" : "");
    for (uint32_t i = 0; i < rank; i++)
        printf("%s%" PRIu64, i == 0 ? "" : ",", description->shape[i]);
    putchar(' ');
    for (uint32_t i = 0; i < rank; i++)
        printf("%s%" PRId64, i == 0 ? "" : ",", description->strides[i]);
    puts(rank == 0 ? "-" : "");
}

static void print_list(const chappe_response *response)
{
    const char *name = (const char *)response->payload, *end = name + response->bytes;
    for (size_t length; name < end; name += length + 1) {
        length = strnlen(name, (size_t)(end - name));
        printf("listed %.*s\n", (int)length, name);
    }
}

static void save(const chappe_response *response, uint64_t number)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%" PRIu64, out, number);
    FILE *file = fopen(path, "w");
    bool is_written = file != NULL && fwrite(response->payload, 1, response->bytes, file) == response->bytes;
    if (file == NULL || fclose(file) != 0 || !is_written) {
        perror(path);
        exit(1);
    }
}

static void print_answer(const char *name, const chappe_response *response)
{
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (uint64_t i = 0; i < response->bytes; i++)
        hash = (hash ^ ((const unsigned char *)response->payload)[i]) * 0x100000001b3;
    if (response->kind == CHAPPE_LIST)
        print_list(response);
    if (response->has_description)
        print_description(&response->description);
    printf("answer %s %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " %s %s\n",
        response->level == CHAPPE_EXTENDED ? "extended" : "basic", (int)response->kind, response->bytes, response->width, response->height,
        response->channels, hash, response->media_type[0] == '\0' ? "-" : response->media_type, name);
}

static void ask(const char *name)
{
    chappe_response response;
    uint64_t number = asked++;
    chappe_result result = chappe_requester_ask(&requester, name, &request_options, &response);
    if (result == CHAPPE_OK && out != NULL)
        save(&response, number);
    if (result == CHAPPE_OK)
        print_answer(name, &response);
    else if (result == CHAPPE_FAILED)
        printf("failed %d %s: %s\n", (int)response.status, name, response.message);
    else if (result != CHAPPE_INTERRUPTED)
        printf("error %s %s: %s\n", name_of(result), name, chappe_requester_error(&requester));
    has_failed = has_failed || result != CHAPPE_OK;
}

// Moves the names to the front and returns their number, or -1 if an argument is invalid.
static int read_options(int argument_count, char **arguments, uint64_t *repeat)
{
    static const char *const wants[] = { "any", "file", "pixels" };
    int names = 0;
    for (int i = 2; i < argument_count; i++) {
        const char *option = arguments[i], *value = i + 1 < argument_count ? arguments[i + 1] : "";
        if (strncmp(option, "--", 2) != 0)
            arguments[2 + names++] = arguments[i];
        else if (strcmp(option, "--list") == 0)
            request_options.wants = CHAPPE_WANTS_LIST;
        else if (strcmp(option, "--lost") == 0)
            request_options.fail_when_peer_is_lost = true;
        else if (i++, strcmp(option, "--out") == 0 && *value != '\0')
            out = value;
        else if (strcmp(option, "--repeat") == 0 && *value != '\0')
            *repeat = strtoull(value, NULL, 10);
        else if (strcmp(option, "--timeout") == 0 && *value != '\0')
            request_options.timeout_milliseconds = strtoll(value, NULL, 10);
        else if (strcmp(option, "--wants") == 0 && (strcmp(value, wants[0]) == 0 || strcmp(value, wants[1]) == 0 || strcmp(value, wants[2]) == 0))
            request_options.wants = *value == 'a' ? CHAPPE_WANTS_ANY : *value == 'f' ? CHAPPE_WANTS_FILE : CHAPPE_WANTS_PIXELS;
        else
            return -1;
    }
    return argument_count >= 2 ? names : -1;
}

static void stop(int number) { stopped = number; }

int main(int argument_count, char **arguments)
{
    uint64_t repeat = 1;
    request_options = chappe_default_request();
    int names = read_options(argument_count, arguments, &repeat);
    if (names < 0)
        return fputs(usage, stderr), 64;
    if (out != NULL && mkdir(out, 0777) != 0 && errno != EEXIST)
        return perror(out), 1;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    struct sigaction action; // not signal(), which would restart a read of standard input
    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    chappe_options options = chappe_default_options();
    options.stop = &stopped;
    chappe_result result = chappe_requester_open(&requester, arguments[1], &options);
    if (result != CHAPPE_OK)
        return printf("error %s : %s\n", name_of(result), chappe_requester_error(&requester)), 2;
    puts("open");
    char line[CHAPPE_MAX_NAME + 2];
    if (request_options.wants == CHAPPE_WANTS_LIST)
        for (uint64_t i = 0; i < repeat && !stopped; i++)
            ask("");
    else if (names > 0)
        for (uint64_t i = 0; i < repeat * (uint64_t)names && !stopped; i++)
            ask(arguments[2 + i % (uint64_t)names]);
    else
        while (!stopped && fgets(line, sizeof line, stdin) != NULL)
            if (line[strcspn(line, "\n")] = '\0', line[0] != '\0')
                ask(line);
    chappe_requester_close(&requester);
    puts("closed");
    return has_failed && !stopped;
}
