// Where a worker's configuration comes from, and what it says when that is wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { ConfigurationFault, settingsFromEnvironment, settingsFromHost } from '../../worker/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function peopleFile(text: string): string {
  const file = join(folder, `people-${Math.random()}.json`);
  writeFileSync(file, text);
  return file;
}
const people = { people: [{ personId: 'mara', name: 'Mara', roles: ['test-manager'] }] };
const alone = (more: NodeJS.ProcessEnv) =>
  settingsFromEnvironment({ TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'), ...more });

test('alone it takes address, namespace and key from Temporal’s own variables', () => {
  const settings = alone({
    COUNTERSIGN_PEOPLE: peopleFile(JSON.stringify(people)),
    COUNTERSIGN_WORKER_DATA: folder,
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    TEMPORAL_NAMESPACE: 'audit',
    TEMPORAL_API_KEY: 'key',
  });
  expect(settings).toMatchObject({
    connection: { address: 'temporal.example:7233', apiKey: 'key' },
    namespace: 'audit',
    dataDir: folder,
    enrolAtOnce: false,
    people,
  });
});

test('alone and without an address it takes the local server', () => {
  const settings = alone({ COUNTERSIGN_PEOPLE: peopleFile(JSON.stringify(people)) });
  expect(settings).toMatchObject({ connection: { address: '127.0.0.1:7233' }, namespace: 'default' });
});

test.each([
  ['no people file named', {}, /COUNTERSIGN_PEOPLE has to name the people file/],
  ['a file that is not there', { COUNTERSIGN_PEOPLE: join(folder, 'absent.json') }, /cannot be read: ENOENT/],
  ['no JSON', { COUNTERSIGN_PEOPLE: peopleFile('people: mara') }, /is no JSON/],
  [
    'a role that does not exist',
    { COUNTERSIGN_PEOPLE: peopleFile('{"people":[{"personId":"x","name":"X","roles":["king"]}]}') },
    /roles/,
  ],
  ['nobody', { COUNTERSIGN_PEOPLE: peopleFile('{"people":[]}') }, /people/],
])('%s: it says what is wrong and shows an example', (_, env, message) => {
  const read = () => alone(env);
  expect(read).toThrow(ConfigurationFault);
  expect(read).toThrow(message);
  expect(read).toThrow(/"personId": "mara"/);
});

test('a solo host’s line gives practice people, and every device is let in', async () => {
  const line = { mode: 'solo', address: '127.0.0.1:1', namespace: 'default', dataDir: folder, handoverDir: folder };
  const settings = await settingsFromHost(Readable.from([`${JSON.stringify(line)}\n`]));
  expect(settings).toMatchObject({ enrolAtOnce: true, handoverDir: folder, connection: { address: '127.0.0.1:1' } });
  expect(settings.people.people.map((person) => person.personId)).toContain('olga');
});

test.each([
  ['nothing', '', /is no JSON/],
  ['an unknown field', '{"mode":"solo","address":"a","namespace":"n","dataDir":"d","extra":1}\n', /extra/],
  ['a team without a people file', '{"mode":"team","address":"a","namespace":"n","dataDir":"d"}\n', /people file/],
])('a host’s line with %s is refused', async (_, line, message) => {
  await expect(settingsFromHost(Readable.from([line]))).rejects.toThrow(message);
});
