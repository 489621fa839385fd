import { expect, test } from 'vitest';
import { readEntry } from '../src/tasks/quickEntry';

/** A Friday. */
const NOW = new Date(2026, 10, 27, 9, 30);
const read = (text: string, dismissed: string[] = []) => {
  const { title, details } = readEntry(text, NOW, new Set(dismissed));
  return [title, details];
};

test('a line says what, when, how often, where it belongs and how important it is', () => {
  const entry = readEntry('pay rent friday 9am every month #home !high', NOW);
  expect(entry).toEqual({
    title: 'pay rent',
    details: { due: '2026-12-04T09:00', repeat: 'every month', tags: ['home'], priority: 'high' },
    chips: [
      { words: 'friday 9am', label: 'Fri 4 Dec, 9:00' },
      { words: 'every month', label: '↻ every month' },
      { words: '#home', label: '#home' },
      { words: '!high', label: 'High priority' },
    ],
  });
});

test.each([
  ['Call Jonas tomorrow', 'Call Jonas', { due: '2026-11-28' }],
  ['Book a table for Saturday', 'Book a table', { due: '2026-11-28' }],
  ['Tomorrow at 18:30 see the dentist', 'see the dentist', { due: '2026-11-28T18:30' }],
  ['Tax by 31 January 2027, with receipts', 'Tax, with receipts', { due: '2027-01-31' }],
  ['Water the plants every other week', 'Water the plants', { repeat: 'every 2 weeks' }],
  ['Cut the hair every 6 weeks after completion', 'Cut the hair', { repeat: 'every 6 weeks after completion' }],
  ['Stand-up every monday and thursday at 9am', 'Stand-up', { repeat: 'every monday and thursday', due: '2026-11-28T09:00' }],
  ['Vitamins daily', 'Vitamins', { repeat: 'daily' }],
  ['Gym every other monday', 'Gym', { repeat: 'every other monday' }],
  ['Gym every second monday and thursday', 'Gym', { repeat: 'every second monday and thursday' }],
  ['Gym every mon and thu at 18:00', 'Gym', { repeat: 'every mon and thu', due: '2026-11-27T18:00' }],
  ['Gym each monday', 'Gym', { repeat: 'each monday' }],
  ['Gym each weekday at 9', 'Gym', { repeat: 'each weekday', due: '2026-11-28T09:00' }],
  ['Gym every mon & wed', 'Gym', { repeat: 'every mon & wed' }],
  ['Gym every sat 9am #home', 'Gym', { repeat: 'every sat', due: '2026-11-28T09:00', tags: ['home'] }],
  ['Gym every sat after work', 'Gym after work', { repeat: 'every sat' }],
  ['Gym every sun, with Tom', 'Gym, with Tom', { repeat: 'every sun' }],
  ['Gym every sat - bring towel', 'Gym - bring towel', { repeat: 'every sat' }],
  ['Gym every sat – bring towel', 'Gym – bring towel', { repeat: 'every sat' }],
  ['Gym every sun (pool)', 'Gym (pool)', { repeat: 'every sun' }],
  ['Gym every wed (pool)', 'Gym (pool)', { repeat: 'every wed' }],
  ['Brunch every sun @ home', 'Brunch @ home', { repeat: 'every sun' }],
  ['Gym every wed by 9', 'Gym by 9', { repeat: 'every wed' }],
  ['Gym every sun by 9am', 'Gym', { repeat: 'every sun', due: '2026-11-28T09:00' }],
  ['Gym every sat on campus', 'Gym on campus', { repeat: 'every sat' }],
  ['Gym every mon team training', 'Gym team training', { repeat: 'every mon' }],
  ['Every wed team meeting', 'team meeting', { repeat: 'every wed' }],
  ['Every sat clean the house', 'clean the house', { repeat: 'every sat' }],
  ['#home every other sun call mom', 'call mom', { repeat: 'every other sun', tags: ['home'] }],
  ['Photograph every sun rise daily', 'Photograph every sun rise', { repeat: 'daily' }],
  ['Gym every other wed at 18:00', 'Gym', { repeat: 'every other wed', due: '2026-11-27T18:00' }],
  ['Pay Anna and Tom 20 each tomorrow', 'Pay Anna and Tom 20 each', { due: '2026-11-28' }],
  ['Buy gifts for each on friday', 'Buy gifts for each', { due: '2026-11-27' }],
  ['Buy gifts for each on 3 december', 'Buy gifts for each', { due: '2026-12-03' }],
  ['Pay Anna and Tom 20 each at 5pm', 'Pay Anna and Tom 20 each', { due: '2026-11-27T17:00' }],
  ['Gym every second week on friday', 'Gym', { repeat: 'every second week on friday' }],
  ['Gym weekly on friday', 'Gym', { repeat: 'weekly on friday' }],
  ['Gym every two weeks', 'Gym', { repeat: 'every two weeks' }],
  ['Gym every 3rd day', 'Gym', { repeat: 'every 3rd day' }],
  ['Pay rent every month on the 15th', 'Pay rent', { repeat: 'every month on the 15th' }],
  ['Pay rent monthly on the last day', 'Pay rent', { repeat: 'monthly on the last day' }],
  ['Order the cake every year on 27 november', 'Order the cake', { repeat: 'every year', due: '2026-11-27' }],
  ['Pay 20.50 tomorrow', 'Pay 20.50', { due: '2026-11-28' }],
  ['Bus ticket 2.50 tomorrow', 'Bus ticket 2.50', { due: '2026-11-28' }],
  ['Budget 12.00 on 3 december', 'Budget 12.00', { due: '2026-12-03' }],
  ['Install Node 20.11 on friday', 'Install Node 20.11', { due: '2026-11-27' }],
  ['Dentist 15.30 tomorrow', 'Dentist 15.30', { due: '2026-11-28' }],
  ['Dentist 15.30, tomorrow', 'Dentist 15.30', { due: '2026-11-28' }],
  ['Book a table for 19.30 tomorrow', 'Book a table for 19.30', { due: '2026-11-28' }],
  ['Give the dog a bath at 15.30 tomorrow', 'Give the dog a bath', { due: '2026-11-28T15:30' }],
  ['Dentist 10.30 am tomorrow', 'Dentist', { due: '2026-11-28T10:30' }],
  ['12.50 to Tom tomorrow', '12.50 to Tom', { due: '2026-11-28' }],
  ['Lunch €12.50 tomorrow', 'Lunch €12.50', { due: '2026-11-28' }],
  ['Lunch at $12.50 tomorrow', 'Lunch at $12.50', { due: '2026-11-28' }],
  ['Lunch $12 tomorrow', 'Lunch $12', { due: '2026-11-28' }],
  ['Install Node v20.11 on friday', 'Install Node v20.11', { due: '2026-11-27' }],
  ['Lunch 12,50€ tomorrow', 'Lunch 12,50€', { due: '2026-11-28' }],
  ['Dinner for £20.00 tomorrow at 7pm', 'Dinner for £20.00', { due: '2026-11-28T19:00' }],
  ['Pay the 20.50 amount tomorrow', 'Pay the 20.50 amount', { due: '2026-11-28' }],
  ['Pay tomorrow 20.50', 'Pay 20.50', { due: '2026-11-28' }],
  ['Buy wood of 12.75 metres tomorrow', 'Buy wood of 12.75 metres', { due: '2026-11-28' }],
  ['Meet at 10.30 tomorrow', 'Meet', { due: '2026-11-28T10:30' }],
  ['Call around 17.30 tomorrow', 'Call around 17.30 tomorrow', { due: '2026-11-28T17:30' }],
  ['Call after 17.30 tomorrow', 'Call after 17.30 tomorrow', { due: '2026-11-28T17:30' }],
  ['Run 12.30 to 14.30 tomorrow', 'Run 12.30 to 14.30', { due: '2026-11-28' }],
  ['Raise the price from 12.30 to 14.30 tomorrow', 'Raise the price from 12.30 to 14.30', { due: '2026-11-28' }],
  ['Meet at 15.30 to 16.30 tomorrow', 'Meet at 15.30 to 16.30', { due: '2026-11-28' }],
  ['Lunch from 12.30 until 14.30 tomorrow', 'Lunch from 12.30 until 14.30 tomorrow', { due: '2026-11-28T12:30' }],
  ['Lunch from 10.30 to 11.30am tomorrow', 'Lunch from 10.30 to 11.30am tomorrow', { due: '2026-11-28T10:30' }],
  ['Refund -12.50 tomorrow', 'Refund -12.50', { due: '2026-11-28' }],
  ['Refund −12.50 tomorrow', 'Refund −12.50', { due: '2026-11-28' }],
  ['Refund +12.50 at 5pm', 'Refund +12.50', { due: '2026-11-27T17:00' }],
  ['Set price=12.50 tomorrow', 'Set price=12.50', { due: '2026-11-28' }],
  ['Walk 2.50h tomorrow', 'Walk 2.50h', { due: '2026-11-28' }],
  ['Walk for 2.5h tomorrow', 'Walk for 2.5h', { due: '2026-11-28' }],
  ['Hold it 12.50s tomorrow', 'Hold it 12.50s', { due: '2026-11-28' }],
  ['Meet at 15.30h tomorrow', 'Meet at 15.30h', { due: '2026-11-28' }],
  ['Dentist 10.30am tomorrow', 'Dentist', { due: '2026-11-28T10:30' }],
  ['Contract ends on 28.12.2026', 'Contract ends', { due: '2026-12-28' }],
  ['Finish before friday', 'Finish before friday', { due: '2026-11-27' }],
  ['Read https://example.com/2026-12-01 tomorrow', 'Read https://example.com/2026-12-01', { due: '2026-11-28' }],
  ['Dentist next friday at 3', 'Dentist', { due: '2026-12-04T15:00' }],
  ['Call mom at 5', 'Call mom', { due: '2026-11-27T17:00' }],
  ['Tea tomorrow at 5', 'Tea', { due: '2026-11-28T17:00' }],
  ['Run tomorrow at 7', 'Run', { due: '2026-11-28T07:00' }],
  ['Fly tomorrow at 5am', 'Fly', { due: '2026-11-28T05:00' }],
  ['Fly tomorrow at 05:00', 'Fly', { due: '2026-11-28T05:00' }],
  ['Fly tomorrow at 5:30', 'Fly', { due: '2026-11-28T05:30' }],
  ['Run tomorrow morning at 5', 'Run', { due: '2026-11-28T05:00' }],
  ['Wake at 5 tomorrow morning', 'Wake', { due: '2026-11-28T05:00' }],
  ['Call Jonas friday at 3', 'Call Jonas', { due: '2026-11-27T15:00' }],
  ['Call Jonas 27 nov at 3', 'Call Jonas', { due: '2026-11-27T15:00' }],
  ['Call Jonas at 3 on friday', 'Call Jonas', { due: '2026-11-27T15:00' }],
  ['Call Jonas thursday at 3', 'Call Jonas', { due: '2026-12-03T15:00' }],
  ['Feed the cat in 3 hours', 'Feed the cat', { due: '2026-11-27T12:30' }],
  ['Prüfung lernen #schule #Übung', 'Prüfung lernen', { tags: ['schule', 'Übung'] }],
])('%s', (text, title, details) => {
  expect(read(text)).toEqual([title, details]);
});

