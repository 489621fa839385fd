// Writes the types of the API's schemas to standard output: `node generate.mjs DOCUMENT`. The routes are left out:
// the page builds its addresses by hand, and their ten thousand lines would change with every word about an error.
import { readFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const { openapi, info, components } = JSON.parse(await readFile(process.argv[2], 'utf8'));
const document = { openapi, info, paths: {}, components: { schemas: components.schemas } };
const types = await openapiTS(document, { emptyObjectsUnknown: true });
process.stdout.write(`/** What the server says and is told, made from its OpenAPI document: \`make api-types\` writes this file. */\n\n${astToString(types)}`);
