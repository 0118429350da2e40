/* SPDX-License-Identifier: Apache-2.0 */
/* The program that enters the container and becomes its process. */

#include "launch/inside.h"

int main(int argc, char **argv)
{
    return inside_run(argc, argv);
}
