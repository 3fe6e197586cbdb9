// Whatever comes in by the contract is answered with a Result: never a crash, never "unexpected". Half of it is any JSON,
// half is nearly right: made after the command's own JSON Schema and then spoiled in one place.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import { commands } from '../../../preload/contract.ts';
import type { CommandName } from '../../../preload/contract.ts';
import { makeLaptop, sampleThings, versionId } from '../../bench/cached-laptop.ts';
import { coreOptions, saidServer, temporaryFolder } from './core-world.ts';
import { asShown, reportId } from './desk-builder.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 1_000);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

const folder = temporaryFolder();
const things = sampleThings(20);
let application: Application;
const logged: string[] = [];

beforeAll(async () => {
  await makeLaptop(folder.path, things.length);
  const server = saidServer({ kind: 'unavailable', reason: 'no server in this test', howToGet: [] });
  application = await openApplication(
    coreOptions(folder.path, { profile: 'olga', server, log: (line) => logged.push(line) }),
  );
});
afterAll(async () => {
  await application.close();
  folder.remove();
});

/** What makes code stumble that trusts its input. */
const nasty = fc.constantFrom(
  ...[
    '',
    ' ',
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '\u0000',
    '\ud800',
    "'; DROP TABLE items; --",
  ],
  ...['<script>alert(1)</script>', '=cmd|calc', '%', '{"a":1}', 'ﷺ'.repeat(300), 'field:', 'field:"', '-0', '1e999'],
);
/** Ids that are here, so that what is nearly right gets further than the first look-up. */
const known = fc.constantFrom(versionId, reportId, 'olga', 'tara', ...things.slice(0, 3).map(({ itemKey }) => itemKey));
const hash = fc.constantFrom(...things.slice(0, 3).map((thing) => asShown(thing).contentHash), 'a'.repeat(64));

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  pattern?: string;
}

/** Values that a JSON Schema mostly allows. */
function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return fc.oneof(...choice.map(valuesOf));
  switch (schema.type) {
    case 'object':
      return objectsOf(schema);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case 'string':
      return fc.oneof(known, known, hash, nasty, fc.string({ maxLength: 20 }));
    case 'integer':
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 50, 50) }),
        fc.maxSafeInteger(),
      );
    case 'number':
      return fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double());
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

function objectsOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required });
}

/** Puts a nasty thing at one place of a value. */
function spoil(value: unknown, place: number, by: unknown): unknown {
  if (typeof value !== 'object' || value === null) return by;
  const entries = Object.entries(value);
  if (entries.length === 0) return by;
  const [name] = entries[place % entries.length] as [string, unknown];
  const copy: unknown = structuredClone(value);
  const inner = (copy as Record<string, unknown>)[name];
  (copy as Record<string, unknown>)[name] = place % 3 === 0 ? by : spoil(inner, Math.floor(place / 3), by);
  return copy;
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  nasty,
  fc.constantFrom(undefined, Number.NaN, Number.POSITIVE_INFINITY, [], {}, Symbol.iterator.toString()),
  fc.constant(JSON.parse('{"__proto__":{"versionId":"x"},"constructor":{"prototype":{}}}') as unknown),
);

/** Waits are cut: a random wait of ten minutes shows nothing more. */
const withoutWaiting = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && 'waitMs' in input && Number(input.waitMs) > 5
    ? { ...input, waitMs: 5 }
    : input;

// Switching who sits there, and the server, are not what is tested: the rest would meet another person.
const steady: CommandName[] = ['profile:switch', 'sync:work-offline', 'practice:start'];
const names = Object.keys(commands) as CommandName[];
const schemas = new Map(
  names.map((name) => [name, z.toJSONSchema(commands[name].input, { io: 'input', unrepresentable: 'any' }) as Schema]),
);
const nearlyRight = (name: CommandName) =>
  fc
    .tuple(valuesOf(schemas.get(name) ?? {}), fc.option(fc.tuple(fc.nat(200), anything), { freq: 2 }))
    .map(([value, spoiled]) => (spoiled ? spoil(value, ...spoiled) : value));
const calls = fc
  .constantFrom(...names.filter((name) => !steady.includes(name)))
  .chain((name) => fc.tuple(fc.constant<string>(name), fc.oneof(anything, nearlyRight(name), nearlyRight(name))));

test(`${runs} random calls are answered with a Result (seed ${seed})`, { timeout: 120_000 }, async () => {
  const answers = { ok: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      calls,
      fc.constantFrom(undefined, 'olga', 'tara', 'mara', 'nobody'),
      async ([name, input], profile) => {
        const as = profile === undefined ? {} : { profile };
        const result = await application.invoke(name, withoutWaiting(input), as);
        answers[result.ok ? 'ok' : 'refused'] += 1;
        if (result.ok) return;
        const { kind, message, details = '' } = result.error;
        expect(kind, `${message}\n${details}`).not.toBe('unexpected');
        expect(message.length).toBeGreaterThan(10);
      },
    ),
    { numRuns: runs, seed, endOnFailure: true },
  );
  // Both sides were met, and nothing went wrong unseen.
  expect(answers.ok).toBeGreaterThan(runs / 50);
  expect(answers.refused).toBeGreaterThan(runs / 10);
  expect(logged.filter((line) => line.includes(' failed: '))).toEqual([]);
  expect(({} as Record<string, unknown>)['versionId']).toBeUndefined();
  const home = await application.invoke('home:get', {});
  expect(home.ok).toBe(true);
});

test('any text as the name of a command is answered too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(nasty, fc.string()), anything, async (name, input) => {
      fc.pre(!Object.hasOwn(commands, name));
      const result = await application.invoke(name, input);
      expect(result).toMatchObject({ ok: false, error: { kind: 'bad-input' } });
    }),
    { numRuns: 200, seed },
  );
});
