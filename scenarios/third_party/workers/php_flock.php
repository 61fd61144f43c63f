<?php
// SPDX-License-Identifier: Apache-2.0
// One attempt at flock() of PHP, as a worker tells of it: acquired or busy, released at the end of its input.
//
// usage: php_flock.php FILE [--rest PROGRAM]
$file = fopen($argv[1], 'c');
if (!flock($file, LOCK_EX | LOCK_NB)) {
    echo "busy\n";
    exit(0);
}
if (isset($argv[3])) proc_open([$argv[3]], [], $pipes);
echo "acquired\n";
while (fread(STDIN, 64) !== '' && !feof(STDIN));
flock($file, LOCK_UN);
echo "released\n";
