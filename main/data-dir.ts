// Owns which data folder and which cache folder this run uses. Pure but for the platform's own places.
import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** `--data`, else COUNTERSIGN_DATA, else the platform's place; absolute. */
export function dataDirOf(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const named = given ?? env['COUNTERSIGN_DATA'];
  return resolve(named || envPaths('countersign', { suffix: '' }).data);
}
