/** What lies over the page. */
export type Overlay = { kind: 'conversations' | 'commands' | 'account' | 'shortcuts' } | { kind: 'conversation'; id: string; title: string };
