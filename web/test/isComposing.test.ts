import type { KeyboardEvent } from 'react';
import { expect, test } from 'vitest';
import { isComposing } from '../src/ui/isComposing';

const pressed = (nativeEvent: object) => ({ nativeEvent }) as KeyboardEvent;

test('an Enter that confirms a composed word is of that word, also where Safari has ended it before the key', () => {
  expect(isComposing(pressed({ key: 'Enter', isComposing: true, keyCode: 229 }))).toBe(true);
  expect(isComposing(pressed({ key: 'Enter', isComposing: false, keyCode: 229 }))).toBe(true);
  expect(isComposing(pressed({ key: 'Enter', isComposing: false, keyCode: 13 }))).toBe(false);
});
