/* Nothing to call: the library does its work when it is loaded. See powercut.c. */
