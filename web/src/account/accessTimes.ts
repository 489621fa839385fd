import type { AccessToken, ConnectedProgram, Device, Identity } from '../api/types';
import { relativeTime } from '../page/relativeTime';

/** How long a new token is good, as the values of a form; the empty one has no end. */
export const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'No end' },
] as const;

export const isExpired = ({ expires_at }: Pick<AccessToken, 'expires_at'>, now = new Date()): boolean => expires_at !== null && new Date(expires_at) <= now;

/** When a token was made and used, and how long it is good. */
export function tokenLifetimeText(token: AccessToken, now = new Date()): string {
  const used = token.last_used_at ? `last used ${past(token.last_used_at, now)}` : 'never used';
  return [`Made ${past(token.created_at, now)}`, used, endOf(token, now)].join(' · ');
}

function endOf(token: AccessToken, now: Date): string {
  if (token.expires_at === null) return 'does not expire';
  const day = new Date(token.expires_at).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
  return `${isExpired(token, now) ? 'expired on' : 'expires on'} ${day}`;
}

/** When a program was connected and last used. */
export const connectionText = (program: Pick<ConnectedProgram, 'created_at' | 'last_used_at'>, now = new Date()): string =>
  `Connected ${past(program.created_at, now)} · last used ${past(program.last_used_at, now)}`;

/** Since when a provider is linked. */
export const linkedText = ({ linked_at }: Identity, now = new Date()): string => `since ${past(linked_at, now)}`;

/** When a device signed in and was last seen. */
export const deviceSessionText = (device: Device, now = new Date()): string => `Signed in ${past(device.created_at, now)} · last seen ${past(device.last_used_at, now)}`;

/** Inside a sentence "today" is small, names of days and months are not. */
const past = (iso: string, now: Date) => relativeTime(iso, now).replace(/^(Today|Yesterday)/, (day) => day.toLowerCase());
