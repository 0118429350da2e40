/* SPDX-License-Identifier: Apache-2.0 */
/* The program `tare`. */

#include "cli/command.h"

int main(int argc, char **argv)
{
    return cli_run(argc, argv);
}
