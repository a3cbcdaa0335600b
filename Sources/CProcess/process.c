#include "CProcess.h"

#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static int argument_count;
static char **arguments;

/* The C library hands main's arguments to every constructor: these are the very bytes that the
   system shows as the command line. */
__attribute__((constructor)) static void keep_arguments(int count, char **values)
{
    argument_count = count;
    arguments = values;
}

int dibs_close_memory(void)
{
#ifdef __linux__
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
    return 0;
#endif
}

int dibs_is_memory_open(void)
{
#ifdef __linux__
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
#else
    return 1;
#endif
}

void dibs_forget_variable(const char *name)
{
    char *value = getenv(name);
    if (value == NULL) return;
    memset(value, 0, strlen(value));
    unsetenv(name);
}

void dibs_forget_option(const char *name)
{
    size_t length = strlen(name);
    for (int index = 1; index < argument_count; index++) {
        char *argument = arguments[index];
        if (strcmp(argument, "--") == 0) return;
        if (strcmp(argument, name) == 0 && index + 1 < argument_count) {
            memset(arguments[index + 1], '*', strlen(arguments[index + 1]));
        } else if (strncmp(argument, name, length) == 0 && argument[length] == '=') {
            memset(argument + length + 1, '*', strlen(argument + length + 1));
        }
    }
}
