// Programs that use the tools by the Model Context Protocol: what they call, and what is to come of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const TOOLS = ['list_tasks', 'add_task', 'update_task', 'complete_task', 'delete_task', 'list_changes', 'undo_last'];

/** A call of each tool; in the end there is one task, done. */
export const CALLS = [
  ['add_task', { title: 'Buy milk', due: 'tomorrow' }],
  ['list_tasks', { search: 'milk' }],
  ['update_task', { task_id: 1, title: 'Buy oat milk' }],
  ['complete_task', { task_id: 1 }],
  ['list_changes', {}],
  ['delete_task', { task_id: 1 }],
  ['undo_last', {}],
];

/** A path of this folder of tests. */
export const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Runs a program to its end, within three minutes, and returns what it wrote. `onText` gets what it has written so far, and its input. */
export async function run(command, args, env, onText) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'], timeout: 180_000 });
  let output = '';
  let errors = '';
  child.stdout.on('data', (piece) => ((output += piece), onText?.(output, child.stdin)));
  child.stderr.on('data', (piece) => ((errors += piece), onText?.(errors, child.stdin)));
  if (!onText) child.stdin.end();
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${output}\n${errors}`);
  return output;
}

/** Runs a program that wants a newer Node.js than the tests do. */
export const runNewer = (args, env, onText) => run(path('../../scripts/with-node'), ['node', ...args], { NODE_AT_LEAST: '22.19', ...env }, onText);

/** Lists the tools and calls each by a client of either SDK for TypeScript. */
export async function useAll(client, person) {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map(({ name }) => name), TOOLS);
  for (const [name, given] of CALLS) {
    // The client holds the result against the tool's schema for it.
    const result = await client.callTool({ name, arguments: given });
    assert.ok(!result.isError, JSON.stringify(result));
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  }
  const refused = await client.callTool({ name: 'complete_task', arguments: { task_id: 99 } });
  assert.equal(refused.isError, true);
  assert.equal(refused.content[0].text, 'There is no task 99.');
  await leavesOneTask(person);
}

export async function leavesOneTask(person) {
  const tasks = await person.get('/tasks');
  assert.deepEqual(tasks.map(({ title, completed }) => [title, completed]), [['Buy oat milk', true]]);
  const { changes } = await person.get('/activity');
  assert.ok(changes.length === 5 && changes.every(({ channel }) => channel === 'mcp'), JSON.stringify(changes));
}
