// Owns the handlers for what is read and decided: versions, items, decisions, revisions, edits, signatures, comparison, outbox, timeline,
// preferences.
// Each hands over to the module that does it.
import { whyNot } from '../../../domain/authority.ts';
import { personAsking } from './context.ts';
import type { CommandContext, HandlerGroup } from './context.ts';
import { exportComparison } from '../desk/comparison-csv.ts';
import { compareVersions } from '../desk/comparison.ts';
import { recordDecisions, submitReview, undoDecisions } from '../desk/decisions.ts';
import { decideAgain } from '../desk/decide-again.ts';
import { draftEdits, submitVersion, undoEdits } from '../desk/edits.ts';
import { home } from '../desk/home.ts';
import { itemDetail } from '../desk/item-life.ts';
import { itemKeys, listItems, locateUndecided } from '../desk/items.ts';
import { exportLedger } from '../desk/ledger-export.ts';
import { dropEntry, listOutbox } from '../desk/outbox-list.ts';
import { draftAnswers, submitRevision, undoAnswers } from '../desk/revisions.ts';
import { signReport } from '../desk/signatures.ts';
import { timeline } from '../desk/timeline.ts';
import { versionDetail } from '../desk/version-detail.ts';

type Reads =
  | 'home:get'
  | 'version:list'
  | 'version:get'
  | 'version:items'
  | 'version:keys'
  | 'version:locate'
  | 'item:get'
  | 'version:compare'
  | 'comparison:export'
  | 'timeline:list'
  | 'ledger:export';

export function readHandlers(context: CommandContext): HandlerGroup<Reads> {
  const desk = context.session;
  return {
    'home:get': () => {
      const shown = home(desk);
      // Solo mode knows its people before the directory was pulled, so a newcomer can start at once.
      const person = personAsking(context);
      return { ...shown, mayStartCycle: person !== null && whyNot({ kind: 'start-cycle' }, person, []) === null };
    },
    'version:list': ({ reportId }) => desk.cache.versions(reportId),
    'version:get': ({ versionId }) => versionDetail(desk, versionId),
    'version:items': (input) => listItems(desk, input),
    'version:keys': (input) => itemKeys(desk, input),
    'version:locate': (input) => locateUndecided(desk, input),
    'item:get': (input) => itemDetail(desk, input),
    'version:compare': (input) => compareVersions(desk, input),
    'comparison:export': (input) => exportComparison(desk, input),
    'timeline:list': (input) => timeline(desk, input),
    'ledger:export': (input) => exportLedger(desk, input),
  };
}

type Writes =
  | 'decision:record'
  | 'decision:undo'
  | 'review:submit'
  | 'revision:answer'
  | 'revision:undo'
  | 'revision:submit'
  | 'edit:draft'
  | 'edit:undo'
  | 'version:submit'
  | 'report:sign'
  | 'outbox:list'
  | 'outbox:drop'
  | 'outbox:decide-again'
  | 'preference:get'
  | 'preference:set';

export function writeHandlers({ session: desk }: CommandContext): HandlerGroup<Writes> {
  return {
    'decision:record': (input) => {
      const { recorded, counts } = recordDecisions(desk, input);
      return { recorded, counts };
    },
    'decision:undo': (input) => undoDecisions(desk, input),
    'review:submit': (input) => submitReview(desk, input, desk.author),
    'revision:answer': (input) => draftAnswers(desk, input),
    'revision:undo': (input) => undoAnswers(desk, input),
    'revision:submit': (input) => submitRevision(desk, input, desk.author),
    'edit:draft': (input) => draftEdits(desk, input),
    'edit:undo': (input) => undoEdits(desk, input),
    'version:submit': (input) => submitVersion(desk, input, desk.author),
    'report:sign': (input) => signReport(desk, input, desk.author),
    'outbox:list': (input) => listOutbox(desk, input),
    'outbox:drop': (input) => dropEntry(desk, input),
    'outbox:decide-again': (input) => decideAgain(desk, input),
    'preference:get': ({ name }) => ({ value: desk.outbox.preference(name) }),
    'preference:set': ({ name, value }) => {
      desk.outbox.setPreference(name, value);
      return { saved: true };
    },
  };
}
