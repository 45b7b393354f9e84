// Round trips of 8 bytes between two processes, as fast as C makes them: what Chappe is compared with.
//
//   round_trips semaphores   two named semaphores, sem_post and sem_wait, no spinning
//   round_trips sequence     a sequence number in shared memory, pure spinning: the limit of the machine
//
// For each number on standard input it makes so many round trips and prints the nanoseconds they took. For "place A B" it keeps its two processes on the
// processors A and B (-1: wherever they like) and prints 0. It ends with its input.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

struct shared {
    _Alignas(64) _Atomic uint64_t asked;
    uint64_t request;
    _Alignas(64) _Atomic uint64_t answered;
    uint64_t response;
    _Alignas(64) uint64_t rounds;
};

static struct shared *page;
static sem_t *requests, *responses, *begin;

static void pause_a_moment(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

static void take(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0) {
    }
}

static sem_t *open_semaphore(const char *role)
{
    char name[64];
    snprintf(name, sizeof name, "/chappe-bench-%ld-%s", (long)getpid(), role);
    sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
    if (semaphore == SEM_FAILED) {
        perror("sem_open");
        exit(1);
    }
    sem_unlink(name);
    return semaphore;
}

static void answer_by_semaphores(uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++) {
        take(requests);
        page->response = page->request + 1;
        sem_post(responses);
    }
}

static void ask_by_semaphores(uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++) {
        page->request = i;
        sem_post(requests);
        take(responses);
        if (page->response != i + 1) {
            abort();
        }
    }
}

static void answer_by_sequence(uint64_t rounds)
{
    uint64_t first = atomic_load_explicit(&page->answered, memory_order_relaxed);
    for (uint64_t i = first + 1; i <= first + rounds; i++) {
        while (atomic_load_explicit(&page->asked, memory_order_acquire) != i) {
            pause_a_moment();
        }
        page->response = page->request + 1;
        atomic_store_explicit(&page->answered, i, memory_order_release);
    }
}

static void ask_by_sequence(uint64_t rounds)
{
    uint64_t first = atomic_load_explicit(&page->asked, memory_order_relaxed);
    for (uint64_t i = first + 1; i <= first + rounds; i++) {
        page->request = i;
        atomic_store_explicit(&page->asked, i, memory_order_release);
        while (atomic_load_explicit(&page->answered, memory_order_acquire) != i) {
            pause_a_moment();
        }
        if (page->response != i + 1) {
            abort();
        }
    }
}

static long long nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void place(pid_t process, int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (processor < 0 || i == processor) {
            CPU_SET(i, &set);
        }
    }
    if (sched_setaffinity(process, sizeof set, &set) != 0) {
        perror("sched_setaffinity");
        exit(1);
    }
}

int main(int count, char **arguments)
{
    int by_sequence = count == 2 && strcmp(arguments[1], "sequence") == 0;
    if (!by_sequence && (count != 2 || strcmp(arguments[1], "semaphores") != 0)) {
        fprintf(stderr, "usage: round_trips semaphores|sequence\n");
        return 2;
    }

    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    requests = open_semaphore("requests");
    responses = open_semaphore("responses");
    begin = open_semaphore("begin");

    pid_t answerer = fork();
    if (answerer == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            take(begin);
            (by_sequence ? answer_by_sequence : answer_by_semaphores)(page->rounds);
        }
    }

    char order[64];
    while (fgets(order, sizeof order, stdin) != NULL) {
        int asking, answering;
        if (sscanf(order, "place %d %d", &asking, &answering) == 2) {
            place(0, asking);
            place(answerer, answering);
            printf("0\n");
            fflush(stdout);
            continue;
        }

        unsigned long long rounds = strtoull(order, NULL, 10);
        // One more, not counted: it wakes the other process.
        page->rounds = rounds + 1;
        sem_post(begin);
        (by_sequence ? ask_by_sequence : ask_by_semaphores)(1);
        long long start = nanoseconds();
        (by_sequence ? ask_by_sequence : ask_by_semaphores)(rounds);
        printf("%lld\n", nanoseconds() - start);
        fflush(stdout);
    }
    return 0;
}
