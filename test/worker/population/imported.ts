// Owns populations for tests: a folder of its own, imported from text by the real store.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPopulationStore } from '../../../worker/population/population-store.ts';
import type { ImportResult, PopulationStore } from '../../../worker/population/population-store.ts';

export interface Imported {
  populationHash: string;
  profile: Extract<ImportResult, { kind: 'ready' }>;
}

export interface TestPopulations {
  store: PopulationStore;
  /** @throws Error when the text is no population. */
  importText(text: string, keyColumn?: string | null): Promise<Imported>;
  /** Closes the store and removes the folder. */
  end(): Promise<void>;
}

export async function testPopulations(): Promise<TestPopulations> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-population-'));
  const store = await openPopulationStore({ dir: join(dir, 'populations') });
  return {
    store,
    async importText(text, keyColumn = null) {
      const file = join(dir, 'file.csv');
      await writeFile(file, text);
      const populationHash = createHash('sha256').update(text).digest('hex');
      const profile = await store.import({
        ...{ file, fileName: 'file.csv', populationHash, keyColumn },
        signal: new AbortController().signal,
        onProgress: () => {},
      });
      if (profile.kind === 'failed') throw new Error(profile.message);
      return { populationHash, profile };
    },
    async end() {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** A table as CSV, every value in quotes; its first row is the header. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\n');
}
