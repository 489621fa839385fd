import { casual, type ParsedResult } from 'chrono-node/en';
import type { Priority, TaskDetails } from '../api/types';
import { dayInWords, dayOf, dueInWords, onClock } from './dueDates';
import { before, behind, DAY_NUMBER, findRepeat, isOfUnreadRepeat, MONTH, WEEKDAY } from './quickEntryRepeat';

/** One thing that was read out of a typed line; taken away, its words are part of the title again. */
export interface EntryChip {
  /** The words as they were typed: what it is dismissed by. */
  words: string;
  label: string;
}

export interface Entry {
  title: string;
  chips: EntryChip[];
  details: TaskDetails;
}

interface Found extends EntryChip {
  from: number;
  to: number;
  /** Its words say more than what was read, so they stay in the title. */
  inTitle: boolean;
}

const TAG = /(?<=^|\s)#([\p{L}\p{N}_-]{1,40})(?=$|[\s,.])/gu;
const PRIORITY = /(?<=^|\s)!(high|medium|low|urgent)(?=$|[\s,.])/giu;
/** What leads to a date and says nothing without it. */
const BEFORE_DATE = /(?:^|\s)(?:on|at|by|due|for|until|from)\s*$/iu;
/** Quotes, addresses and sums of money. */
const LITERAL = /"[^"]*"|“[^”]*”|\S+(?:@|:\/\/)\S+|\p{Sc}\d\S*/gu;
/** A price, a version, a duration or a time: "-12.50", "v2.10", "2.50h". Chrono reads all of them as times. */
const DOTTED_NUMBER = /(?<=(?:^|[\s(=])[-−–+]?v?)\d+[.,]\d+(?=\p{L}*[\p{Sc}%)]?[,.;!?]?(?:\s|$))/giu;
/** What makes it a time. */
const BEFORE_TIME = /\b(?:at|by|from|until|before|after|around)\s+$/iu;
const AFTER_TIME = /^\s*[ap]\.?m\b/iu;
/** A unit, or another such number: `2.50h`, `from 12.30 to 14.30` are as often durations and prices. */
const AFTER_AMOUNT = /^(?:\p{L}|\s+(?:to|till|and)\s+\d+[.,]\d+(?![.,]?\d|\s*[ap]\.?m\b))/iu;
/** What says more than the date behind it. */
const NOT_THE_DATE = /(?:^|\s)(?:after|before|around)\s*$/iu;
/** Of `from 3 May` chrono reads the hour 3. */
const FROM_DAY = new RegExp(`(?<=^|\\s)from(?=\\s+${DAY_NUMBER}\\s+(?:\\S+\\s+${DAY_NUMBER}\\s+)?(?:of\\s+)?${MONTH})`, 'giu');
/** Chrono does not know it as a range. */
const BETWEEN = /(?<=^|\s)between(\s+\S+(?:\s+\S+)?\s+)and(?=\s)/giu;
/** What joins a date and another one, or a number: `friday and saturday`, `3-5 days`. */
const JOIN = '(?:and|or|to|until|till|through|->|\\.{2,}|[-–—→/&])';
const JOINED_BEFORE = new RegExp(`\\d(?:st|nd|rd|th|\\.)?\\s*${JOIN}\\s*$`, 'iu');
const JOINED_AFTER = new RegExp(`^\\s*${JOIN}\\s*(?:\\d|${WEEKDAY}|tomorrow|${MONTH})`, 'iu');
/** An hour that is nobody's, without minutes and without am or pm. */
const SMALL_HOUR = /\bat\s+([1-6])(?![\d:.]|\s*(?:am|pm|a\.m|p\.m))/iu;
const MORNING = /\bmorning\b/iu;
/** Of `at 5 tomorrow morning` chrono leaves out the last word. */
const MORNING_AFTER = /^\s+morning\b/iu;
const MAX_TAGS = 10;

/**
 * Reads `pay rent friday 9am every month #home !high`: when, how often, tags, how important; the rest is the title.
 * What stands in quotes, and what was `dismissed`, is left in the title. `now` is the present instant.
 */
