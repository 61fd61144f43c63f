// SPDX-License-Identifier: Apache-2.0
// The same as stale.sh, as a worker: acquired or busy, released at the end of its input.
// usage: node stale.js FILE
const fs = require('fs');
const file = process.argv[2];
const say = (word) => fs.writeSync(1, word + '\n');

function create() {
  try {
    const fd = fs.openSync(file, 'wx');
    fs.writeSync(fd, process.pid + '\n');
    fs.closeSync(fd);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isStale() {
  try {
    process.kill(Number(fs.readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH' || error.code === 'ENOENT';
  }
}

if (!create()) {
  if (isStale()) fs.rmSync(file, {force: true}); // which by now may be another one's
  if (!create()) {
    say('busy');
    process.exit(1);
  }
}
say('acquired');
fs.readSync(0, Buffer.alloc(1));
fs.rmSync(file, {force: true});
say('released');
