// Owns what an author does to items through a dialog: change one or several, add one, take one out, dispute a rejection.
// Each is a draft on this laptop. Knows the dialogs, not their insides.
import { editableFields } from '../../domain/phase-item.ts';
import type { ItemFields } from '../../domain/phase-item.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { Failure } from '../../preload/contract.ts';
import { count } from '../formats.ts';
import { tellDone } from '../notices.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { changedFields, editedBody } from './edit-fields.ts';
import { RationaleDialog } from './reason-dialog.tsx';
import type { OpenDialog } from './review-dialogs.tsx';
import type { Review } from './use-review.ts';

type Authoring = Extract<OpenDialog, { kind: 'edit' | 'add' | 'reason' }>;

const reasonTitles = {
  remove: { title: 'Take out', confirm: 'Take it out' },
  'answer-remove': { title: 'Take out', confirm: 'Take it out' },
  dispute: { title: 'Keep as disputed:', confirm: 'Keep as disputed' },
} as const;

export function AuthorDialog({ review, open, close }: { review: Review; open: Authoring; close(): void }) {
  const { detail, acts, picks } = review;
  const { phase } = detail.version;
  const { itemName } = phaseOf(phase);
  const fields = editableFields[phase];
  const settle = (failure: Failure | null): Failure | null => {
    if (!failure) picks.clear();
    return failure;
  };
  if (open.kind === 'add') {
    const add = async (values: ItemFields) => {
      const itemKey = [values['kind'], values['attribute'], values['otherAttribute']].filter(Boolean).join(':');
      const failure = await acts.edit([{ edit: 'add', itemKey, fields: values }]);
      if (!failure) tellDone(`${itemKey} is drafted; it becomes part of the next version`);
      return failure;
    };
    return (
      <EditDialog
        title={`Add a ${itemName}`}
        confirmLabel="Add"
        body={Object.fromEntries(fields.map((field) => [field, '']))}
        confirm={add}
        {...{ fields, close }}
      />
    );
  }
  const name = open.targets.length === 1 ? (open.targets[0]?.itemKey ?? '') : `${count(open.targets.length)} rows`;
  if (open.kind === 'reason') {
    const { title, confirm: confirmLabel } = reasonTitles[open.why];
    const run = async (rationale: string) =>
      settle(
        open.why === 'remove'
          ? await acts.edit(
              open.targets.map(({ itemKey, contentHash }) => ({
                edit: 'remove',
                itemKey,
                contentHash,
                reason: rationale,
              })),
            )
          : await acts.answer(
              open.targets.map(({ itemKey, contentHash }) => ({
                itemKey,
                contentHash,
                answer: open.why === 'dispute' ? 'dispute' : 'remove',
                rationale,
              })),
            ),
      );
    return <RationaleDialog title={`${title} ${name}`} standing="" confirm={run} {...{ confirmLabel, close }} />;
  }
  const [only] = open.targets;
  const body = open.targets.length === 1 && only ? editedBody(only) : null;
  const change = async (values: ItemFields) => {
    const edits = open.targets.flatMap((row) => {
      const changed = changedFields(row.body ?? {}, values);
      return Object.keys(changed).length > 0 ? [{ ...row, changed }] : [];
    });
    if (edits.length === 0) return null;
    return settle(
      open.as === 'edit'
        ? await acts.edit(
            edits.map(({ itemKey, contentHash, changed }) => ({ edit: 'set', itemKey, contentHash, fields: changed })),
          )
        : await acts.answer(
            edits.map(({ itemKey, contentHash, changed }) => ({
              itemKey,
              contentHash,
              answer: 'edit',
              fields: changed,
            })),
          ),
    );
  };
  return (
    <EditDialog title={`Change ${name}`} confirmLabel="Keep the change" confirm={change} {...{ fields, body, close }} />
  );
}