export function readEntry(text: string, now: Date, dismissed: ReadonlySet<string> = new Set()): Entry {
  /** What is left alone. */
  const literals = literalsOf(text).map((match) => ({ from: match.index, to: match.index + match[0].length }));
  const found: Found[] = [];
  const kept: Found[] = [];
  const details: TaskDetails = {};
  /** The line without what was read already: that is blank, so that places stay what they are. */
  const rest = () => [...literals, ...found, ...kept].reduce((line, { from, to }) => line.slice(0, from) + '\0'.repeat(to - from) + line.slice(to), text);
  const take = (from: number, to: number, label: string, inTitle = false): boolean => {
    const words = text.slice(from, to).trim();
    const stays = dismissed.has(words);
    (stays ? kept : found).push({ from, to, words, label, inTitle });
    return !stays;
  };

  for (const match of rest().matchAll(TAG)) {
    const tags = details.tags ?? [];
    if (tags.length < MAX_TAGS && take(match.index, match.index + match[0].length, match[0])) details.tags = [...tags, match[1]!];
  }
  for (const match of rest().matchAll(PRIORITY)) {
    const priority = match[1]!.toLowerCase().replace('urgent', 'high') as Priority;
    if (take(match.index, match.index + match[0].length, `${capital(priority)} priority`)) details.priority = priority;
  }
  const repeat = findRepeat(rest());
  if (repeat && take(repeat.index, repeat.index + repeat[0].length, `↻ ${repeat[0]}`)) details.repeat = repeat[0].toLowerCase().replace(/every other (day|week|month|year)\b/, 'every 2 $1s');

  const line = rest();
  const date = parse(withPlainRanges(line), now).find((one) => isMeant(one, line, now));
  if (date) {
    const words = date.text + (MORNING_AFTER.exec(line.slice(date.index + date.text.length))?.[0] ?? '');
    const end = date.index + words.length;
    // A task is due on one day: of several the first one is read, and all are told by the title.
    const isOneOfSeveral = date.end != null || JOINED_BEFORE.test(line.slice(0, date.index)) || JOINED_AFTER.test(line.slice(end));
    const start = BEFORE_DATE.exec(line.slice(0, date.index))?.index ?? date.index;
    const clock = onClock(instantOf(date, words, now));
    const due = date.start.isCertain('hour') ? clock : dayOf(clock);
    const label = due.includes('T') ? dueInWords(due, onClock(now)) : dayInWords(due, onClock(now));
    if (take(start, end, label, isOneOfSeveral || NOT_THE_DATE.test(line.slice(0, date.index)))) details.due = due;
  }

  // A line of nothing but a date is a title.
  if (without(text, found) === '') return { title: text.trim(), chips: [], details: {} };
  const title = without(text, found.filter(({ inTitle }) => !inTitle));
  return { title: unquoted(title), chips: found.sort((a, b) => a.from - b.from).map(({ words, label }) => ({ words, label })), details };
}

const literalsOf = (text: string) => [...text.matchAll(LITERAL), ...[...text.matchAll(DOTTED_NUMBER)].filter((match) => !isTime(match))];

/** Whether a dotted number says when. "2.50 tomorrow" is as often an amount: the words next to it tell. */
const isTime = (number: RegExpExecArray) =>
  AFTER_TIME.test(behind(number)) || (BEFORE_TIME.test(before(number)) && !AFTER_AMOUNT.test(behind(number)));

const parse = (line: string, now: Date) => casual.parse(line, now, { forwardDate: true });

/** The instant that these words mean: who says `at 3` means the afternoon; the server reads it so too. */
function instantOf({ start, text }: ParsedResult, words: string, now: Date): Date {
  const instant = start.date();
  const hour = Number(SMALL_HOUR.exec(text)?.[1]);
  if (hour !== start.get('hour') || start.isCertain('meridiem') || MORNING.test(words)) return instant;
  // That may still come today, where chrono went on to the next such day: it takes the hour for one of the night.
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  const soonest = parse(text, midnight)[0]?.start.date();
  soonest?.setHours(hour + 12);
  instant.setHours(hour + 12);
  return soonest && soonest > now ? soonest : instant;
}

/** The line in the words for ranges that chrono knows. All others stay at their places. */
function withPlainRanges(line: string): string {
  return line.replace(FROM_DAY, '    ').replace(BETWEEN, (_, middle: string) => `       ${middle} to`);
}

/** What is left of a line when these words are taken out. */
function without(text: string, some: Found[]): string {
  return [...some]
    .sort((a, b) => b.from - a.from)
    .reduce((left, { from, to }) => `${left.slice(0, from)} ${left.slice(to)}`, text)
    .replace(/\s+/gu, ' ')
    .replace(/\s+([,.])/gu, '$1')
    .replace(/[\s,]+$/u, '')
    .trim();
}

/** "May", "march", "in the sun", "tomorrow's", "5 minutes", bare numbers and ranges of them are words of a title as often as dates. Nothing is due on a day that is over. */
function isMeant({ start, text, index }: ParsedResult, line: string, now: Date): boolean {
  const isOver = /^last\s/i.test(text) || dayOf(onClock(start.date())) < dayOf(onClock(now));
  if (isOver || isOfUnreadRepeat(line.slice(0, index), text) || /^['’]s\b/i.test(line.slice(index + text.length))) return false;
  if (/^\d+([.:]\d+)?(?:\s*(?:-|–|to|until|till|through)\s*\d+)?$/i.test(text) || /^\s*(?:for\s+)?\d+\s*(?:min|minute|hour|h)s?$/i.test(text)) return false;
  // Chrono counts months in it.
  if (/\d[.:]\d+\s+mon$/i.test(text)) return false;
  const day = start.isCertain('day') || start.isCertain('weekday') || start.isCertain('hour');
  return day && !(/^(?:sun|sat|mon|wed|mar)$/i.test(text) && !/(?:on|by|next|this)\s+$/i.test(line.slice(0, index)));
}

/** Quotes that only kept their words together go; those around a part of a title stay. */
const unquoted = (title: string) => title.replace(/^["“]([^"”]*)["”]$/u, '$1').trim() || title;
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
