// A person's calendar, read by two programs that know nothing of each other: ical.js takes the rules of a
// zone from the calendar, node-ical from the zone's name.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import ICAL from 'ical.js';
import nodeIcal from 'node-ical';

import { BASE_URL, Person, post } from './ai-sdk-clients.mjs';

/** Zones, and the days of 2026 or 2027 on which their clock goes forward and back, with a time on either side and one between. */
const CHANGES = [
  ['Europe/Berlin', ['2027-03-28', '01:30', '02:30', '03:30'], ['2027-10-31', '01:30', '02:30', '03:30']],
  ['Europe/London', ['2027-03-28', '00:30', '01:30', '02:30'], ['2027-10-31', '00:30', '01:30', '02:30']],
  ['Europe/Dublin', ['2027-03-28', '00:30', '01:30', '02:30'], ['2027-10-31', '00:30', '01:30', '02:30']],
  ['America/New_York', ['2027-03-14', '01:30', '02:30', '03:30'], ['2027-11-07', '00:30', '01:30', '02:30']],
  ['America/Los_Angeles', ['2027-03-14', '01:30', '02:30', '03:30'], ['2027-11-07', '00:30', '01:30', '02:30']],
  ['America/St_Johns', ['2027-03-14', '01:30', '02:30', '03:30'], ['2027-11-07', '00:30', '01:30', '02:30']],
  ['America/Santiago', ['2027-09-05', '01:30', '00:30', '02:30'], ['2027-04-03', '22:30', '23:30', '21:30']],
  ['America/Nuuk', ['2027-03-27', '22:30', '23:30', '20:30'], ['2027-10-30', '22:30', '23:30', '20:30']],
  ['Africa/Casablanca', ['2027-03-14', '01:30', '02:30', '03:30'], ['2027-02-07', '01:30', '02:30', '03:30']],
  ['Asia/Jerusalem', ['2027-03-26', '01:30', '02:30', '03:30'], ['2027-10-31', '00:30', '01:30', '02:30']],
  ['Australia/Lord_Howe', ['2027-10-03', '01:30', '02:15', '03:30'], ['2027-04-04', '01:15', '01:45', '02:30']],
  ['Pacific/Auckland', ['2027-09-26', '01:30', '02:30', '03:30'], ['2027-04-04', '01:30', '02:30', '03:30']],
];

/** What a person would see who gets their tasks from the server and subscribes to their calendar. */
class Subscriber {
  static async with(tasks) {
    const person = await Person.register();
    const headers = { ...person.headers };
    for (const task of tasks) {
      const answer = await fetch(person.url('/tasks'), post(task, headers));
      assert.equal(answer.status, 201, await answer.text());
    }
    const made = await fetch(person.url('/calendar'), { method: 'POST', headers });
    const { url } = await made.json();
    const answer = await fetch(BASE_URL + url);
    assert.equal(answer.status, 200);
    return new Subscriber(await answer.text(), await person.get('/tasks?limit=500'));
  }

  constructor(text, tasks) {
    Object.assign(this, { text, tasks });
    this.calendar = new ICAL.Component(ICAL.parse(text));
    this.events = this.calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
    this.others = Object.values(nodeIcal.sync.parseICS(text)).filter(({ type }) => type === 'VEVENT');
  }

  event(title) {
    return this.events.find(({ summary }) => summary === title);
  }

  other(title) {
    return this.others.find(({ summary }) => summary === title);
  }

  /** The next starts of a series, as ical.js has them. */
  starts(title, count) {
    const iterator = this.event(title).iterator();
    return Array.from({ length: count }, () => iterator.next());
  }
}

/** What a clock in the zone shows. */
function wallClock(instant, timeZone) {
  const options = { timeZone, dateStyle: 'short', timeStyle: 'short' };
  return new Intl.DateTimeFormat('sv-SE', options).format(instant).replace(' ', 'T');
}

const times = CHANGES.flatMap(([zone, ...days]) =>
  days.flatMap(([day, ...clocks]) => clocks.map((clock) => ({ title: `${zone} ${day}T${clock}`, due: `${day}T${clock}`, due_time_zone: zone }))));

