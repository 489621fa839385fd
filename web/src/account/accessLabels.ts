import type { AccessToken, ConnectedProgram, Device, Identity, Scope } from '../api/types';
import { relativeTime } from '../page/relativeTime';

export interface ScopeLabel {
  scope: Scope;
  label: string;
  note: string;
}

/** What each scope lets a program do. */
export const SCOPES: readonly ScopeLabel[] = [
  { scope: 'tasks:read', label: 'See tasks', note: 'Your list, what was changed in it, and how much of your limits is used.' },
  { scope: 'tasks:write', label: 'Change tasks', note: 'Add, change, tick off and delete, undo, and answer what the assistant asks.' },
  { scope: 'chat', label: 'Talk to the assistant', note: 'And read your conversations. It changes tasks only where the program may change them itself.' },
];

/** The words for a scope; its name for one that this page does not know. */
export const scopeLabel = (scope: Scope): ScopeLabel => SCOPES.find((one) => one.scope === scope) ?? { scope, label: scope, note: '' };

/** How long a new token is good, as the values of a form; the empty one has no end. */
export const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'No end' },
] as const;

/** What a program may do, in words. */
export function scopesInWords(scopes: readonly Scope[]): string {
  const words = scopes.map((one) => lowered(scopeLabel(one).label));
  return `May ${words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? 'do nothing')}`;
}

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

/** When a program was connected and came last. */
export const connectionText = (program: Pick<ConnectedProgram, 'created_at' | 'last_used_at'>, now = new Date()): string =>
  `Connected ${past(program.created_at, now)} · last used ${past(program.last_used_at, now)}`;

/** Since when one signs in with a provider. */
export const linkedText = ({ linked_at }: Identity, now = new Date()): string => `since ${past(linked_at, now)}`;

/** When a device signed in and was last seen. */
export const deviceSessionText = (device: Device, now = new Date()): string => `Signed in ${past(device.created_at, now)} · last seen ${past(device.last_used_at, now)}`;

/** Inside a sentence "today" is small, names of days and months are not. */
const past = (iso: string, now: Date) => relativeTime(iso, now).replace(/^(Today|Yesterday)/, lowered);

const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
