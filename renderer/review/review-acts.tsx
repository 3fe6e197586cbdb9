// Owns the acts of a review as buttons with keys: on the row under the cursor (or the selected ones), and on the whole.
// What cannot be done says why; the reason comes from the core or the domain.
import { Box, Stack } from '@mui/material';
import type { Verdict } from '../../domain/decision.ts';
import { mayAddItems } from '../../domain/phase-item.ts';
import { phaseOf } from '../../domain/phases.ts';
import { mayReplace } from '../../domain/revision.ts';
import { suggestedVerdict, whyNotSubmit } from '../../domain/review.ts';
import { ActionButton } from '../action-button.tsx';
import { count } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { Glyph } from '../marks.tsx';
import { sentence, tellDone, tellFailure } from '../notices.tsx';
import { go } from '../routes.ts';
import type { ShownRow } from './review-columns.tsx';
import { decidedWords, whyNotSubmitRevision } from './sentences.ts';
import { replaceableRows } from './use-rejections.ts';
import type { Review } from './use-review.ts';
import type { Picked } from './view-state.ts';

/** Buttons for the whole version, or (`forRow`) for the rows that are meant. */
export function ReviewActs({ review, forRow }: { review: Review; forRow?: boolean }) {
  if (!forRow) return <WholeActs review={review} />;
  if (review.mode === 'answer') return <AnswerButtons review={review} />;
  return review.mode === 'edit' ? <EditButtons review={review} /> : <DecideButtons review={review} />;
}

const weak = {
  color: 'accent.main',
  bgcolor: 'accent.tint',
  '&:hover': { bgcolor: 'accent.tint' },
  '& kbd': { opacity: 1 },
};
const submitLabels: Readonly<Record<Review['mode'], string>> = {
  review: 'Submit review',
  answer: 'Submit revision',
  edit: 'Hand in',
  read: 'Submit review',
};
const whole = 'Version';
const ofRow = 'Row';

function whyNoSubmit(review: Review): string | null {
  const { detail, mode } = review;
  if (mode === 'edit') {
    const nothing = detail.version.status !== 'draft' && detail.edits === 0;
    return nothing ? 'nothing was changed: this version was handed in before' : null;
  }
  if (mode === 'answer') {
    return whyNotSubmitRevision(detail.counts.rejected - detail.counts.disputed, detail.answered);
  }
  if (mode === 'read') return detail.whyNotReview?.message ?? null;
  return whyNotSubmit(suggestedVerdict(detail.counts), detail.version, detail.counts, '')?.message ?? null;
}

function WholeActs({ review }: { review: Review }) {
  const { detail, context, mode, openDialog, rejections } = review;
  const { version } = detail;
  const at = context.siblings.findIndex((other) => other.versionId === version.versionId);
  const parent = context.siblings.find((other) => other.versionId === version.parentVersionId);
  const toVersion = (to: number) => {
    const other = context.siblings[to];
    if (other && at !== -1) go({ screen: 'version', versionId: other.versionId });
    else tellDone(to < at ? 'This is the first version' : 'This is the newest version');
  };
  useKeys({
    title: whole,
    actions: [
      { keys: '[', label: 'Version before', run: () => toVersion(at - 1) },
      { keys: ']', label: 'Next version', run: () => toVersion(at + 1) },
      { keys: 't', label: 'Timeline of the report', run: () => go({ screen: 'timeline', reportId: version.reportId }) },
    ],
  });
  const whyNot = whyNoSubmit(review);
  // A whole rejection needs no row to be decided, so an incomplete review still opens the dialog, which says what is missing.
  const opens = mode === 'review' || (mode !== 'read' && whyNot === null);
  const label = submitLabels[mode];
  const open = rejections ? replaceableRows(rejections) : [];
  return (
    <>
      <ActionButton
        label={parent ? `Compare with v${parent.number}` : 'Compare'}
        keys="c"
        group={whole}
        showKey
        whyNot={parent ? null : 'This is the first version: there is nothing to compare it with'}
        run={() =>
          parent && go({ screen: 'compare', leftVersionId: parent.versionId, rightVersionId: version.versionId })
        }
      />
      {mode === 'answer' && version.phase === 'sample-selection' && (
        <ActionButton
          label="Replace all that may be replaced"
          keys="Shift+A"
          group={whole}
          whyNot={open.length === 0 ? 'No unanswered rejection allows another row' : null}
          run={() => void replace(review, open)}
        >
          Agree to all replaceable
        </ActionButton>
      )}
      {mode === 'edit' && mayAddItems(version.phase) && (
        <ActionButton
          label={`Add a ${phaseOf(version.phase).itemName}…`}
          keys="Shift+N"
          group={whole}
          run={() => openDialog({ kind: 'add' })}
        />
      )}
      {detail.whyNotSign === null && (
        <ActionButton
          label="Sign…"
          keys="s"
          group={whole}
          showKey
          variant="contained"
          color="primary"
          run={() => openDialog({ kind: 'sign' })}
        />
      )}
      <ActionButton
        label={label}
        keys="Mod+Enter"
        group={whole}
        showKey
        // A signature is what the report waits for: a review that sends it back stands beside it.
        {...(detail.whyNotSign === null ? {} : { variant: 'contained', color: 'primary' })}
        whyNot={opens ? null : sentence({ message: whyNot ?? 'there is nothing to submit' })}
        // Weak until everything is decided; it still opens, and the dialog says what is missing.
        sx={opens && whyNot !== null ? weak : {}}
        run={() => openDialog({ kind: 'submit' })}
      />
    </>
  );
}