test('for a program that keeps lists every task is a todo, due when it is', async () => {
  const person = await Person.register();
  const tasks = times.slice(0, 6);
  for (const task of tasks) assert.equal((await fetch(person.url('/tasks'), post(task, person.headers))).status, 201);
  const made = await fetch(person.url('/calendar'), { method: 'POST', headers: person.headers });
  const text = await (await fetch(`${BASE_URL}${(await made.json()).url}?as=todos`)).text();
  const todos = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vtodo');
  const others = Object.values(nodeIcal.sync.parseICS(text)).filter(({ type }) => type === 'VTODO');
  assert.deepEqual([todos.length, others.length], [tasks.length, tasks.length]);
  for (const { title, due_at } of await person.get('/tasks?limit=500')) {
    const instant = new Date(due_at).toISOString();
    const todo = todos.find((one) => one.getFirstPropertyValue('summary') === title);
    assert.equal(todo.getFirstPropertyValue('due').toJSDate().toISOString(), instant, `ical.js: ${title}`);
    assert.equal(todo.getFirstPropertyValue('status'), 'NEEDS-ACTION');
    assert.equal(others.find(({ summary }) => summary === title).due.toISOString(), instant, `node-ical: ${title}`);
  }
});

test('around every change of the clock events are at the instant at which their task is due', async () => {
  const subscriber = await Subscriber.with(times);
  assert.equal(subscriber.events.length, times.length);
  for (const { title, due_at } of subscriber.tasks) {
    const instant = new Date(due_at).toISOString();
    assert.equal(subscriber.event(title).startDate.toJSDate().toISOString(), instant, `ical.js: ${title}`);
    assert.equal(subscriber.other(title).start.toISOString(), instant, `node-ical: ${title}`);
  }
});

test('a day is a day, in whatever zone it is read', async () => {
  const day = { title: 'Pay rent', due: '2027-03-28', due_time_zone: 'Pacific/Auckland' };
  const subscriber = await Subscriber.with([day]);
  const { startDate, duration } = subscriber.event('Pay rent');
  assert.deepEqual([startDate.isDate, startDate.toString(), duration.toString()], [true, '2027-03-28', 'P1D']);
  const { start, datetype } = subscriber.other('Pay rent');
  assert.deepEqual([datetype, start.getFullYear(), start.getMonth() + 1, start.getDate()], ['date', 2027, 3, 28]);
});

test('a series has its time of day the whole year round', async () => {
  const zones = CHANGES.map(([zone]) => zone);
  const tasks = zones.map((zone) => ({ title: zone, due: '2027-01-04T09:00', due_time_zone: zone, repeat: 'every week on monday' }));
  const subscriber = await Subscriber.with(tasks);
  for (const zone of zones) {
    const starts = subscriber.starts(zone, 150).map((start) => start.toJSDate());
    const mondays = starts.map((_, week) => new Date(Date.UTC(2027, 0, 4 + 7 * week)).toISOString().slice(0, 10));
    assert.deepEqual(starts.map((start) => wallClock(start, zone)), mondays.map((day) => `${day}T09:00`), zone);
    const others = subscriber.other(zone).rrule.between(starts[0], starts[60], true);
    assert.deepEqual(others.map((start) => start.getTime()), starts.slice(0, 61).map((start) => start.getTime()), zone);
  }
});

