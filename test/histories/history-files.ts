// Owns the files of recorded histories under test/histories/VERSION: their names, their form, and what can be said of all of them.
// Knows no server, no replay and no scenario.
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('.', import.meta.url));
const ending = '.json.gz';

/** As the SDK writes it as JSON. */
export interface RecordedHistory {
  events: { eventType: string }[];
}

export interface HistoryFile {
  /** `2.0.0/signed-lane-cards` */
  name: string;
  /** The folder: a version of the workflow, or `unrecorded` for those from before versions were recorded. */
  version: string;
  workflowId: string;
  history: RecordedHistory;
}

/** Every recorded history, in the order of the names. */
export function readHistories(): HistoryFile[] {
  return namesOfHistories().map((name) => {
    const text = gunzipSync(readFileSync(fileOf(name))).toString();
    return { name, version: versionOf(name), ...(JSON.parse(text) as Pick<HistoryFile, 'workflowId' | 'history'>) };
  });
}

/** `2.0.0/signed`, sorted. */
export function namesOfHistories(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => path.replaceAll('\\', '/').slice(0, -ending.length))
    .toSorted();
}

const fileOf = (name: string): string => join(folder, `${name}${ending}`);
const versionOf = (name: string): string => name.split('/')[0] ?? '';

/** The scenario of a history's name: what stands before its lane and its run. */
export function scenarioOf(name: string): string {
  return name.replace(/^[^/]*\//u, '').replace(/-(?:lane|run|cycle)(?:-.*)?$/u, '');
}

/** Puts the histories of one scenario in the place of its old ones. */
export function replaceHistories(
  version: string,
  scenario: string,
  histories: readonly Omit<HistoryFile, 'version'>[],
) {
  mkdirSync(join(folder, version), { recursive: true });
  removeHistories((name) => versionOf(name) === version && scenarioOf(name) === scenario);
  for (const { name, workflowId, history } of histories) {
    // Node puts no time into the head: the same history is the same file.
    writeFileSync(fileOf(name), gzipSync(JSON.stringify({ workflowId, history }), { level: 9 }));
  }
}

/** Removes the files whose names say so; answers with the names. */
export function removeHistories(are: (name: string) => boolean): string[] {
  const removed = namesOfHistories().filter(are);
  for (const name of removed) rmSync(fileOf(name));
  return removed;
}

/** The types of its events, in order: two histories of one sequence went the same way. */
export function sequenceOf({ history }: Pick<HistoryFile, 'history'>): string {
  return history.events.map(({ eventType }) => eventType).join(' ');
}

/** What there is, for people: one line each. */
export function summaryLines(files: readonly HistoryFile[] = readHistories()): string[] {
  const versions = [...Map.groupBy(files, ({ version }) => version)];
  const bytes = files.reduce((sum, { name }) => sum + statSync(fileOf(name)).size, 0);
  const events = files.reduce((sum, { history }) => sum + history.events.length, 0);
  return [
    `${files.length} histories with ${events.toLocaleString('en')} events`,
    ...versions.map(([version, own]) => `  ${version}: ${own.length}`),
    `${new Set(files.map(sequenceOf)).size} distinct sequences of event types`,
    `${(bytes / 1024 / 1024).toFixed(2)} MB in test/histories`,
  ];
}
