/* cli.h - the program. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* Reads the command line, runs one command, returns the exit code. */
int cli_main(int argc, char **argv);

#endif
