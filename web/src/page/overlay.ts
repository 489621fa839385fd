/** What lies over the page. */
export type Overlay = { kind: 'conversations' | 'account' | 'shortcuts' } | { kind: 'conversation'; id: string; title: string };