test('a task comes back in the calendar on the days on which it does', async () => {
  const series = [
    ['every 3 days', '2027-01-30', ['2027-01-30', '2027-02-02', '2027-02-05', '2027-02-08']],
    ['weekdays', '2027-01-07', ['2027-01-07', '2027-01-08', '2027-01-11', '2027-01-12']],
    ['every 2 weeks on monday and friday', '2027-01-04', ['2027-01-04', '2027-01-08', '2027-01-18', '2027-01-22']],
    ['every month on the 30th', '2027-01-30', ['2027-01-30', '2027-02-28', '2027-03-30', '2027-04-30']],
    ['every month on the last day', '2027-01-31', ['2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30']],
    ['every 2 months on the 15th', '2027-01-15', ['2027-01-15', '2027-03-15', '2027-05-15', '2027-07-15']],
    ['every year on 29 february', '2028-02-29', ['2028-02-29', '2029-02-28', '2030-02-28', '2031-02-28']],
  ];
  const subscriber = await Subscriber.with(series.map(([repeat, due]) => ({ title: repeat, due, repeat, due_time_zone: 'Europe/Berlin' })));
  assert.deepEqual(series.map(([title]) => title).filter((title) => !subscriber.event(title).component.hasProperty('rrule')), [
    'every month on the 30th',
    'every year on 29 february',
  ]);
  for (const [repeat, , days] of series) {
    assert.deepEqual(subscriber.starts(repeat, days.length).map(String), days, `ical.js: ${repeat}`);
    const options = { from: new Date(`${days[0]}T00:00Z`), to: new Date(`${days.at(-1)}T12:00Z`) };
    const others = nodeIcal.expandRecurringEvent(subscriber.other(repeat), options).map(({ start }) => start);
    // node-ical knows series by a rule only: of one that is told date by date it has the first.
    const known = subscriber.event(repeat).component.hasProperty('rrule') ? days : days.slice(0, 1);
    assert.deepEqual(others.map((start) => wallClock(start).slice(0, 10)), known, `node-ical: ${repeat}`);
  }
});

test('of a task that is counted from its completion the next day is there, and no series', async () => {
  const task = { title: 'Plants', due: '2027-01-30', repeat: 'every 3 days after completion' };
  const subscriber = await Subscriber.with([task]);
  assert.equal(subscriber.event('Plants').isRecurring(), false);
  assert.equal(subscriber.other('Plants').rrule, undefined);
});

test('every text arrives as it was written, in lines that are short enough', async () => {
  const texts = [
    'Milk, eggs; bread: 50% \\ "off"',
    'C:\\new\\table, \\n is no line end; \\, neither',
    '👩‍👩‍👧‍👦🦀'.repeat(20),
    `${'x'.repeat(66)}🦀 at the end of a line`,
    'Ünïcödé, اَلْعَرَبِيَّةُ; 日本語テキスト '.repeat(6).trim(),
    'first\nsecond\n\nfourth',
    'BEGIN:VEVENT\nSUMMARY:not an event\nEND:VEVENT',
    ` ${'word '.repeat(40)}`.trim(),
  ];
  const subscriber = await Subscriber.with(texts.map((text) => ({ title: text, description: `${text}\n${text}`, due: '2027-01-30' })));
  assert.equal(subscriber.events.length, texts.length);
  assert.deepEqual(subscriber.events.map(({ summary }) => summary), texts);
  assert.deepEqual(subscriber.events.map(({ description }) => description), texts.map((text) => `${text}\n${text}`));
  // node-ical takes a backslash before an n for a line end, however it is escaped.
  const plain = texts.filter((text) => !text.includes('\\n'));
  assert.deepEqual(plain.map((text) => subscriber.other(text)?.summary), plain);
  assert.ok(subscriber.text.endsWith('\r\n'));
  for (const line of subscriber.text.split('\r\n')) {
    assert.ok(Buffer.byteLength(line) <= 75, line);
    assert.ok(!/[\r\n]/.test(line), line);
  }
});

test('an event says how important its task is, where it belongs and when to ring', async () => {
  const task = { title: 'Call Ann', due: '2027-03-28T09:00', due_time_zone: 'Europe/Berlin', priority: 'high', tags: ['home', 'a;b'] };
  const subscriber = await Subscriber.with([task]);
  const event = subscriber.event('Call Ann').component;
  assert.equal(event.getFirstPropertyValue('priority'), 1);
  assert.deepEqual(event.getFirstProperty('categories').getValues(), ['home', 'a;b']);
  assert.equal(event.getFirstPropertyValue('sequence'), 1);
  assert.equal(event.getFirstPropertyValue('transp'), 'TRANSPARENT');
  const alarm = event.getFirstSubcomponent('valarm');
  assert.equal(alarm.getFirstPropertyValue('action'), 'DISPLAY');
  assert.equal(alarm.getFirstPropertyValue('trigger').toSeconds(), 0);
  assert.equal(subscriber.calendar.getFirstPropertyValue('x-wr-calname'), 'Tasks');
  assert.equal(subscriber.calendar.getFirstPropertyValue('refresh-interval').toSeconds(), 3600);
});
