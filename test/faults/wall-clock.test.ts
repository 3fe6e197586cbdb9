// Fault o of mission.md, in the sources: a workflow knows no clock but the one that its history gives it (`Date` in Temporal's sandbox),
// and takes nothing in that has another. That domain/ reads none at all is test/floors.test.ts.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../worker/workflows/', import.meta.url));
const sources = readdirSync(folder).map((name) => [name, readFileSync(folder + name, 'utf8')] as const);

const clocks =
  /\bperformance\b|\bhrtime\b|\bprocess\s*[.[]|\bTemporal\.Now\b|\bIntl\.DateTimeFormat\b|toLocale(Date|Time)?String|\bglobalThis\b/u;
/** A module that is taken in as code, not as types. */
const statement = /^(?:import|export)\s+(?!type\b)[^;]*?from\s+'([^']+)';/gmu;

describe('o: no wall-clock time inside workflow code', () => {
  it('the workflows read no other clock than Date', () => {
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter(([, source]) => /\bDate\.now\b|new Date\(\)/u.test(source)).length).toBeGreaterThan(0);
    expect(sources.filter(([, source]) => clocks.test(source)).map(([name]) => name)).toEqual([]);
  });

  it('and take in code of nothing that reads one: not of the store, not of activities, not of Node', () => {
    const taken = sources.flatMap(([name, source]) => [...source.matchAll(statement)].map((match) => [name, match[1]]));
    expect(taken.length).toBeGreaterThan(20);
    const own = /^(\.\/|\.\.\/\.\.\/domain\/|@temporalio\/(workflow|common)$)/u;
    expect(taken.filter(([, from]) => !own.test(from ?? ''))).toEqual([]);
  });
});