async function approve(review: Review): Promise<void> {
  const { source, targets, picks, acts, advance, move, cursor } = review;
  const open = targets.filter(({ itemKey }) => {
    const at = source.indexOf(itemKey);
    return at === null || source.row(at)?.verdict !== 'approved';
  });
  const single = targets.length === 1;
  if (open.length === 0) {
    if (single) advance(cursor);
    else tellDone('All of them are approved already');
    return;
  }
  const deciding = acts.decide(open, { verdict: 'approved', reasonCode: null, note: '' });
  if (single) advance(cursor);
  const failure = await deciding;
  if (failure) {
    tellFailure({
      ...failure,
      message: `${single ? targets[0]?.itemKey : 'the selected rows'} could not be kept: ${failure.message}`,
    });
    if (single) move(cursor);
    return;
  }
  if (!single) {
    tellDecided(review, open, 'approved');
    picks.clear();
  }
}

/** Says how many rows were decided at once, with the way back. A single row says it itself. */
export function tellDecided(review: Review, targets: readonly Picked[], verdict: Verdict): void {
  const words = decidedWords(
    targets.map(({ itemKey }) => itemKey),
    verdict,
  );
  tellDone(words, { label: 'Undo', run: () => void undo(review) });
}

async function undo({ acts, source, move }: Review): Promise<void> {
  const undone = await acts.undo();
  if ('kind' in undone) return tellFailure(undone);
  const first = undone[0];
  if (!first) return tellDone('There is no draft to take back');
  const at = source.indexOf(first.itemKey);
  if (at !== null) move(at);
  return tellDone(undone.length === 1 ? `${first.itemKey} is as it was` : `${undone.length} rows are as they were`);
}

/** Takes back the drafted answers of the rows that are meant. */
async function takeBack({ acts, targets, picks }: Review): Promise<void> {
  const undone = await acts.takeBack(targets);
  if ('kind' in undone) return tellFailure(undone);
  if (undone.length > 0) picks.clear();
  const [first] = undone;
  if (first === undefined) return tellDone('There is no answer to take back here');
  return tellDone(undone.length === 1 ? `${first} has no answer again` : `${undone.length} rows have no answer again`);
}

async function replace(
  { acts, picks }: Review,
  targets: readonly { itemKey: string; contentHash: string }[],
): Promise<void> {
  const failure = await acts.answer(
    targets.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, answer: 'replace' })),
  );
  if (failure) tellFailure(failure);
  else picks.clear();
}

const three = {
  display: 'grid',
  gridTemplateColumns: 'repeat(3, minmax(0, 1fr))',
  gap: 1,
  '& > *, & button': { width: 1 },
};
const tinted = (meaning: 'approved' | 'rejected') => ({
  color: `${meaning}.main`,
  bgcolor: `${meaning}.tint`,
  borderColor: `${meaning}.main`,
  px: 1,
  '&:hover': { bgcolor: `${meaning}.tint`, borderColor: `${meaning}.main` },
});

/** Acting while rows are being selected would act on the one under the cursor alone. */
function whyNotYet({ picks }: Review): string | null {
  return picks.reading === null ? null : 'The rows are still being selected';
}

/** Approve, reject, note: on the selected rows, else on the one under the cursor. */
function DecideButtons({ review }: { review: Review }) {
  const { detail, targets, row, openDialog } = review;
  const whyNot = detail.whyNotReview ? sentence(detail.whyNotReview) : whyNotYet(review);
  const keys = { group: ofRow, whyNot, showKey: true };
  const many = targets.length > 1 ? ` ${count(targets.length)}` : '';
  return (
    <Box sx={three}>
      <ActionButton {...keys} label="Approve" keys="a" sx={tinted('approved')} run={() => void approve(review)}>
        <span>
          <Glyph name="tick" />
          Approve{many}
        </span>
      </ActionButton>
      <ActionButton
        {...keys}
        label="Reject…"
        keys="r"
        sx={tinted('rejected')}
        run={() => targets.length > 0 && openDialog({ kind: 'reject', targets })}
      >
        <span>
          <Glyph name="cross" />
          Reject{many}…
        </span>
      </ActionButton>
      <ActionButton
        {...keys}
        label="Note"
        keys="n"
        run={() => {
          if (!row) return;
          const { verdict, reasonCode, note } = row;
          openDialog({ kind: 'note', target: row, standing: { verdict, reasonCode, note } });
        }}
      />
    </Box>
  );
}

function rowsMeant({ source, targets }: Review): ShownRow[] {
  return targets.flatMap(({ itemKey }) => {
    const at = source.indexOf(itemKey);
    const row = at === null ? undefined : source.row(at);
    return row ? [row] : [];
  });
}

