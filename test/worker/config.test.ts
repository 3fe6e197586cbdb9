// Where a worker's configuration comes from, and what it says when that is wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { newestVersion, workflowVersions } from '../../domain/workflow-version.ts';
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

const byEnvironment = (more: NodeJS.ProcessEnv) =>
  alone({ COUNTERSIGN_PEOPLE: peopleFile(JSON.stringify(people)), ...more });

test('without more there is neither a model nor e-mail', () => {
  expect(byEnvironment({ COUNTERSIGN_SMTP_URL: '', COUNTERSIGN_LLM_KEY: '' })).toMatchObject({
    model: null,
    mail: null,
  });
});

test('a model and e-mail come from their variables; the model’s key may be left out', () => {
  const mail = { COUNTERSIGN_SMTP_URL: 'smtps://a:b@mail.example', COUNTERSIGN_MAIL_FROM: 'Audit <audit@example.org>' };
  const model = { COUNTERSIGN_LLM_URL: 'https://models.example/v1', COUNTERSIGN_LLM_MODEL: 'small' };
  expect(byEnvironment({ ...mail, ...model })).toMatchObject({
    mail: { url: 'smtps://a:b@mail.example', from: 'Audit <audit@example.org>' },
    model: { url: 'https://models.example/v1', model: 'small' },
  });
  expect(byEnvironment({ ...model, COUNTERSIGN_LLM_KEY: 'k' }).model).toEqual({
    ...{ url: 'https://models.example/v1', model: 'small' },
    key: 'k',
  });
});

test.each<[string, NodeJS.ProcessEnv, RegExp]>([
  ['a mail server without a sender', { COUNTERSIGN_SMTP_URL: 'smtp://h' }, /COUNTERSIGN_MAIL_FROM is missing/],
  ['a sender without a server', { COUNTERSIGN_MAIL_FROM: 'a@b.org' }, /COUNTERSIGN_SMTP_URL is missing/],
  ['a key alone', { COUNTERSIGN_LLM_KEY: 'k' }, /COUNTERSIGN_LLM_URL is missing.*\nCOUNTERSIGN_LLM_MODEL is missing/],
  ['a model’s name alone', { COUNTERSIGN_LLM_MODEL: 'm' }, /COUNTERSIGN_LLM_URL is missing/],
  [
    'a mail address that is a web address',
    { COUNTERSIGN_SMTP_URL: 'https://a:secret@h', COUNTERSIGN_MAIL_FROM: 'a@b.org' },
    /of the form smtp:/,
  ],
  ['a sender that is none', { COUNTERSIGN_SMTP_URL: 'smtp://h', COUNTERSIGN_MAIL_FROM: 'audit' }, /an e-mail address/],
  ['a model’s address that is none', { COUNTERSIGN_LLM_URL: 'ftp://h', COUNTERSIGN_LLM_MODEL: 'm' }, /https:\/\/HOST/],
])('%s is half a configuration: it says what is missing, and no password', (_, env, message) => {
  expect(() => byEnvironment(env)).toThrow(ConfigurationFault);
  expect(() => byEnvironment(env)).toThrow(message);
  expect(() => byEnvironment(env)).not.toThrow(/secret/);
});

test('new reports begin as the newest version of the workflow, or as the older one that is asked for', () => {
  expect(byEnvironment({}).beginsAs).toBe(newestVersion);
  for (const version of workflowVersions) {
    expect(byEnvironment({ COUNTERSIGN_BEGIN_AS: version }).beginsAs).toBe(version);
  }
});

test.each(['3.0.0', '1.2', 'newest'])('new reports cannot begin as %s: it says what they can begin as', (version) => {
  const read = () => byEnvironment({ COUNTERSIGN_BEGIN_AS: version });
  expect(read).toThrow(ConfigurationFault);
  const message = `COUNTERSIGN_BEGIN_AS is ${version}: it has to be one of 1.0.0, 1.1.0, 1.2.0, 2.0.0`;
  expect(read).toThrow(message);
});

test('a variable that is set to nothing counts as not set', () => {
  expect(byEnvironment({ COUNTERSIGN_BEGIN_AS: '' }).beginsAs).toBe(newestVersion);
});

test('a solo host’s line gives practice people, and every device is let in', async () => {
  const line = { mode: 'solo', address: '127.0.0.1:1', namespace: 'default', dataDir: folder, handoverDir: folder };
  const settings = await settingsFromHost(Readable.from([`${JSON.stringify(line)}\n`]));
  expect(settings).toMatchObject({ enrolAtOnce: true, handoverDir: folder, connection: { address: '127.0.0.1:1' } });
  expect(settings.people.people.map((person) => person.personId)).toContain('olga');
});

test('a host’s line may bring a model and e-mail', async () => {
  const line = { mode: 'solo', address: '127.0.0.1:1', namespace: 'default', dataDir: folder };
  const model = { url: 'http://127.0.0.1:9/v1', model: 'small' };
  const mail = { url: 'smtp://127.0.0.1:25', from: 'audit@example.org' };
  const settings = await settingsFromHost(Readable.from([`${JSON.stringify({ ...line, model, mail })}\n`]));
  expect(settings).toMatchObject({ model, mail });
  const wrong = `${JSON.stringify({ ...line, mail: { url: 'http://127.0.0.1', from: 'audit@example.org' } })}\n`;
  await expect(settingsFromHost(Readable.from([wrong]))).rejects.toThrow(/of the form smtp:/);
});

test.each([
  ['nothing', '', /is no JSON/],
  ['an unknown field', '{"mode":"solo","address":"a","namespace":"n","dataDir":"d","extra":1}\n', /extra/],
  ['a team without a people file', '{"mode":"team","address":"a","namespace":"n","dataDir":"d"}\n', /people file/],
])('a host’s line with %s is refused', async (_, line, message) => {
  await expect(settingsFromHost(Readable.from([line]))).rejects.toThrow(message);
});
