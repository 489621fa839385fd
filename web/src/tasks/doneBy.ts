import type { Change } from '../api/types';

const NAMES: Record<Change['channel'], string> = { rest: 'By hand', chat: 'By the assistant', mcp: 'By a connected program' };

/** Who made a change, as far as its door tells. */
export function doneBy(channel: Change['channel']): string {
  return NAMES[channel] ?? 'By somebody else';
}
