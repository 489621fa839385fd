import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllGlobals());

interface Pressed {
  key: string;
  code: string;
  with?: Array<'ctrl' | 'meta' | 'alt' | 'shift'>;
  /** Where the focus is. */
  typing?: boolean;
}

/** The names of the shortcuts that a key of some keyboard is taken for. */
async function taken(pressed: Pressed, userAgent = 'Windows'): Promise<string[]> {
  vi.resetModules();
  vi.stubGlobal('navigator', { userAgent });
  const { SHORTCUTS } = await import('../src/page/shortcuts');
  const has = (name: NonNullable<Pressed['with']>[number]) => Boolean(pressed.with?.includes(name));
  const target = { closest: () => (pressed.typing ? {} : null) };
  const event = { key: pressed.key, code: pressed.code, ctrlKey: has('ctrl'), metaKey: has('meta'), altKey: has('alt'), shiftKey: has('shift'), target } as unknown as KeyboardEvent;
  return Object.entries(SHORTCUTS).flatMap(([name, { matches }]) => (matches(event) ? [name] : []));
}

test('a shortcut is of the key that writes its letter, wherever that is', async () => {
  // A German keyboard: Z is where an American one has Y, and minus where that has the slash.
  expect(await taken({ key: 'z', code: 'KeyY', with: ['ctrl'] })).toEqual(['undo']);
  expect(await taken({ key: 'y', code: 'KeyZ', with: ['ctrl'] })).toEqual([]);
  expect(await taken({ key: '-', code: 'Slash', with: ['ctrl'] })).toEqual([]);
  expect(await taken({ key: '/', code: 'Digit7', with: ['ctrl', 'shift'] })).toEqual(['help']);
  // A French one.
  expect(await taken({ key: 'm', code: 'Semicolon', with: ['alt'] })).toEqual(['message']);
  expect(await taken({ key: 'K', code: 'KeyK', with: ['ctrl'] }), 'with Caps Lock').toEqual(['find']);
});

test('where a keyboard writes no Latin letters the place of the key counts', async () => {
  expect(await taken({ key: 'л', code: 'KeyK', with: ['ctrl'] })).toEqual(['find']);
  expect(await taken({ key: 'щ', code: 'KeyO', with: ['ctrl', 'shift'] })).toEqual(['newChat']);
  expect(await taken({ key: 'µ', code: 'KeyM', with: ['alt'] }, 'Macintosh')).toEqual(['message']);
});

test('what Option writes on a Mac is written, while somebody types', async () => {
  expect(await taken({ key: 'ß', code: 'KeyS', with: ['alt'], typing: true }, 'Macintosh')).toEqual([]);
  expect(await taken({ key: 'ß', code: 'KeyS', with: ['alt'] }, 'Macintosh')).toEqual(['searchTasks']);
  expect(await taken({ key: 's', code: 'KeyS', with: ['alt'], typing: true })).toEqual(['searchTasks']);
  expect(await taken({ key: 'k', code: 'KeyK', with: ['meta'], typing: true }, 'Macintosh')).toEqual(['find']);
});

test('a message says by which keys its action is done on this keyboard', async () => {
  const announced = async (userAgent: string) => {
    vi.resetModules();
    vi.stubGlobal('navigator', { userAgent });
    const announce = vi.fn();
    vi.doMock('../src/page/announce', () => ({ announce }));
    const { toast } = await import('../src/page/toasts');
    toast('Deleted.', { action: { label: 'Undo', run: () => {} } });
    vi.doUnmock('../src/page/announce');
    return announce.mock.calls;
  };
  expect(await announced('Macintosh')).toEqual([['Deleted. Undo: ⌘ Z']]);
  expect(await announced('Windows')).toEqual([['Deleted. Undo: Ctrl Z']]);
});
