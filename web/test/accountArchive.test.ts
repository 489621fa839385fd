import { expect, test } from 'vitest';
import { importAccount } from '../src/api/accountArchive';
import type { Session } from '../src/session/session';
import { json, problem } from './fakes';

const NOT_EXPORTED = 'This is not a file that was exported from an account.';
const invalid = (field: string, message: string) => json({ status: 422, code: 'validation_error', detail: message, errors: [{ field, message }] }, 422);

/** What is told to who imports a file that is answered so. */
async function told(answer: Response): Promise<string> {
  const session = { fetch: () => Promise.resolve(answer) } as unknown as Session;
  return importAccount(session, 'u-1', new Blob(['{}']), 'key').then(
    () => 'imported',
    (error: Error) => error.message,
  );
}

test('who imports a file that is no export is told so, whether it is JSON or not', async () => {
  expect(await told(problem(400, 'bad_request', 'The body is not valid JSON.'))).toBe(NOT_EXPORTED);
  expect(await told(invalid('format', 'The format is missing.'))).toBe(NOT_EXPORTED);
  expect(await told(invalid('body', 'The body must be a JSON object.'))).toBe(NOT_EXPORTED);
});

test('of an export that cannot be imported the server says why', async () => {
  expect(await told(invalid('version', 'The version must be 1.'))).toBe('The version must be 1.');
  expect(await told(problem(409, 'account_not_empty', 'This account has tasks.'))).toBe('This account has tasks.');
  expect(await told(json({}))).toBe('imported');
});
