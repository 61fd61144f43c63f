// SPDX-License-Identifier: Apache-2.0
// Timelines as people meet them: timeline.js FOLDER GOLDEN. FOLDER/store has runs, and gets the screenshots.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const {chromium} = require('playwright-core');

const [folder, golden] = process.argv.slice(2);

// A page that complains of nothing and asks nobody for anything.
async function open(browser, file, options = {}) {
  const page = await browser.newPage({viewport: {width: 1280, height: 900}, ...options});
  page.on('console', (message) => assert.fail(`${file}: ${message.text()}`));
  page.on('pageerror', (error) => assert.fail(`${file}: ${error}`));
  page.on('dialog', () => assert.fail(`${file}: a dialog`));
  page.on('request', (request) => {
    assert.equal(request.url().split('#')[0], 'file://' + file.split('#')[0], `${file} asks for something`);
  });
  await page.goto('file://' + file);
  return page;
}

const current = (page) => page.locator('tr.current').getAttribute('id');
const said = (page) => page.locator('[role=status]').first().textContent();

async function press(page, keys) {
  for (const key of keys) await page.keyboard.press(key);
  return current(page);
}

async function steps(browser, file) {
  const page = await open(browser, file);
  assert.equal(await press(page, ['j']), 's1');
  assert.equal(await press(page, ['ArrowDown', 'j', 'k']), 's2');
  assert.match(await said(page), /^Step 2\. A: flock .* Owns: nobody\./);
  assert.equal(await press(page, ['n']), 's16');
  assert.match(await said(page), /Owns: C\. Record: pid 1003 \(C\)\. Breaks the promise\.$/);
  assert.equal(await press(page, ['n', 'n']), 's17');
  assert.equal(await press(page, ['N']), 's16');
  assert.equal(await press(page, ['Home', 'o']), 's4');
  assert.equal(await press(page, ['p']), 's16');
  assert.equal(await press(page, ['End']), 's17');
  assert.equal(await page.locator('tr.current').getAttribute('aria-current'), 'step');
  assert.equal(await page.locator('tr.current').count(), 1);
  assert.ok(page.url().endsWith('#s17'));
  // A link to an event opens the list that it stands in.
  await page.locator('#s1 td a').click();
  assert.ok(await page.locator('details').evaluate((details) => details.open));
  await page.close();
  const linked = await open(browser, file + '#s9');
  assert.equal(await current(linked), 's9');
  await linked.close();
}

// What a screen reader is given: a table with its heads, and no picture.
async function read(browser, file) {
  const page = await open(browser, file);
  const table = page.getByRole('table', {name: /17 steps, time downwards/});
  assert.deepEqual(await table.getByRole('columnheader').allTextContents(),
    ['step', 'A pid 1001', 'B pid 1002', 'C pid 1003', 'owns', 'record', 'remark']);
  assert.equal(await table.getByRole('rowheader').count(), 17);
  assert.equal(await page.getByRole('heading', {level: 1}).count(), 1);
  assert.equal(await page.getByRole('status').count(), 1);
  assert.equal(await page.getByRole('img').count(), 0);
  await page.close();
}

// All there is to read is there without the script.
async function plain(browser, file) {
  const page = await open(browser, file, {javaScriptEnabled: false});
  assert.equal(await page.getByRole('row').count(), 18);
  await page.close();
}

async function hostile(browser) {
  const page = await open(browser, path.join(golden, 'hostile.html'));
  assert.equal(await page.locator('script').count(), 1);
  assert.equal(await page.locator('b, img, iframe').count(), 0);
  assert.match(await page.locator('main').textContent(), /<b>&amp;<\/b>/);
  await page.close();
}

// What can be read on a ground, as WCAG asks of it (4.5 to 1).
async function contrasts(page) {
  return page.evaluate(() => {
    const channels = (text) => text.match(/[\d.]+/g).map(Number);
    const light = (text) => {
      const part = channels(text).slice(0, 3).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
    };
    const ground = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (channels(colour)[3] !== 0) return colour;
      }
      return 'rgb(255, 255, 255)';
    };
    const poor = [];
    for (const element of document.querySelectorAll('h1 span, dt, dd, a, th, td, .note, .broken, .keys, caption, kbd')) {
      const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.outerHTML.slice(0, 80));
    }
    return poor;
  });
}

async function looks(browser, file, name) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open(browser, file, {colorScheme});
    await page.screenshot({path: path.join(folder, `${name}-${colorScheme}.png`)});
    await press(page, ['n']);
    await page.screenshot({path: path.join(folder, `${name}-${colorScheme}-broken.png`)});
    assert.deepEqual(await contrasts(page), [], `${name}, ${colorScheme}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the window`);
    await page.close();
  }
}

async function thousands(browser, file) {
  const page = await open(browser, file);
  const rows = await page.locator('tr[data-at]').count();
  assert.ok(rows >= 1000, `${rows} rows`);
  await press(page, ['End']);
  const box = await page.locator('tr.current').boundingBox();
  assert.ok(box.y > 0 && box.y < 900, 'the row is in sight');
  const overview = await page.locator('.sticky').boundingBox();
  assert.equal(Math.round(overview.y), 0);
  assert.equal(await page.locator('tr.mark').count() > 0, true);
  await page.close();
  return rows;
}

// A viewer of other people's that reads Chrome's trace format.
async function trace(browser) {
  const viewer = path.join(folder, 'node_modules/speedscope/dist/release/index.html');
  const content = fs.readFileSync(path.join(folder, 'run.trace')).toString('base64');
  fs.writeFileSync(path.join(folder, 'run.js'), `speedscope.loadFileFromBase64('run.trace', '${content}')`);
  const page = await browser.newPage();
  await page.goto(`file://${viewer}#localProfilePath=${path.join(folder, 'run.js')}`);
  // The first of its tracks, and how many: steps and ownership and locks of three processes, and the record.
  await page.getByText(/memtomem\/unlink_at_exit: A pid 1001.*\(1\/10\)/).first().waitFor();
  await page.screenshot({path: path.join(folder, 'trace.png')});
  await page.close();
}

// The page of a whole run has each of its scenarios.
async function report(browser) {
  const page = await open(browser, path.join(folder, 'run.html'));
  for (const text of ['memtomem/unlink_at_exit', 'control/flock']) await page.getByText(text).first().waitFor();
  await page.screenshot({path: path.join(folder, 'run.png')});
  await page.close();
}

async function main() {
  const timeline = (scenario) => fs.realpathSync(path.join(folder, 'store', scenario, 'latest', 'timeline.html'));
  const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox']});
  try {
    const stepped = timeline('memtomem/unlink_at_exit');
    const long = timeline('canary/never_recovers');
    await steps(browser, stepped);
    await read(browser, stepped);
    await plain(browser, stepped);
    await hostile(browser);
    const rows = await thousands(browser, long);
    await trace(browser);
    await report(browser);
    await looks(browser, stepped, 'stepped');
    await looks(browser, long, 'long');
    await looks(browser, path.join(golden, 'hostile.html'), 'hostile');
    console.log(`browser: ok, ${rows} rows in the longest timeline; look at ${folder}/*.png`);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
