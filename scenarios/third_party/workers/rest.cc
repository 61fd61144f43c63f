// SPDX-License-Identifier: Apache-2.0
// A program that an owner started and that outlives it: it does nothing, with all that it
// inherited.
#include <unistd.h>

int main() {
  for (;;) pause();
}
