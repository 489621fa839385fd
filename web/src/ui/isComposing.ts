import type { KeyboardEvent } from 'react';

/**
 * Whether a key is of a word that is being composed, as in Japanese or Chinese: Enter chooses the word, Escape gives it
 * up. In Safari the word has ended before the Enter that chooses it, and only the number of the key tells.
 */
export const isComposing = ({ nativeEvent }: KeyboardEvent) => nativeEvent.isComposing || nativeEvent.keyCode === 229;