test('a small hour that is over goes on to the next such day', () => {
  const due = (text: string) => readEntry(text, new Date(2026, 10, 27, 16, 0)).details.due;
  expect(due('Call friday at 3')).toBe('2026-12-04T15:00');
  expect(due('Call 27 nov at 3')).toBe('2027-11-27T15:00');
  expect(due('Call at 3')).toBe('2026-11-28T15:00');
  expect(due('Call today at 3')).toBe('2026-11-27T15:00');
});

test.each(['Buy 2 eggs', 'Top up phone 10.50', 'Withdraw 20.00', 'Run 10.20', 'Dentist 15.30 mon', 'Dentist at 7.45 mon', 'Refund -12.50', 'Walk 2.50h', 'Raise it from 12.30 to 14.30', 'March for science', 'Ask May about it', 'Lie in the sun', 'Issue #', 'Wow!', 'Call 555 1234', 'Bake for 45 minutes', 'Task number 14', 'Daily', 'Answer last Friday’s mail', 'Fix the bug of last friday', 'Prepare tomorrow\'s meeting', 'Write down what happened yesterday', 'Report for 30 June 2025'])('“%s” is all title', (text) => {
  expect(read(text)).toEqual([text, {}]);
});

test.each(['Water the plants every third monday', 'Backup every last day of the month', 'Call mom every evening at 6', 'Pay every 27 november', 'Pay every november 27', 'Gym each first friday', 'Gym every other weekday', 'Photograph every sun rise', 'Check each sat nav', 'Test every other sat nav', 'Photograph every sun and moon', 'Every sun set of May', 'Each sat nav'])(
  'of “%s”, which the server cannot read either, no word is lost',
  (text) => {
    expect(read(text)).toEqual([text, {}]);
  },
);

