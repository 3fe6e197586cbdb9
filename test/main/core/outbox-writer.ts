// A process that writes decisions into an outbox and says when each is kept; the kill test ends it at a named step.
// Arguments: file, first round, rounds, step to stop at ("" for none), round to stop in.
import { writeSync } from 'node:fs';
import type { Author } from '../../../main/core/outbox/outbox.ts';
import { openOutbox } from '../../../main/core/outbox/outbox.ts';

const [file = '', first = '0', rounds = '1', stopAt = '', stopIn = '0'] = process.argv.slice(2);
const author: Author = { actorId: 'olga', deviceId: 'device-1', sign: ({ sequence }) => `signature-${sequence}` };
const at = '2026-11-21T09:00:00.000Z';
const outbox = openOutbox({ file, deviceId: author.deviceId });

/** Straight to the pipe: what was said before the kill must have left the process. */
const say = (line: string) => writeSync(1, `${line}\n`);
const forever = new Int32Array(new SharedArrayBuffer(4));

function step(name: string, round: number): void {
  if (name !== stopAt || round !== Number(stopIn)) return;
  say(`stopped ${name} ${round}`);
  Atomics.wait(forever, 0, 0);
}

const draftOf = (itemKey: string) => ({
  itemKey,
  contentHash: 'a'.repeat(64),
  seenVerdict: 'pending' as const,
  decision: { verdict: 'approved' as const, reasonCode: null, note: '' },
});

for (let round = Number(first); round < Number(first) + Number(rounds); round += 1) {
  const versionId = `version-${round}`;
  const change = { reportIds: ['report-1'], versionIds: [versionId] };
  step('before begin', round);
  outbox.write(() => {
    const rows = ['a', 'b', 'c'].map(draftOf);
    outbox.tables.decisions.record({ versionId, reportId: 'report-1', number: 1 }, rows, at);
    step('in transaction', round);
  }, change);
  step('after commit, before the answer', round);
  say(`drafted ${round}`);
  const drafts = outbox.tables.decisions.drafts(versionId);
  const decisions = drafts.map(({ itemKey, contentHash, seenVerdict, decision }) => ({
    itemKey,
    contentHash,
    seenVerdict,
    decision,
  }));
  const ids = drafts.map(({ decisionId }) => decisionId);
  outbox.queue(
    [{ kind: 'decisions.record', reportId: 'report-1', versionId, decisions }],
    author,
    at,
    ([operation]) => {
      outbox.tables.decisions.enqueue(versionId, ids, operation?.operationId ?? '');
      step('in the queueing transaction', round);
    },
  );
  step('after queueing, before the answer', round);
  say(`queued ${round}`);
}
say('done');
outbox.close();
