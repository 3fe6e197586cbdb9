// Owns which dialog of a review is open and what its confirmation does. Knows the dialogs, not their insides.
import { reasonsFor } from '../../domain/decision.ts';
import type { ItemVerdict } from '../../domain/decision.ts';
import type { Failure, ItemRow } from '../../preload/contract.ts';
import { count } from '../formats.ts';
import { NoteDialog, RationaleDialog, ReasonDialog } from './reason-dialog.tsx';
import { tellDecided } from './review-acts.tsx';
import { AuthorDialog } from './author-dialog.tsx';
import { HandInDialog, SignDialog, SubmitReviewDialog, SubmitRevisionDialog } from './submit-dialog.tsx';
import { answersGiven } from './use-rejections.ts';
import type { Review } from './use-review.ts';
import type { Picked } from './view-state.ts';

/** A dialog with the rows it is about, taken when it was opened. */
export type OpenDialog =
  | { kind: 'reject'; targets: readonly Picked[] }
  | { kind: 'note'; target: Picked; standing: ItemVerdict }
  | { kind: 'keep'; targets: readonly Picked[]; standing: string }
  /** Edits of the author, or a changed item as the answer to its rejection. */
  | { kind: 'edit'; targets: readonly ItemRow[]; as: 'edit' | 'answer' }
  | { kind: 'add' }
  | { kind: 'reason'; targets: readonly Picked[]; why: 'remove' | 'answer-remove' | 'dispute' }
  | { kind: 'sign' }
  | { kind: 'submit' };

const named = (targets: readonly Picked[]) =>
  targets.length === 1 ? (targets[0]?.itemKey ?? '') : `${count(targets.length)} rows`;

export function ReviewDialogs({ review }: { review: Review }) {
  const { open, openDialog } = review;
  const close = () => openDialog(null);
  const { detail, acts, picks, advance, cursor, source } = review;
  const decide = async (targets: readonly Picked[], decision: ItemVerdict): Promise<Failure | null> => {
    const failure = await acts.decide(targets, decision);
    if (failure) return failure;
    if (targets.length > 1) tellDecided(review, targets, decision.verdict);
    picks.clear();
    if (decision.verdict === 'rejected' && targets.length === 1) advance(cursor);
    return null;
  };
  if (!open) return null;
  switch (open.kind) {
    case 'reject':
      return (
        <ReasonDialog
          title={`Reject ${named(open.targets)}`}
          reasons={reasonsFor(detail.version.phase)}
          close={close}
          confirm={(value) => decide(open.targets, value)}
        />
      );
    case 'note':
      return (
        <NoteDialog
          title={`Note on ${open.target.itemKey}`}
          standing={open.standing}
          close={close}
          confirm={(value) => acts.decide([open.target], value)}
        />
      );
    case 'keep':
      return (
        <RationaleDialog
          title={`Keep ${named(open.targets)}`}
          standing={open.standing}
          close={close}
          confirm={async (rationale) => {
            const failure = await acts.answer(
              open.targets.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, answer: 'keep', rationale })),
            );
            if (!failure) picks.clear();
            return failure;
          }}
        />
      );
    case 'edit':
    case 'add':
    case 'reason':
      return <AuthorDialog review={review} open={open} close={close} />;
    case 'sign':
      return <SignDialog version={detail.version} name={review.me} close={close} done={review.reload} />;
    case 'submit': {
      const done = () => {
        source.startOver();
        review.reload();
      };
      const common = { version: detail.version, counts: detail.counts, close, done };
      if (review.mode === 'edit') return <HandInDialog {...common} edits={detail.edits} />;
      return review.mode === 'answer' ? (
        <SubmitRevisionDialog {...common} answers={answersGiven(review.rejections ?? [])} />
      ) : (
        <SubmitReviewDialog {...common} />
      );
    }
  }
}