test('quotes keep their words in the title', () => {
  expect(read('Watch "Friday the 13th" tomorrow')).toEqual(['Watch "Friday the 13th"', { due: '2026-11-28' }]);
  expect(read('"Meet me tomorrow #1"')).toEqual(['Meet me tomorrow #1', {}]);
});

test('what is dismissed is part of the title again, and nothing else is read out of it', () => {
  expect(read('Buy the tomorrow newspaper #home', ['tomorrow'])).toEqual(['Buy the tomorrow newspaper', { tags: ['home'] }]);
  expect(read('Review every friday', ['every friday'])).toEqual(['Review every friday', {}]);
});

test.each([
  ['Holiday 3 to 10 May', { due: '2027-05-03' }],
  ['Holiday May 3-10', { due: '2027-05-03' }],
  ['Holiday from 3 to 10 May', { due: '2027-05-03' }],
  ['Holiday from 3rd May until 10th May', { due: '2027-05-03' }],
  ['Holiday between 3 and 10 May', { due: '2027-05-03' }],
  ['Holiday 3 May to 10', { due: '2027-05-03' }],
  ['Holiday 3 May -> 10 May', { due: '2027-05-03' }],
  ['Visit 30 December to 2 January', { due: '2026-12-30' }],
  ['Conference from monday to friday', { due: '2026-11-30' }],
  ['Deliver between monday and friday', { due: '2026-11-30' }],
  ['Party friday and saturday', { due: '2026-11-27' }],
  ['Meeting tomorrow 9 to 10am', { due: '2026-11-28T09:00' }],
  ['Trip in 3-5 days', { due: '2026-12-02' }],
  ['Trip in 3 to 5 days', {}],
])('of a range nothing is lost: “%s” stays the title, and is due when it begins', (text, details) => {
  expect(read(text)).toEqual([text, details]);
});

