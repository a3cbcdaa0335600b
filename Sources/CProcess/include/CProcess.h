/* What Swift cannot say to the operating system about its own process. */

#ifndef DIBS_CPROCESS_H
#define DIBS_CPROCESS_H

/* Keeps other processes of the same user from reading this one's memory, environment and open
   files, and keeps it from leaving a core file. Does nothing where the system has no such thing.
   Returns 0, or -1. */
int dibs_close_memory(void);

/* Whether other processes of the same user can read this one's memory: 1, 0, or -1. */
int dibs_is_memory_open(void);

/* Overwrites a variable's value where the system shows it, and takes the variable away. */
void dibs_forget_variable(const char *name);

/* Overwrites the value of an option, `--name value` or `--name=value`, where the system shows the
   command line. */
void dibs_forget_option(const char *name);

#endif
