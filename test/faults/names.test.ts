// Fault j of mission.md, in the sources: signals, queries and workflows are named once, in domain/change.ts, and both sides take
// them from there. That each has a handler is shown by names.server.test.ts.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { workflowTypes } from '../../domain/change.ts';
import * as workflows from '../../worker/workflows/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const named = ['defineSignal', 'defineQuery', 'defineUpdate', 'signalWithStart', 'startChild', 'executeChild'];
const asked = ['signal', 'query', 'start', 'execute', 'executeUpdate'];
/** A name that is written where it is used: `handle.signal('submitReview', …)`. */
const ownName = new RegExp(
  String.raw`(?:\b(?:${named.join('|')})|workflow\.(?:${asked.join('|')})|\)\.(?:${asked.join('|')}))(?:<[^(]*>)?\(\s*['"\x60]`,
  'u',
);

describe('j: names of signals and queries do not differ between screen and workflow', () => {
  it('nobody but domain/change.ts writes one', () => {
    const files = ['main', 'worker', 'renderer'].flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
        .filter((file) => /\.tsx?$/u.test(file)),
    );
    const sources = files.map((file) => [file, readFileSync(root + file, 'utf8')] as const);
    expect(sources.filter(([, source]) => ownName.test(source)).map(([file]) => file)).toEqual([]);
    // The places that this looks at are there.
    const users = sources.filter(([, source]) => /\b(signals|queries|workflowTypes)\./u.test(source));
    expect(users.map(([file]) => file)).toEqual(
      expect.arrayContaining(['main/core/sync/gateway.ts', 'worker/workflows/report-workflow.ts']),
    );
  });

  it.each([
    ["defineQuery<Progress>('getProgress')", true],
    ["workflow.getHandle(id).signal('submitSampleReview', review)", true],
    ["client.workflow.start('report', {})", true],
    ['handle.query(queries.progress)', false],
    ['workflow.getHandle(workflowId).signal(signals.submit, batch)', false],
  ])('%s is seen: %s', (source, seen) => {
    expect(ownName.test(source)).toBe(seen);
  });

  it('every workflow that is asked for by its name is there under it', () => {
    expect(Object.keys(workflows).sort()).toEqual(Object.values(workflowTypes).sort());
  });
});
