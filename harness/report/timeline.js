'use strict';
// Stepping by keyboard. All there is to read is in the page without this.
const rows = Array.from(document.querySelectorAll('tr[data-at]'));
let current = -1;

function show(index, moves = true) {
  if (index < 0 || index >= rows.length) return;
  if (current >= 0) {
    rows[current].classList.remove('current');
    rows[current].removeAttribute('aria-current');
    cursor(rows[current], false);
  }
  current = index;
  const row = rows[index];
  row.classList.add('current');
  row.setAttribute('aria-current', 'step');
  cursor(row, true);
  row.closest('section').querySelector('.now').textContent = row.dataset.said;
  history.replaceState(null, '', '#' + row.id);
  if (moves) row.scrollIntoView({block: 'center'});
}

// The overview stays in sight, and the head of the table below it.
document.documentElement.classList.add('steps');
for (const overview of document.querySelectorAll('.sticky')) {
  new ResizeObserver(() => {
    overview.closest('section').style.setProperty('--top', overview.offsetHeight + 'px');
  }).observe(overview);
}

// The line in the overview.
function cursor(row, visible) {
  const line = row.closest('section').querySelector('.cursor');
  line.setAttribute('x1', row.dataset.at);
  line.setAttribute('x2', row.dataset.at);
  line.style.visibility = visible ? 'visible' : 'hidden';
}

function next(step, wanted) {
  for (let i = current + step; i >= 0 && i < rows.length; i += step) {
    if (wanted(rows[i])) return show(i);
  }
}

const any = () => true;
const is = (name) => (row) => row.classList.contains(name);
const changes = (row) => row.dataset.changes === 'yes';
const keys = {
  j: () => next(1, any), ArrowDown: () => next(1, any),
  k: () => next(-1, any), ArrowUp: () => next(-1, any),
  n: () => next(1, is('mark')), N: () => next(-1, is('mark')),
  f: () => next(1, is('fault')), F: () => next(-1, is('fault')),
  o: () => next(1, changes), O: () => next(-1, changes),
  p: () => show(rows.findIndex(is('pair'))),
  Home: () => show(0), End: () => show(rows.length - 1),
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});
document.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-at]');
  if (row && !event.target.closest('a')) show(rows.indexOf(row), false);
});
// Where a link leads: a row, or the row of an event.
function follow() {
  const target = document.getElementById(location.hash.slice(1));
  const row = target && target.closest('tr[data-at]');
  if (row) return show(rows.indexOf(row));
  const details = target && target.closest('details');
  if (!details) return;
  details.open = true;
  target.scrollIntoView({block: 'center'});
}
window.addEventListener('hashchange', follow);
follow();
