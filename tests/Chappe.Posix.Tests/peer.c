/* The second process of a test, in C: it does what each line of its input says and answers with one line. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static sem_t *semaphore;
static int segment = -1;
static unsigned char *bytes;
static const size_t reserved = 64 << 20;

static void answer(long result)
{
    printf("%ld\n", result);
}

/* 0, or minus the errno. */
static void outcome(int result)
{
    answer(result == 0 ? 0 : -errno);
}

static void map(int descriptor)
{
    if (descriptor >= 0)
    {
        segment = descriptor;
        bytes = mmap(NULL, reserved, PROT_READ | PROT_WRITE, MAP_SHARED, segment, 0);
    }

    outcome(descriptor >= 0 && bytes != MAP_FAILED ? 0 : -1);
}

static int lock_byte(long position)
{
    struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = position, .l_len = 1 };
    return fcntl(segment, F_OFD_SETLK, &range);
}

static void post_in_bursts(long count)
{
    srand(7);
    while (count > 0)
    {
        for (long burst = 1 + rand() % 20; burst > 0 && count > 0; burst--, count--)
        {
            if (sem_post(semaphore) != 0)
            {
                outcome(-1);
                return;
            }
        }

        usleep(rand() % 300);
    }

    answer(0);
}

int main(void)
{
    static char line[1024], verb[64], name[512];
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");

    while (fgets(line, sizeof line, stdin) != NULL)
    {
        long a = 0, b = 0;
        name[0] = 0;
        if (sscanf(line, "%63s /%509s %ld %ld", verb, name + 1, &a, &b) >= 2)
        {
            name[0] = '/';
        }
        else
        {
            sscanf(line, "%63s %ld %ld", verb, &a, &b);
        }

        if (strcmp(verb, "sem_open") == 0)
        {
            semaphore = sem_open(name, 0);
            outcome(semaphore == SEM_FAILED ? -1 : 0);
        }
        else if (strcmp(verb, "sem_create") == 0)
        {
            semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, (unsigned)a);
            outcome(semaphore == SEM_FAILED ? -1 : 0);
        }
        else if (strcmp(verb, "sem_post") == 0)
        {
            int result = 0;
            while (result == 0 && a-- > 0)
            {
                result = sem_post(semaphore);
            }

            outcome(result);
        }
        else if (strcmp(verb, "sem_wait") == 0)
        {
            puts("waiting");
            outcome(sem_wait(semaphore));
        }
        else if (strcmp(verb, "sem_trywait") == 0)
        {
            outcome(sem_trywait(semaphore));
        }
        else if (strcmp(verb, "sem_getvalue") == 0)
        {
            int value = -1;
            sem_getvalue(semaphore, &value);
            answer(value);
        }
        else if (strcmp(verb, "post_in_bursts") == 0)
        {
            post_in_bursts(a);
        }
        else if (strcmp(verb, "shm_open") == 0)
        {
            map(shm_open(name, O_RDWR, 0));
        }
        else if (strcmp(verb, "shm_create") == 0)
        {
            map(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
        }
        else if (strcmp(verb, "ftruncate") == 0)
        {
            outcome(ftruncate(segment, a));
        }
        else if (strcmp(verb, "get") == 0)
        {
            answer(bytes[a]);
        }
        else if (strcmp(verb, "put") == 0)
        {
            bytes[a] = (unsigned char)b;
            answer(0);
        }
        else if (strcmp(verb, "lock") == 0)
        {
            outcome(lock_byte(a));
        }
        else if (strcmp(verb, "touch_latin1") == 0)
        {
            strcat(name, "/caf\xe9.txt");
            outcome(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0 ? -1 : 0);
        }
        else if (strcmp(verb, "remove_latin1") == 0)
        {
            strcat(name, "/caf\xe9.txt");
            outcome(unlink(name));
        }
        else
        {
            puts("what?");
        }
    }

    return 0;
}
