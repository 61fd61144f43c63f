// SPDX-License-Identifier: Apache-2.0
// One attempt at a lock of a node module, as a worker tells of it: acquired or busy, released at the end of its input.
//
// usage: node_locks.js proper-lockfile|lockfile FILE [--rest PROGRAM]
'use strict';
const fs = require('fs');
const path = require('path');
const [kind, file, , program] = process.argv.slice(2);
const library = require(path.join(__dirname, '../../../build/zoo/npm/node_modules', kind));

function attempt() {
  try {
    if (kind === 'lockfile') {
      library.lockSync(file);
      return () => library.unlockSync(file);
    }
    return library.lockSync(file, { realpath: false });
  } catch (error) {
    if (error.code === 'ELOCKED' || error.code === 'EEXIST') return null;
    throw error;
  }
}

const release = attempt();
if (!release) {
  fs.writeSync(1, 'busy\n');
  process.exit(0);
}
if (program) require('child_process').spawn(program, { stdio: 'ignore', detached: true }).unref();
fs.writeSync(1, 'acquired\n');
const rest = Buffer.alloc(64);
while (fs.readSync(0, rest) > 0);
release();
fs.writeSync(1, 'released\n');
process.exit(0);
