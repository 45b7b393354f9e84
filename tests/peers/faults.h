// Compile a C peer with -include faults.h to end or stop it at the step that CHAPPE_DIE_AT or CHAPPE_STOP_AT names. STEP:N means the N-th time at STEP.
#ifndef CHAPPE_FAULTS_H
#define CHAPPE_FAULTS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline int chappe_fault_is_due(const char *variable, const char *step, int *passings)
{
    const char *fault = getenv(variable);
    size_t length = strlen(step);
    if (fault == NULL || strncmp(fault, step, length) != 0 || (fault[length] != '\0' && fault[length] != ':'))
        return 0;
    return ++*passings == (fault[length] == ':' ? atoi(fault + length + 1) : 1);
}

static inline void chappe_fault_step(const char *step)
{
    static int deaths, stops;
    if (chappe_fault_is_due("CHAPPE_DIE_AT", step, &deaths)) {
        printf("dies %s\n", step);
        fflush(stdout);
        kill(getpid(), SIGKILL);
    }
    if (chappe_fault_is_due("CHAPPE_STOP_AT", step, &stops)) {
        printf("stops %s\n", step);
        fflush(stdout);
        raise(SIGSTOP);
        printf("continues\n");
        fflush(stdout);
    }
}

#define CHAPPE_STEP(name) chappe_fault_step(#name)

#endif
