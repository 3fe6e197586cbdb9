// Owns the command line of `countersign`: what was asked for, or what is wrong with it. Pure; knows commands only by their names.
import { parseArgs } from 'node:util';
import { commands } from '../preload/contract.ts';
import type { CommandName } from '../preload/contract.ts';

export type CliRequest =
  | { kind: 'help' }
  | { kind: 'doctor'; json: boolean; data: string | undefined }
  | { kind: 'commands'; json: boolean }
  | { kind: 'call'; name: CommandName; inputText: string; profile: string | undefined; data: string | undefined }
  | { kind: 'wrong'; message: string };

export const cliUsage = `npm run -s countersign -- COMMAND

  doctor [--json]             what is here, what is missing and how to get it
  commands [--json]           every command of the contract; with --json its input as JSON Schema
  call NAME ['{json}' | -]    runs a command and prints its Result as JSON; - reads the input from stdin

  --profile NAME              as this profile (default: the active one)
  --data DIR                  data folder (default: COUNTERSIGN_DATA, else the platform's place)

Ends with 0 when it was done, 1 when it was refused or failed, 2 when it was asked for wrongly.
`;

/** Reads the command line (without node and program). */
export function readCli(args: readonly string[]): CliRequest {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  const [word, ...rest] = positionals;
  if (values.help || word === 'help') return { kind: 'help' };
  const { json = false, data, profile } = values;
  switch (word) {
    case undefined:
      return { kind: 'wrong', message: 'Say what to do: doctor, commands or call.' };
    case 'doctor':
      return rest.length > 0 ? tooMany(rest) : { kind: 'doctor', json, data };
    case 'commands':
      return rest.length > 0 ? tooMany(rest) : { kind: 'commands', json };
    case 'call':
      return readCall(rest, profile, data);
    default: {
      const hint = Object.hasOwn(commands, word) ? ` To run the command: call ${word}` : '';
      return { kind: 'wrong', message: `There is no "${word}"; there are doctor, commands and call.${hint}` };
    }
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: { json: flag, help: { type: 'boolean', short: 'h' }, data: text, profile: text },
  });
}

function readCall(rest: string[], profile: string | undefined, data: string | undefined): CliRequest {
  const [name, inputText = '{}', ...more] = rest;
  if (name === undefined) return { kind: 'wrong', message: 'call needs the name of a command; `commands` lists them.' };
  if (more.length > 0)
    return { kind: 'wrong', message: `${tooMany(more).message} Quote the input: '{"reportId": "…"}'` };
  if (!isCommand(name)) return { kind: 'wrong', message: unknownCommand(name) };
  return { kind: 'call', name, inputText, profile, data };
}

const tooMany = (words: string[]): { kind: 'wrong'; message: string } => ({
  kind: 'wrong',
  message: `This is too much: ${words.join(' ')}.`,
});

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function unknownCommand(name: string): string {
  const near = nearNames(name, Object.keys(commands));
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' `commands` lists them.';
  return `There is no command "${name}".${hint}`;
}

/** At most three names that differ little from a name, or hold it, the nearest first. */
export function nearNames(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  return names
    .map((each) => ({ each, distance: each.includes(wanted) && wanted.length > 2 ? 1 : editDistance(wanted, each) }))
    .filter(({ distance, each }) => distance <= Math.max(2, Math.floor(each.length / 4)))
    .sort((left, right) => left.distance - right.distance || left.each.localeCompare(right.each))
    .slice(0, 3)
    .map(({ each }) => each);
}

/** Letters to add, remove or replace (Levenshtein). */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/** What a terminal can ask, with JSON Schemas of the inputs (defaults may be left out). */
export async function describeCommands(): Promise<{ name: string; summary: string; needs: string; input: unknown }[]> {
  const { z } = await import('zod');
  return Object.entries(commands).map(([name, { summary, needs, input }]) => ({
    name,
    summary,
    needs,
    input: z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
  }));
}
