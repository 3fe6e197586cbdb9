// Owns copies of today's sources in which some texts are others: changed as somebody could, or with what came later taken out. Each
// stands beside the libraries in a temporary folder. Knows neither a bundle nor a worker.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { todaysBuild } from './worker-program.ts';

/** A text that stands in the file once, and what stands there instead. */
export interface Change {
  /** What is so today, as the error names it when it is not. */
  what: string;
  file: string;
  from: string;
  to: string;
}

export interface ChangedSources {
  folder: string;
  remove(): void;
}

/** What a worker consists of when it is run, or bundled, from its sources. */
const parts = ['domain', 'worker', 'package.json', 'package-lock.json', 'tsconfig.base.json'];

/**
 * @throws Error when a text does not stand in its file, or more than once: then the change has to be thought of anew, for unchanged sources
 * would show nothing. Nothing is left of the folder.
 */
export function changedSources(changes: readonly Change[]): ChangedSources {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-changed-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const part of parts) cpSync(join(todaysBuild, part), join(folder, part), { recursive: true });
    symlinkSync(join(todaysBuild, 'node_modules'), join(folder, 'node_modules'), 'junction');
    for (const change of changes) replaceIn(folder, change);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}

function replaceIn(folder: string, { what, file, from, to }: Change): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const found = text.split(from).length - 1;
  if (found !== 1) throw new Error(`it cannot be changed that ${what}: ${file} holds ${found} times ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}
