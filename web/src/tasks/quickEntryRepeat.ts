/** Repeats in the words of a typed line: what the server reads as one, and what only looks like one. */

export const WEEKDAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)days?';
const DAY = `(?:${WEEKDAY}|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)`;
const PART_OF_DAY = '(?:morning|afternoon|evening|night)';
const DAYS = `${DAY}(?:(?:\\s*,\\s*(?:and\\s+)?|\\s+(?:and|&)\\s+)${DAY})*`;
const EVERY = '(?:every|each)\\s+';
const SECOND = '(?:other|second|2nd)';
const COUNT = `(?:${SECOND}|third|fourth|\\d{1,3}|\\d{1,2}(?:st|nd|rd|th)|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)`;
const interval = (unit: string) => `${EVERY}(?:${COUNT}\\s+)?${unit}s?`;
/** What the server reads as a repeat in words. */
const REPEATS = [
  `${EVERY}(?:${SECOND}\\s+)?${DAYS}`,
  `(?:${interval('week')}|weekly)\\s+on\\s+${DAYS}`,
  `(?:${interval('month')}|monthly)\\s+on\\s+the\\s+(?:last\\s+day|\\d{1,2}(?:st|nd|rd|th))`,
  `(?:${EVERY}weekday|${interval('(?:day|week|month|year)')}|daily|weekdays|weekly|monthly|yearly)(?:\\s+after\\s+completion)?`,
];
const REPEAT = new RegExp(`(?<=^|\\s)(?:${REPEATS.join('|')})(?=$|[\\s,.])`, 'giu');
/** These are words of a title as well: "every sun rise", "each sat nav". */
const EVERY_SUN_OR_SAT = new RegExp(`^${EVERY}(?:${SECOND}\\s+)?(?:sun|sat)$`, 'iu');
const BEHIND_A_DAY = new RegExp(`^\\s*(?:$|[\\0,.\\d(@!?–-]|(?:at|by|on|from|starting|until|in|after|before|for|with|noon|${PART_OF_DAY})\\b)`, 'iu');
const BEHIND_A_WORD = /^\s+(?:rise|set|nav)s?\b/iu;
/** Nothing, or nothing but what was read. */
const LINE_START = /^[\s\0]*$/u;
/** A repeat that was not read. */
const UNREAD_REPEAT = new RegExp(`(?:^|\\s)(?:every|each)(?!\\s+on\\b)((?:\\s+(?:${COUNT}|first|fifth|last|and|on|the|${DAY}|day|week|month|year|${PART_OF_DAY}))*)\\s*$`, 'iu');
export const MONTH = '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\b';
export const DAY_NUMBER = '\\d{1,2}(?:st|nd|rd|th)?';
/** What comes back: "every 27 november". Of "20 each tomorrow" nothing does. */
const DAY_OF_REPEAT = new RegExp(`^(?:${MONTH}|${PART_OF_DAY}\\b|(?:${DAY}|${DAY_NUMBER})\\b(?![:.]|\\s*[ap]\\.?m))`, 'iu');

/** Finds the first repeat in a line. */
export const findRepeat = (line: string) => [...line.matchAll(REPEAT)].find((match) => !isSunOrSatOfTitle(match));

export const before = ({ input, index }: RegExpExecArray) => input.slice(0, index);
export const behind = ({ input, index, 0: words }: RegExpExecArray) => input.slice(index + words.length);

/** Whether "every sun" is no repeat. One may begin a line; elsewhere only what ends it stands behind it. */
function isSunOrSatOfTitle(repeat: RegExpExecArray): boolean {
  if (!EVERY_SUN_OR_SAT.test(repeat[0])) return false;
  return LINE_START.test(before(repeat)) ? BEHIND_A_WORD.test(behind(repeat)) : !BEHIND_A_DAY.test(behind(repeat));
}

/** Whether the date behind these words is none to be due on, as a repeat that was not read ends there. */
export function isOfUnreadRepeat(before: string, date: string): boolean {
  const repeat = UNREAD_REPEAT.exec(before);
  return repeat !== null && (repeat[1] !== '' || DAY_OF_REPEAT.test(date));
}
