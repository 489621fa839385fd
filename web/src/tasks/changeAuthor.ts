import type { Change } from '../api/types';

const NAMES: Record<Change['channel'], string> = { rest: 'By hand', chat: 'By the assistant', mcp: 'By a connected program' };

/** Who made a change, as far as its channel tells, and with which program's token. */
export function changeAuthor({ channel, program }: Pick<Change, 'channel' | 'program'>): string {
  if (program) return channel === 'chat' ? `By the assistant, asked by “${program}”` : `By “${program}”`;
  return NAMES[channel] ?? 'By somebody else';
}