/** Change, take out, take back: what an author does to the items of the next version. */
function EditButtons({ review }: { review: Review }) {
  const { detail, targets, acts, openDialog } = review;
  const rows = rowsMeant(review);
  const none = whyNotYet(review) ?? (rows.length === 0 ? 'No row is meant' : null);
  const fixed = detail.editable.length === 0 ? 'These items follow from the data and are not edited' : none;
  const drafted = rows.some((row) => row.edit !== null);
  return (
    <Stack direction="row" sx={{ gap: 1, flexWrap: 'wrap' }}>
      <ActionButton
        group={ofRow}
        showKey
        label="Change…"
        keys="e"
        whyNot={fixed}
        run={() => openDialog({ kind: 'edit', targets: rows, as: 'edit' })}
      />
      {mayAddItems(detail.version.phase) && (
        <ActionButton
          group={ofRow}
          label="Take out…"
          keys="Delete"
          whyNot={none}
          run={() => openDialog({ kind: 'reason', targets, why: 'remove' })}
        />
      )}
      <ActionButton
        group={ofRow}
        showKey
        label="Undo the change"
        keys="u"
        whyNot={drafted ? null : 'Nothing was changed here'}
        run={() => void acts.undoEdits(targets).then((failure) => failure && tellFailure(failure))}
      />
    </Stack>
  );
}

/** Answers to rejections of anything but samples: change, keep, take out, dispute. */
function ItemAnswerButtons({ review, rejected }: { review: Review; rejected: ShownRow[] }) {
  const { detail, openDialog, mayDispute } = review;
  const { phase } = detail.version;
  const none = whyNotYet(review) ?? (rejected.length === 0 ? 'Only rejected rows are answered' : null);
  return (
    <>
      <ActionButton
        group={ofRow}
        showKey
        label="Change…"
        keys="g"
        whyNot={none}
        run={() => openDialog({ kind: 'edit', targets: rejected, as: 'answer' })}
      />
      {mayAddItems(phase) && (
        <ActionButton
          group={ofRow}
          label="Take out…"
          keys="Delete"
          whyNot={none}
          run={() => openDialog({ kind: 'reason', targets: rejected, why: 'answer-remove' })}
        />
      )}
      {phase === 'observations' && (
        <ActionButton
          group={ofRow}
          showKey
          label="Dispute…"
          keys="i"
          whyNot={none ?? (mayDispute ? null : 'Only the test lead keeps an observation against the owner’s rejection')}
          run={() => openDialog({ kind: 'reason', targets: rejected, why: 'dispute' })}
        />
      )}
    </>
  );
}

/** The author's answers to rejections. */
function AnswerButtons({ review }: { review: Review }) {
  const { openDialog } = review;
  const samples = review.detail.version.phase === 'sample-selection';
  const rejected = rowsMeant(review).filter((row) => row.verdict === 'rejected' && row.origin.kind !== 'disputed');
  const none = whyNotYet(review) ?? (rejected.length === 0 ? 'Only rejected rows are answered' : null);
  const fixed = rejected.find((row) => !mayReplace(row.reasonCode));
  const whyNotReplace = fixed ? `The reason of ${fixed.itemKey} allows no other row: keep it with a rationale` : null;
  const standing = rejected.length === 1 && rejected[0]?.answer?.answer === 'keep' ? rejected[0].answer.rationale : '';
  return (
    <Stack direction="row" sx={{ gap: 1, flexWrap: 'wrap' }}>
      {samples ? (
        <ActionButton
          group={ofRow}
          showKey
          label="Replace"
          keys="r"
          whyNot={none ?? whyNotReplace}
          run={() => void replace(review, rejected).then(() => nextUnanswered(review))}
        />
      ) : (
        <ItemAnswerButtons review={review} rejected={rejected} />
      )}
      <ActionButton
        group={ofRow}
        showKey
        label="Keep…"
        keys="e"
        whyNot={none}
        run={() => openDialog({ kind: 'keep', targets: rejected, standing })}
      />
    </Stack>
  );
}

function nextUnanswered({ rejections, row, source, move }: Review): void {
  const next = rejections?.find((other) => other.answer === null && other.itemKey !== row?.itemKey);
  const at = next ? source.indexOf(next.itemKey) : null;
  if (at !== null) move(at);
}

/** The keys that need no button of their own. */
export function useRowKeys(review: Review, toggle: () => void): void {
  const { mode, picks, cursor } = review;
  useKeys({
    title: ofRow,
    actions: [
      { keys: ['x', 'Space'], label: 'Select the row, or not', run: () => picks.toggle(cursor) },
      { keys: 'Mod+a', label: 'Select all that the filter shows', run: () => void picks.all() },
      { keys: 'Escape', label: 'Select nothing', enabled: picks.picked.length > 0, run: picks.clear },
      { keys: 'd', label: 'Show or hide the pane', run: toggle },
      ...(mode === 'review' ? [{ keys: 'u', label: 'Take back the last decision', run: () => void undo(review) }] : []),
      ...(mode === 'answer' ? [{ keys: 'u', label: 'Take back the answer', run: () => void takeBack(review) }] : []),
    ],
  });
}