test('a range shows as what it begins with, and what else the line says is read as ever', () => {
  expect(readEntry('Holiday 3 to 10 May #family !high', NOW)).toEqual({
    title: 'Holiday 3 to 10 May',
    details: { due: '2027-05-03', tags: ['family'], priority: 'high' },
    chips: [
      { words: '3 to 10 May', label: 'Mon 3 May 2027' },
      { words: '#family', label: '#family' },
      { words: '!high', label: 'High priority' },
    ],
  });
  expect(read('Holiday 3 to 10 May', ['3 to 10 May'])).toEqual(['Holiday 3 to 10 May', {}]);
  expect(read('3 to 10 May')).toEqual(['3 to 10 May', {}]);
});

test.each([
  ['Pay 3 to 10 euros friday', 'Pay 3 to 10 euros', { due: '2026-11-27' }],
  ['Start from 3 May', 'Start', { due: '2027-05-03' }],
  ['Choose between tea and coffee tomorrow', 'Choose between tea and coffee', { due: '2026-11-28' }],
  ['On friday call Jonas', 'call Jonas', { due: '2026-11-27' }],
  ['Call Ada friday and maybe Jonas', 'Call Ada and maybe Jonas', { due: '2026-11-27' }],
  ['Eggs and milk tomorrow', 'Eggs and milk', { due: '2026-11-28' }],
])('“%s” is no range of days', (text, title, details) => {
  expect(read(text)).toEqual([title, details]);
});
